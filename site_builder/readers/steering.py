"""Steering: what an owner says about the reading of one raw text, in its front matter or in the file beside it.

`keep` names lines that are body whatever a rule says, `disable` rules that are not tried on this text. What a rule is,
and how a text is partitioned, is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from site_builder.errors import Problem, error, warning
from site_builder.readers.pack_table import near
from site_builder.values import dataclass

KEYS = ("keep", "disable")
"""The keys that steer, when a raw text has them; to every other format they are unknown keys."""

_LINES = re.compile(r"(\d{1,7})(?:\s*[-–]\s*(\d{1,7}))?\Z")


@dataclass(frozen=True, slots=True)
class Steering:
    """Numbers of lines of the source, from 1, that are body; names of rules that are left out."""

    keep: frozenset[int] = frozenset()
    disable: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()


NOT_STEERED = Steering()


def read_steering(
    source_id: str, extra: Mapping[str, object], lines: int, rules: Collection[str]
) -> tuple[Steering, Mapping[str, object]]:
    """Return what `extra`, the further front matter of a raw text, says about its reading, and the rest of it.

    `keep` is a number of a line, a range such as `12-14`, or a list of them; `disable` is one of the names in `rules`,
    or a list. What cannot be meant is an error at `source_id`, a line beyond the last (`lines`) a warning.
    """
    if not any(key in extra for key in KEYS):
        return NOT_STEERED, extra
    problems: list[Problem] = []
    keep: set[int] = set()
    for said in _list_items(extra.get("keep")):
        found = _LINES.match(said)
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
        if not 1 <= first <= last:
            problems.append(error(source_id, f"keep: {said!r} names no line", "write its number, or a range: 12-14"))
        elif last > lines:
            message = f"keep: there is no line {last}, the source has {lines}"
            problems.append(warning(source_id, message, "see the numbers in 'site-builder explain'"))
        keep.update(range(first, min(last, lines) + 1))
    disable = _list_items(extra.get("disable"))
    unknown = (name for name in disable if name not in rules)
    problems += [error(source_id, f"disable: no rule is called {name!r}", near(name, rules)) for name in unknown]
    rest = {key: value for key, value in extra.items() if key not in KEYS}
    return Steering(frozenset(keep), frozenset(disable), tuple(problems)), rest


def _list_items(value: object) -> list[str]:
    """Return what is said as one text with commas, or as a list."""
    items = value if isinstance(value, list | tuple) else [] if value is None else str(value).split(",")
    return [text for item in items if (text := str(item).strip())]
