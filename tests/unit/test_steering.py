"""What an owner says about the reading of one raw text: lines that stay in the story, rules that are not tried."""

from __future__ import annotations

import json

import pytest

from site_builder.readers import Sidecar
from site_builder.readers.text import read_text
from tests.packs import OPTIONS

TEXT = """Perahu baru untuk Lembah Rawa

LEMBAH RAWA - Tiga perahu baru diserahkan kepada nelayan kemarin, kata kepala desa dalam sambutannya.

Baca juga: Harga ikan naik menjelang hari raya di pasar kota

Perahu itu dibuat oleh tukang dari desa sebelah, dan dicat biru seperti perahu yang lama.
Baca juga
Itulah tulisan di lambung perahu yang pertama, untuk anak-anak yang menunggu di dermaga.
"""


def read(text: str, meta: str = ""):
    sidecar = Sidecar("a.meta", meta.encode()) if meta else None
    return read_text("a.txt", text.encode(), OPTIONS, sidecar)


def test_a_line_that_is_kept_is_body_whatever_a_rule_says():
    assert read(TEXT).article.related == ("Harga ikan naik menjelang hari raya di pasar kota",)
    article, problems, _ = read(TEXT, ".. keep: 5\n")
    assert article.related == ()
    assert "Baca juga: Harga ikan naik menjelang hari raya di pasar kota" in article.body
    assert {part.rule for part in article.parts if "Baca" in TEXT[part.start : part.end]} >= {"text.keep"}
    assert not [problem for problem in problems if problem.severity == "error"]
    assert "".join(TEXT[part.start : part.end] for part in article.parts) == TEXT


def test_lines_are_counted_as_explain_shows_them_also_below_front_matter():
    article, _, _ = read(f"---\ntitle: Perahu\nkeep: [9]\n---\n{TEXT}")
    assert article.related == ()
    assert article.title == "Perahu"
    assert "keep" not in article.extra


def test_a_range_and_a_list_of_lines_are_kept():
    whole = read(TEXT, ".. keep: 1-3, 5\n").article
    assert whole.title_from == "made" or whole.title != "Perahu baru untuk Lembah Rawa"
    assert whole.related == ()
    assert whole.dateline is None
    assert whole.body[0] == "Perahu baru untuk Lembah Rawa"


def test_a_kept_line_inside_a_wrapped_paragraph_stays_in_it():
    wrapped = (
        "Judul tentang sungai\n\n"
        "Sungai itu mengalir dari bukit ke laut, melewati tiga desa dan dua\n"
        "Baca juga:\n"
        "pasar yang ramai setiap pagi.\n"
    )
    article, _, _ = read(wrapped, ".. keep: 4\n")
    assert any("dua Baca juga: pasar" in block for block in article.body)


def test_a_rule_is_left_out_for_one_article_only():
    (rule,) = {part.rule for part in read(TEXT).article.parts if part.part == "related"}
    assert read(TEXT, f".. disable: {rule}\n").article.related == ()
    assert read(TEXT).article.related != ()


@pytest.mark.parametrize(
    ("meta", "severity", "message"),
    [
        (".. keep: dua\n", "error", "keep: 'dua' names no line"),
        (".. keep: 0\n", "error", "keep: '0' names no line"),
        (".. keep: 7-5\n", "error", "keep: '7-5' names no line"),
        (".. keep: 99\n", "warning", "keep: there is no line 99, the source has 10"),
        (".. disable: core.relatd\n", "error", "disable: no rule is called 'core.relatd'"),
    ],
)
def test_what_cannot_be_meant_is_told(meta, severity, message):
    article, problems, _ = read(TEXT, meta)
    assert (severity, message) in {(problem.severity, problem.message) for problem in problems}
    assert (article is None) == (severity == "error")


def test_the_keys_mean_nothing_to_markdown_and_are_kept(site):
    site.write("a.md", "---\ntitle: Perahu\ndate: 2020-01-01\nkeep: mine\n---\nTiga perahu baru.\n")
    assert site.build().errors == ()
    assert json.loads(site.read("articles/perahu.json"))["extra"] == {"keep": "mine"}


def test_a_headline_that_is_kept_is_not_set_apart_by_the_archive(site):
    story = (
        "Judul utama\n\n"
        "Paragraf pertama cukup panjang untuk disebut cerita, kata orang desa itu.\n\n"
        "Harga ikan naik lagi\n\n"
        "Paragraf kedua juga cukup panjang untuk disebut cerita, kata orang desa itu.\n"
    )
    site.write("2020-01-01-a.txt", story)
    site.write(
        "2020-01-02-b.txt", "Harga ikan naik lagi\n\nHarga ikan naik lagi di pasar, kata penjual kemarin pagi.\n"
    )
    site.build()
    assert json.loads(site.read("articles/judul-utama.json"))["related"] == ["Harga ikan naik lagi"]
    site.write("2020-01-01-a.meta", ".. keep: 5\n")
    site.build()
    assert json.loads(site.read("articles/judul-utama.json"))["related"] == []
    site.delete("2020-01-01-a.meta")
    (site.root / "site.toml").write_text('[text]\ndisable = ["archive.title"]\n')
    site.build()
    assert json.loads(site.read("articles/judul-utama.json"))["related"] == []
