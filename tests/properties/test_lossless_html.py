"""Whatever an HTML page holds, no character of it is unaccounted for, and no word that people would read is lost."""

from __future__ import annotations

import re
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from site_builder.model import PARTS
from site_builder.readers.html import read_html
from site_builder.readers.html_decode import decode_html
from site_builder.readers.html_tokens import plain, tokenise
from tests.packs import OPTIONS

FRAGMENTS = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<div>",
        "</div>",
        "<br>",
        "<b>",
        "</b>",
        "<a href='x'>",
        "</a>",
        "<nav>",
        "</nav>",
        "<article>",
        "</article>",
        "<h1>Air naik lagi</h1>",
        "<title>Air naik lagi</title>",
        "<table><tr><td>",
        "</table>",
        "<ul><li>",
        "</ul>",
        "<!-- catatan -->",
        "<!--",
        "<script>x</script>",
        "<script>",
        '<a b="',
        "<",
        "&amp; &nbsp; &#0; &lt;p&gt;",
        "Air naik di kampung itu sejak pagi hari, dan warga mengungsi ke balai desa bersama anak-anak mereka. ",
        "Baca juga: Jembatan Gantung Putus",
        "ADVERTISEMENT",
        "Penulis: Ana Contoh",
        "Rabu, 16 Maret 2022 09:12 WIB",
        "kata ",
        "\r\n",
    ]
)


@pytest.fixture(params=["trafilatura", "plain"], scope="module", autouse=True)
def extraction(request):
    """All of it with the extra, and without."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "plain":
            patch.setitem(sys.modules, "trafilatura", None)
        else:
            pytest.importorskip("trafilatura")
        yield request.param


@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
@example(b"<a \xff")
@example("<p>\ud7ff\x00</p>".encode("utf-16"))
def test_no_bytes_raise(data):
    article, problems, _ = read_html("a.html", data, OPTIONS)
    assert article is not None or problems


@given(st.lists(FRAGMENTS | st.text(max_size=8), max_size=40).map("".join))
def test_the_parts_join_to_the_source_and_no_word_is_lost(text):
    data = text.encode()
    article, _, _ = read_html("a.html", data, OPTIONS)
    if article is None:
        return
    source = decode_html(data).text
    assert [article.parts[0].start, article.parts[-1].end] == [0, len(source)]
    assert all(before.end == after.start for before, after in zip(article.parts, article.parts[1:], strict=False))
    assert all(part.start < part.end and part.part in PARTS for part in article.parts)
    told = " ".join(
        (
            *(article.title, article.byline or "", article.date_text or ""),
            *(*article.body, *article.related, *article.credits, *article.labels),
            *(moved.text for moved in article.residue),
        )
    )
    told = "".join(re.findall(r"\w+", told))
    for token in tokenise(source):
        if token.kind == "text":
            for word in re.findall(r"\w+", plain(source[token.start : token.end])):
                assert word in told


@given(st.text(max_size=300) | st.lists(FRAGMENTS, max_size=30).map("".join))
def test_tokens_cover_the_source(text):
    tokens = tokenise(text)
    assert "".join(text[token.start : token.end] for token in tokens) == text
    assert all(token.start < token.end for token in tokens)
