"""The summary of an article, and a title for one that has none: its first words.

Shared by the readers. This room knows nothing of formats, parts or pages.
"""

from __future__ import annotations

from collections.abc import Iterable

SUMMARY_LENGTH = 200
TITLE_LENGTH = 80
_CLOSERS = " ,;:–—-(“‘\"'"


def summarise(texts: Iterable[str], length: int = SUMMARY_LENGTH) -> str:
    """Return the first words of `texts` on one line, at most `length` characters.

    Texts are joined by a blank until there is enough; what is longer is cut after a word and ends in `…`, which
    counts. A single word that is longer than all is cut within. No text gives an empty string.
    """
    summary = ""
    for text in texts:
        # Only so much of a text is looked at, as it may be a megabyte long.
        words = " ".join(text[: 8 * length + 8].split())
        summary = f"{summary} {words}".strip()
        if len(summary) > length:
            return cut(summary, length)
    return summary


def cut(text: str, length: int) -> str:
    """Return `text` when it has at most `length` characters, else its first words and `…`, `length` in all."""
    if len(text) <= length:
        return text
    kept = text[:length].rpartition(" ")[0].rstrip(_CLOSERS)
    return (kept or text[: length - 1]) + "…"


def make_title(text: str) -> str:
    """Return the first words of `text` on one line as a title, at most `TITLE_LENGTH` characters."""
    return summarise((text,), TITLE_LENGTH)
