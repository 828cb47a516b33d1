"""One site of all hostile files, built once by the real command; with the workplace's own cases where they are."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.test_browser import browser as browser
from tests.hostile.files import list_files
from tests.sites import SHARED

SECRET = "rahasia-di-luar-isi"
SETTINGS = """\
title = "Arsip"
base_url = "https://arsip.example/lama/"
[search]
engine = "titles"
[addresses]
ledger = ""
[limits]
seconds = 1.5
"""


@dataclass(frozen=True)
class Built:
    """A site that was built of hostile files."""

    root: Path
    status: int
    told: str
    words: dict[str, str]
    """The word of each file, by its path below the content folder."""

    @property
    def output(self) -> Path:
        return self.root / "site" / "output"

    @property
    def content(self) -> Path:
        return self.root / "site" / "content"


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "site_builder", *arguments]
    more = {"encoding": "utf-8", "errors": "surrogateescape", "timeout": 300}
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, **more)


def lay_out(root: Path) -> dict[str, str]:
    """Write the site with all files, and about it what must not be read or changed."""
    content = root / "site" / "content"
    words: dict[str, str] = {}
    for path, data, word in list_files():
        file = content / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        words[path] = word
    (root / "site" / "site.toml").write_text(SETTINGS)
    if (SHARED / "cases" / "hostile" / "content").is_dir():
        shutil.copytree(SHARED / "cases" / "hostile" / "content", content / "cases", symlinks=True)
    for outside in (root / "secret.txt", root / "secret.md", root / "site" / "secret.txt", root / "folder" / "a.md"):
        outside.parent.mkdir(exist_ok=True)
        outside.write_text(f"---\ntitle: {SECRET}\n---\n\n{SECRET}\n")
    special = content / "special"
    special.mkdir()
    (special / "link.md").symlink_to(root / "secret.md")
    (special / "dangling.md").symlink_to(root / "nothing.md")
    (special / "folder").symlink_to(root / "folder")
    (special / "loop").symlink_to(special)
    (special / "picture.png").symlink_to(root / "secret.txt")
    (special / "shows.md").write_text(
        "---\ntitle: Gambar\ndate: 2014-05-11\n---\n\n![x](picture.png) [y](folder/a.md)\n"
    )
    os.mkfifo(special / "pipe.md")
    os.mkfifo(special / "pipe.meta")
    with socket.socket(socket.AF_UNIX) as unix:
        here = os.open(special, os.O_RDONLY)
        try:
            unix.bind(f"/proc/self/fd/{here}/socket.md")
        finally:
            os.close(here)
    return words


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The site, built once for all processes that run tests."""
    folder = tmp_path_factory.getbasetemp()
    root = (folder.parent if os.environ.get("PYTEST_XDIST_WORKER") else folder) / "hostile"
    root.mkdir(exist_ok=True)
    with (root.parent / "hostile.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        told = root.parent / "hostile.json"
        if not told.exists():
            words = lay_out(root)
            done = run("build", "--keep-going", "--verbose", cwd=root / "site")
            told.write_text(json.dumps([done.returncode, done.stderr, words]))
    return Built(root, *json.loads(told.read_text()))
