"""`site-builder check` as people use it: real processes, what is printed, exit statuses."""

from __future__ import annotations

import json

import pytest

from tests.e2e.test_cli import run
from tests.sites import list_files, make_markdown


@pytest.fixture
def built(site):
    site.write("a.md", make_markdown("Perahu", "2024-03-01", body="Perahu kayu itu berlayar dari dermaga lama."))
    site.write("b.md", make_markdown("Sumur", "2024-03-02", body="Sumur itu digali oleh warga."))
    assert run("build", "--base-url", "https://example.org/", cwd=site.root).returncode == 0
    return site


def check(site, *options):
    return run("check", "--base-url", "https://example.org/", *options, cwd=site.root)


def test_a_good_site_is_status_0_and_one_line_says_so(built):
    done = check(built, "--strict")
    assert (done.returncode, done.stderr) == (0, "")
    first, *_, last = done.stdout.splitlines()
    assert first.startswith("size: ")
    assert last.startswith("2 sources, ")
    assert last.endswith(" of the site: nothing is wrong")


def test_a_dead_link_is_status_1_with_its_place(built):
    page = built.output / "articles/perahu.html"
    page.write_text(page.read_text().replace("</article>", '\n<a href="../hilang.html">x</a></article>'))
    done = check(built)
    assert done.returncode == 1
    title, finding, *_ = done.stdout.splitlines()
    assert title == "Dead links: 1 error"
    assert finding.startswith("  error: output/articles/perahu.html:")
    assert finding.endswith(": links to '../hilang.html', which is not there (made from content/a.md)")
    told = json.loads(check(built, "--json").stdout)
    assert (told["errors"], told["warnings"], told["articles"]) == (1, 0, 2)
    (group,) = told["groups"]
    assert (group["group"], group["errors"]) == ("links", 1)
    assert group["findings"][0]["places"][0].startswith("output/articles/perahu.html:")
    assert told["site"]["files"] == len(list_files(built.output))


def test_warnings_are_status_1_only_with_strict(built):
    built.write("c.md", make_markdown("Angin", body="Angin kencang datang."))
    done = check(built)
    assert done.returncode == 0
    assert "Undated articles: 1 warning" in done.stdout
    assert "the site is behind: of the sources are 1 new since the last build" in done.stdout
    assert check(built, "--strict").returncode == 1


def test_of_many_findings_the_first_are_shown(site):
    for n in range(15):
        site.write(f"{n:02}.md", make_markdown(f"Judul {n}", body=f"Isi {n}."))
    done = run("check", cwd=site.root)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "Undated articles: 15 warnings"
    assert lines[11] == "  … and 5 more (-v shows them)"
    assert lines[-1] == "15 sources; there is no built site: 15 warnings"
    assert "content/14.md" in run("check", "-v", cwd=site.root).stdout


def test_wrong_settings_and_no_articles_are_status_2(site, tmp_path):
    (site.root / "site.toml").write_text("nothing = 1\n")
    assert run("check", cwd=site.root).returncode == 2
    done = run("check", "--content", "none", cwd=tmp_path)
    assert done.returncode == 2
    assert "there is no folder of articles here" in done.stderr
