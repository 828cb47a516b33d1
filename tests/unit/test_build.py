"""What a build does as a whole: what it reads again, renders again, refuses, and tells."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing
from xml.etree import ElementTree

import pytest

from site_builder import ConfigError, MachineError, RefusedError, load_config
from site_builder.build import Session, build
from site_builder.index import Index
from site_builder.plan import search
from site_builder.plan.outputs import LEFT_OUT
from site_builder.sources import read_source
from site_builder.store import open_store
from tests.pictures import make_png
from tests.sites import Site, list_files, list_times, make_markdown

BASE = 'base_url = "https://example.org/r/"\n'
TITLES = '[search]\nengine = "titles"\n'


def write_some(site: Site, count: int = 4) -> None:
    for n in range(count):
        site.write(
            f"{n}.md", make_markdown(f"Judul {n}", f"2019-03-{n + 1:02}" if n < 9 else "2019-04", "garam", "Kota")
        )


def test_the_site_of_a_few_articles(site):
    (site.root / "site.toml").write_text(BASE + TITLES)
    write_some(site, 2)
    site.write("u.txt", "Air naik | Dunia | Berita\n\nAir naik sejak pagi di kampung itu, kata warga.\n")
    report = site.build()
    assert (report.articles, report.published, report.errors) == (3, True, ())
    assert sorted(list_files(site.output)) == sorted(
        [
            ".nojekyll",
            ".site-builder.json",
            "404.html",
            "about.html",
            "feed.xml",
            "index.html",
            "llms.txt",
            "robots.txt",
            "search.html",
            "search/shards.js",
            "search/titles/2019.js",
            "search/titles/undated.js",
            "sitemap.xml",
            "social.png",
            "archive/2019-03.html",
            "archive/2019.html",
            "archive/index.html",
            "archive/rules.html",
            "archive/undated.html",
            "articles/air-naik.html",
            "articles/air-naik.json",
            "articles/air-naik.marked.html",
            "articles/air-naik.txt",
            "articles/judul-0.html",
            "articles/judul-0.json",
            "articles/judul-0.marked.html",
            "articles/judul-0.md",
            "articles/judul-1.html",
            "articles/judul-1.json",
            "articles/judul-1.marked.html",
            "articles/judul-1.md",
            "sections/berita.html",
            "sections/berita/undated.html",
            "sections/dunia.html",
            "sections/dunia/undated.html",
            "sections/berita/social.png",
            "sections/dunia/social.png",
            "sections/kota/social.png",
            "sections/index.html",
            "sections/kota.html",
            "sections/kota/2019.html",
            "sections/kota/feed.xml",
            "sitemaps/2019.xml",
            "sitemaps/pages.xml",
            "sitemaps/undated.xml",
            "titles/a.html",
            "titles/index.html",
            "titles/j.html",
            "topics/garam.html",
            "topics/garam/2019.html",
            "topics/garam/feed.xml",
            "topics/index.html",
        ]
        + [p for p in list_files(site.output) if p.startswith("assets/")]
    )


def test_a_second_build_does_nothing(site):
    write_some(site)
    site.build()
    before = list_times(site.root)
    report = site.build()
    assert (report.written, report.deleted, report.rendered) == ((), (), ())
    after = list_times(site.root)
    assert {p: t for p, t in after.items() if "cache" not in p} == {p: t for p, t in before.items() if "cache" not in p}


def test_a_second_build_imports_neither_jinja_nor_markdown(site):
    write_some(site)
    site.build()
    code = (
        "import sys, site_builder; r = site_builder.build(site_builder.load_config('.')); assert r.published;"
        "print([m for m in ('jinja2', 'markdown', 'nh3', 'slugify', 'yaml', 'livereload') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=site.root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_second_build_imports_its_own_command_alone(site):
    write_some(site)
    site.build()
    code = (
        "import sys; from site_builder.cli import main; assert main(['build', '-q']) == 0;"
        "print(sorted(m.rpartition('.')[2] for m in sys.modules if m.startswith('site_builder.commands.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=site.root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['build', 'options', 'terminal']"


def test_a_new_article_touches_its_neighbour_and_its_listings_and_no_more(site):
    (site.root / "site.toml").write_text(BASE + TITLES)
    write_some(site)
    site.build()
    site.write("9.md", make_markdown("Judul 9", "2019-03-09", "garam", "Kota"))
    report = site.build()
    assert report.added == ("9.md",)
    assert set(report.written) == {
        "articles/judul-9.html",
        "articles/judul-9.json",
        "articles/judul-9.marked.html",
        "articles/judul-9.md",
        "articles/judul-3.html",
        "index.html",
        "archive/index.html",
        "archive/2019.html",
        "archive/2019-03.html",
        "sections/index.html",
        "sections/kota.html",
        "sections/kota/2019.html",
        "sections/kota/feed.xml",
        "topics/index.html",
        "topics/garam.html",
        "topics/garam/2019.html",
        "topics/garam/feed.xml",
        "feed.xml",
        "sitemap.xml",
        "sitemaps/2019.xml",
        "search/titles/2019.js",
        "about.html",
        "titles/index.html",
        "titles/j.html",
    }


def test_editing_a_body_leaves_the_listings_alone(site):
    write_some(site)
    site.build()
    site.write("1.md", make_markdown("Judul 1", "2019-03-02", "garam", "Kota", body="Isi lain.", summary="S"))
    site.build()
    site.write("1.md", make_markdown("Judul 1", "2019-03-02", "garam", "Kota", body="Isi baru.", summary="S"))
    report = site.build()
    assert report.changed == ("1.md",)
    pages = (path for path in report.written if not path.startswith("search/text/"))
    assert {path.partition(".")[0] for path in pages} == {"articles/judul-1"}


def test_a_touched_file_of_equal_bytes_stops_at_its_digest(site):
    write_some(site)
    site.build()
    path = site.root / "content" / "1.md"
    path.touch()
    report = site.build()
    assert (report.changed, report.rendered) == ((), ())


def test_a_save_within_the_same_instant_and_of_the_same_size_is_not_missed(site):
    site.write("a.md", make_markdown("Judul", body="Satu."))
    site.build()
    path = site.root / "content" / "a.md"
    info = path.stat()
    path.write_bytes(path.read_bytes().replace(b"Satu.", b"Dua.."))
    os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))
    assert site.build().changed == ("a.md",)


def test_a_template_edit_renders_only_what_uses_it(site):
    write_some(site)
    site.build()
    site.template("overview.html", '{% extends "!default/overview.html" %}{% block footer %}Kaki{% endblock %}')
    report = site.build()
    assert set(report.rendered) == {"sections/index.html", "topics/index.html"}
    assert "Kaki" in site.read("topics/index.html")


@pytest.mark.parametrize(
    ("change", "fills"), [("template", 0), ("setting", 1), ("article", 1), ("ledger", 1), ("nothing", 0)]
)
def test_the_index_is_filled_anew_only_when_articles_or_settings_changed(site, monkeypatch, change, fills):
    write_some(site)
    site.write("undated.md", make_markdown("Tanpa tanggal"))
    site.build()
    filled = []
    fill = Index.fill
    monkeypatch.setattr(Index, "fill", lambda *given: filled.append(1) or fill(*given))
    match change:
        case "template":
            site.template("article.html", '{% extends "!default/article.html" %}{% block footer %}Kaki{% endblock %}')
        case "setting":
            (site.root / "site.toml").write_text("[listings]\npage_size = 2\n")
        case "article":
            site.template("article.html", '{% extends "!default/article.html" %}{% block footer %}Kaki{% endblock %}')
            site.write("pages/baru.md", make_markdown("Baru"))
        case "ledger":
            (site.root / "site.toml").write_text('[addresses]\nledger = "addresses.csv"\n')
    site.build()
    assert len(filled) == fills
    site.write("newest.md", make_markdown("Terbaru", "2030-01-01"))
    site.build()
    assert list_files(site.output) == list_files(site.build_clean(site.root / "clean"))


@pytest.mark.parametrize("ledger", ["", '[addresses]\nledger = "addresses.csv"\n'])
@pytest.mark.parametrize(
    "change",
    ["", "article", "new", "gone", "page", "bad", "touched", "setting", "words", "asset", "picture", "rules", "ledger"],
)
def test_a_template_edit_takes_over_the_digests_of_pages_if_nothing_else_changed(site, monkeypatch, change, ledger):
    settings = BASE + TITLES + ledger
    (site.root / "site.toml").write_text(settings)
    write_some(site)
    site.write("gambar.md", make_markdown("Gambar", "2019-03-20", body="![](a.png)"))
    site.write("a.png", make_png(2, 2))
    site.template("assets/own.css", "p{}")
    assert site.build().published
    site.template("base.html", '{% extends "!default/base.html" %}{% block footer %}Kaki{% endblock %}')
    match change:
        case "article":
            site.write("1.md", make_markdown("Judul 1", "2019-03-02", "garam", "Kota", "Lain."))
        case "new":
            site.write("5.md", make_markdown("Judul 5", "2019-03-06", "garam"))
        case "gone":
            site.delete("2.md")
        case "page":
            site.write("pages/baru.md", make_markdown("Baru"))
        case "bad":
            site.write("rusak.md", "---\ndate: besok\n---\n")
        case "touched":
            os.utime(site.root / "content" / "1.md", (1, 1))
        case "setting":
            (site.root / "site.toml").write_text(f"title = 'Lain'\n{settings}")
        case "words":
            site.template("strings/id.toml", 'archive = "Gudang"\n')
        case "asset":
            site.template("assets/own.css", "p{color:red}")
        case "picture":
            site.write("a.png", make_png(4, 4))
        case "rules":
            (site.root / "rules").mkdir()
            (site.root / "rules" / "own.toml").write_text('[pack]\nid = "project.own"\n')
        case "ledger":
            (site.root / "site.toml").write_text(BASE + TITLES + ("" if ledger else '[addresses]\nledger = "a.csv"\n'))
    digested = []
    digest = sys.modules["site_builder.plan.outputs"].digest
    monkeypatch.setattr("site_builder.plan.outputs.digest", lambda value: digested.append(value) or digest(value))
    assert site.build(keep_going=True).published
    pages = [value for value in digested if hasattr(value, "path")]
    assert bool(pages) == (change not in ("", "touched"))
    site.build_clean(site.root / "clean", keep_going=True)
    (clean,) = (site.root / "clean" / "cache").glob("state-*.sqlite")
    with open_store(load_config(site.root).state) as ours, open_store(clean) as theirs:
        told, expected = (
            {path: (entry.fingerprint, entry.digest) for path, entry in store.load_outputs().items()}
            for store in (ours, theirs)
        )
    assert told == expected


def test_an_article_that_is_empty_while_it_is_saved_keeps_its_page_under_serve(site, monkeypatch):
    """A save right after another was caught between emptying and writing, and the page was gone for a moment."""
    write_some(site)
    session = Session()
    config = load_config(site.root)
    build(config, session=session)
    reads = []

    def read(content, id_, limit):
        reads.append(id_)
        return b"" if id_ == "1.md" and reads.count(id_) < 3 else read_source(content, id_, limit)

    monkeypatch.setattr("site_builder.jobs.reading.read_source", read)
    site.write("1.md", make_markdown("Judul 1", "2019-03-02", "garam", "Kota", "Tersimpan."))
    session.touched = frozenset({"1.md"})
    assert build(config, session=session).changed == ("1.md",)
    assert reads.count("1.md") == 3
    assert "Tersimpan." in site.read("articles/judul-1.html")
    site.write("2.md", "")
    for is_first in (True, False):  # one that stays empty is left out, and not waited for when it is read again
        reads.clear()
        session.touched = frozenset({"2.md"})
        assert build(config, session=session).articles == 3
        assert (reads.count("2.md") > 1) == is_first
    assert not (site.output / "articles" / "judul-2.html").exists()


def test_a_setting_that_no_page_shows_renders_nothing(site):
    write_some(site)
    site.build()
    (site.root / "site.toml").write_text("[limits]\nseconds = 7.5\n")
    assert site.build().rendered == ()


def test_a_deleted_article_takes_its_pages_along(site):
    write_some(site)
    site.build()
    site.delete("3.md")
    report = site.build()
    assert report.removed == ("3.md",)
    assert {f"articles/judul-3.{e}" for e in ("html", "json", "md", "marked.html")} <= set(report.deleted)
    assert "judul-3" not in site.read("articles/judul-2.html")


def change_state(site, statement):
    (file,) = (site.root / ".site-builder-cache").glob("state-*.sqlite")
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(statement)


@pytest.mark.parametrize("damage", ["missing", "empty", "garbage", "half", "other schema"])
def test_the_cache_may_be_anything(site, damage):
    write_some(site)
    site.build()
    before = list_times(site.output)
    (file,) = (site.root / ".site-builder-cache").glob("state-*.sqlite")
    match damage:
        case "missing":
            shutil.rmtree(file.parent)
        case "empty":
            file.write_bytes(b"")
        case "garbage":
            file.write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 40)
        case "half":
            file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
        case "other schema":
            change_state(site, "update facts set value = 'old' where key = 'schema'")
    assert site.build().written == ()
    assert list_times(site.output) == before


@pytest.mark.parametrize("place", ["outputs set digest", "sources set sha256", "facts set value"])
def test_a_cache_in_which_a_text_is_no_utf_8_is_made_anew(site, place):
    write_some(site)
    site.build()
    before = list_files(site.output)
    change_state(site, f"update {place} = cast(x'30ff' as text)")
    site.write("4.md", make_markdown("Judul 4"))
    assert site.build().published
    site.delete("4.md")
    site.build()
    assert list_files(site.output) == before


DAMAGES = [
    "delete from articles",
    *(
        f"update {place} = '{value}'"
        for place in ("articles set article", "cards set card", "sources set entry", "codes set codes")
        for value in ("[]", "{}", "7", '[["a"]]', "no JSON")
    ),
]


@pytest.mark.parametrize("change", ["an article", "a template"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_cache_in_which_a_value_is_none_of_ours_is_made_anew(site, tmp_path, damage, change):
    write_some(site)
    site.build()
    change_state(site, damage)
    if change == "an article":
        site.write("4.md", make_markdown("Judul 4"))
    else:
        site.template("article.html", '{% extends "!default/article.html" %}{% block title %}Lain{% endblock %}')
    assert site.build().published
    assert list_files(site.output) == list_files(site.build_clean(tmp_path / "clean"))


def test_two_sites_in_one_output_do_not_trust_each_other_s_state(site, tmp_path):
    """The state of the first said that all was up to date, while the second had put other bytes there."""
    write_some(site)
    site.build()
    shutil.copytree(site.root / "content", tmp_path / "other")
    (tmp_path / "other" / "0.md").write_text(make_markdown("Judul 0", "2019-03-01", "garam", "Kota", body="Lain."))
    build(load_config(site.root, content=tmp_path / "other", output=site.output))
    assert "Lain." in site.read("articles/judul-0.html")
    site.build()
    assert list_files(site.output) == list_files(site.build_clean(tmp_path / "clean"))


def test_a_build_that_died_before_it_saved_its_state_is_made_good(site, tmp_path, monkeypatch):
    """The state was older than the output, and an edit taken back afterwards was not seen."""
    write_some(site)
    site.build()
    text = (site.root / "content" / "0.md").read_text()
    site.write("0.md", text.replace("Isi.", "Lain."))
    from site_builder.store import Store

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Store, "commit", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        site.build()
    assert "Lain." in site.read("articles/judul-0.html")
    site.write("0.md", text)
    site.build()
    assert list_files(site.output) == list_files(site.build_clean(tmp_path / "clean"))


@pytest.mark.parametrize(
    "make", [lambda: ThreadPoolExecutor(3), lambda: ProcessPoolExecutor(2)], ids=["threads", "processes"]
)
def test_any_executor_gives_the_same_bytes_and_stays_open(site, tmp_path, make):
    write_some(site, 70)
    clean = site.build_clean(tmp_path / "clean")
    with make() as executor:
        report = site.build(executor=executor)
        assert executor.submit(int, "3").result() == 3
    assert report.published
    assert list_files(site.output) == list_files(clean)


def test_a_page_and_the_navigation(site):
    (site.root / "site.toml").write_text('navigation = [{title = "Tentang kami", page = "about"}]\n')
    site.write("a.md", make_markdown("A"))
    site.write("pages/about.md", make_markdown("Tentang"))
    report = site.build()
    assert report.articles == 1
    assert 'href="../about.html"' in site.read("articles/a.html")
    site.delete("pages/about.md")
    with pytest.raises(ConfigError, match="names the page 'about', which is not there"):
        site.build()


def test_links_between_articles(site):
    site.write("satu/a.md", make_markdown("A", body="[ke b](../dua/b.md#x) dan [hilang](c.md)"))
    site.write("dua/b.md", make_markdown("B"))
    report = site.build()
    assert 'href="../articles/b.html#text-x"' in site.read("articles/a.html")
    assert "<a>hilang</a>" in site.read("articles/a.html")
    assert any("links to 'satu/c.md', which is not published here" in p.message for p in report.problems)
    site.write("dua/b.md", make_markdown("B", slug="pindah"))
    assert "articles/a.html" in site.build().rendered
    assert 'href="../articles/pindah.html#text-x"' in site.read("articles/a.html")


def test_a_related_headline_is_linked_once_its_article_arrives(site):
    site.write("a.txt", "Judul satu\n\nIsi berita ini cukup panjang untuk dibaca warga.\n\nBaca juga: Judul dua\n")
    site.build()
    assert "judul-dua" not in site.read("articles/judul-satu.html")
    site.write("b.md", make_markdown("Judul dua"))
    site.build()
    assert 'href="../articles/judul-dua.html"' in site.read("articles/judul-satu.html")


def test_an_unlabelled_headline_is_set_apart_once_it_is_an_article_of_the_archive(site, tmp_path):
    lines = ["Judul satu", "Isi berita ini cukup panjang untuk dibaca warga.", "Harga beras naik lagi di pasar"]
    source = "\n\n".join([*lines, "Isi berita ini berlanjut, dan masih cukup panjang."])
    site.write("a.txt", source)
    site.build()
    before = json.loads(site.read("articles/judul-satu.json"))
    assert (len(before["body"]), before["related"]) == (3, [])
    site.write("b.md", make_markdown("Harga Beras Naik Lagi di Pasar"))
    site.build()
    after = json.loads(site.read("articles/judul-satu.json"))
    assert (len(after["body"]), after["related"]) == (2, ["Harga beras naik lagi di pasar"])
    assert "".join(source[p["start"] : p["end"]] for p in after["parts"]) == source
    assert [p["part"] for p in after["parts"] if p["rule"] == "archive.title"] == ["related"]
    page = site.read("articles/judul-satu.html")
    assert 'href="../articles/harga-beras-naik-lagi-di-pasar.html"' in page
    assert "archive.title" in site.read("articles/judul-satu.marked.html")
    site.delete("b.md")
    site.build()
    assert json.loads(site.read("articles/judul-satu.json")) == before
    assert list_files(site.output) == list_files(site.build_clean(tmp_path / "clean"))


def test_feeds_and_sitemaps_are_well_formed_whatever_a_title_holds(site):
    (site.root / "site.toml").write_text(BASE)
    site.write("a.md", '---\ntitle: "]]> & <b> \\x0c\\uFFFE"\ndate: 2024-03-01\nsection: "<K>"\n---\nIsi.\n')
    site.build()
    for path in [*site.output.rglob("*.xml")]:
        ElementTree.fromstring(path.read_bytes())
    feed = ElementTree.parse(site.output / "feed.xml")
    names = {"a": "http://www.w3.org/2005/Atom"}
    assert feed.findtext("a:entry/a:title", namespaces=names).startswith("]]> & <b>")
    assert feed.findtext("a:updated", namespaces=names) == "2024-03-01T00:00:00Z"


def test_without_a_base_url_there_is_one_warning_and_no_feed(site):
    write_some(site)
    report = site.build()
    assert [p.message for p in report.problems] == [
        "without base_url the feed, the sitemap and canonical links are left out"
    ]
    assert not (site.output / "feed.xml").exists()
    assert "atom" not in site.read("index.html")


def test_undated_articles_alone_make_no_feed_and_no_link_to_one(site):
    (site.root / "site.toml").write_text(BASE)
    site.write("a.md", make_markdown("A"))
    site.build()
    assert not (site.output / "feed.xml").exists()
    assert "atom" not in site.read("index.html")


# --- errors ------------------------------------------------------------------------------------------------------


def break_some(site: Site) -> None:
    site.write("x1.md", "---\ntitle: [a\n---\nIsi.\n")
    site.write("x2.md", make_markdown("X2", "2024-13-01"))
    site.write("x3.md", b"\x89PNG\r\n\x1a\n" + bytes(60))
    site.write("x4.md", make_markdown("X4", slug="sama"))
    site.write("x5.md", make_markdown("X5", slug="sama"))


def test_all_errors_are_told_at_once_and_the_old_site_stands(site):
    write_some(site)
    site.build()
    before = list_times(site.output)
    break_some(site)
    report = site.build()
    assert not report.published
    places = [p.place.removeprefix("site/") for p in report.errors]
    assert places == ["content/x1.md:3:1", "content/x2.md:3", "content/x3.md", "content/x5.md"]
    assert all(p.hint for p in report.errors)
    assert list_times(site.output) == before


def test_with_keep_going_the_good_articles_are_published(site):
    write_some(site)
    site.build()
    break_some(site)
    site.write("baik.md", make_markdown("Baik"))
    report = site.build(keep_going=True)
    assert report.published
    assert len(report.errors) == 4
    assert (site.output / "articles/baik.html").exists()
    assert (site.output / "articles/sama.html").exists()
    assert report.failed == ("x1.md", "x2.md", "x3.md", "x5.md")


def test_warnings_do_not_keep_anything_from_being_published_unless_strict(site):
    site.write("a.txt", "Air naik\n\nAir naik sejak pagi di kampung itu, kata warga.\n")
    site.write("b.md", make_markdown("Air naik"))
    site.write("c.md", make_markdown("???"))
    site.write("d.md", "")
    site.write("e.md", "---\ntitle: Hal\u00e9\n---\nIsi.\n".encode("cp1252"))
    assert not site.build(strict=True).published
    report = site.build()
    assert report.published
    assert report.articles == 4
    told = " ".join(p.message for p in report.problems)
    for words in ("has no date", "has the same title", "has no letters", "is empty", "is not UTF-8"):
        assert words in told


def test_an_unreadable_source_is_an_error_of_its_own(site, monkeypatch):
    write_some(site)
    from site_builder.jobs import reading as job

    def refuse(content, id_, limit):
        if id_ == "1.md":
            raise PermissionError(13, "Permission denied")
        return (content / id_).read_bytes()

    monkeypatch.setattr(job, "read_source", refuse)
    report = site.build()
    assert [p.message for p in report.errors] == ["cannot be read: Permission denied"]


def test_template_errors_have_their_line_and_publish_nothing(site):
    write_some(site)
    site.build()
    before = list_times(site.output)
    site.template("article.html", "<p>\n{% if %}</p>")
    site.template("home.html", "{{ page.title | nothing }}")
    with pytest.raises(ConfigError) as caught:
        site.build()
    assert [p.place for p in caught.value.problems] == ["templates/article.html:2", "templates/home.html:1"]
    site.template("article.html", "<p>\n{{ page.nothing }}</p>")
    (site.root / "templates" / "home.html").unlink()
    with pytest.raises(ConfigError, match=r"templates/article.html:2: UndefinedError"):
        site.build()
    assert list_times(site.output) == before


def test_a_template_error_in_a_worker_process_is_told_the_same(site):
    write_some(site)
    site.template("article.html", "{{ 1 / 0 }}")
    with (
        ProcessPoolExecutor(1) as executor,
        pytest.raises(ConfigError, match=r"templates/article.html:1: ZeroDivisionError"),
    ):
        site.build(executor=executor)


@pytest.mark.parametrize("output", [".", "content", "content/out", "templates/out", ".site-builder-cache"])
def test_an_output_among_the_sources_is_refused(site, output):
    write_some(site)
    site.template("x.txt", "")
    before = list_files(site.root)
    with pytest.raises(RefusedError):
        site.build(output=site.root / output)
    assert {p: d for p, d in list_files(site.root).items() if "cache" not in p} == before


def test_a_folder_that_is_not_ours_is_refused(site):
    write_some(site)
    site.output.mkdir()
    (site.output / "thesis.doc").write_text("years of work")
    with pytest.raises(RefusedError):
        site.build()
    assert [path.name for path in site.output.iterdir()] == ["thesis.doc"]
    assert (site.output / "thesis.doc").read_text() == "years of work"


def test_an_archive_that_is_mostly_gone_is_not_taken_down_when_the_cache_is_gone_too(site):
    write_some(site, 60)
    site.build()
    for n in range(10):
        site.delete(f"{n}.md")
    shutil.rmtree(site.root / ".site-builder-cache")
    with pytest.raises(RefusedError, match="50 articles are here, and 60 are published"):
        site.build()
    with pytest.raises(RefusedError, match="50 articles are here, and 60 are published"):
        site.build(clean=True)
    assert (site.output / "articles/judul-0.html").exists()


@pytest.mark.parametrize("name", ["format_feed", "format_sitemap"])
def test_a_feed_that_is_no_xml_is_not_published(site, monkeypatch, name):
    (site.root / "site.toml").write_text('base_url = "https://example.org/"\n', encoding="utf-8")
    write_some(site, 2)
    site.build()
    before = list_files(site.output)
    site.write("0.md", make_markdown("Judul lain", "2024-01-01"))
    monkeypatch.setattr(f"site_builder.render.{name}", lambda _: b"<feed>\n<a></feed>")
    with pytest.raises(MachineError, match=r"xml:2:\d+: what was made is not well-formed XML"):
        site.build()
    assert list_files(site.output) == before


def test_an_archive_that_is_suddenly_gone_is_not_taken_down(site):
    write_some(site, 60)
    site.build()
    for n in range(10):
        site.delete(f"{n}.md")
    with pytest.raises(RefusedError, match="50 articles are here, and 60 are published"):
        site.build()
    assert (site.output / "articles/judul-0.html").exists()
    assert site.build(force=True).published
    shutil.rmtree(site.root / "content")
    (site.root / "content").mkdir()
    shutil.rmtree(site.root / ".site-builder-cache")
    with pytest.raises(RefusedError):
        site.build()


def test_a_source_that_changes_while_the_site_is_built_is_read_again(site, tmp_path, monkeypatch):
    write_some(site)
    from site_builder.jobs import reading as job

    original, titles = job.read_batch, iter(["Lain", "Lain lagi"])

    def change_afterwards(batch):
        results = [*original(batch)]
        if title := next(titles, ""):
            site.write("1.md", make_markdown(title))
        return results

    monkeypatch.setattr(job, "read_batch", change_afterwards)
    assert site.build().published
    assert (site.output / "articles/lain-lagi.html").exists()
    assert list_files(site.output) == list_files(site.build_clean(tmp_path / "clean"))


def test_a_source_that_never_stops_changing_is_told(site, monkeypatch):
    write_some(site)
    from site_builder.jobs import reading as job

    original, numbers = job.read_batch, iter(range(100))

    def change_afterwards(batch):
        results = [*original(batch)]
        site.write("1.md", make_markdown(f"Lain {next(numbers)}"))
        return results

    monkeypatch.setattr(job, "read_batch", change_afterwards)
    with pytest.raises(MachineError, match=r"content/1\.md: changed while the site was being built"):
        site.build()
    assert not site.output.exists()


def test_an_edit_with_the_size_and_the_time_of_before_is_not_missed(site, monkeypatch):
    """Such an edit was missed when it came more than two seconds after the last build."""
    site.write("a.md", make_markdown("Judul", body="Satu."))
    from site_builder import reading

    monkeypatch.setattr(reading, "RACY_NS", 0)
    site.build()
    path = site.root / "content" / "a.md"
    info = path.stat()
    path.write_bytes(path.read_bytes().replace(b"Satu.", b"Dua.."))
    os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))
    assert path.stat().st_mtime_ns == info.st_mtime_ns
    assert site.build().changed == ("a.md",)


def test_a_full_disk_under_the_cache_is_told_in_words(site, monkeypatch):
    write_some(site)
    from site_builder.store import Store

    def refuse(*_):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(Store, "keep_articles", refuse)
    with pytest.raises(MachineError, match="the cache cannot be written: database or disk is full"):
        site.build()
    assert not site.output.exists()


def test_the_ledger_is_written_by_a_good_build_of_the_site_s_own_content_only(site, tmp_path):
    (site.root / "site.toml").write_text('[addresses]\nledger = "addresses.csv"\n')
    ledger = site.root / "addresses.csv"
    site.write("a.md", make_markdown("A"))
    site.write("b.md", "---\ntitle: [\n---\n")
    site.build()
    site.build(keep_going=True)
    site.build(record=False, keep_going=True)
    assert not ledger.exists()
    site.write("b.md", make_markdown("B"))
    site.build()
    assert [line.split(",")[1] for line in ledger.read_text().splitlines()] == ["id", "a.md", "b.md"]
    site.write("a.md", make_markdown("Z"))
    site.build()
    assert (site.output / "articles/a.html").exists()
    site.rename("a.md", "lama/c.md")
    site.build()
    assert [line.split(",")[:3] for line in ledger.read_text().splitlines()][1] == ["1", "lama/c.md", "articles/a.html"]


def test_the_page_that_shows_how_an_article_was_read(site):
    lines = ["Air <naik> | Dunia | Berita", "", "Air naik sejak pagi, kata warga.", "", "Halaman Selanjutnya", ""]
    site.write("a.txt", "\r\n".join(lines))
    site.build()
    assert 'href="../articles/air-naik.marked.html"' in site.read("articles/air-naik.html")
    page = site.read("articles/air-naik.marked.html")
    rows = re.findall(r'<tr class="part-([a-z-]+)"[^>]*><td>(\d*)</td><td>.*?</td><td.*?>(.*?)</td>', page)
    assert [row for row in rows if row[0] != "separator"] == [
        ("title", "1", "Air &lt;naik&gt;"),
        ("label", "", "|"),
        ("section", "", "Dunia"),
        ("label", "", "|"),
        ("section", "", "Berita"),
        ("body", "3", "Air naik sejak pagi, kata warga."),
        ("residue", "5", "Halaman Selanjutnya"),
    ]
    (site.root / "site.toml").write_text("[outputs]\nsource = false\n")
    site.build()
    assert not (site.output / "articles/air-naik.marked.html").exists()


def test_the_data_of_an_article(site):
    site.write("a.md", make_markdown("A", "2019-03", "x", "Kota", body="Satu.\n\nDua.", mood="calm"))
    site.build()
    data = json.loads(site.read("articles/a.json"))
    assert data["id"] == "a.md"
    assert data["url"] == "articles/a.html"
    assert (data["title"], data["date"], data["date_from"]) == ("A", "2019-03", "front matter")
    assert data["body"] == ["Satu.", "Dua."]
    assert data["extra"] == {"mood": "calm"}
    source = site.read("articles/a.md")
    assert "".join(source[p["start"] : p["end"]] for p in data["parts"]) == source
    assert data["source"]["bytes"] == len(source.encode())


def test_of_two_articles_with_one_title_one_goes_while_the_other_is_edited(site, tmp_path):
    """What was told of the two was still told when there was one."""
    (site.root / "site.toml").write_text(BASE)
    write_some(site)
    site.write("x.md", make_markdown("Sama", "2019-03-01"))
    site.write("y.md", make_markdown("Sama", "2019-03-02"))
    assert "y.md: has the same title as x.md" in " ".join(map(str, site.build().problems))
    site.delete("y.md")
    site.write("x.md", make_markdown("Sama", "2019-03-01", body="Lain."))
    assert not any("same title" in problem.message for problem in site.build().problems)
    assert list_files(site.output) == list_files(site.build_clean(tmp_path / "clean"))


def test_a_folder_that_is_as_it_was_is_not_looked_through_and_every_change_is_seen(site, tmp_path, monkeypatch):
    from site_builder import reading, scanning

    monkeypatch.setattr(reading, "RACY_NS", 0)
    for name in ("a/1.md", "a/2.md", "a/b/3.md", "c/4.txt", "pages/about.md"):
        site.write(name, make_markdown(name, "2019-01-01"))
    site.build()
    scans: list[scanning.Scan] = []
    rooms = sys.modules["site_builder.build"]
    monkeypatch.setattr(rooms, "scan", lambda *given: scans.append(scanning.scan(*given)) or scans[-1])

    def look() -> tuple[list[str], int]:
        site.build()
        assert list_files(site.output) == list_files(site.build_clean(tmp_path / f"clean {len(scans)}"))
        found = scans[-2]  # the last is that of the clean build
        return [source.id for source in found.sources], found.count

    assert look() == ([], 5)
    site.write("a/b/5.md", make_markdown("Baru", "2019-02-01"))
    assert look() == (["a/b/3.md", "a/b/5.md"], 6)
    site.delete("a/1.md")
    assert look() == (["a/2.md"], 5)
    site.delete("c/4.txt")
    assert look() == ([], 4)
    site.write("a/2.meta", ".. title: Lain\n")
    assert look() == (["a/2.md"], 4)
    assert look() == (["a/2.md"], 4), "a folder with metadata beside an article is always looked through"
    site.write("a/b/index.md", make_markdown("Bundel", "2019-02-01"))
    assert look()[1] == 3


def test_a_source_that_is_forgotten_is_read_again_though_its_folder_is_as_it_was(site):
    with open_store(site.root / "cache.sqlite") as store:
        store.save_listings({"a/": "listing", "b/": "other"})
        store.commit()
        store.forget("a/1.md")
        assert store.load_listings() == {"b/": "other"}


@pytest.mark.parametrize(("program", "is_ours"), [("bin/site-builder", True), ("bin/other", False)])
def test_ctrl_c_while_the_program_is_being_imported_prints_no_traceback(program, is_ours):
    # Whoever presses it then ends a process that has done nothing: the system's own way, without Python's traceback.
    code = (
        f"import signal, sys; sys.argv = [{program!r}]; import site_builder; "
        f"assert (signal.getsignal(signal.SIGINT) is signal.SIG_DFL) == {is_ours}"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_what_the_index_left_out_is_there_when_the_settings_ask_for_it(site, monkeypatch):
    """Without a search no words of titles are kept, and without pages about the reading nothing of that."""
    monkeypatch.setattr(search, "FEWEST_TITLES", 0)
    off = '[outputs]\nsource = false\n[search]\nengine = "none"\n'
    settings = site.root / "site.toml"
    settings.write_text(off, encoding="utf-8")
    site.write("a.txt", "Kabar pertama dari muara\n\nKOMPAS.com - Air naik.\n\nBaca juga: Kabar kedua\n\nSudah.\n")
    site.write("b.md", make_markdown("Kabar lain", "2021-01-03", tags="x"))
    site.build()
    settings.write_text('[search]\nengine = "titles"\n', encoding="utf-8")
    site.build()
    site.write("c.md", make_markdown("Kabar muara ketiga", "2021-02-03", tags="x"))
    site.build()
    assert (site.output / "archive" / "rules.html").is_file()
    assert list_files(site.output) == list_files(site.build_clean(site.root / "clean"))
    settings.write_text(off, encoding="utf-8")
    site.build()
    site.delete("b.md")
    site.build()
    assert list_files(site.output) == list_files(site.build_clean(site.root / "clean"))


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_first_build_keeps_the_fingerprints_that_a_later_plan_of_everything_makes(site, jobs):
    for number in range(3):
        site.write(f"{number}.md", make_markdown(f"Nr {number}", f"2021-01-0{number + 1}", tags="x"))
    first = site.build(jobs=jobs)
    assert len(first.rendered) == len(first.written)
    with open_store(load_config(site.root).state) as store:
        known = {path: entry.fingerprint for path, entry in store.load_outputs().items()}
    assert known.keys() == set(first.written)
    assert not [path for path, fingerprint in known.items() if LEFT_OUT in fingerprint]
    site.write("pages/p.md", "---\ntitle: P\n---\n\nA page needs the whole plan.\n")
    rendered = set(site.build(jobs=jobs).rendered)
    assert "p.html" in rendered
    assert not [path for path in rendered if path.startswith(("articles/", "topics/", "archive/2021"))]
