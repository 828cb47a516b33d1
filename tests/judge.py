"""What differs between a reading of raw text and what a case says a careful reader finds in it.

Pure: an article and an expectation in, words about their differences out. It knows nothing of files or of rules.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from site_builder.model import Article

SINGLE = ("title", "publisher", "dateline", "byline", "date", "lang")
SEVERAL = ("sections", "captions", "credits", "related", "residue", "body")

_SIGNS = "\u3040-\u30ff\u3400-\u9fff"


def plain(article: Article) -> dict[str, Any]:
    """Return the article in the words of a case; a title that was made from the story is none."""
    told = {key: getattr(article, key) for key in (*SINGLE, *SEVERAL, "labels", "date_text", "truncated")}
    told["title"] = article.title if article.title_from == "text" else None
    told["residue"] = [moved.text for moved in article.residue]
    return told


def differences(expected: Mapping[str, Any], article: Article) -> list[str]:
    """Return all that is not as `expected` says; blanks do not count, everything else does."""
    got = plain(article)
    told = [
        f"{key}: {got[key]!r}, expected {expected[key]!r}" for key in SINGLE if fold(got[key]) != fold(expected[key])
    ]
    for key in SEVERAL:
        found, wanted = list(map(fold, got[key])), list(map(fold, expected[key] or ()))
        if found != wanted:
            told.append(f"{key}: {found!r}, expected {wanted!r}")
    if got["truncated"] is not expected.get("truncated", False):
        told.append(f"truncated: {got['truncated']}")
    if article.encoding != expected.get("encoding", "utf-8"):
        told.append(f"encoding: {article.encoding}")
    return told


def lost(expected: Mapping[str, Any], article: Article) -> list[str]:
    """Return the sentences of the story that do not stand in the body of the article."""
    story = " ".join(map(fold, article.body))
    sentences = [sentence for block in expected["body"] for sentence in re.split(r"(?<=[.!?。؟]) ", fold(block))]
    return [text for text in (*sentences, *map(fold, expected["must_not_lose"])) if text not in story]


def scraps(expected: Mapping[str, Any], article: Article) -> list[str]:
    """Return the blocks of the article's body that are not of the story."""
    story = set(map(fold, expected["body"]))
    return [block for block in map(fold, article.body) if block not in story]


def not_conserved(text: str, article: Article) -> list[str]:
    """Return the words of the decoded source that stand nowhere in the article."""
    got = plain(article)
    texts = [got[key] or "" for key in ("title", "publisher", "dateline", "byline", "date_text")]
    texts += [
        item for key in ("sections", "captions", "credits", "related", "residue", "body", "labels") for item in got[key]
    ]
    return list((Counter(words(text)) - Counter(words(" ".join(texts)))).elements())


def words(text: str) -> list[str]:
    """Return the words of a text in small letters; each sign of Japanese is one."""
    return re.findall(f"[{_SIGNS}]|[^\\W{_SIGNS}]+", text.casefold())


def fold(text: str | None) -> str:
    """Return a text with its blanks folded; nothing for None."""
    return " ".join((text or "").split())
