"""What can go wrong, as values and exceptions that people can read.

A `Problem` says where, what and what to do instead; an exception carries all the problems of a run at once and
the exit status that the command line gives for its kind. This room knows nothing of the rest of the package.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

_NUMBERS = re.compile(r":(\d{1,9})(?::(\d{1,9}))?\Z")
LONGEST = 500
"""Characters that a message or a hint may have."""

Severity = Literal["error", "warning"]


class Problem(NamedTuple):
    """One thing that is wrong or doubtful.

    `place` is `file`, `file:line` or `file:line:column` (both counted from 1, columns in characters), with the
    file as the user would write it; `hint` says what to write or do instead and may be empty.
    """

    severity: Severity
    place: str
    message: str
    hint: str = ""

    @property
    def file(self) -> str:
        """The place without its line and column."""
        return _NUMBERS.sub("", self.place)

    @property
    def line(self) -> int:
        """The line, counted from 1, or 0 where none is known."""
        return self._numbers[0]

    @property
    def column(self) -> int:
        """The column in characters, counted from 1, or 0 where none is known."""
        return self._numbers[1]

    @property
    def _numbers(self) -> tuple[int, int]:
        match = _NUMBERS.search(self.place)
        return (int(match[1]), int(match[2] or 0)) if match else (0, 0)

    def __str__(self) -> str:
        text = f"{self.place}: {self.message}" if self.place else self.message
        return printable(f"{text} ({self.hint})" if self.hint else text)


def error(place: str, message: str, hint: str = "") -> Problem:
    """Return a problem that keeps its article, or the build, from being published."""
    return Problem("error", place, _shorten(message), _shorten(hint))


def warning(place: str, message: str, hint: str = "") -> Problem:
    """Return a problem that is told, while its article is published all the same."""
    return Problem("warning", place, _shorten(message), _shorten(hint))


def _shorten(text: str) -> str:
    """Return a text without its middle where an article has put a book into it."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 100]} … {text[-97:]}"


def printable(text: str) -> str:
    r"""Return `text` with every character that could steer a terminal written as an escape.

    >>> printable("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    if text.isprintable():
        return text
    return "".join(c if c == "\n" or c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


class SiteBuilderError(Exception):
    """The base of all errors that are the user's or the machine's, not ours: told without a traceback.

    `problems` holds at least one problem, in the order in which they should be read.
    """

    exit_status = 1
    excerpt: Callable[[Problem], Iterable[str]] | None = None
    """Gives the lines that a terminal shows below a problem, where somebody knows which file is meant."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


class ContentError(SiteBuilderError):
    """The content has errors; nothing was published (exit status 1)."""

    exit_status = 1


class ConfigError(SiteBuilderError):
    """The command, the configuration, a rule pack or a template is wrong (exit status 2)."""

    exit_status = 2


class RefusedError(SiteBuilderError):
    """The work was refused because it could destroy something (exit status 3)."""

    exit_status = 3


class MachineError(SiteBuilderError):
    """The machine would not do it: disk full, no permission, output locked (exit status 4)."""

    exit_status = 4


class SourceChangedError(MachineError):
    """A source is not any more what it was when it was read; the place of its one problem is the source's id."""


class DamagedStateError(Exception):
    """What is in a state is not what was written: it is worth nothing, and must be made anew. Never told as it is."""
