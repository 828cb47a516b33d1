"""The page about the archive, the calendar by decades, and what an article's page says above its text."""

from __future__ import annotations

import re

import pytest

from site_builder.model import Article, Card
from site_builder.plan.about import find_gaps
from site_builder.views import ArticleView, ListingView, Year
from tests.plans import make_plan
from tests.sites import make_markdown


@pytest.mark.parametrize(
    ("dates", "gaps"),
    [
        ([], []),
        (["1999"], []),
        (["1999", "2000-05", "2001-01-01", ""], []),
        (["1999", "2001-01"], ["2000"]),
        (["1990", "1995-02-03", "1997"], ["1991–1994", "1996"]),
    ],
)
def test_gaps_are_the_years_of_which_nothing_is_kept(dates, gaps):
    plan = make_plan((f"{number}.md", date) for number, date in enumerate(dates))
    assert list(find_gaps(plan.archive.all)) == gaps
    assert plan.outputs["about.html"].page.gaps == tuple(gaps)


def test_without_a_page_of_the_owner_figures_stand_alone(site):
    site.write("a.md", make_markdown("Kapal berangkat", "1990-02-03", "garam", "Kota"))
    site.write("b.md", make_markdown("Kapal pulang", "1995-02-03", "garam", "Kota"))
    site.write("c.md", make_markdown("Kapal entah kapan", "", "garam", "Kota"))
    site.build()
    page = site.read("about.html")
    assert "<h1>Tentang arsip ini</h1>" in page
    assert "1991–1994" in page
    assert re.search(r'<a href="articles/kapal-berangkat.html"[^>]*>Kapal berangkat</a>', page)
    assert re.search(r'<a href="articles/kapal-pulang.html"[^>]*>Kapal pulang</a>', page)
    assert '<a href="archive/undated.html">1</a>' in page


def test_the_owners_page_stands_above_the_figures_and_only_there(site):
    site.write("a.md", make_markdown("Kapal berangkat", "1990-02-03"))
    site.write("pages/about.md", "---\ntitle: Siapa kami\n---\n\nLihat [kapal](../a.md).\n")
    report = site.build()
    page = site.read("about.html")
    assert '<h1 dir="auto">Siapa kami</h1>' in page
    assert '<a href="articles/kapal-berangkat.html">kapal</a>' in page
    assert "Isi arsip dalam angka" in page
    assert "Siapa kami" not in site.read("index.html")
    assert sum(path == "about.html" for path in report.written) == 1


def test_a_new_article_changes_the_figures_beside_the_owners_words(site, tmp_path):
    site.write("pages/about.md", "---\ntitle: Siapa kami\n---\n\nKata kami.\n")
    site.write("a.md", make_markdown("Kapal berangkat", "1990-02-03"))
    site.build()
    site.write("b.md", make_markdown("Kapal pulang", "1995-02-03"))
    assert "about.html" in site.build().written
    page = site.read("about.html")
    assert "Kata kami." in page
    assert "1991–1994" in page


def test_an_archive_of_nothing_has_its_pages(site):
    site.build()
    assert "Belum ada artikel" in site.read("about.html")
    assert not (site.output / "titles").exists()


def make_listing(*years):
    months = tuple(() for _ in range(12))
    numbers = tuple(Year(str(year), f"archive/{year}.html", year % 10 + 1, months) for year in years)
    return ListingView(path="archive/index.html", kind="archive", title="", front="", groups=(), years=numbers)


def test_decades_are_named_by_what_is_kept_of_them():
    found = make_listing(2003, 2001, 1999, 1985, 1984).decades
    assert [(decade.title, decade.articles) for decade in found] == [("2001–2003", 6), ("1999", 10), ("1984–1985", 11)]
    assert [year.title for year in found[2].years] == ["1985", "1984"]


def test_a_calendar_of_more_than_forty_years_is_cut_by_decades(site):
    for year in range(1980, 2021):
        site.write(f"{year}.md", make_markdown(f"Tahun {year}", f"{year}-05-06"))
    site.build()
    page = site.read("archive/index.html")
    assert page.count('<table class="calendar">') == 5
    assert page.count("<details") == 5
    assert page.count('<details class="decade" open>') == 1
    site.delete("1980.md")
    site.build()
    page = site.read("archive/index.html")
    assert page.count('<table class="calendar">') == 1
    assert "<details" not in page


def make_view(**facts):
    article = Article(id="a.md", format="markdown", title="Judul", title_from="front matter", **facts)
    card = Card("a.md", "articles/judul.html", "Judul", facts.get("date", ""), "id", "", "", "", "")
    return ArticleView(path=card.url, card=card, article=article)


@pytest.mark.parametrize(
    ("facts", "standfirst"),
    [
        ({"summary": "Kata pembuka.", "summary_from": "front matter", "body": ("Isi.",)}, "Kata pembuka."),
        ({"summary": "Kata pembuka.", "summary_from": "metadata", "body": ("Kata pembuka. Isi.",)}, ""),
        ({"summary": "Kata pem…", "summary_from": "metadata", "body": ("Kata pembuka. Isi.",)}, ""),
        ({"summary": "Kata pembuka.", "body": ("Isi.",)}, ""),
        ({}, ""),
    ],
)
def test_the_standfirst_is_what_the_source_gives_and_the_text_does_not_say(facts, standfirst):
    assert make_view(**facts).standfirst == standfirst


def test_the_year_of_an_article_is_as_known():
    assert make_view(date="1998-03").year == "1998"
    assert make_view().year == ""
