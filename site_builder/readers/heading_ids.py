"""Ids for headings, so that links can lead to a part of a text: those that GitHub makes of the words of a heading.

So `[dates](articles.md#dates)` leads to the same place on GitHub and on the built site. This room knows HTML that has
been made safe, and no Markdown.
"""

from __future__ import annotations

import re
import unicodedata

from site_builder.readers.sanitise import ID_PREFIX, strip_tags

_HEADING = re.compile(r"<h([1-6])((?: [a-z]+=\"[^\"]*\")*)>(.*?)</h\1>", re.DOTALL)
_ID = re.compile(r' id="([^"]*)"')


def name_headings(content: str) -> str:
    """Return safe HTML in which every heading with words has an id; those that it has stay.

    The second heading of the same words ends in `-1`, the third in `-2`; an id that is taken already is passed over.
    """
    if "<h" not in content:
        return content
    taken = set(_ID.findall(content))

    def name(match: re.Match[str]) -> str:
        level, attributes, inner = match.groups()
        words = make_heading_id(strip_tags(inner))
        if not words or _ID.search(attributes):
            return match[0]
        chosen, number = f"{ID_PREFIX}{words}", 0
        while chosen in taken:
            number += 1
            chosen = f"{ID_PREFIX}{words}-{number}"
        taken.add(chosen)
        return f'<h{level} id="{chosen}"{attributes}>{inner}</h{level}>'

    return _HEADING.sub(name, content)


def make_heading_id(words: str) -> str:
    """Return the id of a heading of these words as GitHub makes it, without the prefix.

    >>> make_heading_id("`theme.accent`, once more")
    'themeaccent-once-more'
    """
    if words.isascii():
        return words.lower().translate(_ASCII)
    return "".join("-" if c == " " else c for c in words.lower() if c in " -_" or c.isalnum() or _is_mark(c))


_ASCII = {code: "-" if code == ord(" ") else None for code in range(128) if not re.match(r"[\w-]", chr(code))}
"""The same for the letters of most headings, which is ten times as quick."""


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")
