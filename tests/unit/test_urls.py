from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.urls import (
    RESERVED,
    assign_slugs,
    check_path,
    fill_pattern,
    fold_title,
    is_slug,
    make_slug,
    natural_key,
    root_of,
    sister,
)


@given(st.text())
def test_a_slug_is_an_address_or_nothing(text):
    slug = make_slug(text)
    assert slug == "" or slug in RESERVED or is_slug(slug)


@given(st.sets(st.text(max_size=8), max_size=30))
def test_slugs_of_different_names_are_different_and_do_not_hang_on_the_others(names):
    slugs = assign_slugs({name: name for name in names})
    assert len({slug.casefold() for slug in slugs.values()}) == len(names)
    assert all(slug and slug not in RESERVED for slug in slugs.values())


def test_names_that_look_alike_have_addresses_of_their_own():
    slugs = assign_slugs({"c": "C", "c#": "C#", "c++": "C++"})
    assert slugs["c"] == "c"
    assert len(set(slugs.values())) == 3


@pytest.mark.parametrize(
    "path", ["", "/a.html", "a//b", "../a", "a/../b", "a\\b", "a\nb", "a?b", "con.html", "a./b", "é" * 200]
)
def test_paths_that_could_leave_the_site_or_fail_on_some_system_are_told(path):
    assert check_path(path)


def test_ordinary_paths_are_good():
    assert not check_path("articles/a-b.html")
    assert not check_path("index.html")


def test_small_rules():
    assert root_of("index.html") == ""
    assert root_of("a/b/c.html") == "../../"
    assert sister("articles/a.html", ".txt") == "articles/a.txt"
    assert fill_pattern("{year}/{slug}/", {"year": "2019", "slug": "a"}) == "2019/a/index.html"
    assert fold_title("“Air” NAIK, lagi!") == fold_title("air naik lagi")
    assert sorted(["10", "9", "a10", "a9", "b"], key=natural_key) == ["9", "10", "a9", "a10", "b"]


@given(st.text(st.characters(max_codepoint=127)))
def test_the_short_way_to_a_title_s_key_is_the_long_one(title):
    assert fold_title(title) == " ".join("".join(c if c.isalnum() else " " for c in title.casefold()).split())
