"""Cases of our own writing: every language and publisher that has a pack, and genuine lines that look like junk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from site_builder.readers.decode import decode
from site_builder.readers.text import read_text
from tests.judge import differences, lost, not_conserved, scraps
from tests.packs import OPTIONS

CASES = sorted((Path(__file__).parents[1] / "cases").glob("*.txt"))


def expected_of(path: Path) -> dict:
    return json.loads(path.with_name(f"{path.stem}.expect.json").read_text("utf-8"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path):
    data, expected = path.read_bytes(), expected_of(path)
    article = read_text(path.name, data, OPTIONS).article
    text = decode(data).text
    assert lost(expected, article) == []
    assert scraps(expected, article) == []
    assert differences(expected, article) == []
    assert not_conserved(text, article) == []
    assert "".join(text[part.start : part.end] for part in article.parts) == text


def test_half_of_the_cases_are_genuine_lines_that_look_like_junk():
    expected = list(map(expected_of, CASES))
    assert len(expected) >= 30
    assert sum(1 for case in expected if case.get("adversarial")) * 2 >= len(expected)
    assert {case["lang"] for case in expected} >= {"id", "en", "es", "pt", "fr", "de", "ar", "ja"}
    assert all(case["must_not_lose"] for case in expected if case.get("adversarial"))
