"""Front matter in the plainest YAML: lines `key: value` whose meaning is beyond doubt, without a YAML parser.

What comes back is what `yaml_block` gives for the same block, or nothing: `tests/properties/test_flat_yaml.py` holds
the two together. What a key means is not known here.
"""

from __future__ import annotations

import re

from site_builder.readers.header import MAX_NODES, Header, Pair

_PLAIN = re.compile(r"[^\W_][^ :]*(?:(?: (?! )|:(?=[^ ]))[^ :]*)*(?<! )\Z")
"""A text without quotation marks: it begins with a letter or a digit, and no colon in it ends a word."""
_QUOTED = re.compile(r"\"[^\"\\]*\"\Z|'[^']*'\Z")
_LINE = re.compile(r"([A-Za-z][A-Za-z0-9_-]{0,60}):(?: +(.+))?\Z")
_ITEM = re.compile(r" *(?:([^\W_](?:[\w.-]| (?=[\w.-]))*)|\"([^\"\\]*)\"|'([^']*)') *(?:,|\Z)")


def read_flat(block: str, first: int, most: int = MAX_NODES) -> Header | None:
    """Return the pairs of a block of plain lines, whose first line is line `first` of the source; None in every doubt.

    A value is a text of one line, or a list of such in brackets on one line. Doubt begins long before there are
    `most` values.
    """
    # '#' may begin a comment; tabs, odd blanks and controls have meanings of their own, and none is printable.
    if not block or "#" in block or not block.replace("\n", "").isprintable() or block.count(",") > most // 10:
        return None
    lines = block.split("\n")
    if len(lines) > most // 10:
        return None
    pairs: list[Pair] = []
    for number, line in enumerate(lines, start=first):
        match = _LINE.match(line)
        value = _read_value(match[2] or "") if match else None
        if match is None or value is None:
            return None
        pairs.append(Pair(match[1], value, number))
    return Header(tuple(pairs))


def _read_value(written: str) -> str | list[str] | None:
    if written.startswith(("'", '"')):
        return written[1:-1] if _QUOTED.match(written) else None
    if written.startswith("["):
        return _read_list(written[1:-1]) if written[-1] == "]" else None
    return written if not written or _PLAIN.match(written) else None


def _read_list(written: str) -> list[str] | None:
    items: list[str] = []
    position = 0
    while position < len(written):
        match = _ITEM.match(written, position)
        if match is None or (match.end() == len(written) and match[0].endswith(",")):
            return None
        items.append(match[match.lastindex or 0])
        position = match.end()
    return items
