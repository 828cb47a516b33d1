"""Links and pictures in texts by addresses: what is of this archive, what the publisher's, and what leads nowhere."""

from __future__ import annotations

import re

import pytest

from site_builder.readers.sanitise import Sanitiser
from site_builder.urls import find_page_path
from tests.sites import Site, make_markdown

HOME = "https://arsip.example/lama/"
FROM = 'source_url: "https://koran.example/2019/05/banjir.html"'


def add(site: Site, id_: str, body: str, *lines: str, title: str = "Banjir") -> None:
    text = make_markdown(title, "2024-03-01", body=body)
    site.write(id_, text.replace("---\n", "\n".join(("---", *lines, "")), 1))


def links_of(site: Site, page: str = "articles/banjir.html") -> str:
    text = re.split('<div class="text"[^>]*>', site.read(page))[1].split("</div>")[0]
    return " ".join(text.split()).removeprefix("<p>").removesuffix("</p>")


def tell(report) -> list[str]:
    told = (str(problem).partition(" (")[0] for problem in report.problems if "base_url" not in problem.message)
    return [line.removeprefix("warning: ").removeprefix("site/content/") for line in told]


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("/", "index.html"),
        ("https://example.org", "index.html"),
        ("https://example.org/a%20b/?x=1#y", "a b/index.html"),
        ("/a#y", "a.html"),
        ("http://example.org/a.htm", "a.htm"),
    ],
)
def test_the_page_that_an_address_names(address, path):
    assert find_page_path(address) == path


def test_an_address_from_the_root_leads_to_what_is_here_and_else_nowhere(site):
    add(site, "b.md", "Isi.", "aliases: [/2009/jembatan]", title="Jembatan")
    add(site, "a.md", "[b](/articles/jembatan#x) [c](/2009/jembatan/) [d](/2009/jembatan) [e](/residents/3536) [f](/)")
    report = site.build()
    assert links_of(site) == (
        '<a href="../articles/jembatan.html#text-x">b</a> <a>c</a> <a href="../articles/jembatan.html">d</a> '
        '<a>e</a> <a href="../index.html">f</a>'
    )
    assert tell(report) == [
        "a.md: links to '/2009/jembatan/', which is not published here",
        "a.md: links to '/residents/3536', which is not published here",
    ]
    assert b"[e](/residents/3536)" in (site.output / "articles/banjir.md").read_bytes()


def test_thousands_of_addresses_of_a_site_that_was_taken_over_are_one_warning(site):
    """A scraped archive told each of its dead addresses in every build, and all else was lost among them."""
    for letter in "abc":
        body = " ".join(f"[x](/{letter}{number})" for number in range(9))
        add(site, f"{letter}.md", body, title=f"Banjir {letter}")
    add(site, "d.md", "[e](e.md) [x](/x)", title="Jembatan")
    wrong_path = "d.md: links to 'e.md', which is not published here"
    many = ["site/content: has 28 links to addresses of this site that are not published", wrong_path]
    assert tell(site.build()) == many
    assert tell(site.build()) == many, "when nothing changed"
    add(site, "c.md", "Isi.", title="Banjir c")
    add(site, "d.md", "[e](e.md) [x](/x) [y](/y)", title="Jembatan")
    dead = [
        *((id_, f"/{id_[0]}{number}") for id_ in ("a.md", "b.md") for number in range(9)),
        ("d.md", "/x"),
        ("d.md", "/y"),
    ]
    few = sorted([*(f"{id_}: links to {link!r}, which is not published here" for id_, link in dead), wrong_path])
    assert sorted(tell(site.build())) == few
    assert sorted(tell(site.build(clean=True))) == few


@pytest.mark.parametrize("key", ["source_url", "canonical_url", "canonical", "link"])
def test_what_is_not_here_leads_to_the_site_of_the_publisher(site, key):
    add(site, "b.md", "Isi.", title="Jembatan")
    body = "[b](/articles/jembatan.html) [c](/residents/3536?a=1&b=2#c) [d](/) [e](../lain/) [f](/peta.pdf?v=2)"
    add(site, "a.md", body, FROM.replace("source_url", key))
    assert tell(site.build()) == []
    assert links_of(site) == (
        '<a href="../articles/jembatan.html">b</a> '
        '<a href="https://koran.example/residents/3536?a=1&amp;b=2#c">c</a> <a href="https://koran.example/">d</a> '
        '<a href="https://koran.example/2019/lain/">e</a> <a href="https://koran.example/peta.pdf?v=2">f</a>'
    )


def test_pictures_are_the_publishers_until_they_are_here(site):
    add(site, "a.md", "![Kapal](/img/kapal.png) ![](/img/?id=1) ![Sisi](sisi.png)", FROM)
    report = site.build()
    assert links_of(site) == (
        '<img alt="Kapal" src="https://koran.example/img/kapal.png"> '
        '<img alt="" src="https://koran.example/img/?id=1"> '
        '<span class="picture">Sisi</span>'
    )
    assert tell(report) == ["a.md:7: the file 'sisi.png' is not there"]
    site.write("static/img/kapal.png", b"\x89PNG")
    report = site.build()
    assert '<img src="../files/static/img/kapal.png" alt="Kapal"' in links_of(site)
    assert "articles/banjir.html" in report.written


def test_a_whole_address_of_this_site_is_one_from_its_root(site):
    add(site, "b.md", "Isi.", title="Jembatan")
    tail = HOME.partition(":")[2]
    body = f"[a]({HOME}articles/jembatan.html) [b](http:{tail}tak-ada) [c]({tail}tak-ada/) [d](https://arsip.example/x)"
    add(site, "a.md", body)
    site.build(base_url=HOME)
    assert links_of(site) == (
        '<a href="../articles/jembatan.html">a</a> <a>b</a> <a>c</a> <a href="https://arsip.example/x">d</a>'
    )


def test_a_text_that_stood_on_this_very_site_has_no_other_publisher(site):
    add(site, "a.md", "[a](hilang/) [b](/lama/hilang) [c](/x)", f'canonical: "{HOME}2019/banjir"')
    site.build(base_url=HOME)
    assert links_of(site) == '<a>a</a> <a>b</a> <a href="https://arsip.example/x">c</a>'


def test_a_link_comes_alive_when_its_article_comes_and_goes_with_it(site):
    add(site, "a.md", "[b](/articles/jembatan)")
    for number in range(3):
        add(site, f"c{number}.md", "Isi.", title=f"Lain {number}")
    site.build()
    assert links_of(site) == "<a>b</a>"
    add(site, "b.md", "Isi.", title="Jembatan")
    report = site.build()
    assert links_of(site) == '<a href="../articles/jembatan.html">b</a>'
    assert not any("lain-1" in path or "lain-2" in path for path in report.written if path.startswith("articles/"))
    site.delete("b.md")
    site.build()
    assert links_of(site) == "<a>b</a>"


def test_slashes_that_follow_the_address_of_the_site_lead_to_no_other_host():
    page = Sanitiser("a.md", home=HOME)
    assert 'href="site-builder-article:0"' in page.clean(f'<a href="{HOME}//lain.example/x">x</a>')
    assert page.links == ["/lain.example/x"]
