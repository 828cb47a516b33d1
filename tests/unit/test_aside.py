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

from site_builder import aside, sources
from site_builder.aside import run_aside
from site_builder.sources import load_config, scan

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system makes no copies of a process")


@pytest.fixture(autouse=True)
def _a_second_core(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the copy be made, although there may be one core, and the threads of those who run the tests."""
    monkeypatch.setattr(aside, "_can_copy", lambda: hasattr(os, "fork"))


@needs_fork
def test_the_answer_of_another_process() -> None:
    with run_aside(lambda: {"who": os.getpid()}) as wait:
        assert wait()["who"] != os.getpid()


def test_what_is_not_worth_it_is_done_here() -> None:
    with run_aside(os.getpid, is_worth_it=False) as wait:
        assert wait() == os.getpid()


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


@pytest.mark.parametrize("change", ["nothing", "new", "edited", "removed", "folder", "link", "gone", "all"])
def test_two_processes_see_what_one_sees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    content = tmp_path / "content"
    for folder in range(40):
        for number in range(3):
            file = content / f"{folder}" / "sub" / f"{number}.md"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"Text {folder} {number}.\n", encoding="utf-8")
    (content / "ä").mkdir()
    (content / "ä" / "ö.md").write_text("Text.\n", encoding="utf-8")
    config = load_config(tmp_path)
    known = scan(config).listings
    match change:
        case "new":
            (content / "7" / "new.md").write_text("New.\n", encoding="utf-8")
        case "edited":
            (content / "8" / "sub" / "1.md").write_text("Edited.\n", encoding="utf-8")
        case "removed":
            (content / "9" / "sub" / "2.md").unlink()
        case "folder":
            (content / "10" / "below").mkdir()
            (content / "10" / "below" / "a.md").write_text("Below.\n", encoding="utf-8")
        case "link":  # the very files, where no walk comes any more
            (content / "11").rename(tmp_path / "away")
            (content / "11").symlink_to(tmp_path / "away")
        case "gone":
            (content / "12").rename(content / ".12")
        case "all":
            for file in content.rglob("*.md"):
                file.write_text("Changed.\n", encoding="utf-8")
    alone = scan(config, known)
    monkeypatch.setattr(sources, "WORTH_ASIDE", 0)
    both = scan(config, known)
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
