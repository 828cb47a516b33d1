"""The whole way at a terminal, from an empty folder to a published branch: `new`, `add`, `serve`, `check`, `deploy`.

Two shells in pseudo-terminals, as a user has two windows: one for commands, one for the server; and a browser beside.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.crawling import crawl, serving
from tests.e2e.test_browser import browser as browser
from tests.e2e.test_deploy import BASE_URL, QUIET, clone, git
from tests.serving import wait_until
from tests.sites import NO_SHARED, SHARED, make_markdown

PATIENCE = 90.0
PROMPT = "ready>"
SEEDS = sorted((SHARED / "seeds").glob("*.txt"))

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(shutil.which("git") is None, reason="there is no git on this machine"),
    pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash on this machine"),
    pytest.mark.skipif(sys.platform == "win32", reason="there is no pseudo-terminal here"),
]


class Shell:
    """A shell in a terminal of its own."""

    def __init__(self, folder: Path) -> None:
        import pty

        self._ours, theirs = pty.openpty()
        setting = {"TERM": "xterm", "COLUMNS": "200", "PS1": PROMPT, "HOME": str(folder), "NO_COLOR": "1", **QUIET}
        self._process = subprocess.Popen(
            ["bash", "--norc", "--noprofile", "-i"],
            cwd=folder,
            env={**os.environ, **setting},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.shown = ""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        program = f"{shlex.quote(sys.executable)} -W error -m site_builder"
        self.run(f"stty -echo; bind 'set enable-bracketed-paste off'; site-builder() {{ {program} \"$@\"; }}")

    def _read(self) -> None:
        with suppress(OSError):  # how Linux tells that the other end was closed
            while data := os.read(self._ours, 65536):
                self.shown += data.decode("utf-8", "replace")

    def type(self, keys: str) -> int:
        """Type something; return how much had been shown until then."""
        before = len(self.shown)
        os.write(self._ours, keys.encode())
        return before

    def run(self, command: str) -> str:
        """Run a command and return what it shows; it must succeed."""
        before = self.type(f"{command}; echo status=$?\n")
        wait_until(lambda: re.search(r"status=\d+\r?\n", self.shown[before:]), f"{command}: {self.shown}", PATIENCE)
        shown, _, status = self.shown[before:].replace("\r\n", "\n").rpartition("status=")
        assert int(status.split("\n")[0]) == 0, shown
        assert "Traceback" not in shown
        return shown

    def end(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._reader.join()
        os.close(self._ours)


@contextmanager
def shells(folder: Path, count: int) -> Iterator[list[Shell]]:
    with ExitStack() as stack:
        opened = [Shell(folder) for _ in range(count)]
        for shell in opened:
            stack.callback(shell.end)
        yield opened


def find_texts(folder: Path) -> list[Path]:
    """Return two texts to take in: the seeds, or where they are not, two of our own."""
    if SEEDS:
        return SEEDS
    print(NO_SHARED)
    texts = [folder / "one.md", folder / "two.md"]
    texts[0].write_text(make_markdown("Perahu pertama", "2024-03-01", "laut", "Kota"), encoding="utf-8")
    texts[1].write_text(make_markdown("Perahu kedua", "2024-03-02", "laut", "Kota"), encoding="utf-8")
    return texts


def test_from_an_empty_folder_to_a_published_branch(tmp_path: Path, browser: Any) -> None:
    texts = find_texts(tmp_path)
    site = tmp_path / "arsip"
    git("init", "--bare", "--quiet", "remote.git", cwd=tmp_path)
    with shells(tmp_path, 2) as (shell, window):
        shell.run("site-builder new arsip")
        for each in (shell, window):
            each.run("cd arsip")
        shell.run(f"sed -i 's|^# base_url = .*|base_url = \"{BASE_URL}\"|' site.toml")

        added = shell.run(f"site-builder add {' '.join(shlex.quote(str(text)) for text in texts)}")
        addresses = re.findall(r"articles/[\w.-]+\.html", added)
        assert len(addresses) == 2, added

        # The server shows an edit without a touch of the browser.
        window.type("site-builder serve --port 0\n")
        wait_until(lambda: re.search(r"\d+ added, .* s", window.shown), "the first build", PATIENCE)
        found = re.search(r"serving (http://\S+)", window.shown)
        assert found
        page = browser.new_page()
        page.goto(f"{found[1]}index.html")
        (first,) = (site / "content").glob("*.md")
        first.write_text(re.sub("(?m)^title: .*", "title: A headline that was changed", first.read_text()))
        page.wait_for_selector("text=A headline that was changed", timeout=1000 * PATIENCE)
        note = site / "content" / "2024-05-01-note.md"
        note.write_text("---\ntitle: A note beside the server\n---\n\nThe first wording.\n")
        wait_until(lambda: "articles/a-note-beside-the-server.html" in window.shown, "the new address", PATIENCE)
        page.click("main >> text=A note beside the server", timeout=1000 * PATIENCE)
        page.wait_for_selector("text=The first wording.", timeout=1000 * PATIENCE)
        page.wait_for_timeout(300)  # until the page listens
        note.write_text("---\ntitle: A note beside the server\n---\n\nThe second wording.\n")
        page.wait_for_selector("text=The second wording.", timeout=1000 * PATIENCE)
        page.close()
        window.type("\x03")
        wait_until(lambda: window.shown.rstrip().endswith(PROMPT), f"the server ends: {window.shown}", PATIENCE)
        assert "Traceback" not in window.shown

        shell.run("site-builder build")
        assert (site / "addresses.csv").read_text(encoding="utf-8").count("articles/") >= 4
        assert "error" not in shell.run("site-builder check")
        shell.run("git init --quiet --initial-branch=main && git add . && git commit --quiet -m Begin")
        shell.run(f"git remote add origin {shlex.quote(str(tmp_path / 'remote.git'))}")
        deployed = shell.run("site-builder deploy")
        assert BASE_URL in deployed, deployed
        assert "??" not in shell.run("git status --porcelain"), "nothing of a build is left to be committed"

    published = clone(tmp_path / "remote.git", tmp_path / "clone")
    assert all((published / address).is_file() for address in addresses)
    for text, address in zip(texts, addresses, strict=True):
        source = next(
            path for path in published.glob(f"{address.removesuffix('.html')}.*") if path.suffix == text.suffix
        )
        assert source.read_bytes() == text.read_bytes()
    with serving(published, "/repo/") as address:
        seen, dead = crawl(address)
    assert dead == []
    assert {f"{address}{path}" for path in addresses} <= seen
