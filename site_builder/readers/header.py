"""What every grammar of front matter gives and needs: pairs, remarks, refusals, and the limits that all of them keep.

Values are texts, lists and tables of texts. What a key means, and in which source it stands, is not known here.
"""

from __future__ import annotations

from typing import NamedTuple

MAX_CHARACTERS = 64_000
MAX_NODES = 5_000
MAX_DEPTH = 20


class Pair(NamedTuple):
    """Key, value and the line of the source on which the key stands."""

    key: str
    value: object
    line: int


class Remark(NamedTuple):
    """Something to tell of a line of the source; `column` is 0 where it would say nothing."""

    line: int
    message: str
    hint: str = ""
    column: int = 0


class HeaderError(Exception):
    """Front matter that cannot be read; `remark` says where and why."""

    def __init__(self, line: int, message: str, hint: str = "", column: int = 0) -> None:
        super().__init__(message)
        self.remark = Remark(line, message, hint, column)


class Header(NamedTuple):
    """Front matter as its grammar gives it: pairs in their order, doubled keys included, and what to warn of."""

    pairs: tuple[Pair, ...]
    remarks: tuple[Remark, ...] = ()


def refuse_size(line: int, most: int, column: int = 0) -> HeaderError:
    """Return the error of front matter with more than `most` values, or more than `MAX_DEPTH` within each other."""
    message = f"the front matter is nested too deep or has too many values: {MAX_DEPTH} and {most:,} are the most"
    hint = "write the keys that the archive needs, or raise values under [limits] in site.toml"
    return HeaderError(line, message, hint, column)


def check_size(value: object, line: int, most: int = MAX_NODES) -> None:
    """Raise HeaderError for a value that is nested too deep or holds more than `most` values."""
    waiting = [(value, 1)]
    count = 0
    while waiting:
        item, depth = waiting.pop()
        count += 1
        if count > most or depth > MAX_DEPTH:
            raise refuse_size(line, most)
        if isinstance(item, dict):
            waiting += [(inner, depth + 1) for inner in item.values()]
        elif isinstance(item, list):
            waiting += [(inner, depth + 1) for inner in item]
