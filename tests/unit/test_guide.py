"""`llms.txt`: the form of the proposal, and nothing in a name that is read as Markdown."""

from __future__ import annotations

from site_builder.guide import GuideLink, GuideView, format_guide
from tests.plans import make_config, make_entry, plan_entries

CONFIG = make_config(base_url="https://example.org/", data=True, source=True)


def make_guide(**more):
    values = {
        "title": "Arsip", "description": "", "base_url": "", "example": "articles/{slug}.html", "data": False,
        "source": False, "ways": (), "years": (), "sections": (), "feeds": (),
    }  # fmt: skip
    return format_guide(GuideView(**values | more)).decode()


def test_the_form_is_a_heading_a_quotation_notes_and_lists_of_links():
    ways = (GuideLink("Archive", "archive/index.html", "all articles"),)
    lines = make_guide(description="Kabar sebuah kota.", base_url="https://example.org/", ways=ways).splitlines()
    assert lines[:3] == ["# Arsip", "", "> Kabar sebuah kota."]
    headings = [line for line in lines if line.startswith("#")]
    assert headings == ["# Arsip", "## Ways in"]
    assert lines[-1] == "- [Archive](https://example.org/archive/index.html): all articles"


def test_names_are_no_markdown():
    text = make_guide(title="A *b*\n# c", sections=(GuideLink("[x](y)", "sections/x.html"),))
    assert text.startswith("# A \\*b\\* \\# c\n")
    assert "- [\\[x\\](y)](sections/x.html)" in text


def test_what_is_not_published_is_not_promised():
    assert ".json" not in make_guide()
    assert ".json" in make_guide(data=True)
    assert "untouched source" not in make_guide()
    assert "untouched source" in make_guide(source=True)


def find_guide(*entries):
    return plan_entries(entries, CONFIG).outputs["llms.txt"].fingerprint


def test_articles_come_and_go_without_changing_it():
    first, second = (make_entry(id_, "1998-03-01", sections=("Kota",), topics=("x",)) for id_ in "ab")
    assert find_guide(first) == find_guide(first, second)


def test_a_new_year_changes_it():
    first = make_entry("a", "1998-03-01")
    assert find_guide(first) != find_guide(first, make_entry("b", "1999-03-01"))
