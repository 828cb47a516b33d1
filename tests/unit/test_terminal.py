"""How far long work is, on a terminal and elsewhere."""

from __future__ import annotations

import io

import pytest

from site_builder.commands import terminal
from site_builder.commands.terminal import Progress, show_progress, word_progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands until it is set."""
    times = [0.0]
    monkeypatch.delenv("TERM", raising=False)
    monkeypatch.setattr(terminal.time, "monotonic", lambda: times[0])
    monkeypatch.setattr(terminal.shutil, "get_terminal_size", lambda: type("Size", (), {"columns": 80}))
    return lambda seconds: times.__setitem__(0, seconds)


def test_a_terminal_shows_a_bar_with_rate_and_remaining_time(clock):
    stream = Terminal()
    progress = Progress(stream)
    for seconds, done in ((0.1, 100), (0.6, 600), (0.65, 650), (4.1, 1230), (4.15, 1240)):
        clock(seconds)
        progress("read", done, 3000)
    progress.clear()
    progress.clear()
    first = f"read [{'#' * 4:<20}] 20 %, 600 of 3,000"
    second = f"read [{'#' * 8:<20}] 41 %, 1,230 of 3,000, 308/s, 6 s left"
    assert stream.getvalue() == f"\r\x1b[K{first}\r\x1b[K{second}\r\x1b[K"


def test_the_rate_is_that_of_the_stage(clock):
    stream = Terminal()
    progress = Progress(stream)
    progress("read", 0, 0)
    clock(100)
    progress("render", 0, 0)
    clock(102)
    progress("render", 10, 20)
    assert stream.getvalue() == f"\r\x1b[Krender\r\x1b[Krender [{'#' * 10:<20}] 50 %, 10 of 20, 5.0/s, 2 s left"


def test_of_what_is_not_counted_the_share_is_shown_and_no_name_steers_the_terminal(clock):
    stream = Terminal()
    progress = Progress(stream)
    progress.show_share("a\x1b.jsonl", 0, "article", 0, 3000)
    clock(2)
    progress.show_share("a\x1b.jsonl", 1234, "article", 1500, 3000)
    progress.show_share("b" * 90, 1, "article", 1, 3000)
    clock(3)
    progress.show_share("b" * 90, 1, "article", 1, 3000)
    assert f"\r\x1b[Ka\\x1b.jsonl [{'#' * 10:<20}] 50 %, 1,234 articles, 617/s, 2 s left" in stream.getvalue()
    assert stream.getvalue().endswith("\r\x1b[K" + "b" * 79), "a line is never wider than the terminal"


def test_elsewhere_there_is_a_plain_line_every_ten_seconds(clock):
    stream = io.StringIO()
    progress = Progress(stream)
    for seconds in range(36):
        clock(seconds)
        progress("read", 10 * seconds, 1000)
    progress.clear()
    assert stream.getvalue().splitlines() == [
        "read: 10 %, 100 of 1,000, 10/s, 1 min 30 s left",
        "read: 20 %, 200 of 1,000, 10/s, 1 min 20 s left",
        "read: 30 %, 300 of 1,000, 10/s, 1 min 10 s left",
    ]


def test_a_terminal_that_cannot_draw_has_plain_lines(clock, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    stream = Terminal()
    progress = Progress(stream)
    clock(11)
    progress("read", 1, 2)
    assert stream.getvalue() == "read: 50 %, 1 of 2\n"


def test_what_is_done_has_no_time_left():
    assert word_progress("read", "5 of 5", 5, 5, 5, 2.0) == "read: 100 %, 5 of 5, 2.5/s"
    assert word_progress("read", "0 of 5", 0, 0, 5, 2.0) == "read: 0 %, 0 of 5"


def test_quiet_work_has_no_progress():
    with show_progress(quiet=True) as progress:
        assert progress is None
