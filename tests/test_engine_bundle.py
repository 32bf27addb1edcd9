"""The engine's bundles are those of its modules, and the linters look at the modules."""

from __future__ import annotations

import json
import re

import pytest

from downhill import node
from gdlib.live import BUNDLES, HOST, TYPED, WIDGET
from tests.chapters import ROOT

pytestmark = pytest.mark.heavy  # the linters' packages from npm are needed

SCRIPTS = json.loads((ROOT / "package.json").read_text("utf-8"))["scripts"]
MODULES = sorted((ROOT / "gdlib/live/js").glob("*.js"))
WIDGETS = sorted((ROOT / "gdlib/figures/static").iterdir())


@pytest.mark.parametrize("bundle", [HOST, TYPED, WIDGET, *WIDGETS], ids=lambda path: path.name)
def test_a_bundle_is_what_esbuild_makes_of_the_modules(tmp_path, bundle):
    (command,) = [
        c
        for c in SCRIPTS["engine"].split(" && ")
        if c.endswith(f"/{bundle.parent.parent.name}/static/{bundle.name}")
    ]
    program, *arguments = command.split()
    fresh = tmp_path / bundle.name
    arguments = [re.sub(r"--outfile=.*", f"--outfile={fresh}", a) for a in arguments]
    node.run("node", str(ROOT / "node_modules" / program / "bin" / program), *arguments, cwd=ROOT)
    assert fresh.read_text("utf-8") == bundle.read_text("utf-8"), "run `make engine`, and commit"


def test_every_module_is_in_a_bundle_and_nothing_else_is_beside_them():
    entries = {m.name for m in MODULES if f"live/js/{m.name}" in SCRIPTS["engine"]}
    assert entries == {"host.js", "typed.js", "widget.js"}
    imported = {name for m in MODULES for name in re.findall(r'from "\./([\w.]+)"', m.read_text())}
    assert {m.name for m in MODULES} == imported | entries
    assert {path.name for path in BUNDLES.iterdir()} == {HOST.name, TYPED.name, WIDGET.name}
    views = {path.name for path in WIDGETS}
    assert all(f"figures/static/{name}" in SCRIPTS["engine"] for name in views)
