"""The rows of a dump: lines of JSON (https://jsonlines.org), or CSV (RFC 4180) with a header.

Bytes in, rows with the line on which each begins out; what cannot be a row says why. No more than one row is ever held.
What the fields mean is not known here.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from site_builder.values import dataclass

_BOM = b"\xef\xbb\xbf"
_NOT_UTF8 = "is not UTF-8"


class Line(NamedTuple):
    """A line of bytes with its end, counted from 1; of a line that is too long, nothing is kept but its quotes."""

    number: int
    data: bytes
    is_whole: bool
    quotes: int
    """How many quotation marks the line has."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line on which it begins, and its values by the names of its fields, or what is wrong with it."""

    line: int
    values: Mapping[str, object] | None = None
    trouble: str = ""


class BadHeaderError(ValueError):
    """The first row of a CSV does not name its columns."""


def split_lines(read: Callable[[int], bytes], limit: int) -> Iterator[Line]:
    """Yield the lines of a file, `\\n` ending them, without a byte order mark at its start.

    `read(n)` returns a line, or as much of it as has at most n bytes, and nothing at the end. A line of more than
    `limit` bytes is read in pieces and never held.
    """  # noqa: D301 - the sign is written as one writes it
    number = 0
    while data := read(limit + 1):
        number += 1
        quotes = data.count(b'"')
        is_whole = len(data) <= limit
        piece = data
        while len(piece) > limit and not piece.endswith(b"\n"):
            piece = read(limit + 1)
            quotes += piece.count(b'"')
        data = data if is_whole else b""
        yield Line(number, data.removeprefix(_BOM) if number == 1 else data, is_whole, quotes)


def read_jsonl(lines: Iterable[Line], limit: int) -> Iterator[Row]:
    """Yield a row for every line that is not blank. Numbers are texts as they were written."""
    for line in lines:
        if not line.is_whole:
            yield Row(line.number, trouble=_too_long(limit))
        elif line.data.strip():
            yield _parse_object(line)


def _parse_object(line: Line) -> Row:
    try:
        text = line.data.decode("utf-8").rstrip("\r\n")
        values = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except UnicodeDecodeError as exc:
        return Row(line.number, trouble=f"byte {exc.start + 1} {_NOT_UTF8}")
    except json.JSONDecodeError as exc:
        return Row(line.number, trouble=f"is not JSON (column {exc.colno}: {exc.msg})")
    except (RecursionError, ValueError):
        return Row(line.number, trouble="is JSON that cannot be read")
    if not isinstance(values, dict):
        return Row(line.number, trouble="is JSON, but no object {…}")
    return Row(line.number, values)


# --- CSV ---------------------------------------------------------------------------------------------------------


def read_csv(lines: Iterator[Line], limit: int) -> Iterator[Row]:
    """Yield a row for every record below the header, blank lines left out.

    Commas part the columns; a value in quotation marks may hold line breaks, and a mark in it is doubled. Raises
    BadHeaderError. The limit of the csv module, which is one for the process, is raised to `limit`.
    """
    csv.field_size_limit(max(limit + 1, csv.field_size_limit()))
    feed = _Feed(lines, limit)
    rows = csv.reader(feed, strict=True)
    header: Sequence[str] | None = None
    while True:
        feed.begin()
        try:
            row = next(rows)
        except StopIteration:
            return
        except _TooLongError:
            found = Row(feed.first, trouble=f"{_too_long(limit)}{feed.reach()}; is a quotation mark left open?")
        except csv.Error as exc:
            found = Row(feed.first, trouble=f"is not CSV: {exc}{feed.reach()}")
        else:
            if not row:
                continue
            if header is None:
                header = _check_header(row)
                continue
            found = _name_values(header, row, feed.first)
        if header is None:
            raise BadHeaderError(f"the header {found.trouble}")
        yield found


def _check_header(names: list[str]) -> list[str]:
    names = [name.strip() for name in names]
    if any("\udc80" <= c <= "\udcff" for name in names for c in name):
        raise BadHeaderError(f"the header {_NOT_UTF8}")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise BadHeaderError(f"two columns are called {twice!r}")
    return names


def _name_values(header: Sequence[str], row: Sequence[str], line: int) -> Row:
    if len(row) != len(header):
        return Row(line, trouble=f"has {len(row)} columns, and the header has {len(header)}")
    if any("\udc80" <= c <= "\udcff" for value in row if not value.isascii() for c in value):
        return Row(line, trouble=_NOT_UTF8)
    return Row(line, dict(zip(header, row, strict=True)))


class _TooLongError(Exception):
    """A record of more bytes than the limit."""


class _Feed:
    """The lines of a CSV as csv.reader takes them, which knows where a record began and how large it has become.

    Bytes that are no UTF-8 become lone surrogates, so that they are told of the record that holds them.
    """

    def __init__(self, lines: Iterator[Line], limit: int) -> None:
        self._lines, self._limit = lines, limit
        self.first = self._last = self._size = self._quotes = 0

    def begin(self) -> None:
        """Say that the next line begins a record."""
        self.first = self._size = self._quotes = 0

    def reach(self) -> str:
        """Return the words for the lines of a record, when there are several."""
        return f" (lines {self.first} to {self._last})" if self._last > self.first else ""

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        line = self._take()
        if line.is_whole and self._size <= self._limit:
            return line.data.decode("utf-8", "surrogateescape")
        # What is left of a value that is too long must not be taken for records of its own.
        try:
            while self._quotes % 2:
                self._take()
        except StopIteration:
            pass
        raise _TooLongError

    def _take(self) -> Line:
        line = next(self._lines)
        self.first = self.first or line.number
        self._last = line.number
        self._size += len(line.data)
        self._quotes += line.quotes
        return line


def _too_long(limit: int) -> str:
    return f"has more than {limit / 1_000_000:g} MB"
