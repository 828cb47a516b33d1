"""Front matter as other generators write it: each grammar with its traps, and a small site in each dialect."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.readers import ReadOptions, Sidecar
from site_builder.readers.decode import decode
from site_builder.readers.front_matter import add_sidecar, has_front_matter, read_front_matter
from site_builder.readers.markdown import read_markdown
from tests.sites import Site, list_files

DIALECTS = Path(__file__).parents[1] / "dialects"


def read(text: str):
    return read_front_matter("a.md", text)


def told(text: str) -> list[str]:
    return [str(problem) for problem in read(text).problems]


LINE_BY_LINE = "this is no YAML, and was read line by line (put the value into quotation marks)"


# --- YAML --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("title: Gempa: 12 tewas", "Gempa: 12 tewas"),
        ("title: [tag] Judul", "[tag] Judul"),
        ("title: @x", "@x"),
        ("title: *x", "*x"),
        ("title: *tegas* sekali", "*tegas* sekali"),
        ("title: | Berita", "| Berita"),
        ("title: `x`", "`x`"),
        ("title: 'a' dan 'b'", "'a' dan 'b'"),
        ("title:\t@x", "@x"),
    ],
)
def test_a_value_without_quotation_marks_is_read_line_by_line_and_told(written, title):
    text = f'---\n{written}\ntags: [a, "b: c"]\nsection:\n- Kota\n- Desa\n---\nIsi.\n'
    front = read(text)
    assert front.fields == {"title": title, "tags": ("a", "b: c"), "section": ("Kota", "Desa")}
    assert [str(problem) for problem in front.problems] == [f"a.md:2: {LINE_BY_LINE}"]
    assert text[front.end :] == "Isi.\n"


def test_a_tab_after_a_colon_is_a_blank():
    assert read("---\ntitle:\tJudul\n---\n").fields == {"title": "Judul"}


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("title: A: b\nx: &a 1", "is not YAML"),
        ("title: A: b\nx: !!python/name:os 1", "is not YAML"),
        ("x: &a 1\ny: *a", "anchors and aliases"),
        ("title: A: b\nx: [&a 1, *a]", "anchors and aliases"),
        ("title: A: b\nx: " + "[" * 3000 + "]", "nested too deep"),
        ("title: A: b\ntags: [a, b", "is not YAML"),
        ("title: A: b\nx:\n  y: z", "is not YAML"),
        ("title: A: b\nsummary: |\n  dua baris", "is not YAML"),
        ("title: A: b\nsummary: >-", "is not YAML"),
        ("title: A: b\n<<: *a", "is not YAML"),
        ("title: [a", "is not YAML"),
    ],
)
def test_what_is_more_than_lines_stays_an_error(block, message):
    problems = read(f"---\n{block}\n---\n").problems
    assert [problem.severity for problem in problems] == ["error"]
    assert message in problems[0].message


def test_doubled_keys_are_errors_line_by_line_too():
    assert told("---\ntitle: A: b\ntitle: C\n---\n")[-1].startswith("a.md:3: 'title' is given twice (see line 2)")


def test_a_comment_that_ends_a_title_is_told():
    front = read("---\ntitle: Judul # satu\n---\n")
    assert front.fields == {"title": "Judul"}
    assert [str(p) for p in front.problems] == [
        "a.md:2: the title ends before '# satu', which is a comment (put the whole title into quotation marks)"
    ]
    assert told('---\ntitle: "Judul # satu"\n---\n') == []
    assert told("---\ntitle: Judul C#\n---\n") == []


def test_a_warning_keeps_no_article_from_being_published():
    article, problems, _ = read_markdown("a.md", b"---\ntitle: A: b\ndate: 2024\n---\nIsi.\n", ReadOptions())
    assert article is not None
    assert article.title == "A: b"
    assert [p.severity for p in problems] == ["warning"]


# --- TOML and JSON -----------------------------------------------------------------------------------------------


def test_dates_and_times_of_toml_are_texts():
    block = 'title = "A"\ndate = 1979-05-27T07:32:00Z\n'
    block += "updated = 1979-05-27 07:32:00.5-07:00\njam = 07:32:00\nhari = [1979-05-27]"
    front = read(f"+++\n{block}\n+++\nIsi.\n")
    assert front.fields == {
        "title": "A", "date": "1979-05-27T07:32:00Z", "updated": "1979-05-27T07:32:00-07:00",
    }  # fmt: skip
    assert front.extra == {"jam": "07:32:00", "hari": ["1979-05-27"]}


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("title = A", "a.md:2:9: the front matter is not TOML: Invalid value"),
        ('title = "A"\ntitle = "B"', "a.md:3:12: the front matter is not TOML: Cannot overwrite a value"),
        ('x = "A"\ndate = "kemarin"', "a.md:3: date: unknown date 'kemarin'"),
        ("x = " + "[" * 500 + "]" * 500, "a.md:2: the front matter is"),
        (".".join("a" * 30000) + " = 1", "a.md:2: a line of TOML has more than 500 dots"),
        (".".join("a" * 400) + " = 1", "a.md:2: the front matter is nested too deep"),
        ("\n".join(f"k{n} = 1" for n in range(6000)), "a.md:2: the front matter is nested too deep or has too many"),
        ("x = " + "[" * 30 + "]" * 30, "a.md:2: the front matter is nested too deep"),
    ],
)
def test_what_is_wrong_with_toml_has_its_line(block, message):
    assert len(told(f"+++\n{block}\n+++\n")) == 1
    assert told(f"+++\n{block}\n+++\n")[0].startswith(message)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "lines",
    [
        ["---", "title: A", "---"],
        ["---yaml", "title: A", "---"],
        ["+++", 'title = "A"', "+++"],
        ["---toml", 'title = "A"', "---"],
        ["---json", '{"title": "A"}', "---"],
        [";;;", '"title": "A",', ";;;"],
        [";;;", '{"title": "A"}', ";;;"],
        ["{", '"title": "A"', "}"],
        ["<!--", ".. title: A", "-->"],
        [".. title: A"],
        ["Title: A"],
    ],
)
def test_every_dialect_ends_where_the_text_begins(lines, end):
    text = end.join([*lines, "", "Isi.", ""])
    front = read(text)
    assert (front.fields, front.problems) == ({"title": "A"}, ())
    assert text[front.end :] == f"{end}Isi.{end}"


@pytest.mark.parametrize(
    "text",
    [
        '{"title": "A"}',
        '{"title": "A"}\n \n',
        "{title}\n\nIsi.\n",
        '{"title": "A"\n\nIsi.\n',
        "{" * 5000 + "}" * 5000 + "\nIsi\n",
        "Breaking: kata mereka\n\nIsi.\n",
        "T: a\n\nIsi.\n",
        "Title: A\nbukan baris kepala\n\nIsi.\n",
        "\nTitle: A\n\nIsi.\n",
        "<!-- catatan -->\nIsi.\n",
        "<!--\n.. note: x\n-->\nIsi.\n",
        "<!--\n.. title: A\nkalimat\n-->\nIsi.\n",
        "++++\ntitle\n++++\n",
        "Isi.",
    ],
)
def test_what_only_looks_like_one_is_text(text):
    front = read(text)
    assert (front.end, front.fields, front.problems) == (0, {}, ())


@pytest.mark.parametrize("text", ["Title: A\n\nIsi.", '{"title": "A"}\nIsi', ';;;\n"title": 1\n;;;\n', "+++\nIsi\n"])
def test_raw_text_has_front_matter_between_fences_only(text):
    assert not has_front_matter(text)
    assert has_front_matter('+++\ntitle = "A"\n+++\nIsi')


def test_json_tells_doubled_keys_and_keeps_numbers_as_they_are_written():
    front = read('{"nomor": 1.50, "ya": true, "kosong": null, "x": {"y": [1]}}\nIsi.\n')
    assert front.extra == {"nomor": "1.50", "ya": "true", "kosong": "", "x": {"y": ["1"]}}
    assert told('{"title": "A",\n"title": "B"}\nIsi\n') == [
        "a.md:2: 'title' is given twice (see line 1) (keep one of the two)"
    ]
    assert "'y' is given twice" in told('{"x": {"y": 1, "y": 2}}\nIsi\n')[0]
    assert "half a character" in told('{"title": "\\ud800"}\nIsi\n')[0]
    assert told('---json\n{"title": A}\n---\n')[0].startswith("a.md:2: the front matter is not JSON: Expecting value")


# --- header lines ------------------------------------------------------------------------------------------------


def test_header_lines_go_on_and_lists_add_up():
    front = read(
        "Title: A: b\nTags: x, y\nTags: z\nAuthors: Contoh, Ana; Misal, Budi\nSummary: satu\n    dua\n\nIsi.\n"
    )
    assert front.fields == {
        "title": "A: b", "tags": ("x", "y", "z"), "author": "Contoh, Ana; Misal, Budi", "summary": "satu dua",
    }  # fmt: skip


# --- what keys mean ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "fields", "extra"),
    [
        ("published: false", {"draft": True}, {}),
        ("published: true", {}, {}),
        ("published: 2024-01-02", {"date": "2024-01-02"}, {}),
        ("status: draft", {"draft": True}, {}),
        ("status: published", {}, {}),
        ("status: featured", {}, {"status": "featured"}),
        ("url: https://example.org/a", {"source_url": "https://example.org/a"}, {}),
        ("url: /2019/lama/", {"aliases": ("/2019/lama/",)}, {}),
        ("permalink: lama.html", {"aliases": ("lama.html",)}, {}),
        ("permalink: pretty", {}, {"permalink": "pretty"}),
        ("permalink: /:year/:title/", {}, {"permalink": "/:year/:title/"}),
        ("permalink: ../../x/", {}, {"permalink": "../../x/"}),
        ("publishDate: 2024", {"date": "2024"}, {}),
        ("expiryDate: 2024", {}, {"expiryDate": "2024"}),
        ("author: {name: Ana, email: x}", {"author": "Ana"}, {}),
        ("params: {author: Ana, warna: biru}", {"author": "Ana"}, {"warna": "biru"}),
        ("taxonomies: {tags: [a], seri: [b]}", {"tags": ("a",)}, {"seri": ["b"]}),
    ],
)
def test_words_of_other_generators(line, fields, extra):
    front = read(f"---\n{line}\n---\n")
    assert (front.fields, front.extra, front.problems) == (fields, extra, ())


def test_names_that_others_give_a_meaning_of_their_own_give_way():
    front = read(
        "---\npublishDate: 2024-02\ndate: 2024-01\nkeywords: [k]\ntags: [t]\nsummary: s\ndescription: d\n---\n"
    )
    assert front.fields == {"date": "2024-01", "tags": ("t",), "summary": "s"}
    assert front.extra == {"publishDate": "2024-02", "keywords": ["k"], "description": "d"}
    assert front.problems == ()


def test_a_path_joins_the_aliases():
    front = read("---\nurl: /lama/\naliases: [/x/, /lama/]\n---\n")
    assert front.fields == {"aliases": ("/x/", "/lama/")}


# --- nothing raises ----------------------------------------------------------------------------------------------

KEYS = st.sampled_from("title date tags author url status published extra taxonomies slug aliases x".split())
VALUES = st.one_of(
    st.text(st.characters(exclude_characters="\n\r"), max_size=12),
    st.sampled_from(
        ["[a, b]", "[a", "{", "&a 1", "*a", "!x", "| b", "'a", '"', "2024-01-02", "- a", "a: b", "[[[", "#"]
    ),
)
SHAPES = st.sampled_from([
    ("---", ": ", "---"), ("+++", " = ", "+++"), ("---json", ":", "---"), (";;;", ":", ";;;"), ("{", ":", "}"),
    ("<!--", ": ", "-->"), ("", ": ", ""), ("---toml", "=", "---"), ("---", ":\n- ", "..."),
])  # fmt: skip


@given(SHAPES, st.lists(st.tuples(st.sampled_from(["", ".. ", "    ", '"', "[", "- "]), KEYS, VALUES), max_size=6))
def test_any_block_is_read_or_told_and_the_parts_join(shape, lines):
    opening, between, closing = shape
    block = "\n".join(f"{before}{key}{between}{value}" for before, key, value in lines)
    text = "\n".join(filter(None, [opening, block, closing])) + "\n\nIsi.\n"
    article, problems, _ = read_markdown("a.md", text.encode("utf-8", "replace"), ReadOptions())
    assert article is not None or problems
    if article is not None:
        data = text.encode("utf-8", "replace")
        # Text that was encoded twice is mended while it is decoded; the parts are those of what came of it.
        decoded = decode(data).text if article.mended else data.decode()
        assert "".join(decoded[p.start : p.end] for p in article.parts) == decoded.removeprefix("\ufeff")
        assert [p.part for p in article.parts].count("front-matter") <= 1
    front = read_front_matter("a.md", "")
    assert add_sidecar("a.md", front, Sidecar("a.meta", text.encode("utf-8", "replace")), ()).end == 0


def test_a_heading_that_ends_the_source_has_no_empty_part_after_it():
    article, _, _ = read_markdown("a.md", b"---\ntitle: A\n---\n# A", ReadOptions())
    assert article is not None
    assert [part.part for part in article.parts] == ["front-matter", "markup", "title"]


# --- sites -------------------------------------------------------------------------------------------------------


def build_dialect(name: str, root: Path) -> tuple[dict[str, dict[str, object]], list[str], Site]:
    """Build a sample site; return the data of its articles by the id of the source, its problems, and the site."""
    shutil.copytree(DIALECTS / name / "content", root / "content")
    site = Site(root, 'base_url = "https://example.org/"\n')
    report = site.build()
    assert (report.published, report.errors) == (True, ())
    files = sorted((site.output / "articles").glob("*.json"))
    data = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    return {item["id"]: item for item in data}, [str(p).partition("/content/")[2] for p in report.problems], site


def test_a_site_of_hugo(tmp_path):
    data, problems, site = build_dialect("hugo", tmp_path)
    assert set(data) == {"posts/perahu.md", "posts/2024-04-05-banjir-di-kota/index.md"}
    boat = data["posts/perahu.md"]
    assert (boat["title"], boat["date"], boat["updated"]) == (
        "Perahu: dua kali sehari", "2024-03-01T07:30:00+07:00", "2024-03-05",
    )  # fmt: skip
    assert (boat["sections"], boat["topics"], boat["byline"]) == (["Kota"], ["perahu", "sungai"], "Ana Contoh")
    assert boat["extra"] == {
        "expiryDate": "2030-01-01", "keywords": ["ferry", "river"], "mood": "tenang", "publishDate": "2024-03-02",
        "weight": "10",
    }  # fmt: skip
    assert "articles/perahu-dua-kali-sehari.html" in site.read("lama/perahu/index.html")
    assert (site.output / "2019/perahu/index.html").exists()
    assert data["posts/2024-04-05-banjir-di-kota/index.md"]["date"] == "2024-04-05"
    assert (site.output / "articles/banjir-di-kota.html").exists()
    assert [problem.partition(": ")[0] for problem in problems] == [
        "_index.md",
        "posts/2024-04-05-banjir-di-kota/catatan.md",
        "posts/2024-04-05-banjir-di-kota/index.md",
    ]
    assert site.build(drafts=True).articles == 3


def test_what_stood_beside_a_bundle_is_an_article_again_without_it(tmp_path):
    _, _, site = build_dialect("hugo", tmp_path / "site")
    site.delete("posts/2024-04-05-banjir-di-kota/index.md")
    report = site.build()
    assert (report.added, report.removed) == (
        ("posts/2024-04-05-banjir-di-kota/catatan.md",), ("posts/2024-04-05-banjir-di-kota/index.md",),
    )  # fmt: skip
    assert list_files(site.output) == list_files(site.build_clean(tmp_path / "clean"))


def test_a_permalink_that_is_the_address_still_is_no_alias(tmp_path):
    site = Site(tmp_path)
    site.write("a.md", "---\ntitle: A\ndate: 2024\npermalink: /articles/a.html\n---\nIsi.\n")
    report = site.build()
    assert not [p for p in report.problems if "alias" in p.message]


def test_a_site_of_jekyll(tmp_path):
    data, problems, site = build_dialect("jekyll", tmp_path)
    assert {id_: (item["title"], item["date"], item["sections"]) for id_, item in data.items()} == {
        "_posts/2019-03-04-pasar-baru.md": ("Pasar: buka lagi", "2019-03-04", ["berita"]),
        "_posts/2019-03-05-jembatan.markdown": ("[FOTO] Jembatan gantung", "2019-03-06T07:30:00+07:00", None),
        "_posts/2019-03-08-taman.md": ("Taman: dibuka", "2019-03-08", None),
    }
    shown = site.read(data["_posts/2019-03-08-taman.md"]["url"])
    assert "<pre><code># bukan judul" in shown
    assert 'pasar-buka-lagi.html">pasar</a>' in shown
    assert problems == [f"_posts/2019-03-04-pasar-baru.md:3: {LINE_BY_LINE}"]
    assert (site.output / "berita/pasar-baru/index.html").exists()
    assert (site.output / "lama/jembatan/index.html").exists()
    assert site.build(drafts=True).articles == 5


def test_a_site_of_pelican(tmp_path):
    data, problems, site = build_dialect("pelican", tmp_path)
    river = data["kota/sungai.md"]
    assert (river["title"], river["date"], river["updated"]) == (
        "Sungai: kembali bersih", "2020-05-06T10:20", "2020-05-07",
    )  # fmt: skip
    assert (river["sections"], river["topics"], river["byline"]) == (
        ["Kota"], ["sungai", "air"], "Contoh, Ana; Misal, Budi",
    )  # fmt: skip
    assert river["extra"] == {"Mood": "tenang"}
    assert (site.output / "articles/sungai-bersih.html").exists()
    boat = data["kota/perahu.md"]
    assert (boat["title"], boat["date"]) == ("Perahu lama", "2012-08-08T18:50")
    assert 'sungai-bersih.html">sungai</a>' in site.read(boat["url"])
    assert {problem.partition(":")[0] for problem in problems} == {"kota/biasa.md", "kota/perahu.md"}
    assert "Breaking: begini kata mereka" in site.read(data["kota/biasa.md"]["url"])
    assert site.build(drafts=True).articles == 4


def test_a_site_of_nikola(tmp_path):
    data, problems, site = build_dialect("nikola", tmp_path)
    assert problems == []
    ship = data["posts/kapal.md"]
    assert (ship["title"], ship["date"]) == ("Kapal: pulang lagi", "2012-09-15T19:52:05+07:00")
    assert (ship["sections"], ship["topics"]) == (["Pelabuhan"], ["kapal", "laut"])
    assert ship["source_url"] == "https://example.org/kapal"
    wind = data["posts/angin.txt"]
    assert (wind["title"], wind["date"], wind["topics"]) == ("Angin kencang", "2012-10-02", ["angin"])
    rain, fog = data["posts/hujan.txt"], data["posts/kabut.html"]
    assert (rain["title"], rain["date"], rain["topics"]) == ("Hujan pagi", "2013-08-28T20:40:55", ["hujan"])
    assert (fog["title"], fog["date"], fog["topics"]) == ("Kabut turun", "2014-01-02T06:00:00Z", ["kabut"])
    assert ".. " not in site.read(rain["url"]) + site.read(fog["url"])
    assert set(data) == {"posts/kapal.md", "posts/angin.txt", "posts/hujan.txt", "posts/kabut.html"}
    assert site.build(drafts=True).articles == 5


def test_a_site_of_zola(tmp_path):
    data, problems, site = build_dialect("zola", tmp_path)
    wood = data["blog/hutan.md"]
    assert (wood["title"], wood["date"], wood["updated"]) == ("Hutan bakau", "2021-06-07", "2021-06-08T01:02:03Z")
    assert (wood["sections"], wood["topics"], wood["byline"]) == (["Alam"], ["hutan", "laut"], "Ana, Budi")
    assert wood["extra"] == {"mood": "hijau", "nomor": "7"}
    assert (site.output / "old/hutan.html").exists()
    river = data["blog/sungai.md"]
    assert (river["title"], river["date"]) == ("Sungai kecil", "2022-03-04")
    assert (site.output / "2022/03/04/sungai-kecil/index.html").exists()
    shown = site.read(river["url"])
    assert "<pre><code># bukan judul" in shown
    assert 'hutan-bakau.html">hutan</a>' in shown
    assert [problem.partition(": ")[0] for problem in problems] == ["_index.md"]
