"""The plainest front matter reads the same with and without a YAML parser."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from site_builder.readers.flat_yaml import read_flat
from site_builder.readers.header import MAX_CHARACTERS, MAX_NODES, Header, HeaderError
from site_builder.readers.yaml_block import read_yaml

MANY = settings(max_examples=max(1_000, settings().max_examples))

KEYS = st.sampled_from("title Title date tags slug a a-b a_b no null 1 é a.b - key~ ? y".split())
SIGNS = st.text("ab9é東 .,:;-_'\"[]{}&*!|>%@`~=/\\?#+<“\t\u00a0\u2028\u0085😀", max_size=8)
WORDS = st.sampled_from(
    "Ana 2024-03-01 2024-01-01T05:00:00+07:00 yes null ~ 12:30:45 0x1F 1_000 a:b a: it's C# --- ... << = http://x.example/a?b=c".split()
)
PLAIN = st.one_of(
    st.lists(WORDS, min_size=1, max_size=4).map(" ".join),
    st.lists(WORDS, max_size=4).map(", ".join).map("[{}]".format),
    st.lists(WORDS, max_size=4).map('", "'.join).map('["{}"]'.format),
    st.lists(st.one_of(WORDS, SIGNS), max_size=3).map(" ".join).map('"{}"'.format),
)
VALUES = st.one_of(
    st.just(""),
    SIGNS,
    st.lists(st.one_of(WORDS, SIGNS), max_size=5).map(" ".join),
    st.lists(st.one_of(WORDS, SIGNS), max_size=5).map(" ".join).map('"{}"'.format),
    st.lists(st.one_of(WORDS, SIGNS), max_size=5).map(" ".join).map("'{}'".format),
    st.lists(st.one_of(WORDS, WORDS.map('"{}"'.format), SIGNS), max_size=5).map(", ".join).map("[{}]".format),
)
LINES = st.one_of(
    st.tuples(KEYS, st.sampled_from([": ", ":", ":  ", " : ", ":\t"]), VALUES).map("".join),
    VALUES,
    st.sampled_from(["- a", "  b", "# c", "---", "...", "%YAML 1.2", "a: |"]),
)
BLOCKS = st.lists(LINES, min_size=1, max_size=6).map("\n".join)


def read_slowly(block: str) -> Header | None:
    try:
        return read_yaml(block, 2, lambda key: key == "tags")
    except HeaderError:
        return None


@MANY
@given(block=BLOCKS)
def test_what_is_read_without_a_parser_is_what_the_parser_reads(block):
    flat = read_flat(block, 2)
    if flat is not None:
        assert flat == read_slowly(block)


@MANY
@given(pairs=st.lists(st.tuples(KEYS, st.one_of(WORDS, WORDS, PLAIN, PLAIN, VALUES)), min_size=1, max_size=4))
def test_so_are_blocks_that_are_mostly_flat(pairs):
    block = "\n".join(f"{key}: {value}" if value else f"{key}:" for key, value in pairs)
    flat = read_flat(block, 2)
    if flat is not None:
        assert flat == read_slowly(block)


@pytest.mark.parametrize(
    "block",
    [
        'title: "Air: naik #1"\ndate: 2024-01-01T05:00:00+07:00\ntags: [a, "b c", d-e]\ndraft:\nby: O\'Hara, Ana; Budi',
        "a: x [1] {2} & | > ! y",
        "a: b:c http://x.example/?a=b",
        "tags: []\ntags: [ a ,b ]\nno: no",
        "a: 'x \"y\" z'",
        "judul: 東京で é",
    ],
)
def test_common_blocks_are_flat_unless_they_hold_a_hash(block):
    flat = read_flat(block, 2)
    assert (flat is None) == ("#" in block)
    assert flat in (None, read_slowly(block))


@pytest.mark.parametrize(
    "block",
    [
        "",
        "a",
        "a: b: c",
        "a: b:",
        "a: b #c",
        "a: 'it''s'",
        'a: "\\n"',
        "a: |",
        "a: *b",
        "a: &b c",
        "a: !t c",
        "a: {b: c}",
        "a: [b, [c]]",
        "a: [b",
        "a: [b,]",
        "a: [b: c]",
        "a: b\n  c",
        "a:\n- b",
        "a:\tb",
        "a: b\u00a0c",
        "a: b ",
        "- a",
        "a: " + "[" + ", ".join("b" * MAX_NODES) + "]",
        "a: b\n" * MAX_NODES,
        "a: [b\u2028c]",
        "a" * MAX_CHARACTERS,
    ],
)
def test_whatever_is_in_doubt_is_left_to_the_parser(block):
    assert read_flat(block, 2) is None
