"""What is found out on a short way, in addresses, languages and decoding, is what the long way finds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slugify import slugify

from site_builder.readers import decode as decoding
from site_builder.readers import keys, language
from site_builder.readers import markdown as reader
from site_builder.urls import MAX_SLUG, make_slug

MANY = settings(max_examples=max(2_000, settings().max_examples))

WORDS = st.sampled_from(
    "Air naik 1,500 1.500 A&B & &amp; &lt; &#65; &#x41; ; , ' it's - -- _ a_b 'x' \"y\" ( ) / é ß “x” – 東京 İ K \x00 "
    "\t \n yang dan the of is' (the) yang, é –yang– a1 tidak. der die und à être über ia ialah".split(" ")
)
TITLES = st.one_of(
    st.lists(WORDS, max_size=12).map(" ".join),
    st.text(),
    st.text(st.characters(codec="ascii"), max_size=120),
    st.lists(st.text("abcXYZ09", min_size=1, max_size=40), max_size=8).map(" ".join),
)


@MANY
@given(title=TITLES)
def test_a_slug_is_python_slugifys(title):
    assert make_slug(title) == slugify(title, max_length=MAX_SLUG, word_boundary=True, save_order=True)


@pytest.mark.parametrize("length", [MAX_SLUG - 1, MAX_SLUG, MAX_SLUG + 1, MAX_SLUG + 2])
def test_so_are_those_about_as_long_as_may_be(length):
    for title in ("a" * length, "a " + "b" * (length - 2), "b" * (length - 2) + " a", "a-" * length, " " * length):
        assert make_slug(title) == slugify(title, max_length=MAX_SLUG, word_boundary=True, save_order=True)


def vote(text: str, fallback: str) -> str:
    """Return what `language._by_words` does, word by word as its contract says it."""
    words = [word if word.isalpha() else word.strip(language._SIGNS) for word in text.lower().split()]
    known = {name: set(used.split()) for name, used in language._FUNCTION_WORDS.items()}
    votes = {name: sum(word in used for word in words) for name, used in known.items()}
    best = max(votes, key=votes.__getitem__)
    if votes[best] < 2 or votes[best] * 20 < len(words) or votes.get(fallback) == votes[best]:
        return fallback
    both = sum(word in known[best] and word in known.get(fallback, ()) for word in words)
    ours, theirs = votes.get(fallback, 0) - both, votes[best] - both
    return best if theirs >= ours + 2 and theirs * 10 >= ours * 13 else fallback


@MANY
@given(words=st.lists(WORDS, max_size=30), fallback=st.sampled_from(["id", "en", "tr"]))
def test_every_function_word_has_its_votes_with_and_without_signs_about_it(words, fallback):
    text = " ".join(words)
    assert language._by_words(text.lower().split(), fallback) == vote(text, fallback)


def test_function_words_are_of_letters_alone():
    assert all(word.isalpha() for word in language.FUNCTION_WORDS)


@MANY
@given(text=st.one_of(st.text(), st.text("aÀÃÂâ€œ¿é“\u0100\ud800", max_size=12)))
def test_a_text_without_odd_letters_is_not_looked_at_for_double_encoding(text):
    if b"\xc3" not in text.encode("utf-8", "surrogatepass"):
        assert decoding._ODD_LEAD.search(text) is None


@MANY
@given(
    value=st.recursive(
        st.text("aé\ud7ff\ud800\udfff\ue000", max_size=4),
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=2), inner, max_size=3)),
        max_leaves=6,
    )
)
def test_half_characters_are_found_in_any_value(value):
    whole = "".join(keys._texts_in(value))
    assert keys._has_surrogate(value) == any("\ud800" <= sign <= "\udfff" for sign in whole)


@MANY
@given(text=st.text("ab \n\r", max_size=20))
def test_blanks_of_a_simple_text_are_folded_as_those_of_any(text):
    assert reader._fold_simple(text) == reader._fold(text)


@MANY
@given(text=st.text("ab \n\r\x0b\u2028\x85", max_size=20), start=st.integers(0, 5))
def test_lines_end_where_lines_end(text, start):
    start = min(start, len(text))
    assert list(reader._split_lines(text, start)) == [
        match[0] for match in reader.LINE.finditer(text, start) if match[0]
    ]
