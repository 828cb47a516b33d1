"""How commands talk: problems and facts as lines, and the progress of long work on a terminal.

What is said, and when, is the commands' to know.
"""

from __future__ import annotations

import math
import os
import shutil
import sys
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

from site_builder.errors import Problem, printable
from site_builder.wording import count, word_problems


def print_problems(
    problems: Sequence[Problem], stream: TextIO, excerpt: Callable[[Problem], Iterable[str]] | None = None
) -> None:
    """Print one line for each problem; on a terminal, the lines of `excerpt` below each."""
    for problem in problems:
        print(*word_problems([problem]), file=stream)
        if excerpt and stream.isatty():
            for line in excerpt(problem):
                print(line, file=stream)


def draw_excerpt(problem: Problem, line: str, width: int) -> Iterator[str]:
    r"""Yield a line of a source as it can be shown on so many columns, and a caret below the place that is meant.

    Without a column, the first character of the line is meant. An empty line has no excerpt.

    >>> print(*draw_excerpt(Problem("error", "a.md:12:7", "wrong"), "date: soon", 40), sep="\n")
       12 | date: \x1bsoon
          |       ^
    """
    if not line.strip():
        return
    column = min(problem.column or len(line) - len(line.lstrip()) + 1, len(line) + 1)
    room = max(width - 10, 20)
    begin = max(0, column - 1 - room // 2) if len(line) > room else 0
    before, behind = (_show_plainly(text) for text in (line[begin : column - 1], line[column - 1 : begin + room]))
    margin = f"{problem.line:>5}"
    yield f"{margin} | {before}{behind}"
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in before)
    yield f"{' ' * len(margin)} | {' ' * (len(before) + wide)}^"


def _show_plainly(text: str) -> str:
    return printable(text.replace("\t", " ")).replace("\n", " ")


def print_facts(facts: Iterable[tuple[str, str]]) -> None:
    """Print names and values in two columns; a value without a name goes on with the one before."""
    for name, value in facts:
        print(printable(f"{name + ':' if name else '':<18} {value}"))


def shows_colours() -> bool:
    """Return whether standard output is a terminal with colours whose user did not ask for none (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


class Progress:
    """How far long work is: a bar on a terminal, at most ten times a second; elsewhere a line every ten seconds.

    Short work is over before the first of them. The rate is that of the stage, from its first call on.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._draws = stream.isatty() and os.environ.get("TERM") != "dumb"
        self._pause = 0.1 if self._draws else 10.0
        self._begun = time.monotonic()
        self._next = self._begun + (0.5 if self._draws else self._pause)
        self._stage = ""
        self._shown = False

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show a stage; with a total of 0, only that it has begun."""
        self._tell(stage, f"{done:,} of {total:,}" if total else "", done, done, total)

    def show_share(self, name: str, done: int, noun: str, part: int, whole: int) -> None:
        """Show how many there are so far of something that nobody has counted, and what part of the work is done."""
        self._tell(name, count(done, noun), done, part, whole)

    def _tell(self, stage: str, amount: str, done: int, part: int, whole: int) -> None:
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._begun = stage, now
        if now < self._next:
            return
        if self._draws:
            width = shutil.get_terminal_size().columns - 1
            line = word_progress(stage, amount, done, part, whole, now - self._begun, bar=True)
            self._stream.write(f"\r\x1b[K{printable(line)[:width]}")
            self._shown = True
        elif whole:
            line = word_progress(stage, amount, done, part, whole, now - self._begun)
            self._stream.write(f"{printable(line)}\n")
        self._stream.flush()
        self._next = now + self._pause

    def clear(self) -> None:
        """Leave the line empty, as it must be before anything else is printed."""
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._shown = False


def word_progress(
    stage: str, amount: str, done: int, part: int, whole: int, seconds: float, *, bar: bool = False
) -> str:
    """Return a line about work of which `part` of `whole` is done after so many seconds, with rate and remaining time.

    `amount` says in words what is done, `done` is its number. With a whole of 0, nothing is known but the stage.
    """
    if not whole:
        return stage
    percent = min(100, 100 * part // whole)
    drawn = f" [{'#' * (percent // 5):<20}]" if bar else ":"
    told = [f"{percent} %", amount]
    if done and seconds >= 1:
        rate = done / seconds
        told.append(f"{rate:,.0f}/s" if rate >= 10 else f"{rate:.1f}/s")
    if 0 < part < whole and seconds >= 1:
        told.append(f"{word_time(seconds * (whole - part) / part)} left")
    return f"{stage}{drawn} {', '.join(told)}"


def word_time(seconds: float) -> str:
    """Return a span of time in its two largest units, rounded up.

    >>> word_time(8.2), word_time(150), word_time(7500)
    ('9 s', '2 min 30 s', '2 h 5 min')
    """
    whole = math.ceil(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


@contextmanager
def show_progress(*, quiet: bool = False) -> Iterator[Progress | None]:
    """Give the progress of some work, or none where all is to be quiet; no half line is left, whatever happens."""
    progress = None if quiet else Progress(sys.stderr)
    try:
        yield progress
    finally:
        if progress:
            progress.clear()
