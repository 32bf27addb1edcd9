"""One place for the repository's address, so that every link of a fork follows the fork.

It is the environment variable DOWNHILL_REPOSITORY, else the git remote `origin`, if that is a
repository on a web host. Without one the buttons that need it are absent.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging

from . import edition

LOGGER = logging.getLogger(__name__)
PROVIDERS = ("github", "gitlab", "bitbucket")  # those whose links the theme can make
BINDER = "https://mybinder.org"
NO_REPOSITORY = "downhill: no repository known, so no launch, source, issue and edit buttons"

# https://host/owner/name, ssh://git@host:22/owner/name and git@host:owner/name
WITH_SCHEME = re.compile(r"(?:https?|ssh|git)://(?:[^@/]+@)?([^:/]+)(?::\d+)?/(.+)")
LIKE_SCP = re.compile(r"(?:[^@/:]+@)([^:/]+):(?!/)(.+)")


def web_address(remote: str) -> str | None:
    """The https address of a remote without credentials, or None if it isn't on a web host."""
    found = WITH_SCHEME.fullmatch(remote.strip()) or LIKE_SCP.fullmatch(remote.strip())
    if found is None:
        return None
    host, path = found[1], found[2].strip("/").removesuffix(".git")
    if "." not in host or "/" not in path:
        return None
    return f"https://{host}/{path}"


def provider(address: str) -> str | None:
    """The kind of host an address is on, or None if the theme has no links for it."""
    host = address.split("/")[2].lower()
    return next((name for name in PROVIDERS if name in host), None)


def git(root: Path, *arguments: str) -> str:
    """What a git command prints, or nothing if it fails or there is no git."""
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=root,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def find(root: Path) -> str | None:
    """The repository's address: the environment variable, else the git remote."""
    if given := os.environ.get("DOWNHILL_REPOSITORY"):
        if (address := web_address(given)) is None:
            raise ValueError(f"DOWNHILL_REPOSITORY is not a repository's address: {given}")
        return address
    # Only the book's own repository counts, not one that happens to contain it.
    if git(root, "rev-parse", "--show-prefix"):
        return None
    return web_address(git(root, "remote", "get-url", "origin"))


def branch(root: Path) -> str:
    """The branch links point to: DOWNHILL_BRANCH, else the remote's default, else main."""
    default = git(root, "rev-parse", "--abbrev-ref", "origin/HEAD").removeprefix("origin/")
    return os.environ.get("DOWNHILL_BRANCH") or default or "main"


def set_buttons(app: Sphinx, config: Config) -> None:
    """Give the theme the address, and with it the buttons that need one."""
    if edition.is_student():
        LOGGER.info("downhill: the repository has the solutions, so no button leads there")
        return
    root = Path(app.srcdir)
    address = find(root)
    if address is None:
        LOGGER.info(NO_REPOSITORY)
        return
    if (kind := provider(address)) is None:
        LOGGER.info(f"{NO_REPOSITORY} ({address} is on none of {', '.join(PROVIDERS)})")
        return
    launch = {"notebook_interface": "jupyterlab", "binderhub_url": BINDER}
    if hub := os.environ.get("DOWNHILL_JUPYTERHUB"):
        launch["jupyterhub_url"] = hub
    config.html_theme_options |= {
        "repository_url": address,
        "repository_branch": branch(root),
        "repository_provider": kind,
        "use_repository_button": True,
        "use_edit_page_button": True,
        "use_issues_button": True,
        "use_source_button": True,
        "launch_buttons": launch,
    }


def setup(app: Sphinx) -> None:
    """Register this part of the extension."""
    app.connect("config-inited", set_buttons)
