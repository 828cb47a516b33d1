"""Headings have the ids that GitHub gives them, and links lead there."""

from __future__ import annotations

import doctest

import pytest

from site_builder.readers import heading_ids
from site_builder.readers.heading_ids import make_heading_id, name_headings
from tests.sites import make_markdown


def test_examples_in_docstrings():
    assert doctest.testmod(heading_ids).failed == 0


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Dates, 1998", "dates-1998"),
        ("`--report`", "--report"),
        (".site-builder.json", "site-builderjson"),
        ("a  b", "a--b"),
        ("Über_uns", "über_uns"),
        ("हिंदी में", "हिंदी-में"),
        ("…", ""),
    ],
)
def test_ids_are_made_as_github_makes_them(words, expected):
    assert make_heading_id(words) == expected


@pytest.mark.parametrize("sign", [chr(code) for code in range(128)])
def test_a_sign_counts_the_same_beside_letters_of_any_script(sign):
    """Headings in ASCII alone take a way of their own."""
    assert make_heading_id(f"A{sign}b") == make_heading_id(f"A{sign}bé").removesuffix("é")


def test_equal_headings_have_different_ids_and_ids_of_the_author_stay():
    named = name_headings(
        '<h2>A b</h2><h3>A <em>b</em></h3><h2 id="text-own">A b</h2><p id="text-c">x</p><h4>C</h4><h2>!</h2>'
    )
    assert named == (
        '<h2 id="text-a-b">A b</h2><h3 id="text-a-b-1">A <em>b</em></h3><h2 id="text-own">A b</h2>'
        '<p id="text-c">x</p><h4 id="text-c-1">C</h4><h2>!</h2>'
    )


def test_a_link_leads_to_a_heading_of_another_article(site):
    site.write("2024-01-02-a.md", make_markdown("Satu", body="[Dua](2024-01-03-b.md#cara-baru)"))
    site.write("2024-01-03-b.md", make_markdown("Dua", body="Awal.\n\n## Cara *baru*\n\nIsi."))
    assert site.build().published
    assert 'href="../articles/dua.html#text-cara-baru"' in site.read("articles/satu.html")
    assert '<h2 id="text-cara-baru">Cara <em>baru</em></h2>' in site.read("articles/dua.html")


def test_the_home_page_leads_to_the_page_of_a_folder_and_not_to_those_within(site):
    site.write("2024-01-02-a.md", make_markdown("Satu"))
    for name in ("help", "help/faq", "help/more/deep", "loose/end"):
        site.write(f"pages/{name}.md", f"---\ntitle: Page {name}\n---\n\nText.\n")
    assert site.build().published
    home = site.read("index.html")
    assert [name for name in ("help", "help/faq", "help/more/deep", "loose/end") if f'href="{name}.html"' in home] == [
        "help",
        "loose/end",
    ]
