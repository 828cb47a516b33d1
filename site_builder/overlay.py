"""What a failed build shows over the page: its problems, each with the lines of the file that it is about.

Values out of files, ready for JSON; every text is plain, and whoever draws it must leave it so. Where it is drawn, and
when a build fails, is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypedDict

from site_builder.config import Config
from site_builder.errors import Problem, printable
from site_builder.sources import SITE_FILE, read_source
from site_builder.theme import find_default_theme

AROUND = 2
"""How many lines are shown before and after the one that is meant."""

LONGEST_LINE = 300
"""Characters after which a line of an excerpt is cut."""

LARGEST_FILE = 4_000_000
"""Bytes of a file above which nothing of it is shown."""

MOST = 50
"""How many problems are shown before the others are only counted."""

_DEFAULT_THEME = "the default theme's "


class ExcerptLine(TypedDict):
    """A line of a file, counted from 1; `meant` is the one that the problem is about."""

    number: int
    text: str
    meant: bool


class ShownProblem(TypedDict):
    """A problem as the page shows it."""

    place: str
    message: str
    hint: str
    excerpt: list[ExcerptLine]


def show_problems(problems: Sequence[Problem], config: Config, home: Path) -> list[ShownProblem]:
    """Return the first problems as a page shows them; the last one counts those that are left out.

    `home` is the folder of the site. A file that cannot be read, or is none of the site's own, has no excerpt.
    """
    shown = [_show(problem, config, home) for problem in problems[:MOST]]
    if more := len(problems) - len(shown):
        shown.append(ShownProblem(place="", message=f"… and {more:,} more", hint="", excerpt=[]))
    return shown


def _show(problem: Problem, config: Config, home: Path) -> ShownProblem:
    found = _locate(problem.file, config, home) if problem.line else None
    return ShownProblem(
        place=printable(problem.place),
        message=printable(problem.message),
        hint=printable(problem.hint),
        excerpt=list(_read_excerpt(*found, problem.line, config)) if found else [],
    )


def read_line(problem: Problem, config: Config, home: Path) -> str:
    """Return the line of a file that a problem is about, or nothing for a file that has no excerpt."""
    found = _locate(problem.file, config, home) if problem.line else None
    lines = _read_lines(*found, config) if found else []
    return lines[problem.line - 1] if problem.line <= len(lines) else ""


def _locate(file: str, config: Config, home: Path) -> tuple[Path, str] | None:
    """Return the folder and the path below it of a file that a problem names, or None for one that is not ours."""
    folders = [
        (f"{config.shown}/", config.content),
        (_DEFAULT_THEME, find_default_theme()),
        ("templates/", config.templates),
        ("rules/", config.rules),
    ]
    for start, folder in folders:
        if folder and file.startswith(start):
            path = file.removeprefix(start)
            return None if ".." in path.split("/") else (folder, path)
    if file == SITE_FILE:
        return home, file
    if config.ledger and file == config.ledger.name:
        return config.ledger.parent, file
    return None


def _read_lines(folder: Path, path: str, config: Config) -> list[str]:
    try:
        data = read_source(folder, path, LARGEST_FILE)
    except (OSError, ValueError):
        return []
    return re.split(r"\r\n|\r|\n", _decode(data, config.encodings)) if len(data) <= LARGEST_FILE else []


def _read_excerpt(folder: Path, path: str, line: int, config: Config) -> Iterator[ExcerptLine]:
    lines = _read_lines(folder, path, config)
    for number in range(max(1, line - AROUND), min(len(lines), line + AROUND) + 1):
        text = lines[number - 1].replace("\t", "    ")
        cut = f"{text[:LONGEST_LINE]}…" if len(text) > LONGEST_LINE else text
        yield ExcerptLine(number=number, text=printable(cut), meant=number == line)


def _decode(data: bytes, encodings: Sequence[str]) -> str:
    for encoding in ("utf-8-sig", *encodings):
        with suppress(UnicodeDecodeError):
            return data.decode(encoding)
    return data.decode("utf-8", "replace")
