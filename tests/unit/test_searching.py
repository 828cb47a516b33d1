"""The full-text index: what is made again and what is not, and what happens when it cannot be made."""

from __future__ import annotations

import errno
import json
import re
import shutil

import pytest

from site_builder import fulltext, load_config
from site_builder.errors import ConfigError, MachineError, error
from site_builder.fulltext import TextPage
from site_builder.model import Block
from site_builder.plan import search
from site_builder.sources import find_versions
from tests.indexers import FakeIndexer, use_pagefind
from tests.sites import list_files, list_times, make_markdown


@pytest.fixture
def indexer(monkeypatch) -> FakeIndexer:
    return FakeIndexer().install(monkeypatch)


@pytest.fixture
def archive(site, indexer):
    """A built site of three periods and two languages."""
    site.write("a.md", make_markdown("Air", "1998-05-04", lang="id"))
    site.write("b.md", make_markdown("Batu", "2019-05-04", lang="id"))
    site.write("c.md", make_markdown("Cliff", "2019-06-04", lang="en"))
    site.write("d.md", make_markdown("Debu", lang="id-ID"))
    assert site.build().published
    return site


def list_texts(site) -> set[str]:
    return {path for path in list_files(site.output) if path.startswith("search/text/")}


def read_list(site):
    call = re.fullmatch(r"archive\.list\((.*)\);\n", site.read("search/shards.js"))
    return json.loads(f"[{call[1]}]")


def test_each_language_and_period_is_a_bucket(archive, indexer):
    buckets = ["en/2015-2019", "id/1995-1999", "id/2015-2019", "id/undated"]
    assert sorted(indexer.made) == sorted([*buckets, "en/engine", "id/engine"])
    titles, texts, words = read_list(archive)
    assert words == 0, "in so small an archive all titles are looked through"
    assert titles == [["2019", 1], ["1998", 1], ["undated", 1]]
    assert texts == [["en", "2015-2019"], ["id", "2015-2019"], ["id", "1995-1999"], ["id", "undated"]]


def test_a_new_article_makes_its_bucket_again_and_no_other(archive, indexer, tmp_path):
    indexer.made.clear()
    before = list_times(archive.output)
    archive.write("e.md", make_markdown("Emas", "2016-01-01", lang="id"))
    report = archive.build()
    assert indexer.made == ["id/2015-2019"]
    texts = {
        p for p, time in list_times(archive.output).items() if p.startswith("search/text/") and before.get(p) != time
    }
    assert {path.rsplit("/", 1)[0] for path in texts} == {
        "search/text/id/2015-2019",
        "search/text/id/2015-2019/fragment",
    }
    assert texts <= set(report.written)
    assert list_files(archive.output) == list_files(archive.build_clean(tmp_path / "clean"))


def test_a_period_with_many_articles_is_cut_into_its_years_and_comes_together_again(
    archive, indexer, tmp_path, monkeypatch
):
    monkeypatch.setattr(search, "BUCKET_LENGTH", 2)
    archive.write("e.md", make_markdown("Emas", "2016-01-01", lang="id"))
    archive.build()
    assert read_list(archive)[1] == [
        ["en", "2019"],
        ["id", "2019"],
        ["id", "2016"],
        ["id", "1995-1999"],
        ["id", "undated"],
    ]
    assert list_files(archive.output) == list_files(archive.build_clean(tmp_path / "clean"))
    indexer.made.clear()
    archive.write("f.md", make_markdown("Foto", "2016-01-02", lang="id"))
    archive.build()
    assert indexer.made == ["id/2016"]
    archive.delete("e.md")
    archive.delete("f.md")
    archive.build()
    assert ["id", "2015-2019"] in read_list(archive)[1]
    assert list_files(archive.output) == list_files(archive.build_clean(tmp_path / "clean"))


def test_another_body_and_another_language_move_a_text(archive, indexer, tmp_path):
    archive.write("c.md", make_markdown("Cliff", "2019-06-04", lang="en", body="Other words."))
    indexer.made.clear()
    archive.build()
    assert indexer.made == ["en/2015-2019"]
    archive.write("c.md", make_markdown("Cliff", "2019-06-04", lang="id"))
    report = archive.build()
    assert not [path for path in list_texts(archive) if path.startswith("search/text/en/")]
    assert "search/text/en/engine/pagefind.js" in report.deleted
    assert list_files(archive.output) == list_files(archive.build_clean(tmp_path / "clean"))


def test_a_file_that_is_gone_is_made_again(archive, indexer):
    before = list_files(archive.output)
    gone = min(path for path in list_texts(archive) if "id/2015-2019/fragment/" in path)
    (archive.output / gone).unlink()
    indexer.made.clear()
    assert archive.build().written == (gone,)
    assert indexer.made == ["id/2015-2019"]
    assert list_files(archive.output) == before


def test_other_settings_leave_the_texts_alone(archive, indexer):
    indexer.made.clear()
    (archive.root / "site.toml").write_text('title = "Lain"\n', encoding="utf-8")
    assert archive.build().written
    assert indexer.made == []


@pytest.mark.parametrize(
    "failure",
    [MachineError(error("", "Pagefind made no full-text index: no room")), OSError(errno.ENOSPC, "No space left")],
)
def test_a_machine_that_cannot_index_does_not_take_the_search_from_a_published_site(
    archive, indexer, monkeypatch, failure
):
    """With little memory, or few files open, a build took the full-text index from the site, and ended well."""
    whole = list_files(archive.output)

    def fail(*args):
        raise failure

    archive.write("b.md", make_markdown("Batu", "2019-05-04", lang="id", body="Lain."))
    with monkeypatch.context() as patch:
        patch.setattr(fulltext, "index_texts", fail)
        for _ in range(2):
            with pytest.raises(MachineError, match="full-text index"):
                archive.build()
            assert list_files(archive.output) == whole
            assert list((archive.root / ".site-builder-cache").glob("texts-*")) == []
    assert "articles/batu.html" in archive.build().written
    archive.write("b.md", make_markdown("Batu", "2019-05-04", lang="id"))
    archive.build()
    assert list_files(archive.output) == whole


@pytest.mark.parametrize("engine", ["titles", "none"])
def test_engines_without_texts(archive, indexer, engine, tmp_path):
    (archive.root / "site.toml").write_text(f'[search]\nengine = "{engine}"\n', encoding="utf-8")
    archive.build()
    paths = list_files(archive.output).keys()
    assert list_texts(archive) == set()
    assert ("search.html" in paths, "search/shards.js" in paths) == (
        (True, True) if engine == "titles" else (False,) * 2
    )
    assert ("search.html" in archive.read("index.html")) == (engine == "titles")
    assert list_files(archive.output) == list_files(archive.build_clean(tmp_path / "clean"))


def test_pagefind_that_was_asked_for_must_be_there(site, monkeypatch):
    use_pagefind(monkeypatch)
    monkeypatch.setattr("site_builder.inputs.find_versions", lambda *_: ())
    (site.root / "site.toml").write_text('[search]\nengine = "pagefind"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="not installed"):
        site.build()
    (site.root / "site.toml").write_text('[search]\nengine = "auto"\n', encoding="utf-8")
    site.write("a.md", make_markdown("Air"))
    assert site.build().published
    assert list_texts(site) == set()


def test_the_periods_of_buckets():
    assert [search.find_period(date) for date in ("2019-03", "2020", "0003-01-01", "")] == [
        "2015-2019", "2020-2024", "0000-0004", "undated",
    ]  # fmt: skip


# --- Pagefind itself ----------------------------------------------------------------------------------------------


@pytest.fixture
def pagefind(monkeypatch):
    if not find_versions("pagefind_bin"):
        pytest.skip("Pagefind is not installed: pip install pagefind-bin")
    use_pagefind(monkeypatch)


def test_pagefind_gives_the_same_files_for_the_same_texts(pagefind, tmp_path):
    pages = [
        TextPage(
            f"a/{n}.html",
            f"Judul {n} \ud800",
            "2019",
            "<K>",
            (Block("paragraph", "Isi <b>"), Block("html", f"<p>dan {n}</p>")),
        )
        for n in range(30)
    ]
    for name, texts in (("one", pages), ("two", pages[::-1])):
        fulltext.index_texts(texts, "id", tmp_path / name)
        fulltext.make_engine("id", tmp_path / name / "engine")
    assert list_files(tmp_path / "one") == list_files(tmp_path / "two")
    names = {path.rpartition("/")[2].rpartition(".")[2] for path in list_files(tmp_path / "one")}
    assert names == {"json", "pf_meta", "pf_index", "pf_fragment", "js", "pagefind"}
    assert (tmp_path / "one" / "engine" / "wasm.id.pagefind").is_file()


def test_what_a_killed_build_left_of_its_texts_is_cleared_away(archive, indexer):
    state = load_config(archive.root).state
    left, other = state.with_name(state.stem.replace("state", "texts")), state.with_name("texts-of-another-output")
    for folder in (left, other):
        (folder / "id").mkdir(parents=True)
    archive.write("e.md", make_markdown("Embun", "2019-07-04", lang="id"))
    assert archive.build().published
    assert sorted(state.parent.iterdir()) == sorted([state, other])


def test_pagefind_works_where_its_leftovers_are_cleared_away(pagefind, tmp_path, monkeypatch):
    trees = []
    monkeypatch.setattr(fulltext, "_run", lambda tree, _, index: trees.append(tree) or index.mkdir())
    fulltext.index_texts([TextPage("a.html", "Judul", "2019", "K", ())], "id", tmp_path / "texts/id/2015")
    assert trees[0].is_relative_to(tmp_path / "texts/id")
    assert not list((tmp_path / "texts/id").glob("pagefind-*"))


def test_a_pagefind_that_fails_is_told(pagefind, tmp_path, monkeypatch):
    monkeypatch.setattr(fulltext.sys, "executable", shutil.which("false"))
    with pytest.raises(MachineError, match="no full-text index"):
        fulltext.make_engine("id", tmp_path / "engine")
    monkeypatch.setattr(fulltext.sys, "executable", str(tmp_path / "none"))
    with pytest.raises(MachineError, match="cannot be run"):
        fulltext.make_engine("id", tmp_path / "engine")


def test_a_site_with_pagefind_is_the_same_built_in_steps_and_at_once(pagefind, site, tmp_path):
    site.write("a.md", make_markdown("Air", "1998-05-04", lang="id"))
    site.write("b.md", make_markdown("Batu", "2019-05-04", lang="id"))
    site.build()
    site.write("c.md", make_markdown("Cliff", "2018-06-04", lang="en"))
    site.write("b.md", make_markdown("Batu", "2019-05-04", lang="id", body="Batu lain."))
    assert site.build().published
    assert list_texts(site)
    assert list_files(site.output) == list_files(site.build_clean(tmp_path / "clean"))
