"""The manual has every message of the program, and each says what to do."""

from __future__ import annotations

import ast

import pytest

from tests.messages import (
    PAGE,
    RELAYS,
    Room,
    find_area,
    find_messages,
    find_texts,
    has_remedy,
    read_rooms,
    replace_generated,
)
from tests.remedies import REMEDIES

FOUND = find_messages()


def test_the_page_is_current():
    text = PAGE.read_text(encoding="utf-8")
    assert replace_generated(text) == text, "write it anew with: python -m tests.docs"


def test_every_message_can_be_read_from_the_code():
    assert FOUND.unknown == []
    assert {"has no date, so it is listed as undated", "the push was rejected: …"} <= {m.text for m in FOUND.messages}


def test_every_message_has_a_remedy():
    assert [m for m in sorted(FOUND.messages) if not has_remedy(m)] == [], "add a hint to it, or a line to remedies.py"


def test_every_remedy_of_ours_is_needed():
    assert sorted(REMEDIES.keys() - {m.text for m in FOUND.messages}) == []


def test_every_message_stands_below_a_heading():
    assert sorted({m.room for m in FOUND.messages if not find_area(m.room)}) == []


def test_what_passes_messages_on_is_there():
    there = {f"{room.name}.{name}" for room in read_rooms().values() for name in room.functions}
    assert sorted(RELAYS - there) == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("error(p, f'has {n:,} lines')", ["has … lines"]),
        ("m = 'a' if x else 'b'\n    error(p, m)", ["a", "b"]),
        ("m = 'lost'\n    m = 'a'\n    error(p, m)", ["a"]),
        ("m = 'a'\n    if x:\n        m = 'b'\n    error(p, m)", ["a", "b"]),
        ("if x:\n        m = 'a'\n        error(q)\n    else:\n        m = 'b'\n        error(p, m)", ["b"]),
        ("error(p, f'is {tell(x)}')", ["is red hot", "is cold"]),
        ("error(p, unknown)", []),
    ],
)
def test_the_texts_of_a_message_are_found(code, expected):
    tree = ast.parse(f"def f(x):\n    {code}\n\ndef tell(x):\n    if x:\n        return 'red hot'\n    return 'cold'\n")
    (call,) = (
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "error"
        and len(node.args) > 1
    )
    assert sorted(find_texts(Room("some", tree), call.args[1])) == sorted(expected)
