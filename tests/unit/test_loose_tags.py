"""Tags without an end in the prose of an article: not one word behind them is lost, and nothing becomes active."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from site_builder.readers import Reading, ReadOptions
from site_builder.readers.loose_tags import RAW, tame_tags
from site_builder.readers.markdown import read_markdown
from site_builder.readers.sanitise import TAGS, strip_tags

NAMES = (
    *(*RAW, *sorted(TAGS)),
    *"template svg math select option form button object frameset body html head table caption desc path text g mi "
    "annotation-xml foreignObject image input link meta base center section main video audio judul x".split(),
)


def read(text: str) -> Reading:
    return read_markdown("a.md", f"---\ntitle: T\ndate: 2020-01-01\n---\n{text}".encode(), ReadOptions())


def show(text: str) -> str:
    article = read(text).article
    assert article is not None
    return "".join(block.text for block in article.blocks)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "text",
    [
        "Satu.\n\nDua <{}> tiga.\n\n## Empat\n\nLima *enam*.",
        "Satu.\n\n<{}>\n\ndua tiga.\n\n## Empat\n\nLima *enam*.",
        "- satu <{} class='a'> dua\n- tiga\n\n## Empat\n\nLima *enam*.",
    ],
)
def test_a_tag_that_nobody_closes_takes_no_word_along(name, text):
    shown = show(text.format(name))
    words = strip_tags(shown).lower()
    assert [word for word in "satu dua tiga empat lima enam".split() if word not in words] == []
    if name in RAW and text.startswith("Satu.\n\nDua"):
        assert ">Empat</h2>" in shown
        assert "<em>enam</em>" in shown


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Satu <!-- dua\n\ntiga", "satu dua tiga"),
        ("Satu\n\n<!-- dua\n\ntiga", "satu dua tiga"),
        ("<div><!-- satu</div>\n\ndua", "satu dua"),
        ('<div>\nsatu <a title="dua\n</div>\n\ntiga', "satu dua tiga"),
        ('<p>satu <b title="dua\n\ntiga', "satu dua tiga"),
        ("Satu <script> dua\n\ntiga </script> empat", "satu dua tiga empat"),
        ("Satu <TITLE> dua\n\n- tiga </TITLE>\n- empat", "satu dua tiga empat"),
        ("<noscript>\n<p>satu</p>\n</noscript>\n\ndua", "satu dua"),
        ("<svg><title>satu</title><desc>dua</desc></svg>\n\ntiga", "satu dua tiga"),
    ],
)
def test_nor_does_what_ends_in_another_block_or_never(text, words):
    shown = strip_tags(show(text)).lower()
    assert [word for word in words.split() if word not in shown] == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Satu <title> dua", "a.md:5: <title has no end, so it is shown as text"),
        ("Satu\n\n<div><!-- dua</div>", "a.md:7: <!-- has no end, so it is shown as text"),
        ("Satu <script>x()</script> dua", "a.md:5: <script> and what is in it is not published"),
    ],
)
def test_it_is_told_once_and_at_its_line(text, message):
    problems = read(f"{text}\n\n{text}" if "!--" not in text else text).problems
    assert [str(problem).partition(" (")[0] for problem in problems] == [message]


@pytest.mark.parametrize(
    "text",
    [
        "`<title>` dan `<!--`",
        "```\n<script>\n```",
        "    <xmp>\n",
        "Satu <!-- dua --> tiga",
        "a < b dan <https://x.example>",
    ],
)
def test_code_comments_and_signs_are_left_alone(text):
    assert read(text).problems == ()


PIECES = st.lists(
    st.one_of(
        st.sampled_from(["satu", "dua", "tiga", "\n\n", "\n", "- ", "> ", "*", "`", "<!--", "<b a='", '<i b="']),
        st.sampled_from(NAMES).map("<{}>".format),
        st.sampled_from(sorted(set(NAMES) - {"script", "style"})).map("</{}>".format),
    ),
    max_size=14,
)


@settings(max_examples=300)
@given(pieces=PIECES)
@example(pieces=["<b a='", "satu", "</b>", "dua"])
@example(pieces=["<a ", "satu", "<title>", "dua", "</title>"])
def test_no_word_outside_of_a_tag_is_lost(pieces):
    text = "".join(f" {piece} " if piece.isalpha() else piece for piece in pieces)
    reading = read(text)
    if reading.article is None or "<!--" in text or "='" in text or '="' in text:
        return
    shown = strip_tags("".join(block.text for block in reading.article.blocks)).split()
    told = re.sub(r"[^a-z ]", " ", " ".join(shown).lower()).split()
    for word in ("satu", "dua", "tiga"):
        assert told.count(word) >= pieces.count(word), text


@given(st.text(alphabet="<>!-/'\"= abtscriple\n", max_size=80))
def test_any_text_at_all_keeps_its_letters(text):
    loose = tame_tags(text)
    assert not loose.dropped or "</s" in text.lower()
    assert len(loose.html) >= len(re.sub(r"<[^>]*>", "", text)) - len(text)


@pytest.mark.parametrize(
    "sign", ["<", "<a ", "<!--", "<title>", '<a b="', "<a b='\"", "</", "<title></p>\n", "<script>x"]
)
def test_long_runs_take_no_longer_than_short_ones_each(sign):
    # Each would take minutes if the time grew with the square of the length.
    for end in ("", ">", "</title>", "-->"):
        assert tame_tags(sign * 100_000 + end).html
