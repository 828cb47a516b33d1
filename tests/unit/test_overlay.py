"""What a page shows of a failed build: problems with lines of the files that they are about, and of no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from site_builder.errors import Problem, error
from site_builder.overlay import LARGEST_FILE, MOST, show_problems
from site_builder.sources import load_config


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for path, text in {
        "content/a.md": "one\ntwo\n\tthree <b>\nfour\r\nfive\nsix\n",
        "content/old.txt": "first\nsecond caf\xe9\n",
        "templates/article.html": "{% broken %}\n",
        "rules/mine.toml": "x = 1\n",
        "site.toml": 'encodings = "x"\n',
        "kept.csv": "order\n",
        "secret.txt": "secret\n",
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, encoding="latin-1", newline="")
    return tmp_path


def show(site: Path, *problems: Problem):
    (site / "site.toml").unlink(missing_ok=True)
    config = load_config(site, ledger=site / "kept.csv")
    (site / "site.toml").write_text("title = 1\n")
    return show_problems(problems, config, site)


def excerpt(site: Path, place: str) -> list[str]:
    (shown,) = show(site, error(place, "is wrong"))
    return [line["text"] for line in shown["excerpt"]]


def test_the_line_that_is_meant_stands_among_its_neighbours(site):
    (shown,) = show(site, error("content/a.md:3:2", "is wrong\x1b[31m", "write it so"))
    assert (shown["place"], shown["message"], shown["hint"]) == (
        "content/a.md:3:2",
        "is wrong\\x1b[31m",
        "write it so",
    )
    assert [(line["number"], line["text"], line["meant"]) for line in shown["excerpt"]] == [
        (1, "one", False),
        (2, "two", False),
        (3, "    three <b>", True),
        (4, "four", False),
        (5, "five", False),
    ]


@pytest.mark.parametrize(
    ("place", "lines"),
    [
        ("content/a.md:1", ["one", "two", "    three <b>"]),
        ("content/old.txt:2", ["first", "second caf\ufffd", ""]),
        ("templates/article.html:1", ["{% broken %}", ""]),
        ("rules/mine.toml:1", ["x = 1", ""]),
        ("site.toml:1", ["title = 1", ""]),
        ("kept.csv:1", ["order", ""]),
    ],
)
def test_files_of_the_site_are_shown(site, place, lines):
    assert excerpt(site, place) == lines


def test_the_default_theme_is_shown(site):
    assert any("<!doctype html>" in line for line in excerpt(site, "the default theme's base.html:1"))


@pytest.mark.parametrize(
    "place",
    [
        "content/a.md",
        "content/a.md:99",
        "content/missing.md:1",
        "content/../secret.txt:1",
        "secret.txt:1",
        "/etc/hostname:1",
        "content/link.md:1",
        "content/folder:1",
        "content/large.md:1",
        "",
    ],
)
def test_nothing_else_is_shown(site, place):
    (site / "content" / "folder").mkdir()
    (site / "content" / "link.md").symlink_to(site / "secret.txt")
    (site / "content" / "large.md").write_bytes(b"x" * (LARGEST_FILE + 1))
    assert excerpt(site, place) == []


def test_many_problems_are_counted_and_long_lines_cut(site):
    (site / "content" / "a.md").write_text("x" * 10_000)
    shown = show(site, *(error("content/a.md:1", str(number)) for number in range(MOST + 7)))
    assert len(shown) == MOST + 1
    assert shown[-1]["message"] == "… and 7 more"
    assert len(shown[0]["excerpt"][0]["text"]) < 400
