from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.model import FILE_MARK, LINK_MARK, PARTS
from site_builder.readers import ReadOptions
from site_builder.readers.decode import decode
from site_builder.readers.markdown import read_markdown


def read(text: str | bytes, source_id: str = "a.md"):
    return read_markdown(source_id, text.encode() if isinstance(text, str) else text, ReadOptions())


def html_of(text: str) -> str:
    article, problems, _ = read(text)
    assert article is not None, problems
    return "".join(block.text for block in article.blocks)


def test_the_facts_come_from_front_matter():
    article, problems, _ = read(
        "---\ntitle: A\ndate: 2024-03-01\nsection: Kota\ntags: [x, y]\nauthor: Ana\nsummary: S\nlang: en\nslug: a-b\n"
        "aliases: [/old/]\ndraft: true\nsource_url: https://example.org/x\npublisher: P\nmood: calm\n---\nText here.\n"
    )
    assert problems == ()
    assert (article.title, article.date, article.date_from) == ("A", "2024-03-01", "front matter")
    assert (article.sections, article.topics, article.byline) == (("Kota",), ("x", "y"), "Ana")
    assert (article.summary, article.lang, article.slug, article.aliases) == ("S", "en", "a-b", ("/old/",))
    assert (article.draft, article.source_url, article.publisher) == (True, "https://example.org/x", "P")
    assert article.extra == {"mood": "calm"}


def test_a_first_heading_is_the_title_when_there_is_no_other():
    article, _, _ = read("# Air *naik* #\n\nIsi di sini.\n")
    assert (article.title, article.title_from) == ("Air naik", "text")
    assert "<h1" not in article.blocks[0].text
    assert [p.part for p in article.parts] == ["markup", "title", "separator", "separator", "body"]


def test_a_heading_that_repeats_the_title_is_not_shown_twice_and_another_one_stays():
    assert "<h" not in html_of("---\ntitle: Air naik\n---\n# Air naik\n\nIsi.\n")
    assert '<h2 id="text-lain">Lain</h2>' in html_of("---\ntitle: Air naik\n---\n# Lain\n\nIsi.\n")


def test_without_a_title_one_is_made_and_told():
    article, problems, _ = read("Air naik di kampung itu sejak pagi hari dan warga mengungsi.\n")
    assert article.title == "Air naik di kampung itu sejak pagi hari dan warga…"
    assert article.title_from == "made"
    assert any("has no title" in p.message for p in problems)


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("<script>window.x=1</script>Isi", "window.x"),
        ('<p onclick="x()">Isi</p>', "onclick"),
        ("[a](javascript:alert(1))", "javascript"),
        ("[a](JaVa&Tab;script:alert(1))", "href"),
        ("<iframe src=https://example.org></iframe>Isi", "iframe"),
        ("<style>body{}</style>Isi", "body{}"),
        ('<p style="position:fixed">Isi</p>', "style"),
        ("<!-- never closed\n\nIsi", "<!--"),
        ("</article></main></body>Isi", "</main>"),
        ("<form action=x><input name=attributes></form>Isi", "form"),
        ("<svg><script>1</script></svg>Isi", "svg"),
    ],
)
def test_nothing_active_leaves_this_room(text, gone):
    assert gone not in html_of(text)


def test_ids_of_an_article_cannot_take_the_place_of_the_page_s():
    html = html_of('Isi[^1] <span id="main">x</span> [ke](#main)\n\n[^1]: Catatan.\n')
    assert 'id="main"' not in html
    assert 'id="text-main"' in html
    assert 'href="#text-main"' in html
    assert 'href="#text-fn:1"' in html
    assert 'id="text-fn:1"' in html


def test_links_to_other_sources_are_marks_until_their_addresses_are_known():
    article, _, _ = read(
        "[b](../b.md#x) [c](c%20d.txt) [lagi](../b.md) [luar](https://example.org/b.md) [p](x.pdf)", "f/a.md"
    )
    assert article.links == ("b.md", "f/c d.txt")
    html = article.blocks[0].text
    assert f'href="{LINK_MARK}0#text-x"' in html
    assert f'href="{LINK_MARK}1"' in html
    assert 'href="https://example.org/b.md"' in html


def test_an_author_cannot_forge_such_a_mark():
    assert LINK_MARK not in html_of(f"[a]({LINK_MARK}7)")


def test_a_picture_that_is_not_published_leaves_its_words_and_is_told():
    article, problems, _ = read("![Perahu di dermaga](../p.jpg) dan ![](.q.jpg) ![luar](https://example.org/p.png)")
    html = article.blocks[0].text
    assert '<span class="picture">Perahu di dermaga</span>' in html
    assert 'src="https://example.org/p.png"' in html
    assert [p.message for p in problems if "picture" in p.message] == [
        "the picture '../p.jpg' is not published", "the picture '.q.jpg' is not published"
    ]  # fmt: skip


def test_files_are_named_with_their_lines_and_whether_they_are_there_is_left_open():
    article, problems, _ = read(
        "# Air\n\n![x](img/p.jpg)\r\n[y](a%20b.pdf)\n![z](img/p.jpg) [w](/c.png)\n", "2024/a.md"
    )
    assert article.files == (("2024/img/p.jpg", 3, ""), ("2024/a b.pdf", 4, ""), ("/c.png", 5, ""))
    assert re.findall(rf'"{FILE_MARK}(.*?)"', article.blocks[0].text) == ["0", "1", "0", "2"]
    assert not [problem for problem in problems if "publish" in problem.message]


def test_an_author_cannot_forge_the_mark_of_a_file():
    html = html_of(f"[a]({FILE_MARK}7) ![b]({FILE_MARK}8) <img src='{FILE_MARK}9'>")
    assert FILE_MARK not in html


def test_columns_are_aligned_by_class_since_the_policy_allows_no_styles():
    html = html_of("| a | b |\n| :-- | --: |\n| 1 | 2 |\n")
    assert '<td class="right">2</td>' in html
    assert "style" not in html
    assert "align=" not in html


def test_empty_and_binary_files():
    assert read("")[0] is None
    assert [p.severity for p in read("\n \n")[1]] == ["warning"]
    picture = read(b"\x89PNG\r\n\x1a\n" + bytes(100))
    assert picture[0] is None
    assert [p.severity for p in picture[1]] == ["error"]


def test_a_text_that_markdown_cannot_read_is_an_error_of_its_article():
    article, problems, _ = read("---\ntitle: A\n---\n" + "> " * 3000 + "x\n")
    assert article is not None or [p.severity for p in problems if p.severity == "error"] == ["error"]


@given(st.text())
def test_the_parts_join_to_the_source(text):
    data = text.encode("utf-8", "surrogatepass")
    article, problems, _ = read(data)
    if article is None:
        assert problems
        return
    decoded = decode(data).text
    assert "".join(decoded[p.start : p.end] for p in article.parts) == decoded
    assert all(p.part in PARTS and p.start < p.end for p in article.parts)


def test_a_table_can_be_scrolled_by_keys():
    """On a phone the wide tables of the manual could be scrolled with a finger only."""
    html = html_of("| a | b |\n| --- | :-: |\n| 1 | `2` |\n")
    assert html.count('<table tabindex="0">') == html.count("<table") == 1
    assert html_of('<p tabindex="1">x</p><table tabindex="5"><tr><td>y').count("tabindex") == 1
