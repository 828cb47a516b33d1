"""The manual names everything that a template can use, and its example works."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from urllib.parse import unquote

import pytest

from site_builder.config import KEYS, NAMES, Config
from site_builder.readers.heading_ids import make_heading_id
from site_builder.templating import _make_filters
from tests.docs import (
    BEGIN,
    PAGE,
    find_undocumented,
    list_blocks,
    list_seen,
    read_kinds,
    read_templates,
    replace_generated,
    tell_templates,
    write_default,
)
from tests.sites import make_markdown

NOT_SHOWN = {"cite", "bibtex", "ris", "article_data", "crumbs_data", "site_data"}
"""Filters that write more than fits into a line of a table."""

TEXT = PAGE.read_text(encoding="utf-8")
CONFIGURATION = (PAGE.parent / "configuration.md").read_text(encoding="utf-8")


ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md")])
PAGES += sorted([ROOT / "content/pages/manual.md", *PAGE.parent.glob("*.md")])


def read_anchors(page: Path) -> set[str]:
    """Return the anchors of a Markdown file, as GitHub makes them of its headings."""
    text = re.sub(r"^ *```.*?^ *```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    return {make_heading_id(words.replace("`", "")) for words in re.findall(r"^#+ (.+)$", text, re.M)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_to_files_of_the_repository_and_to_their_headings(page):
    text = re.sub(r"^ *```.*?^ *```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    dead = []
    for link in re.findall(r"\]\(([^()\s]+)", text):
        path, _, anchor = unquote(link).partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        target = page.parent / path if path else page
        if not target.exists() or (anchor and anchor not in read_anchors(target)):
            dead.append(link)
    assert dead == []


def test_the_manual_has_all_its_pages_on_its_first_and_none_leads_out_of_content():
    first = (ROOT / "content/pages/manual.md").read_text(encoding="utf-8")
    assert [p.name for p in PAGE.parent.glob("*.md") if f"(manual/{p.name})" not in first] == []
    for page in PAGE.parent.glob("*.md"):
        assert "](../" not in re.sub(
            r"^ *```.*?^ *```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.M | re.S
        )


def test_the_generated_part_is_current():
    assert replace_generated(TEXT) == TEXT, "write it anew with: python -m tests.docs"


def test_every_field_of_a_view_has_words():
    assert find_undocumented(list_seen(read_kinds())) == []


def test_every_template_has_a_view_or_words():
    told = tell_templates(read_kinds(), read_templates())
    assert [name for name, (_, words) in told.items() if not words] == []


def test_every_filter_has_words_and_an_example_where_it_writes():
    assert [name for name, function in _make_filters({}).items() if not function.__doc__] == []
    by_hand = TEXT.partition(BEGIN)[0]
    for name in set(_make_filters({})) - NOT_SHOWN:
        assert f"| {name}" in by_hand.replace("\\|", "|"), name


def test_every_block_of_the_base_is_told_by_hand():
    by_hand = TEXT.partition(BEGIN)[0]
    assert [block for block in list_blocks(read_templates()["base.html"]) if f"`{block}`" not in by_hand] == []


def test_every_setting_has_its_default_in_the_manual_and_every_name_is_listed():
    defaults = {field.name: field.default for field in fields(Config)}
    rows = dict(re.findall(r"^\| \[`([\w.]+)`\]\(#\w+\) \| .* \| `(.*)` \|$", CONFIGURATION, re.M))
    assert rows == {key: write_default(key, defaults[name]) for key, (name, _) in KEYS.items()}
    assert [name for name in NAMES if f"`{name}`" not in CONFIGURATION] == []


def test_the_example_of_the_manual_works(site):
    example = TEXT[TEXT.index("## An example") :]
    for text, name in re.findall(r"^```jinja\n(\{# templates/([\w/]+\.html)(?:.|\n)*?)```", example, re.M):
        site.template(name, text)
    site.write("2024-01-02-a.md", make_markdown("Perahu", lang="id", body="Kayu lama di tepi kali."))
    assert site.build().published
    for path in ("index.html", "archive/2024.html"):
        page = site.read(path)
        assert "letters@example.org" in page
        assert 'lang="id" dir="auto">Perahu</a>' in page
        assert "Kayu lama" not in page
        assert '<span class="meta">2 Jan 2024</span>' in page
    assert "Perahu – 2 Jan 2024 – Arsip" in site.read("articles/perahu.html")
