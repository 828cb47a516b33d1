"""What no article may exceed: time, size, depth, values, memory; and that the others are published all the same."""

from __future__ import annotations

import re
import struct
import zlib

import pytest

from site_builder.readers import ReadOptions, reader_for
from tests.hostile.conftest import run
from tests.hostile.files import SLOW, list_slow
from tests.sites import Site, make_markdown

QUICK = ("ticks", "stars", "underscores", "comments", "rows", "lists", "quotations", "entities", "footnotes")
"""What Python-Markdown reads in time."""


def read(name: str, text: str, **limits: object) -> list[str]:
    reader = reader_for(name)
    assert reader is not None
    return [str(problem) for problem in reader(name, text.encode(), ReadOptions(**limits)).problems]


def test_slow_texts_end_in_an_error_with_their_name_and_the_others_are_published(site: Site) -> None:
    for path, data in list_slow():
        site.write(path, data)
    site.write("good.md", make_markdown("Yang baik", "2014-05-06"))
    (site.root / "site.toml").write_text("[limits]\nseconds = 1\n[search]\nengine = 'titles'\n")
    done = run("build", "-k", cwd=site.root)
    assert done.returncode == 1
    assert (site.output / "articles" / "yang-baik.html").is_file()
    told = dict(re.findall(r"^error: content/slow/([a-z]+)\.md(?::\d+)?: (.+)", done.stderr, re.M))
    assert told.keys() | set(QUICK) == SLOW.keys()
    for message in told.values():
        assert re.search(r"took longer than 1 s .*site\.toml\)|has more than .*\(mend it", message), message
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" * 1001, "has more than 1,000 signs '[' without a ']'"),
        ("![a](" * 1001 + "]" * 1001, "has more than 1,000 signs '](' without a ')'"),
        ("<" * 1001, "has more than 1,000 signs '<' without a '>'"),
        ("\n*[a]: b" * 1001, "has more than 1,000 abbreviations"),
        ("``` " + " " * 5001, "has more than 5,000 blanks in a row"),
    ],
)
def test_what_would_take_long_is_seen_before_it_is_begun(text: str, words: str) -> None:
    (message,) = read("a.md", f"---\ntitle: A\n---\na {text}")
    assert words in message


@pytest.mark.parametrize(
    ("name", "text", "limits", "words"),
    [
        ("a.md", "<div>\n" * 30 + "a", {"depth": 20}, "more than 20 elements within each other, the limits.depth"),
        ("a.html", "<div>" * 30 + "a", {"depth": 20}, "more than 20 elements within each other, the limits.depth"),
        (
            "a.md",
            "---\nx: [" + "1, " * 30 + "1]\n---\na",
            {"values": 20},
            "20 and 20 are the most (write the keys that",
        ),
        ("a.txt", "---\ntitle: A\nx: [" + "1, " * 30 + "1]\n---\na", {"values": 20}, "raise values under [limits]"),
        ("a.md", '{"x": [' + "1, " * 30 + "1]}\n\na", {"values": 20}, "raise values under [limits]"),
        ("a.md", "+++\nx = [" + "1, " * 30 + "1]\n+++\na", {"values": 20}, "raise values under [limits]"),
        ("a.txt", "a" * 2000, {"megabytes": 0.001}, "more than the 0.001 MB of a source (split it, or raise [limits]"),
    ],
)
def test_each_limit_is_a_setting_and_told(name: str, text: str, limits: dict[str, object], words: str) -> None:
    assert any(words in message for message in read(name, text, **limits))
    assert not any("limits" in message for message in read(name, text))


def test_an_article_that_takes_the_memory_is_an_error_of_its_own(site: Site) -> None:
    columns = 30_000  # a table of so many columns and rows is made of cells that nobody wrote
    site.write(
        "table.md",
        "---\ntitle: T\ndate: 2014-05-06\n---\n\n|" + "a|" * columns + "\n|" + "-|" * columns + "\n|b" * columns,
    )
    site.write(
        "rows.md",
        "---\ntitle: R\ndate: 2014-05-06\n---\n\n|" + "a|" * columns + "\n|" + "-|" * columns + "\n|b|" * columns,
    )
    site.write("good.md", make_markdown("Yang baik", "2014-05-06"))
    (site.root / "site.toml").write_text("[limits]\nmemory = 200\nseconds = 20\n[search]\nengine = 'titles'\n")
    done = run("build", "-k", cwd=site.root)
    assert (site.output / "articles" / "yang-baik.html").is_file(), done.stderr
    assert "rows.md: needs more memory to read than there is, or more than 200 MB (" in done.stderr


def test_a_source_of_nothing_but_line_ends_cannot_make_a_page_of_a_gigabyte() -> None:
    for name in ("a.md", "a.txt", "a.html"):
        (message,) = read(name, "a" + "\n" * 300_000)
        assert "has 300,000 lines, more than the 200,000 of a source (split it)" in message


def test_one_article_cannot_make_thousands_of_topics() -> None:
    (message,) = read("a.md", f"---\ntitle: A\ndate: 2014-05-06\ntags: [{', '.join(map(str, range(501)))}]\n---\na")
    assert "a.md:4: tags: has 501 entries, more than 500" in message


def test_a_message_never_holds_a_book() -> None:
    (message,) = read("a.md", f"---\ntitle: A\ndate: {'9' * 20_000}\n---\na")
    assert len(message) < 700


def test_a_file_of_fifty_megabytes_is_not_read(site: Site) -> None:
    with (site.root / "content" / "a.txt").open("wb") as file:
        file.truncate(50_000_000)
    done = run("build", cwd=site.root)
    assert "a.txt: has 8.0 MB, more than the 8 MB of a source" in done.stderr


def test_a_picture_that_says_it_is_huge_is_published_and_not_unpacked(site: Site) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0)
    packed = zlib.compress(b"\0" * 1_000_000, 9)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    site.write("huge.png", bomb)
    site.write("a.md", make_markdown("Gambar", "2014-05-06", body="![Besar](huge.png)"))
    done = run("build", cwd=site.root)
    assert done.returncode == 0
    assert "huge.png' has more pixels than can be scaled" in done.stderr
    assert (site.output / "files" / "huge.png").read_bytes() == bomb
