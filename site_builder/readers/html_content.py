"""The main content of an HTML page: the story, as HTML that is still to be sanitised.

With trafilatura its extraction, else (or when that finds next to nothing) a plain choice of element. What a page says
besides, and what becomes of the rest of it, is not known here.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

from site_builder.readers.html_tokens import BLOCKS, VOID, Token, pair, plain, tokenise
from site_builder.readers.lines import has_words
from site_builder.readers.sanitise import TAGS
from site_builder.urls import fold_title

_AROUND = frozenset(
    "aside audio button canvas footer form head header iframe nav noscript object script select style svg template "
    "video".split()
)
"""Elements that the plain choice leaves out, wherever they are closed."""
_REPLACED = BLOCKS - TAGS - VOID
"""Elements that no page of ours has; left out, their lines would run together."""
LEAST = 250
"""Characters below which trafilatura itself takes a page for one without a story, and grasps at what it finds."""


class CannotExtractError(Exception):
    """A page on which the extraction gave up."""


def find_content(source: str, tokens: Sequence[Token], title: str) -> str:
    """Return the story of a page as HTML, without the heading that is its `title`. Raises CannotExtractError."""
    found = _extract(source) or _choose(source, tokens)
    return _without_title(found, title) if title else found


def _extract(source: str) -> str:
    """Return what trafilatura takes for the main content; empty when that is next to nothing or it is missing."""
    try:
        import trafilatura
    except ImportError:
        return ""
    # It logs pages without content as errors, which they are not here.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL + 1)
    try:
        found = trafilatura.extract(
            source,
            output_format="html",
            include_comments=False,
            include_formatting=True,
            include_images=True,
            include_links=True,
            include_tables=True,
            deduplicate=False,
        )
    except Exception as exc:
        # lxml and trafilatura fail in ways of their own: they cost this article, never the build.
        raise CannotExtractError(f"trafilatura cannot read this ({type(exc).__name__}: {exc})"[:200]) from exc
    found = found or ""
    return found if _count_text(found) >= LEAST else ""


def _choose(source: str, tokens: Sequence[Token]) -> str:
    """Return the article element with the most text, else main, else body, without what stands around a story.

    An element that is not closed does not count: it would take, or leave out, all that follows. Where nothing is left,
    everything is taken.
    """
    pairs = pair(tokens)
    left_out = bytearray(len(tokens))
    for number, end in pairs.items():
        if tokens[number].name in _AROUND and not left_out[number]:
            left_out[number : end + 1] = b"\1" * (end + 1 - number)
    total, sums = 0, [0]
    for number, token in enumerate(tokens):
        total += token.end - token.start if token.kind == "text" and not left_out[number] else 0
        sums.append(total)
    for name in ("article", "main", "body"):
        ends = [(n, end) for n, end in pairs.items() if tokens[n].name == name and not left_out[n]]
        if ends:
            begin, end = max(ends, key=lambda span: (sums[span[1]] - sums[span[0]], -span[0]))
            found = "".join(_rewrite(source, tokens, range(begin + 1, end), left_out))
            if _has_text(found):
                return found
    found = "".join(_rewrite(source, tokens, range(len(tokens)), left_out))
    return found if _has_text(found) else "".join(_rewrite(source, tokens, range(len(tokens)), bytes(len(tokens))))


def _rewrite(source: str, tokens: Sequence[Token], numbers: range, left_out: Sequence[int]) -> Iterator[str]:
    for number in numbers:
        token = tokens[number]
        if left_out[number] or token.kind in ("raw", "markup"):
            continue
        if token.kind != "text" and token.name in _REPLACED:
            yield "<div>" if token.kind == "open" else "</div>"
        elif token.kind == "text":
            yield source[token.start : token.end].replace("<", "&lt;")
        elif token.name in TAGS:
            yield source[token.start : token.end]


def _count_text(markup: str) -> int:
    return sum(len(plain(markup[t.start : t.end])) for t in tokenise(markup) if t.kind == "text")


def _has_text(markup: str) -> bool:
    return any(has_words(plain(markup[t.start : t.end])) for t in tokenise(markup) if t.kind == "text")


def _without_title(markup: str, title: str) -> str:
    """Return `markup` without the first heading that is the title: the page has its own."""
    tokens = tokenise(markup)
    pairs = pair(tokens)
    wanted = fold_title(title)
    for number, token in enumerate(tokens):
        if token.kind != "open" or token.name not in ("h1", "h2") or number not in pairs:
            continue
        end = pairs[number]
        text = "".join(markup[t.start : t.end] for t in tokens[number:end] if t.kind == "text")
        if len(text) < 1000 and wanted and fold_title(plain(text)) == wanted:
            return markup[: token.start] + markup[tokens[end].end :]
    return markup
