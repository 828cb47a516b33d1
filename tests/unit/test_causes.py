"""Why an output is rendered: the first cause that applies, from what concerns all outputs to what concerns one."""

from __future__ import annotations

import pytest

from site_builder.causes import Basis, Causes, Change
from site_builder.model import Entry, Output, Published
from tests.plans import make_entry, plan_entries

BASIS = Basis("engine", "frame", "settings", "reader", {"article.html": "1", "base.html": "1", "listing.html": "1"})
CLOSURES = {"article.html": ["article.html", "base.html"], "listing.html": ["base.html", "listing.html"]}
WAS = Published("fingerprint of before", "digest")

OLD = [make_entry(f"{n}.md", f"2020-01-{n:02}", topics=("Garam",), title=f"Judul {n}") for n in range(1, 6)]


def tell(path: str, now: list[Entry] | None = None, before: Basis | None = BASIS, was=WAS, is_owned=True, **basis):
    """Return the cause of the output at a path when the archive OLD has become `now`."""
    now = OLD if now is None else now
    plan = plan_entries(now)
    output: Output = plan.outputs[path]
    old, new = ({entry.id: entry for entry in entries} for entries in (OLD, now))
    changed = [id_ for id_ in sorted(old.keys() | new) if old.get(id_) != new.get(id_)]

    def find_url(id_: str) -> str | None:
        card = plan.archive.find_card(id_)
        return card.url if card else None

    changes = [Change(id_, old.get(id_), new.get(id_)) for id_ in changed]
    causes = Causes(before, BASIS._replace(**basis), CLOSURES, lambda: changes, find_url)
    return causes.tell(output, was, is_owned=is_owned)


def edit(number: int, **fields: object) -> list[Entry]:
    return [entry._replace(**fields) if entry.id == f"{number}.md" else entry for entry in OLD]


@pytest.mark.parametrize(
    ("more", "cause"),
    [
        ({"was": None, "is_owned": False, "engine": "other"}, "new"),
        ({"was": None, "engine": "other"}, "missing"),
        ({"was": Published("", ""), "engine": "other"}, "unknown bytes"),
        ({"before": None}, "unknown bytes"),
        ({"engine": "other", "frame": "other"}, "program"),
        ({"frame": "other", "templates": {}}, "settings"),
        ({"templates": BASIS.templates | {"base.html": "2", "listing.html": "2"}}, "template base.html"),
        ({"templates": {"listing.html": "1"}}, "template article.html, base.html"),
        ({"templates": BASIS.templates | {"listing.html": "2"}, "settings": "other"}, "settings"),
        ({"settings": "other", "reader": "other"}, "settings"),
        ({"reader": "other"}, "rules"),
        ({}, "addresses"),
    ],
)
def test_what_is_not_in_the_articles(more, cause):
    assert tell("articles/judul-3.html", **more) == cause


def test_what_has_no_template_does_not_depend_on_templates_and_the_frame():
    now = edit(3, article="another")
    more = {"frame": "other", "settings": "other", "templates": {}}
    assert tell("articles/judul-3.json", now, **more) == "changed 3.md"
    assert tell("articles/judul-4.json", now, **more) == "settings"


def test_an_edited_body_is_the_cause_of_what_shows_it():
    now = edit(3, article="another")
    assert tell("articles/judul-3.html", now) == "changed 3.md"
    assert tell("articles/judul-3.marked.html", now) == "changed 3.md"
    assert tell("articles/judul-3.md", now) == "changed 3.md"


def test_the_page_itself_is_named_before_its_neighbours_and_bodies_of_others_not_at_all():
    now = [entry._replace(summary="Lain.") if entry.id in ("1.md", "2.md", "3.md") else entry for entry in OLD]
    assert tell("articles/judul-3.html", now) == "changed 3.md, 2.md"
    now = [entry._replace(article="another") if entry.id == "2.md" else entry for entry in edit(3, article="another")]
    assert tell("articles/judul-3.html", now) == "changed 3.md"


def test_a_card_is_the_cause_of_the_lists_that_show_it():
    now = [make_entry("6.md", "2019-05-05"), *edit(3, title="Judul lain")]
    assert tell("archive/2020-01.html", now) == "changed 3.md"
    assert tell("topics/garam.html", now) == "changed 3.md"
    assert tell("articles/judul-2.html", now) == "changed 3.md"
    assert tell("archive/2019.html", now) == "added 6.md"
    assert tell("index.html", now) == "added 6.md; changed 3.md"


def test_an_article_that_went_is_the_cause_of_what_showed_it():
    now = [make_entry("6.md", "2019-05-05"), *(entry for entry in OLD if entry.id != "3.md")]
    assert tell("articles/judul-2.html", now) == "removed 3.md"
    assert tell("articles/judul-4.html", now) == "removed 3.md"
    assert tell("archive/2020-01.html", now) == "removed 3.md"
    assert tell("articles/judul-1.html", now) == "added 6.md"


def test_an_article_that_moved_to_another_time_is_the_cause_where_it_stood_and_where_it_stands():
    now = edit(3, date="2020-01-30", topics=())
    for path in ("articles/judul-2.html", "articles/judul-4.html", "articles/judul-5.html", "topics/garam.html"):
        assert tell(path, now) == "changed 3.md"


def test_a_headline_that_leads_to_a_new_article_is_a_cause():
    before = OLD[0]._replace(related=("Kapal baru",))
    now = [before, *OLD[1:], make_entry("7.md", "2024", "Kapal baru"), make_entry("8.md", "2025", "Lain")]
    assert "added 7.md" in tell("articles/judul-1.html", now)
    assert "8.md" not in tell("articles/judul-1.html", now)


def test_where_nothing_that_is_shown_was_edited_all_that_was_edited_is_named_three_at_most():
    now = [entry._replace(summary="Lain.") for entry in OLD] + [make_entry("0.md", "2001", "Lama")]
    assert tell("topics/index.html", now) == "added 0.md; changed 1.md, 2.md +3"


def test_equal_causes_are_one_text():
    plan = plan_entries(OLD)
    changes = [Change("6.md", make_entry("6.md", "2020"), None), Change("7.md", make_entry("7.md", "2020"), None)]
    causes = Causes(BASIS, BASIS, CLOSURES, lambda: changes, lambda _: None)
    found = [causes.tell(plan.outputs[path], WAS, is_owned=True) for path in ("topics/index.html", "robots.txt")]
    assert found[0] == "removed 6.md, 7.md"
    assert found[0] is found[1]
