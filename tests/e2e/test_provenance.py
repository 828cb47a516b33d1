"""`site-builder explain OUTPUT` as people use it: what made a page, and why it was last rendered."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from site_builder import load_config
from site_builder.provenance import explain_output
from tests.e2e.test_cli import run
from tests.sites import Site, list_files, make_markdown

BASE = 'base_url = "https://example.org/"\n'


def explain(site: Site, path: str) -> dict[str, list[str]]:
    """Return the facts about an output by their names, each with its lines."""
    done = run("explain", path, cwd=site.root)
    assert (done.returncode, done.stderr) == (0, "")
    facts: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        name, value = line[:19].strip().rstrip(":"), line[19:]
        facts.setdefault(name or list(facts)[-1], []).append(value)
    return facts


def why(site: Site, path: str) -> str:
    (cause,) = explain(site, path)["last rendered"]
    return cause


def foresee(site: Site, path: str) -> str:
    (told,) = explain(site, path)["next build"]
    return told


def build(site: Site) -> None:
    done = run("build", "-q", cwd=site.root)
    assert (done.returncode, done.stderr) == (0, "")


def state_of(site: Site) -> Path:
    return load_config(site.root).state


def write_about(number: int, body: str = "Isi.") -> str:
    return make_markdown(f"Kapal {number}", f"2021-03-0{number}", "laut", "Kota", body, summary="Ringkas.")


@pytest.fixture
def harbour(site) -> Site:
    """A built site of five articles in one section."""
    (site.root / "site.toml").write_text(BASE)
    for number in range(1, 6):
        body = "Lihat [kapal](2.md) dan [kota](1.md)." if number == 4 else "Isi."
        site.write(f"{number}.md", write_about(number, body))
    build(site)
    return site


def test_the_inputs_of_the_page_of_an_article(harbour):
    harbour.template("partials/copy.html", "Disalin.")
    build(harbour)
    assert explain(harbour, "output/articles/kapal-4.html") == {
        "output": ["articles/kapal-4.html"],
        "kind": ["article"],
        "template": [
            "article.html (default theme)",
            "base.html (default theme)",
            "partials/blocks.html (default theme)",
            "partials/copy.html (templates/)",
        ],
        "article": ["4.md"],
        "older": ["3.md"],
        "newer": ["5.md"],
        "linked to": ["2.md", "1.md"],
        "on disk": ["as it was published"],
        "next build": ["leaves it as it is"],
        "last rendered": ["template partials/copy.html"],
    }


def test_the_inputs_of_a_listing_are_its_window(harbour):
    for number in range(10, 33):
        harbour.write(f"{number}.md", make_markdown(f"Perahu {number}", f"2020-05-{number - 9:02}", section="Kota"))
    build(harbour)
    page = explain(harbour, "sections/kota/2020.html")
    assert page["listing"] == ["section 'Kota', 2020, page 1"]
    assert page["listed"][:2] == ["29.md", "28.md"]
    assert len(page["listed"]) == 20
    front = explain(harbour, "archive/")
    assert front["output"] == ["archive/index.html"]
    assert front["listing"] == ["archive, front"]
    assert front["listed"][20:] == ["and 8 more"]
    assert explain(harbour, "feed.xml")["listing"] == ["newest of 'Arsip'"]


@pytest.mark.parametrize("path", ["output", "output/", "index.html", "{root}/output/index.html", "output/../output/"])
def test_an_output_is_named_in_many_ways(harbour, path):
    assert explain(harbour, path.format(root=harbour.root))["output"] == ["index.html"]


def test_every_file_of_a_site_is_explained_and_would_be_left_as_it_is(harbour):
    harbour.write("pages/kami.md", make_markdown("Kami", aliases="[dulu.html]"))
    build(harbour)
    paths = [path for path in harbour.output.rglob("*") if path.is_file() and path.name != ".site-builder.json"]
    assert len(paths) > 30
    for path in paths:
        facts = dict(explain_output(path, load_config(harbour.root)))
        assert facts["next build"] == "leaves it as it is", path
        assert facts["on disk"] == "as it was published", path


def test_why_a_page_was_rendered_change_by_change(harbour):
    page, front, data = "output/articles/kapal-3.html", "output/archive/", "output/articles/kapal-3.json"
    assert (why(harbour, page), why(harbour, front)) == ("new", "new")

    harbour.write("3.md", write_about(3, "Isi yang lain."))
    told = explain(harbour, page)
    assert (told["article"], told["next build"]) == (["3.md (changed since)"], ["renders it: changed 3.md"])
    assert foresee(harbour, front) == "leaves it as it is", "a listing shows no body"
    build(harbour)
    assert (why(harbour, page), why(harbour, data), why(harbour, front)) == ("changed 3.md", "changed 3.md", "new")

    harbour.template("article.html", "{% extends '!default/article.html' %}")
    assert foresee(harbour, page) == "renders it: template article.html"
    build(harbour)
    assert why(harbour, page) == "template article.html"
    assert (why(harbour, data), why(harbour, front)) == ("changed 3.md", "new"), "what was not rendered keeps its cause"

    (harbour.root / "site.toml").write_text(BASE + 'title = "Pelabuhan"\n')
    assert foresee(harbour, front) == "renders it: settings"
    build(harbour)
    assert (why(harbour, page), why(harbour, front), why(harbour, data)) == ("settings", "settings", "changed 3.md")

    (harbour.output / "articles/kapal-3.html").unlink()
    told = explain(harbour, page)
    assert (told["on disk"], told["next build"]) == (["missing"], ["renders it: missing"])
    build(harbour)
    assert (why(harbour, page), why(harbour, front)) == ("missing", "settings")

    harbour.delete("2.md")
    assert foresee(harbour, "output/articles/kapal-2.html") == "deletes it: removed 2.md"
    assert foresee(harbour, page) == "renders it: removed 2.md"
    build(harbour)
    assert (why(harbour, page), why(harbour, front)) == ("removed 2.md", "removed 2.md")

    with (harbour.output / "articles/kapal-3.html").open("a") as file:
        file.write("mine")
    assert explain(harbour, page)["on disk"] == ["changed by somebody (build --clean puts it right)"]
    assert run("build", "-q", "--clean", cwd=harbour.root).returncode == 0
    assert (why(harbour, page), why(harbour, front)) == ("unknown bytes", "unknown bytes")
    assert explain(harbour, page)["on disk"] == ["as it was published"]


def test_an_output_that_the_settings_have_no_more(harbour):
    (harbour.root / "site.toml").write_text(BASE + "[outputs]\ndata = false\n")
    told = explain(harbour, "articles/kapal-1.json")
    assert told["next build"] == ["deletes it: settings"]
    assert "kind" not in told


def test_rules_that_changed_are_told(harbour):
    (harbour.root / "rules").mkdir()
    pack = '[pack]\nid = "project.x"\n[[rule]]\nname = "x.y"\npart = "residue"\nline = ["Ini"]\nmove = ["Ini"]\n'
    (harbour.root / "rules/x.toml").write_text(pack + 'keep = ["Itu"]\n')
    assert foresee(harbour, "articles/kapal-1.html") == "reads its sources again: rules"


def test_a_source_stays_a_source(harbour):
    harbour.write("articles/kapal-1.html", "<title>Kapal</title><p>Kapal itu datang kemarin pagi, kata warga.</p>")
    assert run("explain", "articles/kapal-1.html", cwd=harbour.root).stdout.startswith("title: ")
    assert run("explain", "output/articles/kapal-1.html", cwd=harbour.root).stdout.startswith("output: ")
    assert run("explain", "content/3.md", cwd=harbour.root).stdout.startswith("title: ")
    assert run("explain", "3.md", cwd=harbour.root).stdout.startswith("title: ")


def test_a_site_that_was_built_elsewhere_with_other_settings(harbour):
    options = ("--output", "pratinjau", "--base-url", "https://example.net/")
    assert run("build", "-q", *options, cwd=harbour.root).returncode == 0
    done = run("explain", *options, "pratinjau/feed.xml", cwd=harbour.root)
    assert "next build:        leaves it as it is\n" in done.stdout


def list_state(root: Path) -> dict[str, tuple[object, ...]]:
    """Return everything below `root`, the root itself too, with all that the system says of it but when it was read."""
    found = {}
    for path in [root, *root.rglob("*")]:
        info = path.lstat()
        data = path.read_bytes() if path.is_file() else b""
        found[str(path)] = (info.st_mode, info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns, data)
    return found


def test_explaining_changes_no_file(harbour):
    harbour.write("3.md", make_markdown("Kapal tiga", "2021-03-03"))
    (harbour.output / "articles/kapal-2.html").unlink()
    before = list_state(harbour.root)
    for path in ("articles/kapal-3.html", "articles/kapal-2.html", "output/", "sitemaps/2021.xml", "archive/2021.html"):
        explain(harbour, path)
    assert run("explain", "output/none.html", cwd=harbour.root).returncode == 2
    assert list_state(harbour.root) == before


# --- what cannot be explained ------------------------------------------------------------------------------------


def refuse(site: Site, path: str, status: int = 2) -> str:
    """Return the one line that is told of an output that cannot be explained."""
    done = run("explain", path, cwd=site.root)
    assert (done.returncode, done.stdout) == (status, ""), done.stderr
    (line,) = done.stderr.splitlines()
    return line.removeprefix("error: ")


def test_what_is_no_output_of_this_site(harbour):
    (harbour.output / "mine.html").write_text("mine")
    for path in ("output/mine.html", "output/articles", "output/.site-builder.json"):
        assert refuse(harbour, path) == f"{path}: is no output of this site (no build put it there)"
    assert refuse(harbour, "articles/none.html").startswith("articles/none.html: there is no such file (name a source")


def test_a_site_that_was_never_built(site):
    site.write("a.md", make_markdown("A"))
    expected = "nothing is known of the site: it was not built with this cache (run site-builder build)"
    assert refuse(site, "output/index.html") == expected
    assert not state_of(site).parent.exists()


def test_a_state_of_another_version_is_as_none(harbour):
    with sqlite3.connect(state_of(harbour)) as database:
        database.execute("update facts set value = '6' where key = 'schema'")
    database.close()
    assert refuse(harbour, "output/index.html").startswith(
        "nothing is known of the site: it was built by another version"
    )


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def fill_with_words(file: Path) -> None:
    file.write_text("This is no database at all. " * 500)


def spoil_values(file: Path) -> None:
    with sqlite3.connect(file) as database:
        database.execute("update cards set card = '['")
    database.close()


def drop_index(file: Path) -> None:
    with sqlite3.connect(file) as database:
        database.execute("drop table members")
    database.close()


@pytest.mark.parametrize("damage", [cut_short, fill_with_words, spoil_values, drop_index])
def test_a_state_that_is_damaged(harbour, damage):
    damage(state_of(harbour))
    line = refuse(harbour, "output/articles/kapal-3.html")
    assert line.startswith(f".site-builder-cache/{state_of(harbour).name}: is damaged: ")
    assert line.endswith(" (run site-builder build --clean)")
    assert run("build", "-q", "--clean", cwd=harbour.root).returncode == 0
    assert why(harbour, "output/articles/kapal-3.html")


def test_a_state_that_a_build_is_writing(harbour):
    """While a build writes, one can read; for the moment at which it commits, one line says so."""
    database = sqlite3.connect(state_of(harbour), isolation_level=None)
    database.execute("begin immediate")
    assert explain(harbour, "output/articles/kapal-3.html")["on disk"] == ["as it was published"]
    database.execute("commit")
    database.execute("begin exclusive")
    assert refuse(harbour, "output/articles/kapal-3.html", status=4).endswith(
        ": a build is writing it (try again when it is done)"
    )
    database.close()


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be killed so there")
def test_a_state_that_a_killed_build_left_half_written(harbour):
    script = (
        "import os, sqlite3, sys\n"
        "database = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "database.execute('pragma cache_size = 1')\n"
        "database.execute('begin')\n"
        "database.execute(\"update outputs set cause = 'x' || hex(randomblob(900))\")\n"
        "os._exit(1)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(state_of(harbour))], check=False)
    assert state_of(harbour).with_name(state_of(harbour).name + "-journal").exists()
    before = list_files(harbour.root)
    told = "was left half written by a build that was ended (run site-builder build)"
    assert refuse(harbour, "output/articles/kapal-3.html").endswith(told)
    assert list_files(harbour.root) == before
    build(harbour)
    assert why(harbour, "output/articles/kapal-3.html") == "new"
