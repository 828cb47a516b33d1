"""One table of a rule pack, with the lines of its keys: reading a value checks it.

What is wrong is noted with its place, and reading goes on with a harmless value, so that all problems of a pack are
told at once. This room knows no rules, only values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import cast

from site_builder.errors import Problem, error
from site_builder.model import PARTS
from site_builder.readers import Pack
from site_builder.values import dataclass

RULE_PARTS = tuple(part for part in PARTS if part not in ("front-matter", "markup", "title", "separator", "body"))
"""The parts that a rule can give a line; the others follow from where it stands."""

GROUPS = (*RULE_PARTS, "updated", "place", "outlet")
_REFERENCE = re.compile(r"(?<!\\)(?:\\\\)*(?:\\[1-9]|\(\?P=|\(\?\()")


@dataclass(slots=True)
class Section:
    """One table of a pack: its values, the lines of its keys, its own line and what to call it.

    `inner` is the key of a table that is written on one line: all of its problems are placed there.
    """

    pack: Pack
    problems: list[Problem]
    values: Mapping[str, object]
    lines: Mapping[str, int]
    line: int
    what: str = "the pack"
    inner: str = ""

    def place(self, key: str = "") -> str:
        """Return `packname:line` of a key, or of the table when it does not have it."""
        return f"{self.pack.name}:{self.lines.get(self.inner or key, self.line)}"

    def wrong(self, key: str, message: str, hint: str = "") -> None:
        """Note a problem at a key."""
        self.problems.append(error(self.place(key), message, hint))

    def check_keys(self, known: tuple[str, ...]) -> None:
        """Note every key that is not known."""
        for key in self.values:
            if key not in known:
                self.wrong(key, f"unknown key {key!r} in {self.what}", near(key, known))

    def text(self, key: str) -> str:
        """Return a text, empty when there is none."""
        return cast(str, self._value(key, str, "a text in quotation marks", ""))

    def flag(self, key: str) -> bool:
        """Return true or false, false when there is none."""
        return cast(bool, self._value(key, bool, "true or false", False))

    def number(self, key: str, default: int) -> int:
        """Return a whole number from 1."""
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            self.wrong(key, f"{key!r} must be a whole number from 1")
            return default
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, empty when there is none."""
        value = self.values.get(key, [])
        if isinstance(value, list) and all(isinstance(text, str) and text.strip() for text in value):
            return tuple(value)
        self.wrong(key, f"{key!r} must be a list of texts, none of them empty", f'{key} = ["…", "…"]')
        return ()

    def choice(self, key: str, among: tuple[str, ...], default: str) -> str:
        """Return a text that is one of `among`, or `default`."""
        value = self.text(key) if key in self.values else default
        if value != default and value not in among:
            self.wrong(key, f"{key!r} cannot be {value!r}", near(value, among))
            return default
        return value

    def pattern(self, key: str, form: str = "{}") -> re.Pattern[str] | None:
        """Return a compiled pattern, put into `form`; None when there is none or it is wrong."""
        text = self.text(key)
        if not text:
            return None
        try:
            pattern = re.compile(form.format(f"(?:{text})") if form != "{}" else text)
        except (re.error, OverflowError, RecursionError) as reason:
            self.wrong(key, f"{key!r} is no pattern: {reason}")
            return None
        if _REFERENCE.search(text) or pattern.flags & ~re.UNICODE:
            self.wrong(key, f"{key!r} refers to a group, or sets a flag for all", "write it out, or (?i:…) for a part")
        if runs_away(text):
            self.wrong(
                key,
                f"{key!r} could take for ever: a repeated group repeats inside",
                "write {0,9} instead of the outer * or +",
            )
        for group in pattern.groupindex:
            if group.rstrip("0123456789") not in GROUPS:
                self.wrong(key, f"unknown group {group!r} in {key!r}", near(group, GROUPS))
        return pattern

    def table(self, key: str, known: tuple[str, ...]) -> Section | None:
        """Return a table inside of this one, with only `known` keys; None when there is none."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.wrong(key, f"{key!r} must be a table", f"{key} = {{ {known[0]} = … }}")
            return None
        inner = Section(self.pack, self.problems, value, self.lines, self.line, repr(key), key)
        inner.check_keys(known)
        return inner

    def _value(self, key: str, kind: type, wanted: str, default: object) -> object:
        value = self.values.get(key, default)
        if isinstance(value, kind):
            return value
        self.wrong(key, f"{key!r} must be {wanted}")
        return default


def near(name: str, names: Iterable[str]) -> str:
    """Return a hint that offers the name most like `name`, or all of them when they are few; else nothing."""
    known = sorted(names)
    close = get_close_matches(name, known, 1, 0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"known are {', '.join(known)}" if 0 < len(known) <= 24 else ""


def runs_away(pattern: str) -> bool:
    """Tell whether a group that is repeated without end has such a repetition inside, as in `(a+)+`."""
    opened = [False]
    text = re.sub(r"\\.", "_", pattern)
    text = re.sub(r"\[\^?\]?[^\]]*\]", "_", text)
    for index, sign in enumerate(text):
        endless = re.match(r"[*+]|\{\d*,\}", text[index + 1 :]) is not None
        if sign == "(":
            opened.append(False)
        elif sign == ")" and len(opened) > 1:
            inside = opened.pop()
            if inside and endless:
                return True
            opened[-1] |= inside or endless
        elif endless:
            opened[-1] = True
    return False
