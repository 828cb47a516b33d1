from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from site_builder.catalogue import make_entry
from site_builder.inputs import LIBRARIES
from site_builder.model import LINK_MARK
from site_builder.readers import ReadOptions, reader_for
from site_builder.readers.html import MAX_TAGS, MAX_UNCLOSED, read_html
from site_builder.readers.html_decode import decode_html
from site_builder.sources import find_versions
from tests.packs import OPTIONS

PAGES = Path(__file__).parents[1] / "pages"


@pytest.fixture(params=["trafilatura", "plain"])
def extraction(request, monkeypatch):
    """Each test that asks for it is run with the extra, and without."""
    if request.param == "trafilatura":
        pytest.importorskip("trafilatura")
    else:
        monkeypatch.setitem(sys.modules, "trafilatura", None)
    return request.param


def read(page: str | bytes, source_id: str = "a.html", options: ReadOptions = OPTIONS):
    return read_html(source_id, page.encode() if isinstance(page, str) else page, options)


def read_page(name: str):
    data = (PAGES / name).read_bytes()
    article, problems, _ = read(data, name)
    assert article is not None, problems
    return article, problems, decode_html(data).text


def shown(article) -> str:
    return "".join(block.text for block in article.blocks)


def parts_of(article, source: str, part: str) -> list[str]:
    return [" ".join(source[p.start : p.end].split()) for p in article.parts if p.part == part]


def test_a_news_page_with_everything_around_it(extraction):
    article, problems, _ = read_page("news.html")
    assert (article.title, article.title_from) == ("Perahu Kayu Kembali Berlayar di Muara", "metadata")
    assert (article.date, article.date_from) == ("2023-05-04T08:15:00+07:00", "metadata")
    assert (article.updated, article.byline) == ("2023-05-04T09:00:00+07:00", "Lintang Contoh")
    assert (article.sections, article.topics) == (("Pelabuhan",), ("perahu", "muara", "nelayan"))
    assert (article.publisher, article.lang) == ("Harian Muara", "id-ID")
    assert article.source_url == "https://harian-muara.example/pelabuhan/perahu-kayu"
    assert article.summary == "Perahu kayu tua itu berlayar lagi setelah tujuh tahun."
    assert [line.split()[0] for line in article.body] == ["Perahu", "Warga", "Dua", "Perahu", "Kepala"]
    assert article.related == ("Jembatan Gantung Dibuka Lagi untuk Warga",)
    assert not problems


def test_what_stands_around_the_story_is_set_aside_and_not_lost(extraction):
    article, _, source = read_page("news.html")
    aside = {moved.text: moved.rule for moved in article.residue}
    for text in ("Kota", "Olahraga", "Terpopuler", "Pasar Ikan Pindah ke Seberang", "Cari", "Hak cipta Harian Muara"):
        assert aside[text] == "html.around"
    assert aside["ADVERTISEMENT"] not in ("", "html.around")
    lines = {moved.text: moved.line for moved in article.residue}
    assert "Terpopuler" in source.split("\n")[lines["Terpopuler"] - 1]
    assert not any("Perahu itu akan" in text for text in aside)


def test_the_story_is_found_again_in_the_source(extraction):
    article, _, source = read_page("news.html")
    body = " ".join(parts_of(article, source, "body"))
    assert body.startswith("Perahu kayu milik warga") and body.endswith("ketika air sungai naik.")
    assert "empat bulan" in body and "Baca juga" not in body
    assert len(parts_of(article, source, "title")) == 2


def test_links_and_scripts_of_a_page(extraction):
    html = shown(read_page("news.html")[0])
    assert 'href="https://harian-muara.example/hutan"' in html
    assert "script" not in html and "bukan teks" not in html and "onload" not in html
    assert "<h2>Dua kali sepekan</h2>" in html and "Kembali Berlayar di Muara" not in html
    assert "Jembatan" not in html and "ADVERTISEMENT" not in html


def test_an_old_page_says_its_encoding_and_little_else(extraction):
    article, problems, _ = read_page("old.htm")
    assert (article.encoding, article.lang, article.title) == ("windows-1252", "en", "The Café by the Weir")
    assert (article.date, article.date_from) == (None, None)
    text = " ".join(article.body)
    assert "again – after" in text and "“We have new tables" in text and "It was full on the first day." in text
    assert any("no date" in problem.message for problem in problems)


def test_a_broken_page_is_read_as_far_as_it_goes(extraction):
    article, _, source = read_page("broken.html")
    everything = " ".join((article.title, *article.body, *(moved.text for moved in article.residue)))
    for word in ("Atap", "ember", "terpal", "satu", "dua"):
        assert word in everything
    assert "".join(source[p.start : p.end] for p in article.parts) == source


@pytest.mark.parametrize(
    ("head", "title", "origin"),
    [
        ("<title>Judul - Situs</title>", "Judul - Situs", "metadata"),
        ("<meta property=og:site_name content=Situs><title>Judul - Situs</title>", "Judul", "metadata"),
        ("<title>Situs</title><body><h1>Judul <i>besar</i></h1>", "Judul besar", "text"),
        ("<meta property=og:title content='Judul | Situs'><body><h1>Judul</h1>", "Judul", "metadata"),
    ],
)
def test_the_title_is_without_the_name_of_the_site(head, title, origin):
    article, _, _ = read(f"<html><head>{head}<p>Isi halaman ini.</p>")
    assert (article.title, article.title_from) == (title, origin)


def test_a_date_that_does_not_parse_is_told_and_not_guessed():
    article, problems, _ = read("<meta name=date content='4 Mei lalu'><title>A b</title><p>Isi.</p>")
    assert article.date is None
    assert any("'4 Mei lalu' (date) is not read" in problem.message for problem in problems)


def test_a_time_counts_inside_of_the_article_only(extraction):
    page = "<title>A b</title><time datetime=2020-01-01>x</time><article><p>Isi.</p>{}</article>"
    assert read(page.format(""))[0].date is None
    assert read(page.format("<time datetime=2021-02-03T10:00>y</time>"))[0].date == "2021-02-03T10:00"
    assert read(page.format("<time datetime=2021-02-03>y</time><time datetime=2021-02-04>z</time>"))[0].date is None


def test_metadata_go_before_the_name_of_the_file():
    page = "<meta property=article:published_time content={}><title>A b</title><p>Isi.</p>"
    article, _, _ = read(page.format("2020-01-02"), "2021-01-01-a.html")
    assert (article.date, article.date_from) == ("2020-01-02", "metadata")
    article, _, _ = read(page.format("x"), "2021-01-01-a.html")
    assert (article.date, article.date_from) == ("2021-01-01", "file name")


def test_json_ld_that_is_none_is_told_and_hurts_nothing():
    for text in ("{", "[" * 100_000, '{"@type":"Article","headline":"\\ud800 a"}'):
        article, _, _ = read(f"<script type=application/ld+json>{text}</script><title>A b</title><p>Isi.</p>")
        assert article is not None
        article.title.encode()


@pytest.mark.parametrize(
    ("charset", "encoded", "encoding"),
    [
        ("windows-1251", "Зимний сад открыт".encode("cp1251"), "cp1251"),
        ("shift_jis", "冬の庭".encode("cp932"), "cp932"),
        ("iso-8859-1", "Café – à".encode("cp1252"), "windows-1252"),
        ("iso-8859-1", "Café, déjà".encode(), "utf-8"),
        ("utf-7", b"+ADw-script+AD4-", "utf-8"),
        ("klingon", "Café".encode("cp1252"), "windows-1252"),
    ],
)
def test_a_page_may_say_its_encoding_where_that_can_be_true(charset, encoded, encoding):
    decoded = decode_html(b"<meta charset=%s><p>" % charset.encode() + encoded)
    assert decoded.encoding == encoding
    if charset not in ("utf-7", "klingon"):
        assert decoded.text.encode(encoding.replace("windows-", "cp")).endswith(encoded)


def test_relative_links_are_links_between_sources_when_the_page_has_no_address(extraction):
    article, problems, _ = read(
        "<title>A b</title><p>Isi <a href='../b/c.html'>c</a> <a href='/x'>x</a></p>", "d/a.html"
    )
    assert article.links == ("b/c.html", "/x")
    assert f'href="{LINK_MARK}0"' in shown(article)
    assert f'href="{LINK_MARK}1"' in shown(article)
    assert not any("links" in problem.message for problem in problems)


def test_many_dead_links_are_told_in_two_lines(extraction):
    _, problems, _ = read("<title>A b</title><p>Isi</p>" + "<p><a href=x/>lain</a></p>" * 50)
    assert len([p for p in problems if "not published" in p.message]) == 2


def test_what_rules_move_and_what_stays_in_its_place(extraction):
    article, _, _ = read(
        "<html lang=id><title>Kambing Masuk Balai Desa</title><body><article><h1>Kambing Masuk Balai Desa</h1>"
        "<p>Senin, 16 Maret 2020 09:12 WIB</p>"
        "<p>VIVA – Seekor kambing kurban masuk ke balai desa pada Senin pagi dan membuat rapat warga tertunda lama."
        "<p><img src=/k.jpg alt='Kambing belang'></p><p>Warga kemudian menggiring kambing itu kembali ke kandang milik "
        "ketua rukun tetangga di seberang lapangan.<br>Baca juga: Harga Solar Nelayan Naik Lagi<br>"
        "Rapat dimulai kembali pada pukul sepuluh, dan selesai sebelum makan siang yang dimasak oleh warga.</p>"
        "<p>Editor: Ana Misal</p></article>"
    )
    assert [line.split()[0] for line in article.body] == ["VIVA", "Warga", "Rapat"]
    assert article.related == ("Harga Solar Nelayan Naik Lagi",)
    assert (article.credits, article.labels) == (("Ana Misal",), ("Baca juga:", "Editor:"))
    assert (article.publisher, article.dateline) == ("VIVA", "VIVA")
    assert (article.date, article.date_from) == ("2020-03-16T09:12+07:00", "stamp")
    assert 'alt="Kambing belang"' in shown(article)
    assert article.files[0].id == "/k.jpg"


def test_a_dateline_is_told_and_stays_in_the_text(extraction):
    story = "MAGELANG, KOMPAS.com - Warga kampung itu membangun sumur resapan dalam tiga bulan terakhir."
    article = read(
        f"<title>Judul itu</title><article><p>{story}</p><p>{'Sumur itu dalam. ' * 30}</p></article>"
    ).article
    assert (article.dateline, article.publisher) == ("MAGELANG, KOMPAS.com", "KOMPAS.com")
    assert article.body[0] == story


def test_a_title_without_its_end_is_none():
    article, problems, _ = read("<title>Kata " + "kata " * 1_000)
    assert len(article.title) < 100
    assert any("has no title" in problem.message for problem in problems)


def test_rules_that_would_leave_nothing_are_not_applied(extraction):
    article, _, _ = read("<title>A b</title><body><p>ADVERTISEMENT</p></body>")
    assert article.body == ("ADVERTISEMENT",)


@pytest.mark.parametrize("page", ["", "<html><body></body></html>", "<!-- kata --><script>kata</script>"])
def test_a_page_without_words_is_left_out(page):
    article, problems, _ = read(page)
    assert article is None
    assert [problem.severity for problem in problems] == ["warning"]


@pytest.mark.parametrize(
    "page",
    [
        "<a " * 20_000,
        "<p>x" + "<i>" * (MAX_TAGS + 1),
        "x" + "<div>" * (OPTIONS.depth + 1),
        "x" + "<" * (MAX_UNCLOSED + 1),
    ],
)
def test_pages_that_would_keep_a_parser_busy_are_refused(page):
    article, problems, _ = read(page)
    assert article is None
    assert problems[0].severity == "error"


@pytest.mark.parametrize(
    "page",
    [
        "<p>x " + "<a " * (MAX_UNCLOSED - 1),
        "<p>x " + "<a b=\"'" * 5_000 + ">" * 5_000,
        "<p>x " + "<!--" * 9_000,
        "<p>x " + "<title>" * 9_000,
        "<p>x " + "</" * 9_000,
        "<p>x " + "<nav>" * 1_900,
        "<p>kata yang sama " * 4_000,
        "<p>x " + "<a b" + " " * 100_000 + "=" * 100_000 + ">",
        "<p>satu dua tiga empat lima" + "<br>satu dua tiga empat enam" * 4_000,
    ],
)
def test_time_grows_with_the_length(page, extraction):
    begin = time.perf_counter()
    read(page)
    assert time.perf_counter() - begin < 8


def test_a_failure_of_the_extraction_costs_its_article_only(monkeypatch):
    trafilatura = pytest.importorskip("trafilatura")

    def fail(*args, **kwargs):
        raise RecursionError("too deep")

    monkeypatch.setattr(trafilatura, "extract", fail)
    article, problems, _ = read("<title>A b</title><p>Isi.</p>")
    assert article is None
    assert "RecursionError" in problems[0].message and problems[0].place == "a.html"


def test_pages_are_articles_by_their_suffix_and_their_sources_are_published_as_text():
    assert reader_for("a.HTM") is read_html
    article, _, _ = read("<title>A b</title><p>Isi.</p>", "x/a.htm")
    assert make_entry(article, "d").suffix == ".html.txt"


def test_the_extraction_is_part_of_the_engine():
    trafilatura = pytest.importorskip("trafilatura")
    versions = find_versions(*LIBRARIES)
    assert f"trafilatura-{trafilatura.__version__}" in versions
    assert {"lxml", "lxml_html_clean", "justext"} <= {version.partition("-")[0] for version in versions}


def test_nothing_read_before_changes_what_is_read(extraction):
    first = read_page("news.html")
    for name in ("old.htm", "broken.html", "news.html", "news.html"):
        read_page(name)
    assert read_page("news.html") == first
