"""The real files and the cases: what a careful reader finds in a text, this reader finds."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from site_builder.model import Article
from site_builder.readers.decode import decode
from site_builder.readers.text import read_text
from tests.packs import OPTIONS

SHARED = Path(__file__).parents[3] / "shared"
CASES = sorted([*SHARED.glob("seeds/*.txt"), *SHARED.glob("cases/messy/*.txt")])


def _compare_module():
    spec = importlib.util.spec_from_file_location("compare", SHARED / "cases/messy/compare.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _plain(article: Article) -> dict[str, object]:
    return {
        "title": article.title if article.title_from == "text" else None,
        "sections": list(article.sections) or None,
        "publisher": article.publisher,
        "dateline": article.dateline,
        "date": article.date,
        "date_text": article.date_text,
        "byline": article.byline,
        "captions": list(article.captions),
        "credits": list(article.credits),
        "related": list(article.related),
        "residue": [moved.text for moved in article.residue],
        "labels": list(article.labels),
        "body": list(article.body),
        "lang": article.lang,
        "truncated": article.truncated,
    }


def _param(path: Path):
    return pytest.param(path, id=path.stem)


if not CASES:
    print(f"no cases are read: {SHARED} does not exist")


@pytest.mark.skipif(not CASES, reason="the folder of cases beside the checkout does not exist")
@pytest.mark.parametrize("path", [_param(path) for path in CASES])
def test_case(path):
    module = _compare_module()
    data, expected = path.read_bytes(), json.loads(path.with_suffix(".expect.json").read_text("utf-8"))
    article = read_text(path.name, data, OPTIONS).article
    text = decode(data).text
    assert module.compare(expected, _plain(article)) == []
    assert module.not_conserved(text, _plain(article)) == []
    assert "".join(text[part.start : part.end] for part in article.parts) == text
    assert [module.norm(block) for block in article.body] == [module.norm(block) for block in expected["body"]]
    assert article.encoding == expected.get("encoding", "utf-8")
    assert article.mended is expected.get("mended", False)
