"""How commands talk: problems and facts as lines, and the progress of long work on a terminal.

What is said, and when, is the commands' to know.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

from site_builder.errors import Problem, printable
from site_builder.wording import count, word_problems


def print_problems(problems: Sequence[Problem], stream: TextIO) -> None:
    """Print one line for each problem."""
    for line in word_problems(problems):
        print(line, file=stream)


def print_facts(facts: Iterable[tuple[str, str]]) -> None:
    """Print names and values in two columns; a value without a name goes on with the one before."""
    for name, value in facts:
        print(printable(f"{name + ':' if name else '':<18} {value}"))


def shows_colours() -> bool:
    """Return whether standard output is a terminal with colours whose user did not ask for none (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


class Progress:
    """One line on a terminal that says how far the work is; at most ten times a second."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._next = time.monotonic() + 0.5
        self._shown = False

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show a stage; short work is over before the first time."""
        if time.monotonic() >= self._next:
            self._show(f"{stage} {done:,} of {total:,}")

    def show_share(self, name: str, done: int, noun: str, part: int, whole: int) -> None:
        """Show how many there are so far of something that nobody has counted, and what part of the work is done."""
        if time.monotonic() >= self._next:
            percent = min(100, 100 * part // max(whole, 1))
            self._show(f"{name} [{'#' * (percent // 5):<20}] {percent} %, {count(done, noun)}")

    def _show(self, line: str) -> None:
        self._stream.write(f"\r\x1b[K{printable(line)}")
        self._stream.flush()
        self._next, self._shown = time.monotonic() + 0.1, True

    def clear(self) -> None:
        """Leave the line empty, as it must be before anything else is printed."""
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._shown = False


@contextmanager
def show_progress(*, quiet: bool = False) -> Iterator[Progress | None]:
    """Give the progress of some work, if there is a terminal for it; nothing of it is left there, whatever happens."""
    progress = Progress(sys.stderr) if sys.stderr.isatty() and not quiet else None
    try:
        yield progress
    finally:
        if progress:
            progress.clear()
