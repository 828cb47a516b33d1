"""What pip is told to install, for each way in which this program can have been installed."""

from __future__ import annotations

import subprocess

import pytest

from site_builder import __version__
from site_builder.installed import _clean, _tell_origin, find_requirement


@pytest.mark.parametrize(
    ("address", "clean"),
    [
        ("https://github.com/owner/repo.git", "https://github.com/owner/repo.git"),
        ("https://user:token@github.com/owner/repo", "https://github.com/owner/repo"),
        ("git@github.com:owner/repo.git", "https://github.com/owner/repo.git"),
        ("ssh://git@codeberg.org/owner/repo.git", "https://codeberg.org/owner/repo.git"),
        ("ssh://git@example.org:2222/owner/repo", "https://example.org/owner/repo"),
        ("/srv/git/repo.git", ""),
        ("file:///srv/git/repo.git", ""),
        ("https://localhost/repo.git", ""),
        ("https://example.org/a b; rm", ""),
    ],
)
def test_an_address_that_everybody_can_clone(address, clean):
    assert _clean(address) == clean


def test_a_release_a_repository_and_a_folder(tmp_path):
    assert _tell_origin("x", None) == (f"x=={__version__}", True)
    vcs = {"url": "https://u@example.org/x.git", "vcs_info": {"vcs": "git", "commit_id": "ab12"}}
    assert _tell_origin("x", vcs) == ("x @ git+https://example.org/x.git@ab12", True)
    assert _tell_origin("x", {"url": "file:///srv/x", "vcs_info": {"commit_id": "ab12"}}) == ("x", False)
    folder = {"url": f"file://{tmp_path}", "dir_info": {"editable": True}}
    assert _tell_origin("x", folder) == ("x", False)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(["git", "remote", "add", "origin", "git@github.com:rima/x.git"], cwd=tmp_path, check=True)
    assert _tell_origin("x", folder) == ("x @ git+https://github.com/rima/x.git", True)
    assert _tell_origin("x", {"url": "file:///x.whl", "archive_info": {}}) == ("x", False)


def test_the_extras_that_decide_bytes_are_asked_for():
    assert find_requirement().line.startswith("site-builder[")
    assert "images,search]" in find_requirement().line
