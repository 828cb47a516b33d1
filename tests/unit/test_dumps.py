"""What a record of a dump is: fields of the corpora, rows of JSON and CSV, and the file that comes of it."""

from __future__ import annotations

import io
import json
from dataclasses import fields

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from site_builder.config import RECORD_FIELDS, parse_settings
from site_builder.errors import ConfigError
from site_builder.readers.decode import decode
from site_builder.readers.dump_rows import BadHeaderError, read_csv, read_jsonl, split_lines
from site_builder.readers.dumps import MAX_ITEMS, BadRecordError, Record, find_value, make_record
from site_builder.readers.front_matter import FrontMatter, has_front_matter, read_front_matter
from site_builder.readers.record_file import FACTS, list_names, name_folder, write_record
from site_builder.readers.text import read_text
from tests.packs import OPTIONS

TEXT = "Perahu kayu itu kembali berlayar."
URL = "https://contoh.id/perahu"
CRAWL = "2021-02-03T04:05:06Z"
WARC = {"warc-target-uri": URL, "warc-date": CRAWL, "content-type": "text/plain"}
LABEL = {"label": "id", "prob": 0.99}

CORPORA = {
    "CC-News": (
        {"title": "Perahu", "text": TEXT, "domain": "contoh.id", "date": "2019-05-03 10:20:00", "description": "Kayu",
         "url": URL, "image_url": None},
        {"title": "Perahu", "publisher": "contoh.id", "date": "2019-05-03T10:20:00", "summary": "Kayu",
         "source_url": URL},
    ),
    "news-please": (
        {"title": "Perahu", "maintext": TEXT, "date_publish": "2019-05-03 10:20:00", "date_modify": "2019-05-04",
         "date_download": "2021-02-03 04:05:06", "authors": ["Ana Contoh", "Budi Misal"], "description": "Kayu",
         "language": "id", "source_domain": "contoh.id", "url": URL, "filename": "a.html", "title_page": "Perahu - C"},
        {"title": "Perahu", "publisher": "contoh.id", "date": "2019-05-03T10:20:00", "updated": "2019-05-04",
         "summary": "Kayu", "author": "Ana Contoh, Budi Misal", "lang": "id", "source_url": URL,
         "retrieved": "2021-02-03T04:05:06"},
    ),
    "C4": ({"text": TEXT, "timestamp": CRAWL, "url": URL}, {"retrieved": CRAWL, "source_url": URL}),
    "CulturaX": (
        {"text": TEXT, "timestamp": "2021/02/03 04:05:06", "url": URL, "source": "mC4"},
        {"retrieved": "2021-02-03T04:05:06", "source_url": URL},
    ),
    "OSCAR 22.01": (
        {"content": TEXT, "meta": {"warc_headers": WARC, "identification": LABEL, "annotations": None}},
        {"retrieved": CRAWL, "source_url": URL, "lang": "id"},
    ),
    "OSCAR 23.01": (
        {"content": TEXT, "warc_headers": WARC, "metadata": {"identification": LABEL, "harmful_pp": 3.5}},
        {"retrieved": CRAWL, "source_url": URL, "lang": "id"},
    ),
    "OSCAR, flat": (
        {"text": TEXT, "meta.warc_headers.warc-target-uri": URL, "meta.warc_headers.warc-date": CRAWL},
        {"retrieved": CRAWL, "source_url": URL},
    ),
    "FineWeb": (
        {"text": TEXT, "id": "<urn:1>", "dump": "CC-MAIN-2021-04", "url": URL, "date": CRAWL, "file_path": "s3://x",
         "language": "en", "language_score": 0.9, "token_count": 9},
        {"retrieved": CRAWL, "source_url": URL, "lang": "en"},
    ),
    "FineWeb-2": (
        {"text": TEXT, "id": "<urn:1>", "dump": "CC-MAIN-2021-04", "url": URL, "date": CRAWL, "file_path": "s3://x",
         "language": "ind", "language_score": 0.9, "language_script": "Latn", "minhash_cluster_size": 3},
        {"retrieved": CRAWL, "source_url": URL, "lang": "id"},
    ),
    "HC4": (
        {"id": "1", "cc_file": "a.warc", "time": CRAWL, "title": "Perahu", "text": TEXT, "url": URL},
        {"title": "Perahu", "retrieved": CRAWL, "source_url": URL},
    ),
    "GlotCC": (
        {"content": TEXT, "warc-target-uri": URL, "warc-date": CRAWL},
        {"retrieved": CRAWL, "source_url": URL},
    ),
    "another": (
        {"headline": "x", "title": "Perahu", "body": TEXT, "published": "2019", "category": "Laut", "keywords": "a, b",
         "byline": "Ana Contoh", "language": "ind_Latn", "link": URL, "excerpt": "Kayu", "publisher": "Contoh"},
        {"title": "Perahu", "date": "2019", "section": ("Laut",), "tags": ("a", "b"), "author": "Ana Contoh",
         "lang": "id", "source_url": URL, "summary": "Kayu", "publisher": "Contoh"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("corpus", CORPORA)
def test_the_fields_of_every_corpus_are_known(corpus):
    values, expected = CORPORA[corpus]
    assert make_record(values, {}) == (Record(text=TEXT, **expected), ())


@pytest.mark.parametrize("name", ["timestamp", "warc-date", "date_download", "retrieved"])
def test_a_crawl_time_is_never_a_date(name):
    record, _ = make_record({"text": TEXT, name: CRAWL}, {})
    assert (record.date, record.updated, record.retrieved) == (None, None, CRAWL)


def test_a_mapping_goes_before_the_table_and_an_empty_one_takes_nothing():
    values = {"text": "Teks lain.", "isi": TEXT, "meta": {"a.b": "Judul"}, "date": "2019", "title": "Perahu"}
    record, _ = make_record(values, {"text": ("none", "isi"), "title": ("meta.a.b",), "date": ()})
    assert record == Record(text=TEXT, title="Judul")
    assert make_record(values, {"text": ("none",)})[0].text == "Teks lain."


def test_paths_reach_into_objects_whose_names_hold_dots():
    assert find_value({"a.b": {"c-d": "1"}}, "a.b.c-d") == "1"
    assert find_value({"a": {"b.c": "2"}, "a.b": {"x": "1"}}, "a.b.c") == "2"
    assert find_value({"a": ["1"]}, "a.b") is None


@pytest.mark.parametrize(
    ("code", "lang"),
    [
        ("ind", "id"), ("ind_Latn", "id"), ("id-Latn", "id"), ("zsm", "ms"), ("ID", "id"), ("pt-BR", "pt-BR"),
        ("bew", "bew"), ("bew_Latn", "bew-Latn"), ("eng-GB", "en-GB"),
    ],
)  # fmt: skip
def test_codes_of_languages(code, lang):
    assert make_record({"text": TEXT, "lang": code}, {})[0].lang == lang


@pytest.mark.parametrize(
    ("date", "settled"),
    [
        ("2019-05-03t10:20:00.5z", "2019-05-03T10:20:00Z"), ("2019-05-03T10:20:00+07:00", "2019-05-03T10:20:00+07:00"),
        ("Fri, 03 May 2019 10:20:00", None), ("1556870000", None), ("03/05/2019", None), ("2019-02-30", None),
    ],
)  # fmt: skip
def test_a_date_is_taken_when_it_is_certain_and_told_when_it_is_not(date, settled):
    record, remarks = make_record({"text": TEXT, "date": date}, {})
    assert record.date == settled
    assert [message for message, _ in remarks] == (
        [] if settled else [f"date: unknown date {date!r}; it is added without"]
    )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "has no field for its text"), ({"x": TEXT}, "has no field for its text among 'x'"),
        ({"text": " "}, "has no text"), ({"text": "…"}, "no letter and no digit"), ({"text": [TEXT]}, "is a list"),
        ({"text": "a\ud800"}, "text holds half a character"), ({"text": TEXT, "title": "\udfff"}, "title holds half"),
        ({"text": TEXT, "tags": [str(n) for n in range(MAX_ITEMS + 1)]}, "tags has more than 1,000 values"),
    ],
)  # fmt: skip
def test_bad_records(values, words):
    with pytest.raises(BadRecordError, match=words):
        make_record(values, {})


def test_facts_of_the_wrong_kind_are_told_and_left_out():
    record, remarks = make_record({"text": TEXT, "title": ["a"], "lang": "Bahasa"}, {})
    assert record == Record(text=TEXT)
    assert [message.split(":")[0] for message, _ in remarks] == ["title", "lang"]


# --- the settings ------------------------------------------------------------------------------------------------


def test_the_fields_of_the_settings_are_those_of_a_record():
    assert list(RECORD_FIELDS) == [field.name for field in fields(Record)]
    assert ("text", *FACTS) == RECORD_FIELDS


def test_the_settings_map_names_to_names():
    settings = parse_settings('[import.map]\ntext = "isi"\ntitle = ["judul", "tajuk"]\n')
    assert settings == {"import_map": (("text", ("isi",)), ("title", ("judul", "tajuk")))}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('title = "A"\n[import.map]\ntitel = "x"', "3: unknown field 'titel' in [import.map] (did you mean 'title'?)"),
        ('title = "A"\n[import.map]\ntext = "x"\ntitle = 3', "4: import.map.title must be the name of a field"),
        ('[import]\nmap = {txt = "x"}', "2: unknown field 'txt' in [import.map] (did you mean 'text'?)"),
        ('[import]\nmap.lang = "x"\nmap.zzz = "x"', "3: unknown field 'zzz' in [import.map] (known are text, "),
        ("[import]\nmap = 3", "2: import.map must be a table"),
        ("[import]\nmapp = 3", "2: unknown key 'import.mapp' (did you mean 'import.map'?)"),
    ],
)
def test_mistakes_of_the_mapping_are_told_at_their_lines(text, told):
    with pytest.raises(ConfigError) as caught:
        parse_settings(text)
    assert str(caught.value).startswith(f"site.toml:{told}")


# --- rows --------------------------------------------------------------------------------------------------------


def rows_of(read, data: bytes, limit: int = 1000) -> list[tuple]:
    lines = split_lines(io.BytesIO(data).readline, limit)
    return [(row.line, row.values or row.trouble) for row in read(lines, limit)]


def test_lines_of_json():
    data = b'\xef\xbb\xbf{"a": 1.50}\r\n\n[1]\n{"a": "' + b"x" * 3000 + b'"}\n{"a"\n"\xff"\n{"b": {}}'
    assert rows_of(read_jsonl, data) == [
        (1, {"a": "1.50"}),
        (3, "is JSON, but no object {…}"),
        (4, "has more than 0.001 MB"),
        (5, "is not JSON (column 5: Expecting ':' delimiter)"),
        (6, "byte 2 is not UTF-8"),
        (7, {"b": {}}),
    ]


def test_json_that_would_exhaust_the_parser_is_a_bad_row():
    assert rows_of(read_jsonl, b"[" * 200_000, 300_000)[0][0] == 1


def test_csv():
    data = '\ufefftitle,text\r\nA,"satu, ""dua""\r\ntiga"\r\n\r\nB\nC,c,c\n"D"d,d\nE,e\n'.encode() + b"F,\xff\nG,g"
    assert rows_of(read_csv, data) == [
        (2, {"title": "A", "text": 'satu, "dua"\r\ntiga'}),
        (5, "has 1 columns, and the header has 2"),
        (6, "has 3 columns, and the header has 2"),
        (7, "is not CSV: ',' expected after '\"'"),
        (8, {"title": "E", "text": "e"}),
        (9, "is not UTF-8"),
        (10, {"title": "G", "text": "g"}),
    ]


def test_what_is_left_of_a_value_that_is_too_long_is_no_row():
    long = b'A,"' + b"x,y\n" * 2000 + b'z"\nB,b\n' + b"C," + b"x" * 5000 + b"\nD,d\n"
    assert rows_of(read_csv, b"title,text\n" + long) == [
        (2, "has more than 0.001 MB (lines 2 to 2002); is a quotation mark left open?"),
        (2003, {"title": "B", "text": "b"}),
        (2004, "has more than 0.001 MB; is a quotation mark left open?"),
        (2005, {"title": "D", "text": "d"}),
    ]
    assert rows_of(read_csv, b'title,text\nA,"open\n' + b"B,b\n" * 2000)[0][0] == 2


@pytest.mark.parametrize("data", [b"a,a\nx,y", b"\xff,a\n", b'"a"b\n', b"x" * 2000])
def test_a_header_that_names_no_columns(data):
    with pytest.raises(BadHeaderError):
        rows_of(read_csv, data)


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8"), max_size=20), min_size=2, max_size=2), max_size=5))
def test_csv_reads_what_csv_writes(table):
    import csv

    written = io.StringIO(newline="")
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows([["a", "b"], *table])
    read = rows_of(read_csv, written.getvalue().encode(), 10_000)
    assert [values for _, values in read] == [{"a": a, "b": b} for a, b in table]


# --- the file ----------------------------------------------------------------------------------------------------

SIGNS = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=40),
    st.text(st.sampled_from("ab-+\"'\\#: \n\r\t\x00\x1b\x85\ufeffâ€œÃ¶é…☑\u2028{}[]"), max_size=40),
)
VALUES = st.one_of(SIGNS, st.lists(SIGNS, max_size=4))
FIELDS = st.sampled_from([*RECORD_FIELDS[1:], "content", "body", "timestamp", "url"])
DATES = st.sampled_from(["2019", "2019-05-03T10:20:00Z", "1998-03", "kemarin"])
OBJECTS = st.builds(
    lambda values, dates, text: {**values, **dates, "text": text},
    st.dictionaries(FIELDS, VALUES, max_size=6),
    st.dictionaries(st.sampled_from(["date", "updated"]), DATES),
    st.one_of(SIGNS, SIGNS.map(lambda text: f"a{text}")),
)


@given(OBJECTS)
@example({"text": "---\ntitle: bukan\n---\na"})
@example({"text": "---\na"})
@example({"text": "+++\ntitle = 'bukan'\n+++\na"})
@example({"text": "\ufeffa"})
@example({"text": "\r\n\na\r\n"})
@example({"text": "%PDF-1.4 adalah nama sebuah format"})
@example({"text": "â€œayoâ€\x9d kata Ã¶"})
@example({"text": "a", "title": "\x00\x1b\\\"'", "retrieved": "#: x"})
@example({"text": "a", "timestamp": "2021-02-03"})
@example({"text": "a", "tags": ["---", "\ufeff", "a, b"], "section": ["x: y"]})
def test_what_is_written_reads_back_exactly(values):
    try:
        record, _ = make_record(json.loads(json.dumps(values)), {})
        data = write_record(record, 8)
    except BadRecordError:
        return
    written = decode(data).text
    assert written.encode() == data
    found = read_front_matter("a.txt", written) if has_front_matter(written) else FrontMatter()
    assert written[found.end :] == record.text
    wanted = {key: value for key in FACTS if (value := getattr(record, key))}
    assert {**found.fields, **found.extra} == wanted
    assert not found.problems
    article = read_text("a.txt", data, OPTIONS).article
    assert article is not None
    assert article.source_url == record.source_url
    assert article.publisher == record.publisher or record.publisher is None
    assert article.extra.get("retrieved") == record.retrieved
    assert article.date_from != "file name"
    if record.title:
        assert article.title == record.title
    if record.date:
        assert article.date == record.date


@pytest.mark.parametrize("text", ["a" + "\x00" * 50, "a\x01\x02\x03" * 9, "b\x00" * 40])
def test_a_text_that_would_be_taken_for_something_else_is_refused(text):
    with pytest.raises(BadRecordError):
        write_record(Record(text=text), 8)


def test_a_file_larger_than_the_limit_and_facts_without_end_are_refused():
    with pytest.raises(BadRecordError, match="more than the 1 MB of a source"):
        write_record(Record(text="a" * 1_000_001, title="A"), 1)
    with pytest.raises(BadRecordError, match="its facts have more than"):
        write_record(Record(text="a", summary="a" * 70_000), 8)


def test_a_text_without_facts_is_written_as_it_is():
    assert write_record(Record(text=TEXT), 8) == TEXT.encode()
    assert write_record(Record(text="---\ntitle: a\n---\nb"), 8).startswith(b'---\ntitle: ""\n---\n---\n')


def test_names():
    def first(record):
        return name_folder("Berita_2019", record) + "/" + next(list_names(record, write_record(record, 8)))

    assert first(Record(text=TEXT, title="Perahu & Laut", date="2019-05")) == "berita-2019/2019/perahu-laut"
    assert first(Record(text=TEXT)) == "berita-2019/undated/perahu-kayu-itu-kembali-berlayar"
    assert first(Record(text=TEXT, title="2019-05-03 Perahu")).endswith("/undated/text-2019-05-03-perahu")
    assert first(Record(text=TEXT, title="☑", date="2019")) == "berita-2019/2019/perahu-kayu-itu-kembali-berlayar"
    assert "/undated/con-" in first(Record(text=TEXT, title="Con"))
    assert name_folder("pages", Record(text=TEXT)) == "pages-dump/undated"
    assert name_folder("☑", Record(text=TEXT)) == "dump/undated"
    one, other = (list(list_names(Record(text=TEXT, title="A"), data)) for data in (b"1", b"2"))
    assert one[0] == other[0] == "a"
    assert not set(one[1:]) & set(other[1:])
    assert all(len(name.encode()) < 200 for name in list_names(Record(text="a" * 9000), b""))
