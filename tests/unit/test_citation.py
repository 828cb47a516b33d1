"""Citations: only what is known, in three forms."""

from __future__ import annotations

import re
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.citation import Citation, cite_as_bibtex, cite_as_ris, cite_as_text
from site_builder.interface import find_entry
from site_builder.localize import format_date
from site_builder.model import Article
from site_builder.theme import TABLE, find_default_theme

ENGLISH = {
    **find_entry(TABLE.read_text(encoding="utf-8"), "en"),
    **tomllib.loads((find_default_theme() / "strings" / "en.toml").read_text(encoding="utf-8")),
}
WHERE = Citation("Arsip Muara", "https://example.org/articles/ferry-retires.html")


def cite(article: Article, **more: object) -> str:
    date = format_date(article.date, ENGLISH) if article.date else ENGLISH["no_date"]
    return cite_as_text(article, WHERE, date, **more)


def make_article(**facts: object) -> Article:
    return Article(id="a.md", format="markdown", title_from="front matter", **{"title": "A ferry retires", **facts})


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({}, "“A ferry retires.” n.d. Arsip Muara, https://example.org/articles/ferry-retires.html"),
        (
            {"byline": "Ines Aldren", "publisher": "The Courier", "date": "1998-03-12T07:30+07:00"},
            "Ines Aldren. “A ferry retires.” The Courier, 12 March 1998. Arsip Muara, "
            "https://example.org/articles/ferry-retires.html",
        ),
        ({"title": "Why?", "date": "1998-03"}, "“Why?” March 1998. Arsip Muara, " + WHERE.url),
        ({"byline": "T. P.", "date": "1998"}, "T. P. “A ferry retires.” 1998. Arsip Muara, " + WHERE.url),
    ],
)
def test_a_line_of_text_says_what_is_known(facts, text):
    assert cite(make_article(**facts)) == text


def test_bibtex_names_the_publisher_as_the_journal():
    article = make_article(byline="Ines & Co.", publisher="The Courier", date="1998-03-12", lang="en", title="50 %")
    assert cite_as_bibtex(article, WHERE).splitlines() == [
        "@article{ferry-retires,",
        "  author = {{Ines \\& Co.}},",
        "  title = {{50 \\%}},",
        "  journal = {The Courier},",
        "  year = {1998},",
        "  month = mar,",
        "  day = {12},",
        "  note = {Arsip Muara},",
        "  language = {en},",
        "  url = {https://example.org/articles/ferry-retires.html},",
        "}",
    ]


def test_bibtex_without_a_publisher_names_the_archive():
    found = cite_as_bibtex(make_article(), WHERE)
    assert found.startswith("@misc{ferry-retires,\n")
    assert "howpublished = {Arsip Muara}" in found
    assert "year" not in found


@pytest.mark.parametrize(
    ("date", "lines"),
    [
        (None, []),
        ("1998", ["PY  - 1998"]),
        ("1998-03", ["PY  - 1998", "DA  - 1998/03//"]),
        ("1998-03-12", ["PY  - 1998", "DA  - 1998/03/12/"]),
    ],
)
def test_ris_has_a_date_as_exact_as_it_is_known(date, lines):
    record = cite_as_ris(make_article(date=date), WHERE).splitlines()
    assert record[0] == "TY  - NEWS"
    assert record[-1] == "ER  - "
    assert [line for line in record if line.startswith(("PY", "DA"))] == lines


@given(st.text(min_size=1), st.text(), st.text())
def test_no_text_breaks_out_of_a_record(title, byline, publisher):
    article = make_article(title=title, byline=byline or None, publisher=publisher or None)
    ris = cite_as_ris(article, WHERE)
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in ris.split("\n"))
    bibtex = cite_as_bibtex(article, WHERE)
    depth = 0
    for sign in re.sub(r"\\(textbackslash|textasciitilde|textasciicircum)\{\}|\\[{}$&#%_]", "", bibtex):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        assert depth >= 0
    assert depth == 0
    assert bibtex.count("\n@") == 0


def test_each_name_is_given_to_be_kept_apart_and_no_sign_between_them():
    article = make_article(byline="S. Rahma.", title="Air naik?", publisher="Kabar Muara", date="2019")
    assert cite(article, isolate=lambda name: f"[{name}]") == (
        f"[S. Rahma]. “[Air naik?]” [Kabar Muara], [2019]. [{WHERE.archive}], [{WHERE.url}]"
    )
