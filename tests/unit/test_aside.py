"""Work done aside gives the answer that it would give here, whatever becomes of the copy."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from site_builder import aside, reading, scanning
from site_builder.aside import run_aside
from site_builder.scanning import look_ahead, scan
from site_builder.sources import load_config
from site_builder.store import peek_listings
from tests.sites import Site

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system makes no copies of a process")


@pytest.fixture(autouse=True)
def _a_second_core(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the copy be made, although there may be one core, and the threads of those who run the tests."""
    monkeypatch.setattr(aside, "can_copy", lambda: hasattr(os, "fork"))


@needs_fork
def test_the_answer_of_another_process() -> None:
    with run_aside(lambda: {"who": os.getpid()}) as wait:
        assert wait()["who"] != os.getpid()


@needs_fork
def test_a_copy_that_dies_is_done_here() -> None:
    here = os.getpid()

    def work() -> int:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return 7

    with run_aside(work) as wait:
        assert wait() == 7


@needs_fork
def test_a_mistake_is_raised_here_and_not_printed_by_the_copy(capfd: pytest.CaptureFixture[str]) -> None:
    def work() -> None:
        raise ValueError("no answer")

    with run_aside(work) as wait, pytest.raises(ValueError, match="no answer"):
        wait()
    assert capfd.readouterr().err == ""


@needs_fork
def test_a_copy_that_nobody_asks_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    start = aside._start
    started: list[int] = []

    def note(work: Callable[[], object]) -> tuple[int, int] | None:
        found = start(work)
        started.extend(found[:1] if found else ())
        return found

    monkeypatch.setattr(aside, "_start", note)
    with pytest.raises(KeyError), run_aside(lambda: time.sleep(600)):
        raise KeyError
    (process,) = started
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


@needs_fork
def test_a_copy_holds_no_lock_of_the_program(tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    with (tmp_path / "lock").open("w") as lock, run_aside(lambda: time.sleep(600)):
        fcntl.flock(lock, fcntl.LOCK_EX)
        deadline = time.monotonic() + 60
        is_free = False
        lock.close()
        while not is_free and time.monotonic() < deadline:  # until the copy has begun
            with (tmp_path / "lock").open("w") as other, contextlib.suppress(BlockingIOError):
                fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
                is_free = True
        assert is_free


@needs_fork
def test_other_threads_forbid_a_copy() -> None:
    code = (
        "import os, threading, time\n"
        "from site_builder.aside import run_aside\n"
        "threading.Thread(target=time.sleep, args=(2,), daemon=True).start()\n"
        "with run_aside(os.getpid) as wait:\n"
        "    print(wait() == os.getpid())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("True\n", "")
    assert threading.active_count() >= 1


@pytest.mark.parametrize("copies", [1, 2])
@pytest.mark.parametrize("change", ["nothing", "new", "edited", "removed", "folder", "link", "gone", "all"])
def test_copies_see_what_one_process_sees(
    site: Site, monkeypatch: pytest.MonkeyPatch, change: str, copies: int
) -> None:
    monkeypatch.setattr(reading, "RACY_NS", 0)
    for folder in range(40):
        for number in range(3):
            site.write(f"{folder}/sub/{number}.md", f"Text {folder} {number}.\n")
    site.write("ä/ö.md", "Text.\n")
    site.build()
    config = load_config(site.root)
    known = peek_listings(config.state)
    assert len(known) == 82
    match change:
        case "new":
            site.write("7/new.md", "New.\n")
        case "edited":
            site.write("8/sub/1.md", "Edited.\n")
        case "removed":
            site.delete("9/sub/2.md")
        case "folder":
            site.write("10/below/a.md", "Below.\n")
        case "link":  # the very files, where no walk comes any more
            (site.root / "content" / "11").rename(site.root / "away")
            (site.root / "content" / "11").symlink_to(site.root / "away")
        case "gone":
            (site.root / "content" / "12").rename(site.root / "content" / ".12")
        case "all":
            for file in (site.root / "content").rglob("*.md"):
                file.write_text("Changed.\n", encoding="utf-8")
    alone = scan(config, known)
    monkeypatch.setattr(scanning, "WORTH_A_COPY", (0,) * copies)
    with look_ahead(config) as confirm:
        assert confirm
        both = scan(config, known, None, confirm)
    assert (both.sources, both.problems, both.listings, both.count) == (
        alone.sources,
        alone.problems,
        alone.listings,
        alone.count,
    )
    assert both.list_ids() == scan(config).list_ids() == alone.list_ids()
    assert both.count == len(both.list_ids())
    if change in ("nothing", "new", "edited", "removed", "folder"):
        assert "20/sub/" in both.same & alone.same


def test_the_word_of_a_copy_holds_for_the_listing_alone_that_it_saw(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another build may have ended since the copy looked: then the program knows other listings than the copy did."""
    monkeypatch.setattr(reading, "RACY_NS", 0)
    site.write("a/1.md", "Text.\n")
    site.write("b/1.md", "Text.\n")
    site.build()
    config = load_config(site.root)
    monkeypatch.setattr(scanning, "WORTH_A_COPY", (0,))
    known = peek_listings(config.state)
    with look_ahead(config) as confirm:
        assert confirm
        assert confirm(known).keys() == known.keys()
    with look_ahead(config) as confirm:
        assert confirm
        assert confirm({**known, "a/": "1 2 3 4 1.md\n"}).keys() == known.keys() - {"a/"}
    with look_ahead(config) as confirm:
        assert confirm
        assert confirm({}) == {}


def test_small_archives_new_ones_and_forgotten_ones_are_not_looked_at_ahead(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.write("a/1.md", "Text.\n")
    monkeypatch.setattr(scanning, "WORTH_A_COPY", (0,))
    with look_ahead(load_config(site.root)) as confirm:
        assert confirm is None
    site.build()
    with look_ahead(load_config(site.root, clean=True)) as confirm:
        assert confirm is None
    monkeypatch.undo()
    with look_ahead(load_config(site.root)) as confirm:
        assert confirm is None
