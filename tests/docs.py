"""Writes the generated parts of the manual: `python -m tests.docs`.

Templates here, commands in `tests.reference`, messages in `tests.messages`.

Types, fields and their meanings are those of the code, read from its docstrings; blocks and partials are those of the
templates. `tests/unit/test_docs.py` tells what has no words yet, and that the page is current.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from inspect import cleandoc, getdoc, signature
from pathlib import Path

from jinja2 import nodes

from site_builder import marking, model, views
from site_builder.config import KEYS, Config
from site_builder.templating import _make_filters, make_environment
from site_builder.theme import find_default_theme
from tests import messages, reference

MANUAL = Path(__file__).parents[1] / "content" / "pages" / "manual"
PAGE = MANUAL / "templates.md"
BEGIN = "<!-- What follows is made from the code by `python -m tests.docs`: change it there. -->"
END = "<!-- The end of what is made from the code. -->"
FRAME, EVERY_PAGE = "Frame", "View"


@dataclass
class Kind:
    """A type that templates see: what it is, and its fields and properties with their types and meanings."""

    name: str
    words: str
    base: str
    members: dict[str, tuple[str, str]] = field(default_factory=dict)


def read_kinds() -> dict[str, Kind]:
    """Return every type of the rooms whose values templates see, by name."""
    found: dict[str, Kind] = {}
    for module in (model, marking, views):
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                base = ast.unparse(node.bases[0]) if node.bases else ""
                found[node.name] = Kind(node.name, ast.get_docstring(node) or "", base, _read_members(node))
    return found


def _read_members(node: ast.ClassDef) -> dict[str, tuple[str, str]]:
    members: dict[str, tuple[str, str]] = {}
    for statement, after in zip(node.body, [*node.body[1:], None], strict=True):
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                words = ""
                if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
                    words = cleandoc(str(after.value.value))
                members[name] = (ast.unparse(annotation), words)
            case ast.FunctionDef(name=name, returns=ast.expr() as returns) if _is_property(statement):
                members[name] = (ast.unparse(returns), ast.get_docstring(statement) or "")
    return members


def _is_property(node: ast.FunctionDef) -> bool:
    return any(isinstance(mark, ast.Name) and mark.id == "property" for mark in node.decorator_list)


def list_seen(kinds: Mapping[str, Kind]) -> list[Kind]:
    """Return the types that a template can come by: the frame, the views, then what stands in their fields."""
    first = [FRAME, EVERY_PAGE, *(name for name, kind in kinds.items() if kind.base == EVERY_PAGE)]
    seen: dict[str, Kind] = {}
    waiting = list(first)
    while waiting:
        name = waiting.pop(0)
        if name in kinds and name not in seen:
            seen[name] = kinds[name]
            waiting += [part for type_, _ in kinds[name].members.values() for part in re.findall(r"[A-Z]\w+", type_)]
    return list(seen.values())


def find_undocumented(kinds: list[Kind]) -> list[str]:
    """Return the fields that nothing is said of: neither at the field nor, in backquotes, at their type."""
    return [
        f"{kind.name}.{name}"
        for kind in kinds
        for name, (_, words) in kind.members.items()
        if not words and f"`{name}`" not in kind.words
    ]


# --- templates -----------------------------------------------------------------------------------------------------


def read_templates() -> dict[str, str]:
    """Return the text of each template of the default theme, by name."""
    root = find_default_theme()
    return {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in sorted(root.rglob("*.html"))
    }


def list_blocks(text: str) -> list[str]:
    """Return the names of the blocks that a template defines, in their order."""
    tree = make_environment({}, {}).parse(text)
    return [node.name for node in sorted(tree.find_all(nodes.Block), key=lambda node: node.lineno)]


def tell_templates(kinds: Mapping[str, Kind], texts: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return for each template the type of its page and what it is for; both are empty where nothing tells.

    A view's docstring begins with its templates; a partial begins with a comment.
    """
    found: dict[str, tuple[str, str]] = dict.fromkeys(texts, ("", ""))
    for kind in kinds.values():
        names, colon, words = kind.words.partition("\n")[0].partition(": ")
        if kind.base == EVERY_PAGE and colon:
            found |= dict.fromkeys(re.findall(r"[\w-]+\.html", names), (kind.name, words))
    for name, text in texts.items():
        if name.startswith("partials/") and (comment := re.match(r"\{#\s*(.*?)\s*#\}", text, re.DOTALL)):
            found[name] = ("", comment[1])
    found["base.html"] = ("", "What all templates of pages extend.")
    return found


# --- the page ------------------------------------------------------------------------------------------------------


def write_generated() -> str:
    """Return the generated part of the page, with its marks."""
    kinds, texts = read_kinds(), read_templates()
    parts = (
        _write_templates(kinds, texts),
        *(_write_kind(kind) for kind in list_seen(kinds)),
        _write_filters(),
        _write_blocks(texts),
        _write_settings(),
    )
    return "\n\n".join((BEGIN, *("\n".join(part) for part in parts), END))


def _write_templates(kinds: Mapping[str, Kind], texts: Mapping[str, str]) -> Iterator[str]:
    yield "## The templates\n\n| template | `page` | |\n| --- | --- | --- |"
    for name, (kind, words) in tell_templates(kinds, texts).items():
        yield f"| `{name}` | {f'[`{kind}`](#{kind.lower()})' if kind else ''} | {_cell(words)} |"


def _write_kind(kind: Kind) -> Iterator[str]:
    yield f"### `{kind.name}`\n\n{kind.words}"
    if kind.members:
        yield "\n| field | type | |\n| --- | --- | --- |"
    for name, (type_, words) in kind.members.items():
        yield f"| `{name}` | `{_cell(type_)}` | {_cell(words)} |"


def _write_filters() -> Iterator[str]:
    yield "## All filters\n\n| filter | |\n| --- | --- |"
    for name, function in _make_filters({}).items():
        more = list(signature(function).parameters)[1:]
        call = f"{name}({', '.join(more)})" if more else name
        yield f"| `{call}` | {_cell(getdoc(function) or '')} |"


def _write_blocks(texts: Mapping[str, str]) -> Iterator[str]:
    yield "## All blocks\n\n| template | blocks that it defines |\n| --- | --- |"
    for name, text in texts.items():
        if blocks := list_blocks(text):
            yield f"| `{name}` | {', '.join(f'`{block}`' for block in blocks)} |"


def _write_settings() -> Iterator[str]:
    yield "## All settings\n\nWhat each means is told in [configuration](configuration.md).\n"
    yield "| key of `site.toml` | default |\n| --- | --- |"
    defaults = {item.name: item.default for item in fields(Config)}
    for key, (name, _) in KEYS.items():
        anchor = key.replace(".", "")
        yield f"| [`{key}`](configuration.md#{anchor}) | `{write_default(key, defaults[name])}` |"


def write_default(key: str, value: object) -> str:
    """Return a default as `site.toml` has it."""
    if key in ("import.map", "names"):
        return "{}"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return json.dumps(value)
    return f'"{value}"' if isinstance(value, str) else '""' if value is None else f"{value:g}"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def replace_generated(text: str) -> str:
    """Return the page with its generated part written anew."""
    before, after = text.partition(BEGIN)[0], text.partition(END)[2]
    return before + write_generated() + after


if __name__ == "__main__":
    for page, replace in (
        (PAGE, replace_generated),
        (reference.PAGE, reference.replace_blocks),
        (messages.PAGE, messages.replace_generated),
    ):
        page.write_text(replace(page.read_text(encoding="utf-8")), encoding="utf-8")
