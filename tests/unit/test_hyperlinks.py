"""What a page refers to, and where that leads: by example, and held against the parser of the standard library."""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.hyperlinks import find_target, scan_feed, scan_page, scan_style

GOLDEN = Path(__file__).parents[1] / "golden"
PAGE = """<!doctype html>
<html><head><title>A &amp; B</title><title>C</title>
<meta name=description content='It says
 "so"'>
<link rel="stylesheet" href="../assets/a.css">
<meta property="og:image" content="https://example.org/a.png">
<!-- <a href="commented.html">x</a> -->
<script>document.write('<a href="script.html">')</script>
<style>a > b { content: '<img src="style.png">' }</style>
</head><body>
<p>Write &lt;a href="text.html"&gt; or href="text.html".</p>
<A HREF = b.html#x ID="one" title="a > b" class='href="c.html"'>b</A>
<img alt='src="no.png"' src="a&amp;b.png" srcset="a.png 1x, b%2C.png 800w,c.png">
<video src=v.mp4 poster="p.jpg"></video><object data="d.pdf"></object><a name="two">x</a>
<textarea><a href="area.html"></textarea>
<a data-href="none.html">n</a>
</body></html>"""


def list_urls(text: str) -> list[str]:
    return [reference.url for reference in scan_page(text).references]


def test_a_page_refers_to_what_a_browser_would_load_or_offer():
    page = scan_page(PAGE)
    assert page.title == "A & B"
    assert page.description == 'It says "so"'
    assert list_urls(PAGE) == [
        "../assets/a.css", "https://example.org/a.png", "b.html#x", "a&b.png", "a.png", "b%2C.png", "c.png",
        "v.mp4", "p.jpg", "d.pdf",
    ]  # fmt: skip
    assert page.anchors == ["one", "two"]
    assert not page.is_hidden
    assert all(PAGE[reference.start] == "<" for reference in page.references)


@pytest.mark.parametrize(
    "head", ['<meta name="robots" content="noindex">', "<meta http-equiv=refresh content=\"0; url='../b.html'\">"]
)
def test_what_search_engines_leave_out_is_known(head):
    assert scan_page(head).is_hidden


def test_a_redirect_refers_to_where_it_leads():
    assert list_urls('<meta http-equiv="refresh" content="0; url=../b.html">') == ["../b.html"]


def test_style_sheets_and_feeds():
    style = "/* url(no.png) */ a { background: url( 'a.png' ) } @font-face { src: url(b.woff2) format('woff2') }"
    assert [reference.url for reference in scan_style(style)] == ["a.png", "b.woff2"]
    feed = '<feed><link rel="self" href="https://example.org/feed.xml"/></feed>'
    assert [reference.url for reference in scan_feed(feed)] == ["https://example.org/feed.xml"]
    assert [r.url for r in scan_feed("<url><loc>\nhttps://example.org/a&amp;b.html\n</loc></url>")] == [
        "https://example.org/a&b.html"
    ]


@pytest.mark.parametrize(
    ("url", "base", "target"),
    [
        ("b.html", "", ("articles/b.html", "")),
        ("../index.html#a%20b", "", ("index.html", "a b")),
        ("..", "", ("", "")),
        (".", "", ("articles/", "")),
        ("../", "", ("", "")),
        ("../../x.html", "", ("../x.html", "")),
        ("./b/./c/../d.html?q=1#e", "", ("articles/b/d.html", "e")),
        ("#x", "", ("articles/a.html", "x")),
        ("", "", ("articles/a.html", "")),
        ("b.html#:~:text=words", "", ("articles/b.html", "")),
        ("a%20b.html", "", ("articles/a b.html", "")),
        ("mailto:a@b", "", None),
        ("https://example.net/", "https://example.org/", None),
        ("//example.org/repo/a.html", "https://example.org/repo/", ("a.html", "")),
        ("http://example.org/repo/a.html", "https://example.org/repo/", ("a.html", "")),
        ("https://example.org/other/", "https://example.org/repo/", None),
        ("/repo/a.html", "https://example.org/repo/", ("a.html", "")),
        ("/a.html", "https://example.org/repo/", ("../a.html", "")),
        ("/a.html", "", ("a.html", "")),
        ("/a.html", "https://example.org/", ("a.html", "")),
    ],
)
def test_where_an_address_leads(url, base, target):
    assert find_target("articles/a.html", url, base) == target


class Reference(HTMLParser):
    """The same by the parser of the standard library, for `href`, `src`, `id` and the title."""

    def __init__(self) -> None:
        super().__init__()
        self.urls: list[str] = []
        self.anchors: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        seen: dict[str, str] = {}
        for name, value in attrs:
            seen.setdefault(name, value or "")
        wanted = ["href", *(["src"] if tag in ("img", "script", "source", "iframe") else [])]
        self.urls += [seen[name].strip() for name in wanted if name in seen]
        if seen.get("id"):
            self.anchors.append(seen["id"])

    handle_startendtag = handle_starttag


def compare(text: str) -> None:
    parser = Reference()
    parser.feed(text)
    parser.close()
    page = scan_page(text)
    links = [reference for reference in page.references if not text.startswith(("<meta", "<form"), reference.start)]
    assert [reference.url for reference in links] == parser.urls
    assert page.anchors == parser.anchors


@pytest.mark.parametrize("path", sorted(GOLDEN.rglob("expected/**/*.html")), ids=lambda p: p.name)
def test_our_own_pages_are_read_as_a_parser_reads_them(path):
    compare(path.read_text(encoding="utf-8"))


words = st.text(st.sampled_from("abc <>&\"'=/#?-\n\té"), max_size=12)
values = words.map(lambda text: '"' + escape(text) + '"') | st.sampled_from(["'x > y'", "bare", '"a.html#b"'])
names = st.sampled_from(["href", "src", "id", "class", "HREF", "data-href", "alt"])
tags = st.builds(
    lambda name, attributes, space: f"<{name}{''.join(f' {k}{space}={space}{v}' for k, v in attributes)}>",
    st.sampled_from(["a", "img", "p", "A", "h2", "link", "custom-a"]),
    st.lists(st.tuples(names, values), max_size=4),
    st.sampled_from(["", " "]),
)
texts = words.map(lambda text: escape(text, quote=False))
raws = st.sampled_from(
    ["<script>if (a<b) '<a href=x>'</script>", "<style>\na>b{}</style >", "<!-- <a href='c'> -->", "<title>x</title>"]
)


@given(st.lists(tags | texts | raws, max_size=12))
def test_pages_of_all_kinds_are_read_as_a_parser_reads_them(pieces):
    compare("".join(pieces))


@given(st.text(max_size=200))
def test_no_text_raises(text):
    scan_page(text)
    list(scan_style(text))
    list(scan_feed(text))
    find_target("a/b.html", text, "https://example.org/r/")
