"""The ledger: which address was given to which source, so that it stays.

A CSV of one line per source that people keep beside their articles: order of arrival, id, address, former addresses
(separated by blanks) and the first 16 characters of the source's SHA-256, by which a renamed source is known again.
Text in, lines out; this room neither reads nor writes the file and gives out no addresses.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import NamedTuple

from site_builder.errors import ConfigError, Problem, error
from site_builder.urls import check_path

COLUMNS = ("order", "id", "address", "former", "source")


class Line(NamedTuple):
    """What the ledger holds of one source. `order` counts from 1; `former` is oldest first."""

    order: int
    id: str
    address: str
    former: tuple[str, ...] = ()
    source: str = ""


def parse_ledger(text: str, name: str) -> tuple[Line, ...]:
    """Return the lines of a ledger in order of arrival; `name` is the file's name for messages.

    Raises ConfigError with every line that cannot be understood, and for an order, id or address given twice.
    """
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    if not rows:
        return ()
    problems: list[Problem] = []
    if tuple(rows[0]) != COLUMNS:
        problems.append(error(f"{name}:1", "the first line does not name the columns", f"write {','.join(COLUMNS)}"))
    lines: list[Line] = []
    seen: dict[object, int] = {}
    for number, row in enumerate(rows[1:], start=2):
        if not row:
            continue
        if message := _wrong(row):
            problems.append(error(f"{name}:{number}", message, "restore the line from your version control"))
            continue
        line = Line(int(row[0]), row[1], row[2], tuple(row[3].split()), row[4])
        for kind, value in (("order", line.order), ("id", line.id), ("address", line.address)):
            if first := seen.setdefault((kind, value), number) - number:
                problems.append(
                    error(
                        f"{name}:{number}",
                        f"{kind} {str(value)!r} stands in line {number + first} already",
                        "keep one",
                    )
                )
        lines.append(line)
    if problems:
        raise ConfigError(*problems)
    return tuple(sorted(lines))


def _wrong(row: list[str]) -> str:
    if len(row) != len(COLUMNS):
        return f"has {len(row)} fields instead of {len(COLUMNS)}"
    if not (row[0].isascii() and row[0].isdigit() and 0 < len(row[0]) < 10):
        return f"{row[0]!r} is no order of arrival"
    for path in (row[2], *row[3].split()):
        if message := check_path(path):
            return f"the address {path!r} {message}"
    return ""


def format_ledger(lines: Iterable[Line]) -> str:
    """Return the text of a ledger: in order of arrival, with line ends of one LF."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for line in sorted(lines):
        writer.writerow((line.order, line.id, line.address, " ".join(line.former), line.source))
    return out.getvalue()
