from __future__ import annotations

import random

import pytest

from site_builder.errors import ConfigError
from site_builder.ledger import Line, format_ledger, parse_ledger
from tests.plans import make_catalogue, make_entry, plan_entries


def addresses(*entries, **settings):
    return {id_: card.url for id_, card in make_catalogue(*entries, **settings).archive.cards.items()}


def test_the_first_id_has_the_address_and_the_second_a_suffix_in_any_order_of_the_disk():
    entries = [make_entry(f"{n}.md", title="Air naik") for n in (10, 2, 1)]
    for seed in range(6):
        random.Random(seed).shuffle(entries)
        given = addresses(*entries)
        assert given["1.md"] == "articles/air-naik.html"
        assert len(set(given.values())) == 3
        assert given == addresses(*sorted(entries))


def test_equal_titles_are_told_and_lead_nowhere_as_headlines():
    result = make_catalogue(make_entry("a.md", title="Air naik"), make_entry("b.md", title="Air Naik!"))
    assert [str(p) for p in result.archive.problems] == ["b.md: has the same title as a.md (its address has a suffix)"]
    assert result.archive.find_article("air naik") is None


def test_a_title_without_letters_has_an_address_from_its_file():
    result = make_catalogue(make_entry("lama/014_5c1f.txt", title="???"))
    assert result.archive.cards["lama/014_5c1f.txt"].url == "articles/014-5c1f.html"
    assert "has no letters" in result.archive.problems[0].message


def test_reserved_names_are_not_given_out():
    assert addresses(make_entry("a.md", title="Con"))["a.md"].startswith("articles/con-")
    assert addresses(make_entry("a.md", title="Index"))["a.md"].startswith("articles/index-")


def test_an_address_asked_for_goes_before_one_that_was_made():
    given = addresses(make_entry("a.md", title="Air"), make_entry("b.md", title="Lain", slug="air"))
    assert given["b.md"] == "articles/air.html"
    assert given["a.md"] != given["b.md"]


def test_one_address_asked_for_twice_is_an_error_that_names_both():
    problems = make_catalogue(make_entry("a.md", slug="x"), make_entry("b.md", slug="x")).archive.problems
    assert [p.severity for p in problems] == ["error"]
    assert str(problems[0]).startswith("b.md: asks for the address articles/x.html, and so does a.md")


def test_patterns_with_dates():
    given = addresses(make_entry("a.md", "2019-03-04"), make_entry("b.md"), article_pattern="{year}/{month}/{slug}/")
    assert given == {"a.md": "2019/03/a-md/index.html", "b.md": "undated/00/b-md/index.html"}


def test_spellings_of_a_topic_are_one_listing_and_other_topics_never_share_its_address():
    entries = [
        make_entry("a", topics=("Garam", "C")),
        make_entry("b", topics=("garam ", "C++")),
        make_entry("c", topics=("C#",)),
    ]
    listings = make_catalogue(*entries).archive.listings("topic")
    assert [(s.title, s.count) for s in listings] == [("C", 1), ("C#", 1), ("C++", 1), ("Garam", 2)]
    assert len({s.slug for s in listings}) == 4


def test_drafts_and_the_future_are_left_out_unless_asked_for():
    entries = [make_entry("a", "2024-03-01"), make_entry("b", "2024-03"), make_entry("c", draft=True), make_entry("d")]
    assert set(addresses(*entries)) == {"a", "b", "d"}
    assert set(addresses(*entries, drafts=True)) == {"a", "b", "c", "d"}
    assert set(addresses(*entries, as_of="2024-02-29")) == {"d"}
    assert set(addresses(*entries, as_of="2024-03-15")) == {"a", "b", "d"}


# --- the ledger --------------------------------------------------------------------------------------------------


def test_a_new_title_does_not_move_a_recorded_page():
    first = make_catalogue(make_entry("a.md", title="Air"), lines=()).lines
    second = make_catalogue(make_entry("a.md", title="Tanah"), lines=first)
    assert second.archive.cards["a.md"].url == "articles/air.html"
    assert second.archive.redirects == {}


def test_a_page_that_asks_for_another_address_leaves_a_redirect():
    first = make_catalogue(make_entry("a.md", title="Air"), lines=()).lines
    second = make_catalogue(make_entry("a.md", title="Air", slug="tanah"), lines=first)
    assert second.archive.redirects == {"articles/air.html": "articles/tanah.html"}
    third = make_catalogue(make_entry("a.md", title="Air", slug="tanah"), lines=second.lines)
    assert third.archive.redirects == second.archive.redirects
    assert third.lines == second.lines


@pytest.mark.parametrize(
    "renamed",
    [
        make_entry("baru/b.md", title="Lain", sha256="a.md".ljust(64, "0")),
        make_entry("baru/b.md", title="Air", sha256="f" * 64),
    ],
    ids=["same content", "same derived slug"],
)
def test_a_renamed_source_takes_its_address_along(renamed):
    first = make_catalogue(make_entry("a.md", title="Air"), make_entry("z.md", title="Zat"), lines=()).lines
    second = make_catalogue(renamed, make_entry("z.md", title="Zat"), lines=first)
    assert second.archive.cards["baru/b.md"].url == "articles/air.html"
    assert [line.order for line in second.lines] == [1, 2]


def test_the_address_of_a_source_that_is_gone_is_given_to_nobody_else():
    first = make_catalogue(make_entry("a.md", title="Air", sha256="1" * 64), lines=()).lines
    second = make_catalogue(
        make_entry("b.md", title="Udara"), make_entry("c.md", title="Air!", sha256="2" * 64), lines=first
    )
    assert second.archive.cards["c.md"].url == "articles/air.html", "the same derived slug: taken for a renamed source"
    third = make_catalogue(make_entry("a.md", title="Air"), make_entry("d.md", title="Air"), lines=first)
    assert third.archive.cards["d.md"].url != "articles/air.html"


def test_a_failing_source_keeps_its_line():
    from site_builder.catalogue import catalogue
    from tests.plans import make_config

    first = make_catalogue(make_entry("a.md", title="Air"), lines=()).lines
    second = catalogue([make_entry("b.md", title="Air")], make_config(), first, failing={"a.md"})
    assert second.lines[0] == first[0]
    assert second.archive.cards["b.md"].url != "articles/air.html"


def test_undated_articles_stand_in_order_of_arrival():
    first = make_catalogue(make_entry("b"), lines=()).lines
    archive = make_catalogue(make_entry("a"), make_entry("b"), lines=first).archive
    assert [card.id for card in archive.all.cards] == ["b", "a"]
    without = make_catalogue(make_entry("a10"), make_entry("a9")).archive
    assert [card.id for card in without.all.cards] == ["a9", "a10"]


def test_a_ledger_is_read_as_it_was_written():
    lines = (Line(1, 'a,"b".md', "articles/a.html", ("x.html", "y/index.html"), "0" * 16), Line(2, "é.md", "b.html"))
    assert parse_ledger(format_ledger(lines), "addresses.csv") == lines


def test_a_broken_ledger_is_told_line_by_line():
    text = "order,id,address,former,source\n1,a,articles/a.html,,\n1,b,../b.html,,\nx,c,c.html,,\n2,a,d.html,,\n"
    with pytest.raises(ConfigError) as caught:
        parse_ledger(text, "addresses.csv")
    assert [p.place for p in caught.value.problems] == ["addresses.csv:3", "addresses.csv:4", "addresses.csv:5"]


def test_aliases_lead_to_the_article():
    archive = make_catalogue(
        make_entry("a.md", aliases=("/2019/lama/", "alt")), make_entry("b.md", aliases=("../x",))
    ).archive
    assert archive.redirects == {"2019/lama/index.html": "articles/a-md.html", "alt.html": "articles/a-md.html"}
    assert [p.place for p in archive.problems if p.severity == "error"] == ["b.md"]


# --- the plan ----------------------------------------------------------------------------------------------------


def test_dated_and_undated_articles_are_two_chains_of_neighbours():
    plan = plan_entries([make_entry("u1"), make_entry("u2"), make_entry("d1", "2019"), make_entry("d2", "2020")])
    views = {o.page.card.id: o.page for o in plan.outputs.values() if o.kind == "article"}
    assert [(v.older and v.older.id, v.newer and v.newer.id) for v in views.values()] == [
        (None, "d2"), ("d1", None), (None, "u2"), ("u1", None)
    ]  # fmt: skip


def test_a_related_headline_that_is_a_title_of_the_archive_is_linked_and_makes_its_page_depend_on_it():
    naming = make_entry("a", related=("Air naik lagi", "Entah"))
    alone = plan_entries([naming])
    both = plan_entries([naming, make_entry("b", title="“Air naik” lagi")])
    assert alone.outputs["articles/a.html"].page.related_urls == ("", "")
    assert both.outputs["articles/a.html"].page.related_urls == ("articles/air-naik-lagi.html", "")
    assert alone.outputs["articles/a.html"].fingerprint != both.outputs["articles/a.html"].fingerprint


def test_two_outputs_with_one_path_are_a_problem():
    plan = plan_entries([make_entry("a", aliases=("index",))])
    assert "index.html" in plan.outputs
    assert plan.outputs["index.html"].kind == "home"
    assert [p.severity for p in plan.problems] == ["error"]
