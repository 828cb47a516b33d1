"""What each rule moved: counted for one article and for the archive, and shown on a page of its own."""

from __future__ import annotations

from site_builder.model import Tally
from site_builder.readers.text import read_text
from site_builder.tally import Example, RuleUse, sum_tallies, tally_rules
from tests.packs import OPTIONS
from tests.sites import make_markdown

LINES = ["Air naik | Dunia", "Air naik sejak pagi di kampung itu, kata warga.", "Baca juga: Rak buku di pos ronda"]
TEXT = "".join(f"{line}\r\n\r\n" for line in LINES)


def test_an_article_tells_what_was_moved_by_which_rule_and_where():
    article, _, text = read_text("a.txt", TEXT.encode(), OPTIONS)
    tallies = {(tally.rule, tally.part): tally for tally in tally_rules(article, text)}
    assert tallies["text.title", "title"] == Tally("text.title", "title", 1, "Air naik", 1)
    (related,) = (tally for (_, part), tally in tallies.items() if part == "related")
    assert related[2:] == (1, "Rak buku di pos ronda", 5)
    assert not any(part in ("body", "separator") for _, part in tallies)


def test_the_sum_has_the_most_frequent_first_and_examples_with_different_words():
    tallies = (
        [Tally("a", "residue", 2, "Iklan", 4)],
        [Tally("a", "residue", 1, "Iklan", 9), Tally("b", "label", 3, "|", 1)],
    )
    more = [[Tally("a", "residue", 1, f"Iklan {n}", n)] for n in range(5)]
    uses = sum_tallies((f"{number}.txt", found) for number, found in enumerate([*tallies, *more]))
    assert uses[0][:4] == ("a", "residue", 8, 7)
    assert [(example.text, example.id) for example in uses[0].examples] == [
        ("Iklan", "0.txt"),
        ("Iklan 0", "2.txt"),
        ("Iklan 1", "3.txt"),
    ]
    assert uses[1] == RuleUse("b", "label", 3, 1, (Example("|", "1.txt", 1),))


def test_the_page_counts_lines_that_are_titles_of_other_articles_too(site):
    story = (
        "Judul utama\n\n"
        "Paragraf pertama cukup panjang untuk disebut cerita, kata orang desa itu.\n\n"
        "Harga ikan naik lagi\n\n"
        "Paragraf kedua juga cukup panjang untuk disebut cerita, kata orang desa itu.\n"
    )
    site.write("2020-01-01-a.txt", story)
    site.build()
    assert "archive.title" not in site.read("archive/rules.html")
    site.write(
        "2020-01-02-b.txt", "Harga ikan naik lagi\n\nHarga ikan naik lagi di pasar, kata penjual kemarin pagi.\n"
    )
    site.build()
    page = site.read("archive/rules.html")
    assert "<code>archive.title</code>" in page
    assert 'href="../articles/judul-utama.marked.html"' in page
    assert 'href="../articles/judul-utama.marked.html#L1"' in page
    assert 'id="L1"' in site.read("articles/judul-utama.marked.html")
    assert "archive/rules.html" in site.read("articles/judul-utama.marked.html")


def test_an_archive_without_raw_texts_has_no_page_of_rules(site):
    site.write("a.md", make_markdown("A"))
    site.build()
    assert not (site.output / "archive/rules.html").exists()
    assert "archive/rules.html" not in site.read("articles/a.marked.html")
