"""The dialects of front matter, told apart by the first characters: where a block ends, and its pairs.

YAML, TOML and JSON as Hugo, Zola, Jekyll and Hexo write them, the header lines of Pelican and MultiMarkdown, and the
lines of Nikola. What a key means is known as far as it tells metadata from a text that only looks like them.
"""

from __future__ import annotations

import datetime
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from typing import NamedTuple

from site_builder.marking import LINE
from site_builder.readers.flat_yaml import read_flat
from site_builder.readers.header import (
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_NODES,
    Header,
    HeaderError,
    Pair,
    check_size,
    refuse_size,
)
from site_builder.readers.steering import KEYS

TELLING = frozenset("title date category tags slug author authors summary status lang".split())
"""Keys of which lines without a fence must hold one, or they are text."""

_LONG_HINT = "write the keys that the archive needs, and leave out the rest"
MAX_DOTS = 500
"""Most dots in a line of TOML: tomllib takes quadratic time for a key with thousands of them."""

_FENCE = re.compile(r"(---|\+\+\+|;;;)(json|toml|yaml)?[ \t]*(?=[\r\n]|\Z)")
_CLOSING = {
    "---": re.compile(r"(?:\r\n|\r|\n)(?:---|\.\.\.)[ \t]*(?:\r\n|\r|\n|\Z)"),
    "+++": re.compile(r"(?:\r\n|\r|\n)\+\+\+[ \t]*(?:\r\n|\r|\n|\Z)"),
    ";;;": re.compile(r"(?:\r\n|\r|\n);;;[ \t]*(?:\r\n|\r|\n|\Z)"),
}
_BLANK_LINES = re.compile(r"(?:[ \t]*(?:\r\n|\r|\n))+")
_FENCED_KEY = re.compile(r"^[\"']?(\w+)[\"']?[ \t]*[:=]", re.M)
_GRAMMAR = {"---": "yaml", "+++": "toml", ";;;": "json"}
_TOML_KEY = re.compile(r"[ \t]*\[{0,2}[ \t]*[\"']?([\w-]+)")
_JSON_KEY = re.compile(r'"((?:[^"\\\r\n]|\\.)*)"[ \t]*:')
_JSON_TOKEN = re.compile(r'"(?:[^"\\\r\n]|\\.)*"|[\[\]{}]')
_HEADER = re.compile(r" {0,3}([A-Za-z0-9_-]+):[ \t]*(.*)\Z")
_DOTTED = re.compile(r"[ \t]*\.\. ([^:\s][^:]*):(?:[ \t]+(.*))?\Z")
_COMMENT_END = re.compile(r"-->[ \t]*(?:\r\n|\r|\n|\Z)?")


class Found(NamedTuple):
    """A block of front matter: its grammar, its text, the line of the source on which that begins, and its end."""

    grammar: str
    block: str
    line: int
    end: int
    """Where the text after it begins, in characters."""


def find_block(text: str, *, loose: bool) -> Found | None:
    """Return the front matter at the beginning of `text`, or None.

    With `loose`, everything that Markdown allows, else only what stands between exact lines `---` or `+++`, and the
    lines of Nikola, which no text begins with. Raises HeaderError when a fence is never closed.
    """
    if loose and (blank := _BLANK_LINES.match(text)):
        return _find_below(text, blank.end())
    if match := _FENCE.match(text):
        mark, named = match[1], match[2]
        if not loose and (named or mark == ";;;"):
            return None
        closing = _CLOSING[mark].search(text, match.end())
        if closing is None:
            hint = f"close it with a line {mark}, or begin the text with an empty line if this is no front matter"
            raise HeaderError(1, "the front matter has no end", hint)
        return Found(named or _GRAMMAR[mark], _fold_ends(text[match.end() : closing.start()])[1:], 2, closing.end())
    if not loose:
        found = _find_lines(text)
        return found if found and found.grammar == "nikola" else None
    return _find_json(text) or _find_lines(text)


def _find_below(text: str, start: int) -> Found | None:
    """Return the closed block that begins at `start`, below blank lines, as Zola and Hugo allow it.

    There a line of dashes may well be a rule of Markdown: a line within must begin with a key that tells.
    """
    match = _FENCE.match(text, start)
    closing = _CLOSING[match[1]].search(text, match.end()) if match else None
    if match is None or closing is None:
        return None
    block = _fold_ends(text[match.end() : closing.start()])[1:]
    if not any(key.lower() in TELLING for key in _FENCED_KEY.findall(block)):
        return None
    line = _fold_ends(text[:start]).count("\n") + 2
    return Found(match[2] or _GRAMMAR[match[1]], block, line, closing.end())


def read_block(found: Found, is_list: Callable[[str], bool], most: int = MAX_NODES) -> Header:
    """Return the pairs of a block; `is_list` says of a key whether its value is a list.

    Raises HeaderError, also where there are more than `most` values.
    """
    if len(found.block) > MAX_CHARACTERS:
        raise HeaderError(found.line, f"the front matter has more than {MAX_CHARACTERS:,} characters", _LONG_HINT)
    if found.grammar == "yaml":
        return read_flat(found.block, found.line, most) or _read_yaml(found, is_list, most)
    if found.grammar == "toml":
        return Header(_read_toml(found, most))
    if found.grammar == "json":
        return Header(_read_json(found, most))
    return Header(tuple(_read_lines(found, is_list)))


def _read_yaml(found: Found, is_list: Callable[[str], bool], most: int) -> Header:
    from site_builder.readers.yaml_block import read_yaml  # a parser that most front matter can do without

    return read_yaml(found.block, found.line, is_list, most)


def _fold_ends(text: str) -> str:
    return re.sub(r"\r\n?", "\n", text)


# --- TOML --------------------------------------------------------------------------------------------------------


def _read_toml(found: Found, most: int) -> tuple[Pair, ...]:
    hint = "put texts into quotation marks"
    for number, written in enumerate(found.block.split("\n"), start=found.line):
        if written.count(".") > MAX_DOTS:
            raise HeaderError(number, f"a line of TOML has more than {MAX_DOTS} dots", "break the line")
    try:
        table = tomllib.loads(found.block + "\n", parse_float=str)
    except tomllib.TOMLDecodeError as exc:
        place = re.search(r" \(at line (\d+), column (\d+)\)", str(exc))
        message = str(exc).partition(" (at ")[0]
        line, column = (found.line + int(place[1]) - 1, int(place[2])) if place else (found.line, 0)
        raise HeaderError(line, f"the front matter is not TOML: {message}", hint, column) from None
    except (RecursionError, ValueError, OverflowError):
        raise HeaderError(found.line, "the front matter is not TOML that can be read", hint) from None
    check_size(table, found.line, most)
    lines: dict[str, int] = {}
    for number, written in enumerate(found.block.split("\n"), start=found.line):
        if match := _TOML_KEY.match(written):
            lines.setdefault(match[1], number)
    return tuple(Pair(key, _plain(value), lines.get(key, found.line)) for key, value in table.items())


def _plain(value: object) -> object:
    """Return a value of TOML or JSON with all that is no list and no table as text."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        text = value.isoformat()
        return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


# --- JSON --------------------------------------------------------------------------------------------------------


class _Table(list[tuple[str, object]]):
    """A table of JSON with its pairs in order, doubled keys included."""


def _find_json(text: str) -> Found | None:
    """Return an object that begins the text, when something follows it; what is no JSON is text."""
    if not text.startswith("{"):
        return None
    depth = end = 0
    for match in _JSON_TOKEN.finditer(text[: MAX_CHARACTERS + 1]):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(match[0], 0)
        if not depth:
            end = match.end()
            break
    if not end or not text[end:].strip():
        return None
    found = Found("json", _fold_ends(text[:end]), 1, end)
    try:
        _load_json(found)
    except (ValueError, RecursionError):
        return None
    rest = re.compile(r"[ \t]*(?:\r\n|\r|\n)?").match(text, end)
    return found._replace(end=rest.end() if rest else end)


def _load_json(found: Found) -> _Table:
    text = found.block.strip()
    text = text if text.startswith("{") else f"{{{text.rstrip(',')}}}"
    loaded = json.loads(
        text, object_pairs_hook=_Table, parse_int=str, parse_float=str, parse_constant=str, strict=False
    )
    if not isinstance(loaded, _Table):
        raise json.JSONDecodeError("not an object", text, 0)
    return loaded


def _read_json(found: Found, most: int) -> tuple[Pair, ...]:
    depth = 0
    for match in _JSON_TOKEN.finditer(found.block):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(match[0], 0)
        if depth > MAX_DEPTH:
            raise refuse_size(found.line, most)
    try:
        table = _load_json(found)
    except json.JSONDecodeError as exc:
        hint = "write an object, with all texts in double quotation marks"
        raise HeaderError(found.line + exc.lineno - 1, f"the front matter is not JSON: {exc.msg}", hint) from None
    except (ValueError, RecursionError):
        raise HeaderError(
            found.line, "the front matter is not JSON that can be read", "write an object of plain texts"
        ) from None
    lines: dict[str, list[int]] = {}
    for number, line in enumerate(found.block.split("\n"), start=found.line):
        for key in _JSON_KEY.findall(line):
            lines.setdefault(key, []).append(number)
    pairs: list[Pair] = []
    for key, value in table:
        places = lines.get(key, [found.line])
        pairs.append(Pair(key, _plain(_untable(value, places[0])), places.pop(0) if len(places) > 1 else places[0]))
    check_size([pair.value for pair in pairs], found.line, most)
    return tuple(pairs)


def _untable(value: object, line: int) -> object:
    if isinstance(value, _Table):
        table = dict(value)
        if len(table) < len(value):
            twice = next(key for number, (key, _) in enumerate(value) if key in dict(value[:number]))
            raise HeaderError(line, f"{twice!r} is given twice", "keep one of the two")
        return {key: _untable(inner, line) for key, inner in table.items()}
    return [_untable(item, line) for item in value] if isinstance(value, list) else value


# --- lines without a fence: Pelican, MultiMarkdown, Nikola --------------------------------------------------------


def _find_lines(text: str) -> Found | None:
    """Return header lines, or Nikola's, when every line has their form and one a key that tells."""
    if text.startswith("<!--"):
        return _find_comment(text)
    end = 0
    lines: list[str] = []
    for match in LINE.finditer(text[: MAX_CHARACTERS + 1]):
        if not match[1].strip():
            break
        if len(lines) > 1 and match[1].rstrip() in ("---", "..."):
            end = match.end()
            break
        lines.append(match[1])
        end = match.end()
        if not (_HEADER.match(match[1]) or _DOTTED.match(match[1]) or (len(lines) > 1 and _goes_on(match[1]))):
            return None
    grammar = "nikola" if lines and lines[0].lstrip().startswith("..") else "headers"
    form = _DOTTED if grammar == "nikola" else _HEADER
    found = Found(grammar, "\n".join(lines), 1, end)
    mixed = any(not form.match(line) and (grammar == "nikola" or not _goes_on(line)) for line in lines)
    return None if mixed or not _tells(found) else found


def _goes_on(line: str) -> bool:
    return line.startswith(("    ", "\t"))


def _find_comment(text: str) -> Found | None:
    closing = _COMMENT_END.search(text, 4, MAX_CHARACTERS)
    if closing is None:
        return None
    found = Found("nikola", _fold_ends(text[4 : closing.start()]), 1, closing.end())
    lines = [line for line in found.block.split("\n") if line.strip()]
    return found if all(map(_DOTTED.match, lines)) and _tells(found) else None


def _tells(found: Found) -> bool:
    # Lines `.. keep: 12` are no prose, and a file of metadata may hold nothing else.
    telling = TELLING.union(KEYS) if found.grammar == "nikola" else TELLING
    return any(pair.key.strip().lower() in telling for pair in _read_lines(found, lambda _: False))


def _read_lines(found: Found, is_list: Callable[[str], bool]) -> Iterator[Pair]:
    """Yield the pairs of header lines: lines that go on are joined, repeated lists add up, `;` parts before `,`."""
    pairs: dict[tuple[str, int], Pair] = {}
    last: tuple[str, int] | None = None
    form = _DOTTED if found.grammar == "nikola" else _HEADER
    for number, line in enumerate(found.block.split("\n"), start=found.line):
        if match := form.match(line):
            key, value = match[1].strip(), (match[2] or "").strip()
            adds = is_list(key)
            last = (key.lower(), 0 if adds else number)
            before = str(pairs[last].value) + (";" if ";" in value else ",") if last in pairs else ""
            pairs[last] = Pair(key, before + value, pairs[last].line if last in pairs else number)
        elif last and line.strip():
            pairs[last] = pairs[last]._replace(value=f"{pairs[last].value} {line.strip()}".strip())
    for pair in pairs.values():
        text = str(pair.value)
        yield pair._replace(value=text.split(";")) if is_list(pair.key) and ";" in text else pair
