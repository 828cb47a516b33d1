"""Front matter in YAML: every value stays the text that was written, and nothing in it is code.

What is no YAML only because a value has no quotation marks is read line by line, and told. Anchors, aliases and tags
are refused in either way. What a key means is not known here, save where a list is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import yaml

from site_builder.readers.header import MAX_DEPTH, MAX_NODES, Header, HeaderError, Pair, Remark, refuse_size

_HINT = "put a value that holds ': ', '#' or begins with a mark into quotation marks"
_LINES_HINT = "write lines such as 'title: The title'"
_KEY = re.compile(r"([^\W\d][\w.-]*)[ \t]*:(?:[ \t]+(.*))?\Z")
_ITEM = re.compile(r"[ \t]*-[ \t]+(.*)\Z")
_TEXT_TAGS = ("!", "tag:yaml.org,2002:str")
"""Tags that say of a value that it is a text, as all values are here; Ruby used to write `! 'text'`."""
_NO_TEXT = re.compile(r"&\S|!|[|>][-+0-9]*\Z")
"""Values that are YAML's own marks and no text: an anchor, a tag, the head of a block scalar."""


class _NotYamlError(HeaderError):
    """The block is no YAML, which a line reader may not mind."""


def read_yaml(block: str, first: int, is_list: Callable[[str], bool], most: int = MAX_NODES) -> Header:
    """Return the pairs of the outermost mapping of `block`, whose first line is line `first` of the source.

    `is_list` says of a key whether its value is a list: a broken list is never taken for a text. Raises HeaderError,
    also where there are more than `most` values.
    """
    try:
        root = _compose(block, first, most)
    except _NotYamlError as exc:
        read = _read_lines(block, first, is_list, exc)
        said = Remark(
            exc.remark.line, "this is no YAML, and was read line by line", "put the value into quotation marks"
        )
        return Header(read, (said,))
    if root is None:
        return Header(())
    if not isinstance(root, yaml.MappingNode):
        raise _refuse("the front matter is not made of lines 'key: value'", root.start_mark, first, _LINES_HINT)
    pairs: list[Pair] = []
    remarks: list[Remark] = []
    lines = block.split("\n")
    for key, value in root.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _refuse("a key of the front matter is not a word", key.start_mark, first, _LINES_HINT)
        line = key.start_mark.line + first
        pairs.append(Pair(key.value, _plain(value), line))
        if key.value.lower() == "title" and (comment := _find_comment(value, lines)):
            hint = "put the whole title into quotation marks"
            remarks.append(Remark(line, f"the title ends before {comment!r}, which is a comment", hint))
    return Header(tuple(pairs), tuple(remarks))


def _refuse(message: str, mark: Any, first: int, hint: str = "") -> HeaderError:  # noqa: ANN401 - PyYAML has two kinds
    return HeaderError(mark.line + first, message, hint, mark.column + 1)


def _compose(block: str, first: int, most: int = MAX_NODES) -> Any:  # noqa: ANN401 - a node, or None where there is nothing
    """Return the root of `block`. Raises _NotYamlError for what is no YAML, HeaderError for what is refused."""
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    alias = None
    try:
        depth = 0
        for count, event in enumerate(yaml.parse(block, Loader=loader)):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if count > most or depth > MAX_DEPTH:
                mark: Any = event.start_mark
                raise refuse_size(mark.line + first, most, mark.column + 1)
            if getattr(event, "anchor", None):
                if not isinstance(event, yaml.AliasEvent):
                    raise _refuse_anchors(event.start_mark, first)
                alias = alias or event.start_mark
            tag = getattr(event, "tag", None)
            if tag and not (isinstance(event, yaml.ScalarEvent) and tag in _TEXT_TAGS):
                raise _refuse(f"the YAML tag {tag} is not read", event.start_mark, first, "write the plain value")
        if alias:
            # An alias of nothing is a text that begins with an asterisk.
            told = _refuse_anchors(alias, first).remark
            raise _NotYamlError(told.line, told.message, told.hint, told.column)
        return yaml.compose(block, Loader=loader)
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark
        line, column = (mark.line + first, mark.column + 1) if mark else (first, 0)
        message = f"the front matter is not YAML: {exc.problem or exc.context}"
        raise _NotYamlError(line, message, _HINT, column) from None
    except (yaml.YAMLError, UnicodeError) as exc:
        raise HeaderError(first, f"the front matter is not YAML: {str(exc).splitlines()[0]}", _LINES_HINT) from None


def _refuse_anchors(mark: Any, first: int) -> HeaderError:  # noqa: ANN401 - PyYAML has two kinds
    return _refuse("YAML anchors and aliases are not read", mark, first, "write the value out")


def _plain(node: yaml.Node) -> object:
    if isinstance(node, yaml.MappingNode):
        return {str(_plain(key)): _plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) for item in node.value]
    return node.value


def _find_comment(node: yaml.Node, lines: list[str]) -> str:
    """Return the comment behind a value without quotation marks, or an empty string."""
    mark = node.end_mark
    if not isinstance(node, yaml.ScalarNode) or node.style or mark.line >= len(lines):
        return ""
    match = re.match(r"[ \t]+(#.*)", lines[mark.line][mark.column :])
    return match[1].strip()[:40] if match else ""


# --- line by line ------------------------------------------------------------------------------------------------


def _read_lines(block: str, first: int, is_list: Callable[[str], bool], reason: HeaderError) -> tuple[Pair, ...]:
    """Return pairs from lines `key: rest of line` and `- item`. Raises `reason` when a line is of another form."""
    pairs: list[Pair] = []
    items: list[str] | None = None
    for number, line in enumerate(block.split("\n"), start=first):
        text = line.rstrip()
        if not text or text.startswith("#"):
            continue
        if match := _KEY.match(text):
            key, written = match[1], (match[2] or "").strip()
            value = _read_value(written, number, reason, as_list=is_list(key))
            items = None if written else []
            pairs.append(Pair(key, value if written else items, number))
        elif (match := _ITEM.match(text)) and items is not None:
            item = _read_value(match[1].strip(), number, reason, as_list=False)
            if not isinstance(item, str):
                raise reason
            items.append(item)
        else:
            raise reason
    return tuple(pair._replace(value=pair.value or "") for pair in pairs)


def _read_value(written: str, line: int, reason: HeaderError, *, as_list: bool) -> object:
    """Return a value of one line: a list or a quoted text by YAML's rules, all else as it is written."""
    if _NO_TEXT.match(written):
        raise reason
    if written.startswith(("[", '"', "'", "{")):
        try:
            node = _compose(written, line)
        except _NotYamlError:
            closing = {"[": "]", "{": "}"}.get(written[0])
            if closing and (as_list or closing not in written):
                raise reason from None
            return written
        return _plain(node)
    return written
