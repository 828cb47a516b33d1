"""Headlines of other stories that stand in a text without a label.

A line alone between two paragraphs may be one, and nothing in its own text proves it. It is set apart only when it is
the title of another article of the archive; which lines may be asked about, and how an article looks then, is said
here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from site_builder.model import ARCHIVE_TITLE, KEPT, Article, Block

LEAST_WORDS = 3
MOST_WORDS = 25
_SENTENCE_ENDS = (".", ":", ";", ",", "…", '"', "”", "’", "»", ")")


def find_candidates(article: Article) -> tuple[str, ...]:
    """Return those blocks of a raw text that may be headlines: alone between two paragraphs, and no sentence.

    Lines that the owner keeps in the story are none.
    """
    positions = _find_body(article)
    if article.format != "text" or len(positions) != len(article.body):
        return ()
    kept = {
        text for position, text in zip(positions, article.body, strict=True) if article.parts[position].rule == KEPT
    }
    rows = zip(article.blocks, article.blocks[1:], article.blocks[2:], strict=False)
    found = dict.fromkeys(block.text for before, block, after in rows if _may_be_headline(before, block, after))
    return tuple(text for text in found if text not in kept)


def _may_be_headline(before: Block, block: Block, after: Block) -> bool:
    return (
        block.kind in ("paragraph", "heading")
        and {before.kind, after.kind} <= {"paragraph", "figure"}
        and not block.dateline
        and not before.text.endswith(":")
        and not block.text.endswith(_SENTENCE_ENDS)
        and LEAST_WORDS <= len(block.text.split()) <= MOST_WORDS
    )


def set_apart(article: Article, headlines: Collection[str]) -> Article:
    """Return the article with these candidates taken out of the story and put after its related headlines, in order.

    The parts say so too, by the rule `archive.title`; they still join to the source.
    """
    if not headlines:
        return article
    parts = list(article.parts)
    for position, text in zip(_find_body(article), article.body, strict=True):
        if text in headlines:
            parts[position] = parts[position]._replace(part="related", rule=ARCHIVE_TITLE)
    return replace(
        article,
        body=tuple(text for text in article.body if text not in headlines),
        blocks=tuple(block for block in article.blocks if block.kind == "figure" or block.text not in headlines),
        related=(*article.related, *(text for text in dict.fromkeys(article.body) if text in headlines)),
        parts=tuple(parts),
    )


def _find_body(article: Article) -> list[int]:
    """Return the positions of the parts that are body: in a raw text, one for each block of it."""
    return [position for position, part in enumerate(article.parts) if part.part == "body"]
