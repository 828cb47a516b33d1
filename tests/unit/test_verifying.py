"""Staged pages are verified before they are published: a link that leads nowhere is told, or is our own mistake."""

from __future__ import annotations

from dataclasses import replace

import pytest

from site_builder import verifying
from site_builder.errors import MachineError
from site_builder.plan.articles import ArticlePlan
from site_builder.verifying import DeadLink, find_dead_links
from tests.sites import list_files, make_markdown

FOOT = (
    '{% extends "!default/base.html" %}'
    '{% block footer_extra %}<a href="/lain/">x</a><a href="tak-ada.html">y</a>{% endblock %}'
)


def test_links_are_followed_as_browsers_and_github_pages_do(tmp_path):
    (tmp_path / "staging/a").mkdir(parents=True)
    (tmp_path / "output").mkdir()
    (tmp_path / "output/milik.html").write_text("of the owner")
    page = (
        '<a href="b.html"><a href="../c"><a href="../">\n<img src="../none.png"><a href="https://x.example/none">\n'
        '<a href="../milik.html#x"><a href="#none"><a href="?q=1"><a href="/d/%61.html">\n<a href="none&amp;.html?x#y">'
        '<p>href="text.html"</p><a href="mailto:a@b.example"><a href="//x.example/y.html"><a href="/elsewhere.html">'
    )
    (tmp_path / "staging/a/p.html").write_text(page)
    listing = {"a/p.html", "a/b.html", "c.html", "index.html", "a.html"}
    found = find_dead_links(["a/p.html"], tmp_path / "staging", tmp_path / "output", listing, "https://site.example/d/")
    assert list(found) == [
        DeadLink("a/p.html", 2, "../none.png"),
        DeadLink("a/p.html", 4, "none&.html?x#y"),
        DeadLink("a/p.html", 4, "/elsewhere.html"),
    ]


def test_a_dead_link_of_a_template_is_told_once_and_published(site):
    for number in range(3):
        site.write(f"{number}.md", make_markdown(f"Judul {number}", "2020-01-02"))
    site.template("base.html", FOOT)
    report = site.build()
    assert report.published
    told = [problem.message for problem in report.problems if "which is not there" in problem.message]
    assert sorted(told) == ["links to '/lain/', which is not there", "links to 'tak-ada.html', which is not there"]
    site.write("0.md", make_markdown("Judul 0", "2020-01-02", body="Lain."))
    old = list_files(site.output)
    assert not site.build(strict=True).published
    assert list_files(site.output) == old


def test_a_dead_link_of_our_own_publishes_nothing(site, monkeypatch):
    site.write("a.md", make_markdown("Judul", "2020-01-02"))
    site.build()
    old = list_files(site.output)
    site.write("b.md", make_markdown("Lain", "2020-01-03"))
    view = ArticlePlan.view_article

    def forget(self, entry):
        found = view(self, entry)
        return replace(found, older=found.older and found.older._replace(url="articles/nowhere.html"))

    monkeypatch.setattr(ArticlePlan, "view_article", forget)
    with pytest.raises(MachineError, match=r"nowhere.html', which is not there"):
        site.build()
    assert list_files(site.output) == old
    monkeypatch.setattr(verifying, "MOST_VERIFIED", 0)
    assert site.build().published, "of many pages none is looked at"
