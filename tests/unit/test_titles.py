"""Titles from A to Z: how they are sorted, and that the tree of beginnings holds each of them once."""

from __future__ import annotations

import doctest
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder import titles
from site_builder.titles import LEAF, ListedTitles, Title, collate, name_letters
from tests.plans import make_entry, plan_entries


def test_examples_in_docstrings():
    assert doctest.testmod(titles).failed == 0


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("Harga ikan naik", "hargaikannaik"),
        ("“Él Niño”", "elnino"),
        ("Straße 3", "strasse3"),
        ("Łódź", "lodz"),
        ("ÆØÅ", "aeoa"),
        ("أخبار", "اخبار"),
        ("ﬁsh", "fish"),
        ("— ?! —", ""),
        ("汽水", "汽水"),
    ],
)
def test_a_key_is_letters_and_digits_without_accents(title, key):
    assert collate(title) == key
    assert collate(unicodedata.normalize("NFD", title)) == key


@given(st.text(st.characters(max_codepoint=127)))
def test_a_key_of_ascii_alone_is_what_it_is_beside_other_letters(title):
    assert collate(f"{title}é") == f"{collate(title)}e"


@given(st.text())
def test_a_key_is_its_own_key_and_has_a_plain_name(title):
    key = collate(title)
    assert name_letters(key).isascii()
    assert len(name_letters(key)) < 80
    assert not set(name_letters(key)) - set("abcdefghijklmnopqrstuvwxyz0123456789-")


@given(st.sets(st.text(max_size=6), max_size=40))
def test_no_two_beginnings_have_one_name(texts):
    keys = {collate(text) for text in texts} - {""}
    names = {name_letters(key) for key in keys}
    assert len(names) == len(keys)
    assert "other" not in names


words = st.text(alphabet="abEé 1-", max_size=7)


@pytest.fixture(autouse=True)
def small_pages(monkeypatch):
    monkeypatch.setattr(titles, "LEAF", 3)


def make_titles(texts: list[str]) -> ListedTitles:
    return ListedTitles(sorted(Title(collate(text), "", str(number)) for number, text in enumerate(texts)))


def list_pages(found: ListedTitles) -> dict[tuple[str, int], list[str]]:
    pages = {}
    for first, _ in found.list_first():
        for letters in found.walk(first):
            exact = not found.is_leaf(letters)
            for span in found.cut(letters):
                pages[letters, span.number] = found.take(letters, span.start, span.stop, exact=exact)
    return pages


@given(st.lists(words, max_size=40))
def test_every_title_stands_on_one_page_to_which_its_beginnings_lead(texts):
    found = make_titles(texts)
    pages = list_pages(found)
    ids = [id_ for page in pages.values() for id_ in page]
    assert sorted(ids) == sorted(map(str, range(len(texts))))
    assert all(len(page) <= 3 for page in pages.values())
    for (letters, _), page in pages.items():
        for id_ in page:
            assert list(found.lead(collate(texts[int(id_)])))[-1] == letters


@given(st.lists(words, min_size=1, max_size=40))
def test_one_more_title_touches_the_pages_of_its_beginnings_alone(texts):
    before, after = list_pages(make_titles(texts[:-1])), list_pages(make_titles(texts))
    key = collate(texts[-1])
    for page in before.keys() | after.keys():
        if before.get(page) != after.get(page):
            letters, _ = page
            assert key.startswith(letters) or any(letters.startswith(lead) for lead in make_titles(texts).lead(key))


def test_two_hundred_and_one_titles_are_cut_by_their_next_letter(monkeypatch):
    monkeypatch.setattr(titles, "LEAF", LEAF)
    entries = [make_entry(f"{n}.md", "2020", f"P{letter} {n}") for n in range(101) for letter in "ae"][:-1]
    pages = {path for path in plan_entries(entries).outputs if path.startswith("titles/")}
    assert pages == {"titles/index.html", "titles/p.html", "titles/p-a.html", "titles/p-e.html"}
    pages = {path for path in plan_entries(entries[1:]).outputs if path.startswith("titles/")}
    assert pages == {"titles/index.html", "titles/p.html"}
