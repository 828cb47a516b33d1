from __future__ import annotations

import doctest
import typing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder import feeds, paging, urls
from site_builder.errors import printable
from site_builder.model import Card
from site_builder.paging import cut, front_size
from site_builder.plan import Plan
from tests.plans import make_plan


@pytest.mark.parametrize("module", [paging, urls, feeds])
def test_examples_in_docstrings(module):
    assert doctest.testmod(module).failed == 0


def test_printable_leaves_text_and_disarms_control_characters():
    assert printable("Índeks “x”") == "Índeks “x”"
    assert printable("a\x1b]0;b\x07") == "a\\x1b]0;b\\x07"


def list_pages(plan: Plan, folder: str) -> dict[str, list[str]]:
    return {
        path: [card.id for group in output.page.groups for card in group.cards]
        for path, output in plan.outputs.items()
        if path.startswith(folder) and output.kind == "listing"
    }


def test_the_design_s_example_thirty_cards_of_2018_and_twenty_five_of_2019():
    articles = [(f"{n:03}", f"2018-01-01T{n // 60:02}:{n % 60:02}") for n in range(30)]
    articles += [(f"{n:03}", f"2019-01-01T{n // 60:02}:{n % 60:02}") for n in range(30, 55)]
    plan = make_plan(articles, topic="x", page_size=20)
    pages = list_pages(plan, "topics/x")
    assert {path: len(ids) for path, ids in pages.items()} == {
        "topics/x.html": 35,
        "topics/x/2018.html": 20,
        "topics/x/2018-2.html": 10,
        "topics/x/2019.html": 20,
        "topics/x/2019-2.html": 5,
    }
    assert pages["topics/x.html"] == [f"{n:03}" for n in reversed(range(20, 55))]
    assert pages["topics/x/2018.html"] == [f"{n:03}" for n in reversed(range(20))]

    after = make_plan([*articles, ("055", "2019-02-01")], topic="x", page_size=20)
    changed = {p for p, o in after.outputs.items() if p not in plan.outputs or plan.outputs[p].page != o.page}
    assert {p for p in changed if p.startswith("topics/x")} == {"topics/x.html", "topics/x/2019-2.html"}

    late = make_plan([*articles, ("late", "2018-01-01T00:03:30")], topic="x", page_size=20)
    changed = {p for p, o in late.outputs.items() if p not in plan.outputs or plan.outputs[p].page != o.page}
    assert {p for p in changed if p.startswith("topics/x/")} == {"topics/x/2018.html", "topics/x/2018-2.html"}


@given(st.integers(0, 500), st.integers(1, 50))
def test_a_front_shows_all_or_between_one_and_two_pages(count, size):
    shown = front_size(count, size)
    assert shown == count if count < 2 * size else size <= shown < 2 * size
    assert (count - shown) % size == 0


@given(st.integers(0, 300), st.integers(1, 30), st.integers(1, 100))
def test_pages_partition_a_bucket_and_all_but_the_last_stay_when_it_grows(count, size, more):
    spans = cut(7, 7 + count, size)
    assert [n for span in spans for n in range(span.start, span.stop)] == list(range(7, 7 + count))
    assert [span.number for span in spans] == list(range(1, len(spans) + 1))
    assert cut(7, 7 + count + more, size)[: max(0, len(spans) - 1)] == spans[:-1]


def test_october_is_not_the_tenth_page_of_a_year():
    articles = [(f"{n:03}", "2019-10-01") for n in range(11)]
    pages = list_pages(make_plan(articles, page_size=1), "archive/2019")
    assert "archive/2019-10.html" in pages
    assert "archive/2019-page-10.html" in pages
    assert len(pages) == 11 + 11


def test_a_card_knows_no_archive():
    assert set(typing.get_type_hints(Card).values()) == {str}
