"""Raw text: one form of page a test, and next to each the text that only looks like it."""

from __future__ import annotations

from hashlib import sha256

import pytest

from site_builder import inputs
from site_builder.errors import ConfigError
from site_builder.model import Block
from site_builder.readers import Pack, ReadOptions
from site_builder.readers.language import detect_language
from site_builder.readers.lines import fold, lines_of
from site_builder.readers.summary import summarise
from site_builder.readers.text import read_text
from tests.packs import OPTIONS, load_packs

P = "Warga desa itu membangun jembatan baru di atas sungai sejak pekan lalu."
Q = "Kepala desa berkata bahwa jembatan itu akan selesai pada akhir tahun."
R = "Nelayan setempat tetap boleh melintas, tetapi tidak boleh membuang jangkar di situ."


def read(*blocks: str, name: str = "a.txt", options: ReadOptions = OPTIONS):
    return read_text(name, "\n\n".join(blocks).encode(), options)


def article_of(*blocks: str, **given):
    return read(*blocks, **given).article


def problems_of(*blocks: str, **given) -> list[str]:
    return [str(problem) for problem in read(*blocks, **given).problems]


# --- the source as a whole -----------------------------------------------------------------------------------------


def test_an_article_knows_its_source():
    data = f"Judul\n\n{P}\n".encode()
    article = read_text("2021/a.txt", data, OPTIONS).article
    assert (article.id, article.format, article.kind) == ("2021/a.txt", "text", "article")
    assert (article.bytes, article.sha256) == (len(data), sha256(data).hexdigest())
    assert read_text("pages/a.txt", data, OPTIONS).article.kind == "page"


def test_markup_in_raw_text_is_text():
    article = article_of("# Judul <b>tebal</b>", "<script>x</script> dan *bintang* tetap teks.")
    assert article.title == "# Judul <b>tebal</b>"
    assert article.blocks == (Block("paragraph", "<script>x</script> dan *bintang* tetap teks."),)


@pytest.mark.parametrize("data", [b"", b" \n\r\n", "\ufeff\u00a0***\n".encode()])
def test_a_text_without_words_is_left_out_and_told(data):
    reading = read_text("a.txt", data, OPTIONS)
    assert reading.article is None
    assert list(map(str, reading.problems)) == ["a.txt: is empty and was left out (delete it or write it)"]


def test_binary_and_large_files_are_errors():
    reading = read_text("a.txt", b"\x89PNG\r\n\x1a\n" + bytes(99), OPTIONS)
    assert reading.article is None
    assert [(p.severity, p.place) for p in reading.problems] == [("error", "a.txt")]
    assert reading.problems[0].message == "this is not text but a PNG picture"
    assert read_text("a.txt", b"kata " * 300, ReadOptions(megabytes=0.001)).problems[0].severity == "error"


def test_an_encoding_that_was_found_out_is_told():
    reading = read_text("a.txt", f"Judul “satu”\n\n{P}".encode("cp1252"), OPTIONS)
    assert reading.article.title == "Judul “satu”"
    assert reading.article.encoding == "windows-1252"
    assert str(reading.problems[0]).startswith("a.txt: is not UTF-8, and was read as windows-1252")


def test_lines_end_at_lf_cr_lf_and_cr_and_nothing_else():
    text = "satu\u2028dua\u0085tiga\x0cempat\r\nlima\renam\n\ntujuh"
    assert [(line.number, line.block) for line in lines_of(text, text)] == [(1, 0), (2, 0), (3, 0), (5, 1)]


def test_an_article_without_rules_is_its_title_and_its_body():
    article = article_of("Judul", "VIVA – " + P, "Halaman Selanjutnya", options=ReadOptions())
    assert article.title == "Judul"
    assert article.body == ("VIVA – " + P, "Halaman Selanjutnya")


def test_what_would_leave_nothing_of_a_text_is_not_taken():
    article = article_of("ADVERTISEMENT")
    assert (article.title, article.residue) == ("ADVERTISEMENT", ())


# --- the title -----------------------------------------------------------------------------------------------------


def test_prose_is_no_title_so_one_is_made_and_the_words_stay():
    reading = read(P, Q)
    assert (reading.article.title, reading.article.title_from) == (P, "made")
    assert reading.article.body == (P, Q)
    assert str(reading.problems[0]) == (f"a.txt: has no title, so it is called {P!r} (put a title on its first line)")


def test_a_made_title_is_cut_at_a_word():
    article = article_of(f"{P} {Q}")
    assert article.title == "Warga desa itu membangun jembatan baru di atas sungai sejak pekan lalu. Kepala…"
    assert len(article.title) <= 80


@pytest.mark.parametrize(
    "first",
    ["VIVA – " + P, "- satu hal\n- dua hal", "satu baris pendek\ndan lanjutannya yang berakhir sebagai kalimat biasa."],
)
def test_what_is_no_title(first):
    assert article_of(first, Q).title_from == "made"


def test_only_known_sections_are_taken_off_a_title():
    article = article_of("Jembatan Putus | Kambing Masuk Balai | Dunia | Berita", P)
    assert article.title == "Jembatan Putus | Kambing Masuk Balai"
    assert article.sections == ("Dunia", "Berita")
    options = ReadOptions(packs=load_packs(), sections=("Kambing masuk balai",))
    assert article_of("Jembatan Putus | Kambing Masuk Balai", P, options=options).sections == ("Kambing Masuk Balai",)


def test_sections_above_the_title_and_the_outlet_after_it():
    article = article_of("Berita > Dunia", "Jembatan Baru Dibangun - Kompas.com", P)
    assert article.title == "Jembatan Baru Dibangun"
    assert article.sections == ("Berita", "Dunia")
    assert article.publisher == "Kompas.com"


def test_the_title_said_twice_is_residue():
    article = article_of("Jembatan Baru Dibangun", "Jembatan Baru Dibangun", P, "Jembatan Baru Dibangun", Q)
    assert [(moved.text, moved.rule, moved.line) for moved in article.residue] == [
        ("Jembatan Baru Dibangun", "core.title-again", 3)
    ]
    assert article.body == (P, "Jembatan Baru Dibangun", Q)


# --- where and for whom --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("opening", "dateline", "publisher"),
    [
        ("VIVA\u00a0–\u00a0", "VIVA", "VIVA"),
        ("TEMPO.CO, Jakarta - ", "TEMPO.CO, Jakarta", "TEMPO.CO"),
        ("JAKARTA, KOMPAS.com — ", "JAKARTA, KOMPAS.com", "KOMPAS.com"),
        ("PADANG, KOMPAS.com\n– ", "PADANG, KOMPAS.com", "KOMPAS.com"),
        ("Jakarta, CNN Indonesia -- ", "Jakarta, CNN Indonesia", "CNN Indonesia"),
        ("Jakarta, goindonesia.co : ", "Jakarta, goindonesia.co", "goindonesia.co"),
        ("WartaContoh.co | ", "WartaContoh.co", "WartaContoh.co"),
        ("Biak (Antara Bali) - ", "Biak (Antara Bali)", "Antara Bali"),
        ("WASHINGTON (AP) — ", "WASHINGTON (AP)", "AP"),
        ("KYIV, Jan 12 (Reuters) - ", "KYIV, Jan 12 (Reuters)", "Reuters"),
        ("Surabaya - ", "Surabaya", None),
        ("Surabaya\n\n", "Surabaya", None),
        ("KAMPAR: ", "KAMPAR", None),
    ],
)
def test_datelines(opening, dateline, publisher):
    article = article_of("Judul Berita Itu", opening + P, Q)
    assert (article.dateline, article.publisher) == (dateline, publisher)
    assert article.body == (P, Q)
    assert article.blocks[0] == Block("paragraph", P, dateline)


@pytest.mark.parametrize(
    "first",
    [
        "Surabaya - Malang kini ditempuh dalam satu jam saja dengan kereta baru.",
        "NATO. Begitulah nama pakta itu disebut orang sejak dulu kala.",
        "HEADLINE: Penduduk desa itu membangun jembatan dengan tangan sendiri.",
        "Gerobak - Sebuah kisah tentang orang yang menjual bakso di jembatan.",
        "Pakta itu (NATO) - Begitulah namanya - bertemu lagi di Brussel pekan ini.",
    ],
)
def test_what_is_no_dateline_stays(first):
    article = article_of("Judul Berita Itu", first, Q)
    assert article.dateline is None
    assert article.body == (first, Q)


def test_a_dateline_may_follow_a_standfirst():
    article = article_of("Judul Berita Itu", Q, "VIVA – " + P)
    assert article.blocks == (Block("paragraph", Q), Block("paragraph", P, "VIVA"))


# --- when ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stamp", "date"),
    [
        ("Rabu, 16 Maret 2022 09:12 WIB", "2022-03-16T09:12+07:00"),
        ("Rabu, 26/09/2012 09:06 WIB", "2012-09-26T09:06+07:00"),
        ("Kamis, 07 Januari 2016 – 19:06 WITA", "2016-01-07T19:06+08:00"),
        ("Selasa, 21 Oktober 2014 - 10:30 WIT", "2014-10-21T10:30+09:00"),
        ("Kamis, 07 Agustus 2014 / 05:13 WIB", "2014-08-07T05:13+07:00"),
        ("Rabu 25 Oct 2017 14:49 WIB", "2017-10-25T14:49+07:00"),
        ("01 Januari 2022 - 02:20:00 WIB", "2022-01-01T02:20:00+07:00"),
        ("11 Mei 1991 | 00.00 WIB", "1991-05-11T00:00+07:00"),
        ("SENIN, 30 JANUARI 2023 | 06:54 WIB | LAPORAN: SITI CONTOH", "2023-01-30T06:54+07:00"),
        ("Kompas.com - 27/03/2024, 06:16 WIB", "2024-03-27T06:16+07:00"),
        ("CNN Indonesia | Senin, 24/06/2019 06:07 WIB", "2019-06-24T06:07+07:00"),
        ("diperbarui 20 Agu 2021, 15:35 WIB\nDiterbitkan 20 Agu 2021, 00:01 WIB", "2021-08-20T00:01+07:00"),
        ("Isnin, 7 Ogos 2023 3:05 PM", "2023-08-07T15:05"),
        ("March 3, 2021", "2021-03-03"),
        ("13/03/2021", "2021-03-13"),
        ("05.03.2021, 18:20 Uhr", "2021-03-05T18:20"),
        ("05.03.2021", "2021-03-05"),
    ],
)
def test_stamps(stamp, date):
    article = article_of(f"Judul Berita Itu\n{stamp}", P, Q)
    assert (article.date, article.date_from) == (date, "stamp")
    assert article.body == (P, Q)


def test_the_updated_stamp_is_kept_as_such():
    article = article_of("Judul\ndiperbarui 20 Agu 2021, 15:35 WIB\nDiterbitkan 20 Agu 2021, 00:01 WIB", P, Q)
    assert article.updated == "2021-08-20T15:35+07:00"
    assert article.date_text == "20 Agu 2021, 15:35 WIB; 20 Agu 2021, 00:01 WIB"


@pytest.mark.parametrize(
    ("blocks", "doubt"),
    [
        (
            ("Judul\nSenin, 16 Maret 2022 09:12 WIB", P),
            "a.txt:2: the date stamp is not trusted: 2022-03-16 is no Senin",
        ),
        (("Judul\n05-03-2021", P), "a.txt:2: the date stamp is not trusted: day and month could be exchanged"),
        (("Judul\n05/03/2021", P), "a.txt:2: the date stamp is not trusted: day and month could be exchanged"),
        (
            ("Kamis, 2 Oktober 2025", "Judul Berita", P),
            "a.txt:1: the date stamp is not trusted: a day above the title may be that of the crawl",
        ),
        (("Judul\n16 Maret 2022\n18 Maret 2022", P), "a.txt: has stamps of several days, so no date"),
    ],
)
def test_stamps_in_doubt_are_kept_and_give_no_date(blocks, doubt):
    reading = read(*blocks)
    assert reading.article.date is None
    assert reading.article.date_text
    assert reading.article.title.startswith("Judul")
    assert [f"{p.place}: {p.message}" for p in reading.problems] == [doubt]


@pytest.mark.parametrize(
    "line",
    ["Jumat (7/12)", "31 Februari 2022", "Rabu, 16 Maret", "Rabu, 16 Maret 2022 25:12 WIB", "16 Maret 2022 pagi"],
)
def test_what_is_no_stamp_is_body(line):
    reading = read("Judul Berita Itu", line, P)
    assert reading.article.body == (line, P)
    assert reading.article.date_text is None
    assert "a.txt: has no date" in str(reading.problems[-1])


def test_a_date_in_the_story_or_on_a_card_after_it_is_no_stamp():
    article = article_of("Judul", "VIVA – " + P, Q, "img_title\nVIVA.co.id\n11 Desember 2019")
    assert article.date is None
    assert "11 Desember 2019" in article.body[-1]


def test_the_name_of_the_file_beats_the_stamp():
    article = article_of("Judul\nRabu, 16 Maret 2022 09:12 WIB", P, name="arsip/2019-03-04-judul.txt")
    assert (article.date, article.date_from) == ("2019-03-04", "file name")
    assert article.date_text == "Rabu, 16 Maret 2022 09:12 WIB"
    assert article_of("Judul", P, name="2019-13-04-judul.txt").date is None
    assert article_of("Judul", P, name="000_754b039bdc54250b.txt").date is None


# --- who -----------------------------------------------------------------------------------------------------------


def test_people_at_the_edges_of_a_text():
    article = article_of("Judul\nNorma Contoh - detikNews", P, Q, "Editor : Budi Misal\n(abd/rtn)")
    assert (article.byline, article.publisher) == ("Norma Contoh", "detikNews")
    assert article.credits == article.notes == ("Budi Misal", "abd/rtn")


def test_a_label_in_the_middle_of_a_story_is_the_story():
    article = article_of("Judul", P, Q, "Penulis: Ana Contoh\nPenerbit: Warta", R)
    assert article.byline is None
    assert "Penulis: Ana Contoh Penerbit: Warta" in article.body


def test_a_label_alone_takes_the_name_below_it():
    assert article_of("Judul", "Oleh:\nLintang Samudra", P, Q).byline == "Lintang Samudra"
    assert article_of("Judul", "Oleh:\nwarga yang menunggu jembatan itu selesai", P, Q).byline is None


def test_initials_after_the_last_sentence_are_a_credit():
    article = article_of("Judul", P, "“Jembatan itu akan selesai pada akhir tahun,” kata Bagja.(fas/jpnn)")
    assert article.body[-1].endswith("kata Bagja.")
    assert article.credits == ("fas/jpnn",)
    assert article_of("Judul", P, Q + " Pakta itu (NATO)").body[-1].endswith("(NATO)")


# --- pictures ------------------------------------------------------------------------------------------------------


def test_a_figure_stands_where_the_picture_stood():
    article = article_of(
        "Judul", "VIVA – " + P, "VIVA Militer: Kapal bersandar di dermaga.", "Photo :\n  • a.id\n  • b.id", Q
    )
    assert article.captions == ("Kapal bersandar di dermaga.",)
    assert article.credits == ("a.id", "b.id")
    assert article.notes == ()
    assert [block.kind for block in article.blocks] == ["paragraph", "figure", "paragraph"]
    assert article.blocks[1] == Block("figure", "Kapal bersandar di dermaga.", credit="a.id, b.id")


def test_a_paragraph_over_a_credit_is_no_caption():
    article = article_of("Judul", "VIVA – " + P, Q, "Photo :\n  • a.id", P)
    assert article.captions == ()
    assert Block("figure", "", credit="a.id") in article.blocks


def test_pictures_follow_each_other():
    article = article_of(
        "Judul",
        "Image source, Ana\nImage caption, Satu\nImage source, Budi\nImage caption, Dua",
        P,
    )
    assert article.blocks[:2] == (Block("figure", "Satu", credit="Ana"), Block("figure", "Dua", credit="Budi"))


# --- other stories and the page around ----------------------------------------------------------------------------


def test_a_label_whose_link_is_gone_takes_no_sentence():
    article = article_of("Judul", P, "Baca juga:", Q)
    assert (article.related, article.labels, article.body) == ((), ("Baca juga:",), (P, Q))


def test_a_label_across_a_blank_line_takes_a_headline_and_no_subheading():
    headline = "Ribuan Ubur-ubur Terdampar, Warga Pesisir Diminta Tidak Mandi"
    assert article_of("Judul", P, "Baca juga:", headline, Q).related == (headline,)
    assert article_of("Judul", P, "Baca juga:", "Jembatan Lama Yang Hanyut", Q).related == ()


def test_unlabelled_headlines_are_related_only_for_a_publisher_that_has_them():
    headline = "Ribuan Ubur-ubur Terdampar, Warga Pesisir Diminta Tidak Mandi di Laut"
    assert article_of("Judul", "VIVA – " + P, headline, Q).related == (headline,)
    assert article_of("Judul", P, headline, Q).related == ()
    assert article_of("Judul", "VIVA – " + P, Q, headline).related == ()
    assert article_of("Judul", "VIVA – " + P, "Judul undang-undang itu:", headline, Q).related == ()


def test_a_rule_can_be_switched_off():
    headline = "Ribuan Ubur-ubur Terdampar, Warga Pesisir Diminta Tidak Mandi di Laut"
    options = ReadOptions(packs=load_packs(), disable=("viva.related",))
    assert article_of("Judul", "VIVA – " + P, headline, Q, options=options).body == (P, headline, Q)


def test_a_site_can_bring_its_own_rules():
    pack = '[pack]\nid = "project.mine"\n[[rule]]\nname = "mine.banner"\npart = "residue"\nline = ["Dukung kami"]\n'
    options = ReadOptions(packs=(*load_packs(), Pack("rules/mine.toml", pack)))
    article = article_of("Judul", P, "DUKUNG KAMI", Q, options=options)
    assert [moved.rule for moved in article.residue] == ["mine.banner"]


def test_navigation_goes_and_the_text_after_it_stays():
    article = article_of("Judul", P, "Halaman Selanjutnya", Q)
    assert article.truncated
    assert article.body == (P, Q)
    assert article_of("Judul", P, "“Halaman Selanjutnya”", Q).truncated is False


def test_a_story_told_twice_is_shown_once():
    article = article_of("Judul", "Garut (ANTARA) - " + P, Q, "Pewarta: Ana Contoh\nCOPYRIGHT © ANTARA 2023", P, Q)
    assert article.body == (P, Q)
    assert [moved.text for moved in article.residue] == [P, Q]
    assert article.byline == "Ana Contoh"


def test_one_block_said_twice_is_no_copy():
    assert article_of("Judul", P, Q, P).body == (P, Q, P)


# --- blocks --------------------------------------------------------------------------------------------------------


def test_links_broken_onto_lines_run_together_again():
    assert fold("keterangan\nketua\n, Pak (\nAna\n) itu") == "keterangan ketua, Pak (Ana) itu"


def test_a_hard_wrapped_paragraph_is_one_paragraph():
    wrapped = (
        "Warga desa itu membangun jembatan baru di atas sungai sejak\n"
        "pekan lalu karena jembatan yang lama hanyut dibawa banjir."
    )
    article = article_of("Judul Berita Itu", wrapped, Q)
    assert article.blocks[0] == Block("paragraph", wrapped.replace("\n", " "))


def test_lines_that_are_paragraphs_are_kept_apart_below_one_blank_line():
    lines = [P, Q, P.replace("Warga", "Orang")]
    assert article_of("Judul", "\n".join(lines)).body == tuple(lines)


def test_a_list_keeps_its_lines_and_its_introduction_apart():
    article = article_of("Judul", "Ada dua hal:\n• satu hal\n• dua hal", P)
    assert article.blocks[:2] == (Block("paragraph", "Ada dua hal:"), Block("list", "• satu hal\n• dua hal"))


def test_a_stanza_in_a_story_keeps_its_lines():
    stanza = "Malam Menyimpan Garam\nAngin Menghitung Tangga\nSatu demi satu"
    assert article_of("Judul", P, stanza, Q).blocks[1] == Block("verse", stanza)


def test_only_a_roundup_that_counts_has_headings():
    kinds = [block.kind for block in article_of("Judul", P, "1. Jembatan Putus", Q, "2. Kambing Masuk", P).blocks]
    assert kinds == ["paragraph", "heading", "paragraph", "heading", "paragraph"]
    assert article_of("Judul", P, "Lebih Murah", Q, "3. Kambing Masuk", P).blocks[1].kind == "paragraph"


def test_a_drawn_line_is_a_label():
    article = article_of("Judul", P, "___", Q)
    assert (article.body, article.labels) == ((P, Q), ("___",))


# --- language and summary ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (P, "id"),
        ("Ketua kampung itu berkata, kerja itu disiapkan kerana titi lama hanyut bagi penduduk.", "ms"),
        ("The council voted to keep the keeper, and he said that it was good.", "en"),
        ("El alcalde dijo que la ciudad no tiene agua para los vecinos.", "es"),
        ("Le maire a dit que la ville n’avait pas d’eau pour les habitants.", "fr"),
        ("Der Rat hat nicht gesagt, dass die Stadt kein Wasser für uns hat.", "de"),
        ("市長は水がないと言った。", "ja"),
        ("市长说没有水。", "zh"),
        ("시장은 물이 없다고 말했다.", "ko"),
        ("قال رئيس البلدية إنه لا يوجد ماء", "ar"),
        ("Мэр сказал, что воды нет", "ru"),
        ("Mesa Verde", "id"),
        ("123 456", None),
    ],
)
def test_language(text, language):
    assert detect_language(text, "id") == language


@pytest.mark.parametrize("sign", "“”‘’–—…«¿")
@pytest.mark.parametrize("words", ["yang dan di itu", "the of and to", "και το είναι", "这是一个", "ada"])
def test_signs_of_print_say_nothing_of_the_language(words, sign):
    plain, printed = ('"' + '" "'.join(words.split()) + '"', f"{sign}{f'{sign} {sign}'.join(words.split())}{sign}")
    assert detect_language(printed, "pt") == detect_language(plain, "pt")


def test_a_text_that_does_not_tell_is_in_the_language_of_the_site():
    assert detect_language("dan di untuk", "ms") == "ms"
    assert article_of("Judul", "Kata.", options=ReadOptions(language="ms")).lang == "ms"


def test_a_detector_that_was_asked_for_knows_more_languages():
    finnish = "Kalastajat palasivat satamaan aamunkoitteessa, kertoi majakanvartija eilen illalla kylässä."
    assert detect_language(finnish, "id") == "id"
    assert detect_language(finnish, "id", "py3langid") == "fi"
    assert detect_language("xx 2020", "id", "py3langid") == "id"
    assert detect_language("2020 – 2021", "id", "py3langid") is None
    options = ReadOptions(packs=OPTIONS.packs, detector="py3langid")
    assert article_of("Kalastajat palasivat", finnish, options=options).lang == "fi"


def test_a_detector_that_is_not_installed_is_told(site, monkeypatch):
    monkeypatch.setattr(inputs, "find_versions", lambda *_: ())
    (site.root / "site.toml").write_text('[text]\ndetector = "py3langid"\n')
    with pytest.raises(ConfigError, match=r"site.toml: text.detector is 'py3langid', which is not installed \(pip "):
        site.build()


def test_related_headlines_have_no_vote_in_the_language():
    article = article_of("Judul", P, "Read more: The keeper of the light is in the house and he will not go", Q)
    assert article.lang == "id"


def test_a_summary_is_the_first_words():
    assert summarise(["Satu dua.", "Tiga."]) == "Satu dua. Tiga."
    assert summarise([]) == ""
    summary = summarise(["kata " * 100])
    assert summary.endswith("kata…") and len(summary) <= 200
    assert len(summarise(["k" * 999])) == 200
    assert article_of("Judul", P, Q).summary == f"{P} {Q}"


def test_problems_tell_what_is_not_known():
    assert problems_of("Judul", P) == [
        "a.txt: has no date, so it is listed as undated (name the file YYYY-MM-DD-title.txt)"
    ]
    assert problems_of("Judul", P, name="pages/tentang.txt") == []


def test_front_matter_before_a_raw_text_gives_facts_and_the_text_keeps_its_lines():
    text = "---\ntags: [garam, feri]\nsection: Budaya\n---\n"
    text += "Air naik\n\nAir naik sejak pagi, kata warga.\n\nHalaman Selanjutnya\n"
    article, problems, _ = read_text("2019-03-04-a.txt", text.encode(), OPTIONS)
    assert problems == ()
    assert (article.title, article.topics, article.sections) == ("Air naik", ("garam", "feri"), ("Budaya",))
    assert (article.date, article.date_from) == ("2019-03-04", "file name")
    assert article.residue[0].line == 9
    assert "".join(text[p.start : p.end] for p in article.parts) == text
    assert article.parts[0].part == "front-matter"


def test_a_headline_that_is_not_the_title_stays_above_the_story():
    text = "---\ntitle: Lain\ndate: 2020-01-01\n---\nAir naik\n\nAir naik sejak pagi, kata warga.\n"
    article, _, _ = read_text("a.txt", text.encode(), OPTIONS)
    assert (article.title, article.date_from) == ("Lain", "front matter")
    assert article.body == ("Air naik", "Air naik sejak pagi, kata warga.")


@pytest.mark.parametrize(
    "text", ["---\nini garis\n---\nisi yang panjang di sini.\n", "---\n\nJudul\n\nIsi.\n", "---\nhal: x\n---\nIsi.\n"]
)
def test_a_text_that_begins_with_dashes_is_text(text):
    article, _, _ = read_text("a.txt", text.encode(), OPTIONS)
    assert article.parts[0].part != "front-matter"


def test_front_matter_that_is_broken_is_an_error_in_raw_text_too():
    article, problems, _ = read_text("a.txt", b"---\ntitle: A\ndate: soon\n---\nIsi.\n", OPTIONS)
    assert article is None
    assert [str(p) for p in problems] == ["a.txt:3: date: unknown date 'soon' (write YYYY-MM-DD)"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_below_front_matter_are_counted_whatever_ends_them(end):
    """With CR alone, no key was seen below the fence, and the lines of the front matter were not counted."""
    lines = [
        "---",
        "tags: [garam]",
        "---",
        "Air naik",
        "",
        "Air naik sejak pagi, kata warga.",
        "",
        "Halaman Selanjutnya",
    ]
    article, _, _ = read_text("a.txt", end.join(lines).encode(), OPTIONS)
    assert article.topics == ("garam",)
    assert [moved.line for moved in article.residue] == [8]
