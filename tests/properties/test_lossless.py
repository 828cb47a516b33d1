"""Whatever a text holds, no character and no word of it is lost, and nothing is made up."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from hypothesis import example, given
from hypothesis import strategies as st

from site_builder.marking import mark_lines
from site_builder.model import PARTS
from site_builder.readers import ReadOptions, Sidecar
from site_builder.readers.decode import decode, find_binary
from site_builder.readers.text import read_text
from tests.packs import OPTIONS

# Lines that rules are about, and lines that look like them, in any order and with any ends.
LINES = st.sampled_from(
    [
        "",
        " \u00a0",
        "Kapal Survei Temukan Bangkai Pesawat Tua di Dasar Teluk",
        "Judul Berita | Dunia | Berita",
        "Judul Berita - KOMPAS.com",
        "Berita > Dunia",
        "Kompas.com - 14/11/2022, 07:35 WIB",
        "CNN Indonesia | Senin, 24/06/2019 06:07 WIB",
        "Rabu, 16 Maret 2022 09:12 WIB",
        "Senin, 16 Maret 2022 09:12 WIB",
        "diperbarui 20 Agu 2021, 15:35 WIB",
        "Norma Contoh - detikNews",
        "Penulis Ratna Puspita",
        "Penulis: Ana Contoh | Editor: Budi Misal",
        "Oleh: Lintang Samudra",
        "Oleh:",
        "Surabaya",
        "VIVA – Kapal survei menemukan bangkai pesawat tua di dasar teluk itu.",
        "VIVA\u00a0–\u00a0Kapal survei menemukan bangkai pesawat tua di dasar teluk itu.",
        "Garut (ANTARA) - Perpustakaan keliling menambah empat rute baru ke kampung.",
        "MAGELANG, KOMPAS.com",
        "– Warga kampung itu membangun sumur resapan dalam tiga bulan terakhir.",
        "KYIV, Jan 12 (Reuters) - The council voted on Thursday to keep its keeper.",
        "BALING: Penduduk membina sebuah jambatan buluh sepanjang 18 meter bagi kampung.",
        "VIVA Militer: Kapal survei bersandar",
        "Sumber :",
        "  • barunanusa.id",
        "Harga Solar Nelayan Naik Lagi, Ratusan Perahu Pilih Bersandar di Pelabuhan",
        "Baca juga: Rak buku di pos ronda",
        "Baca Juga:",
        "BERITA TERKAIT",
        "Artikel Berkaitan:",
        "- satu hal",
        "- dua hal",
        "1. Jembatan Gantung Putus",
        "2. Kambing Kurban Masuk Balai Desa",
        "ADVERTISEMENT",
        "Halaman Selanjutnya",
        "A",
        "___",
        ", Pak Jumadi, biaya setiap sumur tidak sampai",
        "Seorang anak memilih buku. (ANTARA/HO-Dinas Arsip)",
        "(Foto: merdeka.com)",
        "Image source, Ana Example",
        "Image caption, The lighthouse",
        "(abd/rtn)",
        "Beliau berkata, jambatan itu kukuh dan mampu menampung motosikal. - BERNAMA",
        "“Semua sudah dibagikan kepada warga desa itu,” kata Bagja.(fas/jpnn)",
        "(Reporting by Helen Marsh; Editing by Tom Abara)",
        "Copyright 2008 - 2022 PT. Contoh Media. All Rights Reserved.",
        "Nelayan setempat tetap boleh melintas, tetapi tidak boleh membuang jangkar.",
    ]
)
PAGES = st.lists(st.tuples(LINES, st.sampled_from(["\n", "\r\n", "\r", "\n\n", "\n \n"])), max_size=24).map(
    lambda lines: "".join(line + end for line, end in lines)
)
INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))


def _words(text: str) -> Counter[str]:
    text = unicodedata.normalize("NFC", text).translate(INVISIBLE)
    return Counter(re.findall(r"\w+", " ".join(text.split()).casefold()))


def _told(article) -> str:
    single = [article.publisher, article.dateline, article.byline, article.date_text]
    if article.title_from == "text":
        single.append(article.title)
    many = [article.sections, article.captions, article.credits, article.related, article.labels, article.body]
    residue = [moved.text for moved in article.residue]
    return " \n ".join([*filter(None, single), *(text for texts in many for text in texts), *residue])


def _check(data: bytes, options: ReadOptions = OPTIONS) -> None:
    reading = read_text("a.txt", data, options)
    article = reading.article
    if article is None:
        text = "" if find_binary(data, options.megabytes) else decode(data, options.encodings).text
        assert not re.search(r"[^\W_]", text)
        assert reading.problems
        return
    text = decode(data, options.encodings).text
    assert "".join(text[part.start : part.end] for part in article.parts) == text
    position = 0
    for part in article.parts:
        assert part.start == position < part.end
        assert part.part in PARTS
        assert part.rule
        position = part.end
    assert _words(text) - _words(_told(article)) == Counter()
    # The outlet of a dateline is told twice; nothing else is told that does not stand in the text.
    assert _words(_told(article)) - _words(text) - _words(article.publisher or "") == Counter()
    assert article.title
    assert len(article.summary) <= 200
    assert {block.text for block in article.blocks if block.kind != "figure"} == set(article.body)


@given(PAGES)
def test_no_word_of_a_page_is_lost(page):
    _check(page.encode())


@given(st.text())
@example("a\u0085b\u2028c\x0cd\x1ce")
@example("\ufeff\ufeffa")
@example("a\n\u200b\nb")
@example("Judul\n\n_a_ | Dunia")
def test_no_character_of_any_text_is_lost(text):
    _check(text.encode("utf-8", "surrogatepass"))


@given(st.binary())
@example(b"\xff\xfea")
@example(b"\xef\xbb\xbf\xff")
def test_no_bytes_raise(data):
    _check(data)


@given(PAGES)
def test_without_packs_all_but_the_title_is_body(page):
    article = read_text("a.txt", page.encode(), ReadOptions()).article
    if article is not None:
        assert {part.part for part in article.parts} <= {"title", "body", "separator", "label"}


@given(PAGES)
def test_reading_is_a_function(page):
    assert read_text("a.txt", page.encode(), OPTIONS) == read_text("a.txt", page.encode(), OPTIONS)


@given(PAGES, st.sets(st.integers(1, 30), max_size=6))
def test_lines_that_are_kept_are_body_and_nothing_is_lost(text, keep):
    number = text.count("\n") + text.replace("\r\n", "\n").count("\r") + 1
    keep = {line for line in keep if line <= number}
    told = Sidecar("a.meta", f".. title: Judul\n.. keep: {', '.join(map(str, keep))}\n".encode())
    article, _, _ = read_text("a.txt", text.encode(), OPTIONS, told)
    assert article is not None
    assert "".join(text[part.start : part.end] for part in article.parts) == text
    marked = {line.number: line.pieces for line in mark_lines(text, article.parts)}
    for line in keep:
        seen = {piece.part for piece in marked.get(line, ()) if any(map(str.isalnum, piece.text))}
        assert seen <= {"body"}, (line, marked[line])
