from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.readers.dates import date_from_name, parse_date
from site_builder.readers.front_matter import read_front_matter


def read(block: str, rest: str = "\nIsi.\n"):
    return read_front_matter("a.md", f"---\n{block}---\n{rest}")


def told(block: str) -> list[str]:
    return [str(problem) for problem in read(block).problems]


def test_values_stay_the_text_that_was_written():
    front = read('title: "12:30:45"\ndate: 2024-01-02 07:30:00 +0700\nlang: no\nnomor: 010\nya: yes\n')
    assert front.fields == {"title": "12:30:45", "date": "2024-01-02T07:30:00+07:00", "lang": "no"}
    assert front.extra == {"nomor": "010", "ya": "yes"}


def test_names_of_one_thing():
    front = read("category: Kota\nkeywords: [a, b, a]\nauthors: [A, B]\nlastmod: 2024\ndescription: x\n")
    assert front.fields == {
        "section": ("Kota",), "tags": ("a", "b"), "author": "A, B", "updated": "2024", "summary": "x",
    }  # fmt: skip


def test_two_names_with_one_value_are_fine_and_with_two_values_are_not():
    assert told("section: Kota\ncategory: Kota\n") == []
    assert told("section: Kota\ncategory: Desa\n") == [
        "a.md:3: 'category' and 'section' say different things (see line 2) (keep one of the two)"
    ]
    assert told("title: A\ntitle: A\n") == ["a.md:3: 'title' is given twice (see line 2) (keep one of the two)"]


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("date: 2024-13-01\n", "a.md:2: date: unknown date '2024-13-01' (there is no such day or time; write "),
        ("title: A\ndate: kemarin\n", "a.md:3: date: unknown date 'kemarin' (write YYYY-MM-DD)"),
        ("slug: ../../x\n", "a.md:2: slug: '../../x' cannot be an address (write 'x')"),
        ("slug: Berita Utama\n", "a.md:2: slug: 'Berita Utama' cannot be an address (write 'berita-utama')"),
        ("slug: con\n", "a.md:2: slug: 'con' cannot be an address (the name is kept for the site itself or cannot"),
        ("slug: '...'\n", "a.md:2: slug: '...' cannot be an address (write letters a-z, digits and '-', at most"),
        ("title: [a, b]\n", "a.md:2: title: must be a text, and is a list or a table (write one value on"),
        ("tags: {a: b}\n", "a.md:2: tags: must be a list of texts (write [one, two])"),
        ("draft: maybe\n", "a.md:2: draft: 'maybe' is neither true nor false (write true or false)"),
        ("lang: Bahasa Indonesia\n", "a.md:2: lang: 'Bahasa Indonesia' is no language (write a code such as id or en)"),
        ("a: &x 1\n", "a.md:2:4: YAML anchors and aliases are not read (write the value out)"),
        ("a: !!python/object:os.system x\n", "a.md:2:4: the YAML tag tag:yaml.org,2002:python/object:os.system is"),
        ("- a\n- b\n", "a.md:2:1: the front matter is not made of lines 'key: value'"),
        ("title: Gempa: 12 tewas\nx:\n  y: z\n", "a.md:2:13: the front matter is not YAML: mapping values are not"),
        ("a: " + "[" * 3000 + "\n", "a.md:2:23: the front matter is nested too deep"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_with_its_place_and_remedy(block, message):
    assert len(told(block)) == 1
    assert told(block)[0].startswith(message)


def test_all_mistakes_are_told_at_once():
    assert len(told("date: x\nslug: ..\ntitle: [a]\ndraft: perhaps\n")) == 4


def test_an_end_that_is_missing_is_told():
    front = read_front_matter("a.md", "---\ntitle: A\n\nIsi.\n")
    assert str(front.problems[0]).startswith("a.md:1: the front matter has no end (close it")


@pytest.mark.parametrize("text", ["", "Isi", "--- \nbukan", "----\na: b\n---\n", " ---\na: b\n---\n"])
def test_what_only_looks_like_front_matter(text):
    assert read_front_matter("a.md", text).fields == {}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_and_the_place_where_the_text_begins(end):
    text = end.join(["---", "title: A", "...", "Isi"])
    front = read_front_matter("a.md", text)
    assert front.fields == {"title": "A"}
    assert text[front.end :] == "Isi"


@given(st.text())
def test_any_text_is_read_or_told(block):
    front = read(block)
    assert front.problems or 0 <= front.end <= len(block) + 20


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("1998", "1998"), ("1998-3", "1998-03"), ("2024-02-29", "2024-02-29"), ("2024-1-2T7:05", "2024-01-02T07:05"),
        ("2024-01-02 07:30:15Z", "2024-01-02T07:30:15Z"), ("2024-01-02T07:30:00.5+0700", "2024-01-02T07:30:00+07:00"),
    ],
)  # fmt: skip
def test_dates_are_kept_as_exactly_as_they_are_written(text, date):
    assert parse_date(text) == date


@pytest.mark.parametrize(
    "text", ["0000-01-01", "2023-02-29", "2024-01-01T25:00", "01/02/2024", "2024-01-01T10:00+99:00", "٢٠٢٤"]
)
def test_impossible_dates(text):
    with pytest.raises(ValueError, match="write"):
        parse_date(text)


def test_dates_in_names_of_files():
    assert date_from_name("lama/2019-03-04-judul.txt") == "2019-03-04"
    assert date_from_name("2019-13-04-judul.txt") is None
    assert date_from_name("0000-01-01-judul.txt") is None
    assert date_from_name("２０１９-03-04-judul.txt") is None
    assert date_from_name("000_754b039bdc54250b.txt") is None
