"""Writes the manual's page of all messages: `python -m tests.docs`.

The messages are read from the code: every call that makes a problem, or raises what becomes one, with the texts that
its message and its remedy can have. What differs from case to case stands as `…`. `tests/unit/test_messages.py` tells
what cannot be read from the code and what has no remedy.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from pathlib import Path
from typing import NamedTuple

import site_builder
from site_builder.config import KEYS
from tests.remedies import MORE, REMEDIES

PACKAGE = Path(site_builder.__file__).parent
PAGE = Path(__file__).parents[1] / "content" / "pages" / "manual" / "messages.md"
BEGIN = "<!-- What follows is made from the code by `python -m tests.docs`: change it there. -->"
MOST = 60
"""Texts that one place may have; of more, what differs is `…`."""
DEEPEST = 8

CARRIERS = {
    "error": ("error", 1, 2),
    "warning": ("warning", 1, 2),
    "BadRecordError": ("error", 0, 1),
    "BadValueError": ("error", 0, 1),
    "BadHeaderError": ("error", 0, 1),
    "HeaderError": ("error", 1, 2),
    "_NotYamlError": ("error", 1, 2),
    "_CannotReadError": ("error", 0, 1),
    "CannotExtractError": ("error", 0, 1),
    "ArgumentTypeError": ("error", 0, 1),
    "Remark": ("warning", 1, 2),
    "readers.keys._warn": ("warning", 1, 2),
    "readers.keys._refuse": ("error", 1, 2),
    "readers.yaml_block._refuse": ("error", 0, 3),
    "wrong": ("error", 1, 2),
    "attaching._tell": ("warning", 0, 1),
    "BrokenPictureError": ("warning", 0, 1),
}
"""What makes a message: a function's or a class's name, with its room where others have it, too; the severity, and the
places of message and remedy among the arguments."""

KEYWORDS = {"problem": "warning", "trouble": "error"}
"""Arguments by name that are messages, of whatever is called, and their severity."""

OF_FILES = ("attaching._tell", "BrokenPictureError", "problem")
"""Carriers, and the argument, of messages that are told behind `the file …`."""

RELAYS = {
    "adding.add_dump",
    "adding._next_row",
    "attaching._tell",
    "config.parse_settings",
    "measuring._look_into",
    "plan.articles._tell_files",
    "readers.html.read_html",
    "readers.markdown.read_markdown",
    "readers.yaml_block._compose",
    "readers.yaml_block._refuse",
    "repository.ask",
    "readers.header.__init__",
    "readers.keys.problem",
    "readers.keys._warn",
    "readers.keys._refuse",
    "readers.pack_table.wrong",
    "store._load_problems",
}
"""Functions that pass on what was said elsewhere; their other messages are plain texts."""

AREAS = {
    "Settings": "config footer inputs accent commands.options planning",
    "Articles of all kinds": "scanning sources jobs.reading jobs.measuring readers.decode readers.titles catalogue "
    "plan attaching measuring readers.sanitise readers.steering readers.text scaling reading",
    "Front matter": "readers.dialects readers.header readers.keys readers.values readers.yaml_block "
    "readers.front_matter readers.flat_yaml readers.forms readers.dates",
    "Markdown and HTML": "readers.markdown readers.html",
    "Rules": "readers.pack_table readers.packs readers.rules readers.rulebook readers.matching",
    "The ledger": "ledger",
    "Theme and words": "theme interface localize render templating verifying",
    "Search": "fulltext searching",
    "The output folder, the cache and the machine": "publish refusals build store workers pool cluster "
    "jobs.rendering commands.build survey cli",
    "`add`": "adding intake offering shelf commands.add readers.dump readers.record_file",
    "`check`": "checking",
    "`explain` and `rules`": "explain provenance suggest commands.explain commands.rules",
    "`new` and `serve`": "starter serve commands.new commands.serve",
    "`deploy`": "deploying hosting repository commands.deploy",
}
"""The headings of the page, and the rooms below each by the beginnings of their names."""


class Message(NamedTuple):
    """What may be told, in the room that tells it; `remedy` may be empty."""

    room: str
    severity: str
    text: str
    remedy: str


# --- the code ------------------------------------------------------------------------------------------------------


@dataclass
class Room:
    """A module as it is written."""

    name: str
    tree: ast.Module
    parents: dict[ast.AST, ast.AST] = field(default_factory=dict)
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for node in ast.walk(self.tree):
            self.parents |= dict.fromkeys(ast.iter_child_nodes(node), node)
            match node:
                case ast.FunctionDef(name=name):
                    self.functions[name] = node
                case ast.ImportFrom(module=str(module), names=names) if module.startswith("site_builder"):
                    self.imports |= {alias.name: module.removeprefix("site_builder").lstrip(".") for alias in names}

    def list_around(self, node: ast.AST) -> list[ast.AST]:
        """Return what a node stands in, the innermost first."""
        around = []
        while node in self.parents:
            node = self.parents[node]
            around.append(node)
        return around

    def find_function(self, node: ast.AST) -> str:
        """Return the name of the function in which a node stands."""
        return next((outer.name for outer in self.list_around(node) if isinstance(outer, ast.FunctionDef)), "")


@cache
def read_rooms() -> dict[str, Room]:
    """Return all rooms of the program, by name."""
    rooms = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
        rooms[name] = Room(name, ast.parse(path.read_text(encoding="utf-8")))
    return rooms


# --- what an expression can be -------------------------------------------------------------------------------------


def find_texts(room: Room, node: ast.expr, depth: int = 0) -> list[str]:
    """Return the texts that an expression can have, or nothing where the code does not tell."""
    if depth > DEEPEST:
        return []
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=values):
            return _join([_find_piece(room, value, depth + 1) for value in values])
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _join([find_texts(room, side, depth + 1) or ["…"] for side in (left, right)])
        case ast.IfExp(body=body, orelse=orelse):
            return [*find_texts(room, body, depth + 1), *find_texts(room, orelse, depth + 1)]
        case ast.BoolOp(op=ast.Or(), values=values):
            return [text for value in values for text in find_texts(room, value, depth + 1)]
        case ast.Subscript(value=ast.JoinedStr() as value):
            return find_texts(room, value, depth + 1)
        case ast.Name(id=name):
            found = find_values(room, node, name)
            texts = [find_texts(where, value, depth + 1) for where, value in found]
            return [text for some in texts for text in some] if all(texts) else []
        case ast.Call(func=ast.Attribute(attr="replace", value=value)):
            return find_texts(room, value, depth + 1)
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return [text for texts in find_returned(room, name, depth + 1) for text in texts[:1]]
        case ast.Call(func=ast.Subscript(value=ast.Subscript(value=ast.Name(id="KEYS"), slice=key))):
            only = key.value if isinstance(key, ast.Constant) else None
            checks = {check.__name__ for name, (_, check) in KEYS.items() if only in (None, name)}
            return [text for name in sorted(checks) for texts in find_returned(room, name, depth) for text in texts[:1]]
    return []


def _find_piece(room: Room, node: ast.expr, depth: int) -> list[str]:
    """Return what a piece of an f-string can be; what is quoted, formatted or not known is `…`."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    assert isinstance(node, ast.FormattedValue)
    plain = node.conversion == -1 and node.format_spec is None
    texts = find_texts(room, node.value, depth) if plain else []
    says_something = all("…" not in text or " " in text for text in texts)
    return texts if texts and says_something else ["…"]


def _join(pieces: Sequence[list[str]]) -> list[str]:
    count = 1
    few = []
    for texts in pieces:
        count *= len(texts)
        few.append(texts if count <= MOST else ["…"])
    return list(dict.fromkeys("".join(texts) for texts in product(*few)))


def find_values(room: Room, node: ast.AST, name: str) -> list[tuple[Room, ast.expr]]:
    """Return the expressions that a name can stand for at a node: up to the last one that is always reached."""
    around = room.list_around(node)
    for scope in around:
        if not isinstance(scope, ast.FunctionDef | ast.Module):
            continue
        found: list[tuple[Room, ast.expr]] = []
        line = getattr(node, "lineno", 0) if scope is not around[-1] else 10**9
        for statement, value in sorted(_list_assigned(scope, name), key=lambda pair: -pair[0].lineno):
            if statement.lineno <= line and statement is not node:
                found.append((room, value))
                if _is_always_reached(room, statement, [node, *around]):
                    break
        if found:
            return found[::-1]
    if name in room.imports and (other := read_rooms().get(room.imports[name])) and other is not room:
        return find_values(other, other.tree.body[-1], name)
    return []


def _list_assigned(scope: ast.AST, name: str) -> Iterator[tuple[ast.stmt | ast.expr, ast.expr]]:
    for node in _walk_scope(scope):
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
                yield node, value
            case ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value) if target == name:
                yield node, value
            case ast.NamedExpr(target=ast.Name(id=target), value=value) if target == name:
                yield node, value
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
                for target_, value in zip(targets, values, strict=False):
                    if isinstance(target_, ast.Name) and target_.id == name:
                        yield node, value
            case ast.For(target=ast.Name(id=target), iter=value) if target == name:
                yield node, value


def _walk_scope(scope: ast.AST) -> Iterator[ast.AST]:
    """Yield what is below a function or module, but for what stands in functions and classes within."""
    for node in ast.iter_child_nodes(scope):
        yield node
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield from _walk_scope(node)


def _is_always_reached(room: Room, statement: ast.AST, around: Sequence[ast.AST]) -> bool:
    """Return whether what comes before a node is in a block that the node stands in, too."""
    block = room.parents[statement]
    if block not in around:
        return False
    if not isinstance(block, ast.If | ast.Try | ast.For | ast.While):
        return True
    inner = around[around.index(block) - 1]
    branches = [getattr(block, part, []) for part in ("body", "orelse", "finalbody")]
    return any(statement in branch and inner in branch for branch in branches) or statement is getattr(block, "test", 0)


def find_returned(room: Room, name: str, depth: int, at: int = 0) -> list[list[str]]:
    """Return what a function of the program returns or yields: lists of texts, one for a text, more for a tuple.

    Of a tuple, what stands before `at` is left out.
    """
    where = room if name in room.functions else read_rooms().get(room.imports.get(name, ""))
    if where is None and (owners := [other for other in read_rooms().values() if name in other.functions]):
        where = owners[0] if len(owners) == 1 else None
    if where is None or name not in where.functions or depth > DEEPEST:
        return []
    returned: list[list[str]] = []
    for node in ast.walk(where.functions[name]):
        if isinstance(node, ast.Return | ast.Yield) and node.value:
            for value in _list_branches(node.value):
                parts = value.elts[at:] if isinstance(value, ast.Tuple) else [value]
                found = [find_texts(where, part, depth + 1) for part in parts]
                if found[0] and any(found[0]):
                    returned += [[text, *(part[0] for part in found[1:] if part)] for text in found[0] if text]
    return returned


def _list_branches(node: ast.expr) -> list[ast.expr]:
    return [node.body, node.orelse] if isinstance(node, ast.IfExp) else [node]


# --- messages ------------------------------------------------------------------------------------------------------


@dataclass
class Found:
    """All messages, and the places where the code does not tell what is said."""

    messages: set[Message] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)


def find_messages() -> Found:
    """Return every message of the program."""
    found = Found()
    for room in read_rooms().values():
        for node in ast.walk(room.tree):
            match node:
                case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if room.name != "errors":
                    for key in (f"{room.name}.{name}", name):
                        if key in CARRIERS:
                            _add_called(found, room, node, key)
                            break
                    _add_named(found, room, node)
    for yielded in find_returned(read_rooms()["config"], "_find_mistakes", 0, at=1):
        _add(found, read_rooms()["config"], "error", yielded[0], yielded[1:])
    found.messages |= {Message(*row) for row in MORE}
    return found


def _add_named(found: Found, room: Room, call: ast.Call) -> None:
    """Add the messages that are given by name."""
    named = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    for name in KEYWORDS.keys() & named.keys():
        for text in find_texts(room, named[name]):
            hints = find_texts(room, named["hint"]) if "hint" in named else []
            _add(found, room, KEYWORDS[name], f"the file … {text}" if name in OF_FILES else text, hints)


def _add_called(found: Found, room: Room, call: ast.Call, carrier: str) -> None:
    """Add the messages of a call in which they have their places."""
    severity, at, remedy_at = CARRIERS[carrier]
    pairs = []
    if len(call.args) > at and isinstance(call.args[at], ast.Starred):
        pairs = [(texts[0], texts[1:]) for texts in _find_starred(room, call.args[at])]
    elif len(call.args) > at:
        hints = find_texts(room, call.args[remedy_at]) if len(call.args) > remedy_at else []
        pairs = [(text, [hint for hint in hints if hint]) for text in find_texts(room, call.args[at]) if text]
    if not pairs and f"{room.name}.{room.find_function(call)}" not in RELAYS:
        found.unknown.append(f"{room.name}.{room.find_function(call)}: {ast.unparse(call)}")
    for text, hints in pairs:
        _add(found, room, severity, f"the file … {text}" if carrier in OF_FILES else text, hints)


def _add(found: Found, room: Room, severity: str, text: str, hints: Sequence[str]) -> None:
    text, bracketed = _split_remedy(_fold(text))
    if re.search(r"\w", text) and text != "the file …":  # else all of it was said elsewhere
        remedy = "; or: ".join(dict.fromkeys(map(_fold, filter(None, hints)))) or bracketed
        found.messages.add(Message(room.name, severity, text, remedy or REMEDIES.get(text, "")))


def _find_starred(room: Room, node: ast.expr) -> list[list[str]]:
    assert isinstance(node, ast.Starred)
    match node.value:
        case ast.Attribute(attr=name):
            return find_returned(room, name, 0)
        case ast.Name(id=name):
            calls = [(where, value) for where, value in find_values(room, node, name) if isinstance(value, ast.Call)]
            names = [(where, value.func.id) for where, value in calls if isinstance(value.func, ast.Name)]
            return [texts for where, called in names for texts in find_returned(where, called, 0)]
    return []


def _split_remedy(text: str) -> tuple[str, str]:
    """Return a message and the remedy that stands in brackets at its end, as in words of the command line."""
    match = re.fullmatch(r"(.*) \((write .*)\)", text)
    return (match[1], match[2]) if match else (text, "")


def _fold(text: str) -> str:
    return re.sub(r"…(?:[\s….]*…)+", "…", " ".join(text.split()))


def has_remedy(message: Message) -> bool:
    """Return whether a message says what to do: by a remedy, or because it says what must be."""
    return bool(message.remedy) or re.search(r"\bmust\b|known are", message.text) is not None


# --- the page ------------------------------------------------------------------------------------------------------


def find_area(room: str) -> str:
    """Return the heading under which the messages of a room stand, or nothing."""
    fits = [
        (len(start), title) for title, starts in AREAS.items() for start in starts.split() if room.startswith(start)
    ]
    return max(fits, default=(0, ""))[1]


def write_generated() -> str:
    """Return the tables of all messages, below their mark."""
    messages = find_messages().messages
    parts = [BEGIN]
    for area in AREAS:
        rows = {}
        for message in sorted(messages, key=lambda m: (_order(m.text), m)):
            if find_area(message.room) == area:
                rows[message.severity, message.text, message.remedy] = None
        if rows:
            lines = (
                f"| {_code(text)} | {severity} | {_cell(remedy or 'what the message says')} |"
                for severity, text, remedy in rows
            )
            parts.append("\n".join((f"## {area}\n", "| message | | what to do |\n| --- | --- | --- |", *lines)))
    return "\n\n".join(parts) + "\n"


def _order(text: str) -> str:
    return text.lstrip("… ('").casefold()


def _code(text: str) -> str:
    if "<" in text or "`" in text:  # a tag between backquotes is a tag to some
        return f"<code>{_cell(text)}</code>"
    return f"`{_escape(text)}`"


def _cell(text: str) -> str:
    return re.sub(r"([*_\[\]])", r"\\\1", _escape(text)).replace("<", "&lt;")


def _escape(text: str) -> str:
    return text.replace("|", "\\|")


def replace_generated(text: str) -> str:
    """Return the page with its generated part written anew."""
    return text.partition(BEGIN)[0] + write_generated()
