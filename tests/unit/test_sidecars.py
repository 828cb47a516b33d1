"""Files of metadata beside their articles: what they say, and that a change of one is a change of its article."""

from __future__ import annotations

import json
import os

from tests.sites import Site, list_files

META = ".. title: Kapal pulang\n.. date: 2012-10-01\n.. tags: kapal\n"


def write_pair(site: Site) -> None:
    site.write("a.md", "Kapal itu pulang lagi sesudah sebulan.\n")
    site.write("a.meta", META)
    site.write("b.txt", "Angin kencang\n\nAngin kencang datang dari barat sejak pagi, kata nelayan.\n")


def assert_as_if_clean(site: Site, where) -> None:
    assert list_files(site.output) == list_files(site.build_clean(where))


def test_editing_only_the_sidecar_builds_its_article_again(site, tmp_path):
    write_pair(site)
    assert site.build().errors == ()
    assert json.loads(site.read("articles/kapal-pulang.json"))["topics"] == ["kapal"]
    site.write("a.meta", META.replace("tags: kapal", "tags: laut!"))
    report = site.build()
    assert report.changed == ("a.md",)
    assert json.loads(site.read("articles/kapal-pulang.json"))["topics"] == ["laut!"]
    assert_as_if_clean(site, tmp_path / "clean")
    assert site.build().written == ()


def test_a_sidecar_of_equal_size_and_time_is_read_again(site, tmp_path):
    write_pair(site)
    path = site.root / "content/a.meta"
    os.utime(path, ns=(10**18, 10**18))
    site.build()
    path.unlink()
    site.write("a.meta", META.replace("kapal\n", "layar\n"))
    os.utime(path, ns=(10**18, 10**18))
    assert site.build().changed == ("a.md",)
    assert_as_if_clean(site, tmp_path / "clean")


def test_a_sidecar_that_comes_goes_or_moves(site, tmp_path):
    write_pair(site)
    site.build()
    site.delete("a.meta")
    assert site.build().changed == ("a.md",)
    assert_as_if_clean(site, tmp_path / "clean")
    site.write("b.meta", META)
    assert site.build().changed == ("b.txt",)
    assert json.loads(site.read("articles/kapal-pulang.json"))["id"] == "b.txt"
    assert_as_if_clean(site, tmp_path / "clean")
    site.rename("b.meta", "a.meta")
    assert site.build().changed == ("a.md", "b.txt")
    assert_as_if_clean(site, tmp_path / "clean")


def test_the_source_that_is_published_is_the_article_s(site):
    write_pair(site)
    site.build()
    assert site.read("articles/kapal-pulang.md") == "Kapal itu pulang lagi sesudah sebulan.\n"


def test_mistakes_are_told_at_the_article_with_the_name_of_the_file(site):
    write_pair(site)
    site.write("a.meta", ".. title: A\n.. date: kemarin\n")
    (problem,) = site.build().errors
    assert str(problem).endswith("content/a.md: a.meta, line 2: date: unknown date 'kemarin' (write YYYY-MM-DD)")


def test_what_is_no_metadata_and_what_has_no_article_is_told(site):
    write_pair(site)
    site.write("a.meta", "Bukan apa-apa.\n")
    site.write("c.meta", META)
    messages = [f"{p.place.rpartition('/')[2]}: {p.message}" for p in site.build().problems]
    assert "a.md: a.meta, line 1: there is no metadata here" in messages
    assert "c.meta: has no article beside it and was not read" in messages


def test_a_sidecar_goes_before_what_the_article_says_itself(site):
    site.write("a.md", "---\ntitle: Lain\nsection: Kota\n---\nIsi.\n")
    site.write("a.meta", META)
    site.build()
    data = json.loads(site.read("articles/kapal-pulang.json"))
    assert (data["title"], data["sections"]) == ("Kapal pulang", ["Kota"])


def test_an_empty_article_with_a_sidecar_is_one(site):
    site.write("a.txt", "")
    site.write("a.meta", META)
    assert site.build().articles == 1


def test_a_page_of_html_has_one_too(site, tmp_path):
    site.write("a.html", "<title>Kapal</title><article><p>Kapal itu pulang sesudah sebulan di laut.</p></article>")
    site.build()
    site.write("a.meta", META)
    assert site.build().changed == ("a.html",)
    data = json.loads(site.read("articles/kapal-pulang.json"))
    assert (data["title"], data["date"], data["topics"]) == ("Kapal pulang", "2012-10-01", ["kapal"])
    assert site.read("articles/kapal-pulang.html.txt").startswith("<title>Kapal</title>")
    assert_as_if_clean(site, tmp_path / "clean")
