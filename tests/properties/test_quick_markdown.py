"""Every short cut through Markdown gives, byte for byte, what Python-Markdown and the sanitiser give without it.

A few thousand documents by default; `--hypothesis-profile nightly` makes more than 50,000 of them.
"""

from __future__ import annotations

import re
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown import Markdown
from markdown.extensions.abbr import AbbrExtension

from site_builder.readers import ReadOptions, quick_markdown
from site_builder.readers import markdown as reader
from site_builder.readers.quick_markdown import QuickMarkdown, is_known
from site_builder.readers.sanitise import Sanitiser, strip_tags

PROFILE = settings().max_examples
MANY = settings(max_examples=max(2_000, PROFILE))
SOME = settings(max_examples=max(300, PROFILE // 10))
SOME_MORE = settings(max_examples=max(1_000, PROFILE))

PLACES = [
    ("", ""),
    ("https://x.example/", ""),
    ("https://arsip.example/", "https://koran.example/a&b/c<'d\">é\u00a0?x=1&y=2"),
]
"""The address of the site, and where a text stood."""
WORDS = st.sampled_from(
    "air Naik kota 7 1.500 3,5 A.B. HTML W3C snake_case_word _a_ __b__ *c* **d** ***e*** *f _g* h_ 2*3*4 `kode` `` "
    "``x`y`` ` [a](b.md) [a](<b c> 'd') [a][r] [r] [r][] ![p](p.png) ![p][r] [^1] [^n] [x [a] ] ] ![ <b>x</b> <br> "
    "<http://HTML.y/a> <a@b.example> <!-- c --> <? p ?> </p> <div> </div> <x < > << & &amp; &#65; &#65 &#x41; &copy "
    "&copy; AT&T & &; \\* \\[ \\\\ \\` \\a \\ {#id} {: .c} {{x}} | a|b ~ ~~x~~ $x$ = == - -- --- + : :: ! !!! # ## > "
    "“kutip” ‘x’ … – 東京 é ß 😀 مرحبا http://x.example/a_b a@b.example \"x\" 'y' ///Footnotes @ % / ( ) ; , .".split()
)
ODD = st.sampled_from(
    "\t|\u00a0|\u2028|\u3000|\u00ad|\ufeff|\x0b|\x0c|\x1c|\x85|\x02|\x03|\x00|\ud800|\u200b|\u0660.|\u17f1.|"
    "\x02klzzwxh:0000\x03|\x02wzxhzdk:0\x03|\x02amp\x03|\x0242\x03".split("|")
)
BLANKS = st.sampled_from([" ", " ", " ", " ", "  ", "\n", "\n", "  \n", " \n", "\n ", "   \n  ", "", "\\\n"])
STARTS = st.sampled_from(
    "@@@@ @  @   @    @     @\t@# @## @#@####### @> @>@* @- @+ @1. @1) @12. @٣. @: @:   @~~~@```@~~~py@| @|@=@===@---@"
    "***@- - -@_ _ _@*[HTML]: @[r]: @[^1]: @[^n]:@!!! note @::: @///@    - @        @<div>@<p>@</div>@title: @+++@...@"
    "   > @   #@    1. @[TOC]@{: #x }".split("@")
)
ENDS = st.sampled_from("\n|\n|\n\n|\n\n|\n\n|\n\n\n|  \n| \n\n|\r\n|\r\n\r\n|\r|\n \n|\n\t\n".split("|"))
PROSE = st.sampled_from(
    'air naik Kota di 1.500 7 “kutip” A.B. – & > é 東京 (x) it\'s "y" a-b a:b #e +1 x=1 markdown=1 highlight'.split()
)

TEXTS = st.lists(st.tuples(st.one_of(WORDS, WORDS, WORDS, ODD), BLANKS).map("".join), max_size=6).map("".join)
PLAIN = st.lists(PROSE, min_size=1, max_size=8).map(" ".join)
LINES = st.tuples(STARTS, st.one_of(TEXTS, PLAIN, PLAIN), ENDS).map("".join)
PARAGRAPHS = st.tuples(
    st.sampled_from(["", "", "", "", "", " ", "  "]),
    st.lists(PLAIN, min_size=1, max_size=3).map("\n".join),
    st.sampled_from(["\n", "\n\n", "\n\n", "\n\n\n", " \n\n", "\n \n", "\n    \n", "\r\n\r\n", "\r"]),
).map("".join)
BLOCKS = st.sampled_from(
    [
        "*[HTML]: Bahasa tanda\n\n",
        "[r]: b.md 'judul'\n\n",
        "[^1]: Catatan *satu*.\n\n    Lanjutan & `kode`.\n\n",
        "[^n]: Catatan.\n",
        "///Footnotes Go Here///\n\n",
        "| a | *b* |\n| :-- | --: |\n| 1 | `x|y` |\n\n",
        "a | b\n--|--\n\n",
        "Istilah\n:   Arti & [r]\n\n    Lagi.\n\n",
        "* satu\n* dua\n    * tiga\n\n    empat\n\n",
        "3. satu\n4. dua\nlanjut\n\n",
        "> kutipan\nlanjut\n> > dalam\n\n",
        "~~~ py\nx < 1 & *y*\n\n~~~\n\n",
        "```\nx\n```\n",
        "    kode & <b>\n\n    lagi\n\n",
        "<div>\n*x*\n\n</div>\n\n",
        "Judul\n=====\n\n",
        "Judul *dua*\n---\nteks\n\n",
        "* * *\n\n",
        "<!-- satu\n\ndua -->\n\n",
        "- a\n\n- # b\n  c\n- [^1] d\n\n",
    ]
)
NAMES = st.sampled_from("air Naik 3,5 2. a.b – “kota” it's (sore) a/b x-1 & > é 東 ! ^ # : = _ a_b".split(" "))
ADDRESSES = st.one_of(
    st.sampled_from(
        "https://x.example http://x.example/ https://a-b.x.example/a_b/~c.html?d=1&e=%20#f b.md ../b.md#c /b /b.md #a "
        "https://x https://x.1 https://x..y.example https://xn--a.example https://X.example https://1.2.3.4.example "
        "http:b.md https:///x.example javascript:x x:y mailto:a@b.example //x.example https://x.example:99999 . .. "
        "https://x.example#%zz https://x.example?:// b.md?c @/b.md www.x.example ftp://x.example C:/b.md a*b *a* "
        "a__b".split()
    ),
    st.from_regex(r"https?://[a-z0-9.-]{1,12}\.[a-z]{1,3}[a-zA-Z0-9/:.~_%?=#+-]{0,12}", fullmatch=True),
)
LABELS = st.lists(NAMES, min_size=1, max_size=3).map(" ".join)
MARKED = st.one_of(
    LABELS,
    LABELS,
    st.tuples(st.sampled_from(["*", "**", "*", "**", "***", "`", "``", "_", "__"]), LABELS).map(
        lambda given: given[0] + given[1] + given[0]
    ),
    st.tuples(LABELS, ADDRESSES).map("[{0[0]}]({0[1]})".format),
    st.tuples(st.sampled_from(["*", "**", "_", "`"]), LABELS, ADDRESSES).map("[{0[0]}{0[1]}{0[0]}]({0[2]})".format),
    st.tuples(st.sampled_from(["*", "**", "_"]), LABELS, ADDRESSES).map("{0[0]}[{0[1]}]({0[2]}){0[0]}".format),
    st.sampled_from(["*", "**", "_", "`", "[", "](b.md)", "!", "|", "\\", "[^1]", "[r]"]),
)
JOINS = st.sampled_from([" ", " ", " ", " ", "\n", ", ", ". ", "", "(", ")", "“", "-"])
RICH = st.lists(st.tuples(MARKED, JOINS).map("".join), min_size=1, max_size=6).map("".join)
SIMPLE = st.one_of(
    RICH,
    RICH,
    st.tuples(
        st.sampled_from(["# ", "## ", "### ", "###### ", "#", "####### "]), RICH, st.sampled_from(["", "\n", " #"])
    ).map("".join),
    st.lists(st.tuples(st.sampled_from(["- ", "- ", "- ", "* ", "+ ", "-  "]), RICH).map("".join), max_size=4).map(
        "\n".join
    ),
    st.lists(st.tuples(st.sampled_from(["1. ", "1. ", "2. ", "10. ", "1) "]), RICH).map("".join), max_size=4).map(
        "\n".join
    ),
    st.lists(st.tuples(st.sampled_from(["> ", "> ", "> ", ">", "", "> > "]), RICH).map("".join), max_size=4).map(
        "\n".join
    ),
    st.lists(
        st.one_of(
            st.sampled_from(["|--|:-:|", "| --- | --- |"]), st.tuples(RICH, RICH).map("| {0[0]} | {0[1]} |".format)
        ),
        max_size=4,
    ).map("\n".join),
    st.lists(
        st.one_of(
            RICH, st.sampled_from(["    a & b", "<b> {", "\\a ~~~", "```", "  ```", "````", "# a", "- a", "[r]: b", ""])
        ),
        max_size=3,
    ).map(lambda lines: "\n".join(["```", *lines, "```"])),
    st.sampled_from(
        ["```py\na\n```", "```\na\n\nb\n```", "```\n```", "````\na\n````", "```", "```\na", "``` py\na\n```"]
    ),
    st.sampled_from(["- a", "- a\n- b", "> a", "## a", "1. a", "a", "| a | b |\n|---|---|\n| c | d |"]),
)
CLEAN = st.sampled_from(
    "air *naik* **kota** `a_*b` [x](https://x.example/a_b) [*y*](http://a-b.y.example) [z](b.md) (*w*), 3,5 > & – ! "
    "= :".split()
)
CLEAN_TEXT = st.lists(CLEAN, min_size=1, max_size=6).map(lambda words: " ".join(["Air", *words, "naik."]))
CLEAN_BLOCKS = st.one_of(
    CLEAN_TEXT,
    CLEAN_TEXT.map("## {}".format),
    *(
        st.lists(CLEAN_TEXT.map((mark + " {}").format), min_size=1, max_size=3).map("\n".join)
        for mark in ("-", "*", "1.", ">", "")
    ),
)
SIMPLE_DOCS = st.lists(
    st.tuples(SIMPLE, st.sampled_from(["\n\n", "\n\n", "\n\n", "\n \n", "\n", "\r\n\r\n", "\n\n\n"])).map("".join),
    max_size=5,
).map("".join)
DOCS = st.one_of(
    st.lists(st.one_of(LINES, LINES, PARAGRAPHS, BLOCKS), max_size=8).map("".join),
    st.lists(PARAGRAPHS, min_size=1, max_size=5).map("".join),
    st.tuples(st.lists(PARAGRAPHS, max_size=3).map("".join), LINES, st.lists(PARAGRAPHS, max_size=2).map("".join)).map(
        "".join
    ),
)


OTHER_EXTENSIONS = "nl2br smarty wikilinks toc attr_list md_in_html admonition legacy_em legacy_attrs meta".split()


def make_engine() -> Markdown:
    """Return an engine as the reader makes it, without short cuts."""
    configs = {"tables": {"use_align_attribute": True}}
    return Markdown(extensions=list(reader.EXTENSIONS), extension_configs=configs)


@cache
def quick() -> QuickMarkdown:
    """Return the one engine that is used again for every document: what it keeps of one must not show in the next."""
    return QuickMarkdown(make_engine)


def convert(make, text: str) -> tuple[str, str]:
    """Return the HTML of a text, or how converting it ended, and what the engine says that it is about."""
    try:
        return make(text), ""
    except (AssertionError, AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError) as exc:
        return "", f"{type(exc).__name__}: {exc}"


def check(text: str) -> None:
    expected = convert(make_engine().convert, text)
    assert convert(quick().convert, text) == expected
    simple = quick().convert_simple(text)
    if simple is None:
        return
    assert (simple.html, "") == expected
    if simple.is_safe:
        for home, origin in PLACES:
            short, long = (Sanitiser("buku/a.md", home=home, origin=origin) for _ in range(2))
            assert short.resolve_links(simple.html) == long.clean(simple.html)
            assert short == long, "what they noted"
    if simple.is_prose:
        assert re.fullmatch(r"(?:<p>[^<]*</p>\n?)*", simple.html)
        found = [strip_tags(paragraph) for paragraph in reader._PARAGRAPH.findall(simple.html)]
        assert found == [
            words for block in re.split(r"\n(?: *\n)+", re.sub(r"\r\n?", "\n", text)) if (words := fold(block))
        ]


def fold(text: str) -> str:
    return " ".join(text.split())


@MANY
@given(text=DOCS)
def test_every_document_is_what_python_markdown_makes_of_it(text):
    check(text)


@SOME
@given(text=st.lists(PARAGRAPHS, min_size=1, max_size=5).map("".join))
def test_so_are_documents_of_mostly_plain_paragraphs(text):
    check(text)


@SOME_MORE
@given(text=SIMPLE_DOCS)
def test_so_are_documents_of_mostly_simple_blocks(text):
    check(text)


@SOME
@given(blocks=st.lists(CLEAN_BLOCKS, min_size=1, max_size=4), other=st.one_of(st.just(""), SIMPLE))
def test_so_are_documents_of_simple_blocks_and_perhaps_one_other(blocks, other):
    check("\n\n".join([*blocks, other]))


@SOME
@given(text=st.text())
def test_so_is_any_text_at_all(text):
    check(text)


@SOME
@given(texts=st.lists(DOCS, min_size=2, max_size=4))
def test_an_engine_that_is_used_again_keeps_nothing_of_the_last_document(texts):
    engine = QuickMarkdown(make_engine)
    for text in texts:
        assert convert(engine.convert, text) == convert(make_engine().convert, text)


@pytest.mark.parametrize(
    "text",
    [
        "Air naik.",
        "Air naik.\nWarga pindah.\n\n\n\nSore & malam > siang.\n",
        "  Air naik. \n\n   Warga pindah. \n",
        "Air naik.\r\n\r\nWarga pindah.\r\n",
        "\n\nAir naik.\n \nWarga\npindah.\n ",
        "a\n ",
        " \n",
        "\n\n",
        "",
        "Kota 3. besar\nair 1) surut – “kutip” 'x' \"y\" #x a:b x=1 it's (é) 東京 😀",
    ],
)
def test_plain_paragraphs_do_not_need_the_engine(text):
    simple = quick().convert_simple(text)
    assert simple is not None
    assert simple.is_prose
    assert simple.is_safe
    check(text)


@pytest.mark.parametrize(
    ("text", "is_safe"),
    [
        ("## Air *naik*\n\n### Sore\nWarga **pindah** ke [kota](https://kota.example/a_b/1?x=1#y).", True),
        ("- air\n- **naik** & surut\n\nWarga > kota.\n\n1. satu\n2. `dua_*_x`\n", True),
        ("> Air naik.\n> Warga *pindah*.\n\nSore (`x`), [*satu*](https://x.example) [**dua** tiga](b.md)", None),
        ("Air [*naik*](https://x.example), [**sore**](http://a-b.x.example/)\n*di kota*.", True),
        ("# Air\n\nnaik", False),
        ("[air](b.md) naik", True),
        ("[air](/2019/naik?x=1) [b](#c) [d](../e/f.pdf#g) [h](i/j) [k](https://x.example/l) [m](n/)", True),
        ("[air](/foto/naik.png) [*b*](/) [c](..) [d](.) [e](?x=1)", None),
        ("[air](https://x/) naik", False),
        ("[air](https://x.example:80/) [b](#c) [d](javascript:e) [f](//g.example)", None),
        ("| a | b |\n|--:|---|\n| *c* | d |\n\nAir naik.", False),
        ("Air *naik*.\n\n```py\nif a & b_c > [d] < {e}\\~:\n    *e*\n```\n\n- satu", False),
    ],
)
def test_nor_do_simple_blocks_and_marks(text, is_safe):
    simple = quick().convert_simple(text)
    assert (simple and simple.is_safe) == is_safe
    check(text)


@pytest.mark.parametrize(
    "text",
    [
        "*[HTML]: H\n\n<http://HTML.y/a> HTML",
        "*[air]: H\n\nair naik\n\n- air\n\n    air & [air](b.md)\n\n`air`",
        "Istilah biasa\n\n: artinya",
        "Istilah biasa\n: artinya",
        "Paragraf biasa\n\n<div>\n\nparagraf biasa\n\n</div>",
        "Paragraf\n\n<!-- satu\n\ndua\n\ntiga -->\n\nempat",
        "~~~\nair\n\nnaik\n~~~",
        "Catatan[^1]\n\n[^1]: satu\n\n    dua biasa\n\ntiga",
        "- # Judul\n  teks *x*\n- dua\n\n  tiga",
        "* satu\n\n* dua\n# Judul\nekor yang biasa",
        "1. satu\n\nbiasa\n\n1. dua",
        "AT&T &#65 &copy &amp &amp; &ſ; &K;",
        "a&",
        "a &\nb",
        "a  \nb",
        "a \n b",
        "    \na",
        "   a\n\n    b",
        "a\tb",
        "a\n\t\nb",
        "a\u00a0b \u2028 c \u00ad",
        "\ufeffa",
        "\x02klzzwxh:0000\x03 a *b*",
        "\x02wzxhzdk:0\x03 <b>x</b>",
        "\x02amp\x03 & \x0242\x03 \\*",
        "٣. a",
        "a\n٣. b",
        "a\n===",
        "a\n-",
        "a\n- - -",
        "snake_case_word dan _garis_ bawah_",
        "***a** b* **c *d** e*",
        "///Footnotes Go Here///\n\na[^1]\n\n[^1]: b",
        "///Footnotes Go Here///",
        "[r]: b.md\n\na [r] `[r]` \\[r]",
        "| a | b |\n|---|---|\n| biasa | *c* |\n\nbiasa",
        "!!! note\n    a",
        "{: .x }\n\na {: .y }",
        "\ud800 a",
    ],
)
def test_the_cases_that_once_went_wrong_elsewhere(text):
    check(text)


@pytest.mark.parametrize(
    "text",
    [
        *[
            "*a",
            "a*",
            "a_b",
            "_a_",
            "[a",
            "a]",
            "<",
            "`",
            "\\",
            "{",
            "}",
            "|",
            "a|b",
            "~",
            "&a",
            "a\n# b",
            "+  a",
            "- # a",
        ],
        *[
            "*a**",
            "**a*",
            "***a***",
            "*a *b* c*",
            "x*a*",
            "*a*b",
            "* a*",
            "*a *",
            "*a\nb*",
            "*[a](b.md)*",
            "[a](b 'c')",
        ],
        *["![a](b.png)", "[a]", "[a][b]", "[a](<b>)", "[^1](b.md)", "[a](b(c))", "``a``", "[a](b&c)", "[`a`](b.md)"],
        *[
            "# a #",
            "#",
            "- a\nb",
            "- a\n  - b",
            "- a\n\n- b",
            "2. a",
            "- a\n1. b",
            "> a\nb",
            "> a\n\n> b",
            "> - a",
            ">a",
        ],
        *[
            "[r]: b.md",
            "[^1]: a",
            "*[a]: b",
            "a\n: b",
            "- [ ] a",
            "- - a",
            "* * *",
            "- 1. a",
            "    *a*",
            "*a* \nb",
            "|a",
        ],
    ],
)
def test_whatever_is_in_doubt_is_left_to_the_engine(text):
    assert quick().convert_simple(text) is None
    check(text)


@pytest.mark.parametrize(
    "extension",
    [*OTHER_EXTENSIONS, AbbrExtension(glossary={"HTML": "Bahasa tanda"})],
)
def test_any_other_extension_switches_the_short_cuts_off(extension):
    def make() -> Markdown:
        return Markdown(extensions=[*reader.EXTENSIONS, extension])

    text = 'Air "naik"\nHTML di [[Kota]] -- dan *surut*...\n\n# Satu\n'
    engine = QuickMarkdown(make)
    assert not engine.is_quick
    assert engine.convert_simple("Air naik.") is None
    assert engine.convert(text) == make().convert(text)


def test_so_do_other_settings_and_another_python_markdown(monkeypatch):
    assert is_known(make_engine())
    assert not is_known(Markdown())
    assert not is_known(Markdown(extensions=list(reader.EXTENSIONS), tab_length=2))
    monkeypatch.setattr(quick_markdown, "version", (3, 12, 0, "final", 0))
    assert not is_known(make_engine())


def test_an_engine_that_failed_in_the_midst_of_a_list_is_not_used_again(monkeypatch):
    engine = QuickMarkdown(make_engine)
    text = "* a\nb\n* c\n"
    expected = engine.convert(text)
    with monkeypatch.context() as patch:
        patch.setattr("markdown.blockprocessors.ParagraphProcessor.run", lambda *given: given[2][99])
        with pytest.raises(IndexError):
            engine.convert(text)
    assert engine.convert(text) == expected
    assert engine.convert("*a*\n\nb\n") == "<p><em>a</em></p>\n<p>b</p>"


def test_where_the_engine_fails_at_one_block_it_has_to_read_the_whole_text(monkeypatch):
    engine = QuickMarkdown(make_engine)
    text = "Air *naik*.\n\n| a | b |\n|---|---|\n| c | d |\n"
    expected = engine.convert(text)
    assert engine.convert_simple(text) is not None
    with monkeypatch.context() as patch:
        patch.setattr("markdown.extensions.tables.TableProcessor.run", lambda *given: given[2][99])
        assert engine.convert_simple(text) is None
        with pytest.raises(IndexError):
            engine.convert(text)
    assert engine.convert(text) == expected


@SOME
@given(
    html=st.lists(st.sampled_from(["<p>", "</p>", "<", "/p>", "<p", "</", "a", "\n", "<b>"]), max_size=12).map("".join)
)
def test_paragraphs_are_found_up_to_their_first_end(html):
    assert reader._PARAGRAPH.findall(html) == re.findall(r"<p>(.*?)</p>", html, re.S)


@SOME
@given(text=st.one_of(DOCS, SIMPLE_DOCS))
def test_an_article_is_the_same_with_and_without_short_cuts(text):
    data = text.encode("utf-8", "surrogatepass")
    short = reader.read_markdown("a.md", data, ReadOptions())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quick_markdown, "is_known", lambda _: False)
        patch.setattr(reader, "_make_engine", cache(reader._make_engine.__wrapped__))
        assert reader.read_markdown("a.md", data, ReadOptions()) == short
