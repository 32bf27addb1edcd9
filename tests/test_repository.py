"""The links of a fork follow the fork, and without a repository there are none."""

import subprocess
from types import SimpleNamespace

import pytest

from downhill import repository


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("https://github.com/owner/book.git", "https://github.com/owner/book"),
        ("https://github.com/owner/book/", "https://github.com/owner/book"),
        ("https://name:secret@github.com/owner/book.git", "https://github.com/owner/book"),
        ("git@gitlab.com:owner/book.git", "https://gitlab.com/owner/book"),
        (
            "ssh://git@gitlab.example.org:2222/group/book.git",
            "https://gitlab.example.org/group/book",
        ),
        ("/srv/git/book.git", None),
        ("../book", None),
        ("file:///srv/git/book.git", None),
        ("C:/git/book", None),
        ("https://localhost/owner/book", None),
        ("https://github.com/owner", None),
        ("", None),
    ],
)
def test_address_of_a_remote(remote, address):
    assert repository.web_address(remote) == address


@pytest.fixture
def clone(tmp_path, monkeypatch):
    monkeypatch.delenv("DOWNHILL_REPOSITORY", raising=False)
    monkeypatch.delenv("DOWNHILL_BRANCH", raising=False)
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    subprocess.run(
        ["git", "remote", "add", "origin", "git@github.com:fork/book.git"], cwd=tmp_path, check=True
    )
    return tmp_path


def buttons(root):
    config = SimpleNamespace(html_theme_options={"launch_buttons": {}})
    repository.set_buttons(SimpleNamespace(srcdir=root), config)
    return config.html_theme_options


def test_the_remote_counts(clone):
    options = buttons(clone)
    assert options["repository_url"] == "https://github.com/fork/book"
    assert options["repository_branch"] == "main"
    assert options["launch_buttons"]["binderhub_url"] == repository.BINDER


def test_the_environment_counts_more(clone, monkeypatch):
    monkeypatch.setenv("DOWNHILL_REPOSITORY", "https://gitlab.com/other/book")
    monkeypatch.setenv("DOWNHILL_BRANCH", "course")
    options = buttons(clone)
    assert options["repository_url"] == "https://gitlab.com/other/book"
    assert options["repository_provider"] == "gitlab"
    assert options["repository_branch"] == "course"


def test_a_wrong_variable_is_an_error(clone, monkeypatch):
    monkeypatch.setenv("DOWNHILL_REPOSITORY", "book")
    with pytest.raises(ValueError, match="DOWNHILL_REPOSITORY is not a repository's address: book"):
        buttons(clone)


def test_without_a_repository_there_are_no_buttons(tmp_path, monkeypatch):
    monkeypatch.delenv("DOWNHILL_REPOSITORY", raising=False)
    assert buttons(tmp_path) == {"launch_buttons": {}}


def test_a_repository_around_the_book_is_not_the_book_s(clone):
    (clone / "inner").mkdir()
    assert repository.find(clone / "inner") is None


def test_a_host_the_theme_has_no_links_for(clone, monkeypatch):
    monkeypatch.setenv("DOWNHILL_REPOSITORY", "https://git.example.org/owner/book")
    assert buttons(clone) == {"launch_buttons": {}}
