"""What a check finds in sources and in the built site, and what it must not say."""

from __future__ import annotations

import os
import sqlite3
import tracemalloc

import pytest

from site_builder.checking import check_site, pages
from site_builder.checking.findings import MOST, PLACES, Findings
from site_builder.checking.keys import find_misspelt
from site_builder.cli import main
from site_builder.errors import ConfigError, MachineError, error, warning
from site_builder.gists import FILE
from site_builder.sources import load_config
from tests.sites import Site, list_files, make_markdown

BODY = "Perahu kayu itu berlayar dari dermaga lama menuju pulau kecil di seberang teluk pada pagi yang amat tenang."


def check(site: Site, **settings: object):
    return check_site(load_config(site.root, **settings), lambda *_: None)


def word(result) -> dict[str, list[str]]:
    """Return the findings of a check by group, as lines."""
    return {
        kind: [
            str(finding.problem).replace(str(result.findings.shown), "content") for finding in group.findings.values()
        ]
        for kind, group in result.findings.list_groups()
    }


def write_two(site: Site) -> None:
    site.write("a.md", make_markdown("Perahu", "2024-03-01", body=BODY))
    site.write("b.md", make_markdown("Sumur", "2024-03-02", body="Sumur itu digali oleh warga."))


def edit(site: Site, path: str, old: str, new: str) -> None:
    """Change a published page behind the builder's back."""
    file = site.output / path
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_a_good_site_has_no_findings(site):
    (site.root / "site.toml").write_text('base_url = "https://example.org/arsip/"\n')
    write_two(site)
    site.write("pages/about-us.md", "# Tentang kami\n\nKami mengumpulkan tulisan.\n")
    site.build()
    result = check(site)
    assert word(result) == {}
    assert (result.articles, result.findings.count("error")) == (3, 0)
    assert result.measures is not None
    assert result.measures.bytes == sum(path.stat().st_size for path in site.output.rglob("*") if path.is_file())
    assert result.measures.largest[0][0] >= result.measures.largest[1][0]


def test_a_check_changes_nothing_but_its_own_file_in_the_cache(site):
    write_two(site)
    site.build()
    before = list_files(site.root)
    first = word(check(site))
    after = list_files(site.root)
    (gists,) = after.keys() - before.keys()
    assert gists == f".site-builder-cache/{FILE}"
    assert {name: after[name] for name in before} == before
    assert word(check(site)) == first


@pytest.mark.parametrize("damage", [b"no database", b"", None])
def test_gists_may_be_lost_or_damaged(site, damage):
    write_two(site)
    site.write("c.md", make_markdown("Perahu lain", "2024-03-03", body=BODY))
    site.build()
    first = word(check(site))
    file = site.root / ".site-builder-cache" / FILE
    if damage is None:
        with sqlite3.connect(file) as database:
            database.execute("pragma user_version = 99")
        database.close()
    else:
        file.write_bytes(damage)
    assert word(check(site)) == first
    assert word(check(site)) == first
    assert first["copies"] == ["content/c.md: is a near copy of content/a.md: about 100 % alike (keep one of them)"]


def test_dead_links_anchors_and_assets_are_told_with_line_and_source(site):
    write_two(site)
    site.build()
    page = "articles/perahu.html"
    line = site.read(page).split("</article>")[0].count("\n") + 1
    dead = (
        '<a href="../nowhere.html">x</a><a href="#none">y</a><a href="sumur.html#no">z</a><img src="no.png"></article>'
    )
    edit(site, page, "</article>", dead)
    edit(
        site,
        "articles/sumur.html",
        "</article>",
        '<a href="../nowhere.html#x">x</a><a href="perahu">good</a></article>',
    )
    result = check(site)
    found = word(result)
    source = "(made from content/a.md)"
    assert found["links"] == [f"output/{page}:{line}: links to '../nowhere.html', which is not there {source}"]
    assert found["anchors"] == [
        f"output/{page}:{line}: links to '#none', and there is no such anchor {source}",
        f"output/{page}:{line}: links to 'sumur.html#no', and there is no such anchor {source}",
    ]
    assert found["files"] == [f"output/{page}:{line}: needs 'no.png', which is not there {source}"]
    (link,) = result.findings.groups["links"].findings.values()
    assert (link.times, [place.split(":")[0] for place in link.places]) == (2, ["output/articles/sumur.html"])
    assert result.findings.count("error") == 5


def test_style_sheets_and_feeds_are_followed_and_other_sites_are_not(site):
    (site.root / "site.toml").write_text('base_url = "https://example.org/arsip/"\n')
    write_two(site)
    site.build()
    style = next((site.output / "assets").glob("style.*.css"))
    style.write_text(style.read_text() + "\n.x { background: url(no.svg) }")
    (site.output / "articles/sumur.html").unlink()
    edit(site, "articles/perahu.html", "</article>", '<a href="https://example.net/x">x</a></article>')
    found = word(check(site))
    assert any(f"output/assets/{style.name}:" in line and "no.svg" in line for line in found["files"])
    assert any("output/feed.xml" in line for line in [*found["links"], *found["files"]])
    assert not any("example.net" in line for lines in found.values() for line in lines)


def test_addresses_that_differ_in_case_only(site, monkeypatch):
    write_two(site)
    site.build()
    (site.output / "articles/Perahu.html").write_bytes((site.output / "articles/perahu.html").read_bytes())
    found = word(check(site))
    assert found["case"] == [
        "output/articles/perahu.html: differs from articles/Perahu.html only in small and capital letters "
        "(some disks can hold only one of them)"
    ]


def test_titles_and_descriptions_of_pages(site):
    write_two(site)
    site.build()
    edit(site, "about.html", "<title>", "<x-title>")
    edit(site, "articles/sumur.html", 'name="description"', 'name="no"')
    page = site.output / "archive/more.html"
    page.write_bytes((site.output / "archive/index.html").read_bytes())
    found = word(check(site))
    assert [line.split(" (")[0] for line in found["titles"]] == [
        "output/about.html: has no <title>",
        "output/archive/more.html: has the same <title> as archive/index.html",
    ]
    assert [line.split(" (")[0] for line in found["descriptions"]] == [
        "output/archive/more.html: has the same description as archive/index.html",
        "output/articles/sumur.html: has no description",
    ]


def test_what_a_build_tells_is_told_in_its_group(site):
    write_two(site)
    site.write("c.md", make_markdown("Perahu", body="Teks lain, tanpa tanggal. [x](hilang.md) ![y](hilang.png)"))
    site.write("kosong.txt", "")
    site.build()
    found = word(check(site))
    assert [line.split(": ", 1)[1].split(" (")[0] for line in found["undated"]] == [
        "has no date, so it is listed as undated"
    ]
    assert "content/c.md: has the same title as a.md (its address has a suffix)" in found["titles"]
    assert any("hilang.md" in line for line in found["links"])
    assert any("hilang.png" in line for line in found["files"])
    assert found["unread"] == ["content/kosong.txt: is empty and was left out (delete it or write it)"]


@pytest.mark.parametrize("is_fresh", [False, True])
def test_addresses_that_lead_nowhere_are_listed_which_a_build_only_counts(site, is_fresh):
    write_two(site)
    site.write("c.md", make_markdown("Perahu", body=" ".join(f"[x](/hilang/{number})" for number in range(30))))
    site.write("d.md", make_markdown("Sumur", body="[x](/articles/perahu) [y](/) [z](/hilang/d) [e](hilang.md)"))
    if is_fresh:
        site.build()
    dead = [line.removeprefix("content/").partition(",")[0] for line in word(check(site))["links"]]
    links = sorted(f"/hilang/{number}" for number in range(30))
    expected = [
        *(f"c.md: links to {link!r}" for link in links),
        "d.md: links to '/hilang/d'",
        "d.md: links to 'hilang.md'",
    ]
    assert sorted(dead) == sorted(expected)


@pytest.mark.parametrize("is_built", [False, True])
def test_two_sources_with_one_address_are_an_error_before_and_after_a_build(site, is_built):
    write_two(site)
    if is_built:
        site.build()
    site.write("c.md", make_markdown("Lain", "2024-03-03", slug="perahu"))
    site.write("d.md", make_markdown("Lagi", "2024-03-03", slug="perahu", body="[x](e.md)"))
    result = check(site)
    found = word(result)
    assert found["addresses"] == [
        "content/d.md: asks for the address articles/perahu.html, and so does c.md (give one another slug)"
    ]
    assert result.findings.groups["addresses"].counts["error"] == 1
    assert any("links to 'e.md'" in line for line in found["links"])
    if is_built:
        assert found["behind"] == [
            "output: the site is behind: of the sources are 2 new since the last build (run site-builder build)"
        ]
    else:
        assert result.measures is None
        assert "behind" not in found


def test_a_source_with_an_error_is_told_although_the_site_stands(site):
    write_two(site)
    site.build()
    site.write("a.md", "---\ntitle: Perahu\ndate: kemarin\n---\nIsi.\n")
    found = word(check(site))
    assert found["reading"] == ["content/a.md:3: date: unknown date 'kemarin' (write YYYY-MM-DD)"]
    assert "1 changed" in found["behind"][0]


def test_a_site_that_is_behind_in_other_ways(site):
    write_two(site)
    site.build()
    (site.root / "site.toml").write_text('title = "Lain"\n')
    assert "the settings, the theme or the ledger are others" in word(check(site))["behind"][0]
    (site.root / "site.toml").write_text("")
    site.delete("b.md")
    assert "of the sources are 1 gone" in word(check(site))["behind"][0]
    site.write("b.md", make_markdown("Sumur", "2024-03-02", body="Sumur itu digali oleh warga."))
    site.build()
    assert "behind" not in word(check(site))
    site.build(cache=site.root / "other", title="Lain")
    assert "is not the one that the last build with this cache made" in word(check(site))["behind"][0]
    for file in (site.root / ".site-builder-cache").iterdir():
        file.unlink()
    assert "nothing is known of how the site was built" in word(check(site))["behind"][0]


def test_addresses_that_the_ledger_does_not_keep(site):
    (site.root / "site.toml").write_text('[addresses]\nledger = "addresses.csv"\n')
    write_two(site)
    site.build()
    assert "addresses" not in word(check(site))
    site.write("c.md", make_markdown("Angin", "2024-03-03", body="Angin kencang."))
    site.write("d.md", make_markdown("Nanti", "2024-03-03", draft="true"))
    assert word(check(site))["addresses"] == [
        "content/c.md: its address is not recorded in addresses.csv "
        "(run site-builder build, and keep the file with the articles)"
    ]


def test_a_build_is_not_kept_waiting_and_what_was_seen_of_two_states_is_not_told(site):
    write_two(site)
    site.build()

    def build_meanwhile(stage: str, done: int, total: int) -> None:
        if stage == "check" and done == 3:
            site.write("c.md", make_markdown("Angin", "2024-03-03", body="Angin kencang."))
            assert site.build().published

    with pytest.raises(MachineError, match="a build was at work meanwhile"):
        check_site(load_config(site.root), build_meanwhile)
    assert "behind" not in word(check(site))


def test_names_that_are_no_text_can_be_told(site):
    write_two(site)
    site.build()
    (site.output / os.fsdecode(b"\xff.html")).write_text("<title>x</title>")
    (site.output / os.fsdecode(b"\xfe.html")).write_text("<title>x</title><a href='%ff.html'>x</a>")
    assert len(word(check(site))["titles"]) == 1
    assert main(["check", "--json", "--site", str(site.root)]) == 1


def test_near_copies_are_found_whether_or_not_the_site_is_built(site):
    words = " ".join(f"kata{n}" for n in range(120))
    site.write("a.md", make_markdown("Satu", "2024-03-01", body=words))
    site.write("sub/b.txt", f"Dua\n\n{words.replace('kata60', 'lain')}\n")
    site.write("c.md", make_markdown("Tiga", "2024-03-01", body=" ".join(f"lain{n}" for n in range(120))))
    unbuilt = word(check(site))["copies"]
    site.build()
    assert word(check(site))["copies"] == unbuilt
    assert len(unbuilt) == 1
    assert unbuilt[0].startswith("content/sub/b.txt: is a near copy of content/a.md: about 9")


def test_rules_templates_assets_and_words_that_nothing_uses(site):
    write_two(site)
    site.write(
        "c.txt", "Angin\n\n2024-03-05\n\nAngin kencang datang dari barat sejak pagi, kata nelayan.\n\nIklan kita\n"
    )
    (site.root / "rules").mkdir()
    (site.root / "rules/own.toml").write_text(
        '[pack]\nid = "project.own"\n[[rule]]\nname = "own.used"\npart = "residue"\nline = ["Iklan kita"]\n'
        '[[rule]]\nname = "own.idle"\npart = "residue"\nline = ["Tidak ada"]\n'
    )
    site.template("partials/copy.html", "")
    site.template("artcle.html", "x")
    site.template("README.txt", "x")
    site.template("assets/logo.svg", "<svg/>")
    site.template("assets/used.png", "x")
    site.template("assets/more.css", "a { background: url(used.png) }")
    site.template("partials/credits.html", "{{ asset('more.css') }}")
    site.template("strings/sv.toml", 'home = "Hem"\n')
    site.template("strings/id.toml", 'home = "Depan"\n')
    site.build()
    found = word(check(site))
    assert found["rules"] == [
        "rules/own.toml:7: the rule 'own.idle' moves nothing in any article "
        "(see what it should move with site-builder explain)"
    ]
    places = [line.split(":")[0] for line in found["theme"]]
    assert places == [
        "templates/artcle.html",
        "templates/assets/logo.svg",
        "templates/partials/credits.html",
        "templates/strings/sv.toml",
    ]


def test_files_in_content_that_nothing_reads(site):
    write_two(site)
    site.write("foto/a.JPG", b"x")
    site.write("foto/b.jpg", b"x")
    site.write("foto/c.jpg", b"x")
    site.write("berita.docx", b"x")
    site.write(".tersembunyi", b"x")
    site.write("c.md", make_markdown("Foto", "2024-03-04", body="[foto](foto/b.jpg)"))
    site.build()
    result = check(site)
    findings = result.findings.groups["unread"].findings.values()
    assert [(f.problem.place.rpartition("content/")[2], f.times) for f in findings] == [
        ("berita.docx", 1),
        ("foto/a.JPG", 2),
    ]


def test_keys_that_look_misspelt_are_told_at_their_line(site):
    for n in range(12):
        site.write(f"{n:02}.md", make_markdown(f"Judul {n}", "2024-03-01", fotografer="Ana Contoh", tilte="x"))
    site.write("20.md", make_markdown("Judul", "2024-03-01", fotografr="Ana Contoh", descripton="y", layout="z"))
    site.build()
    result = check(site)
    assert word(result)["keys"] == [
        "content/00.md:5: the key 'tilte' means nothing here (did you mean 'title'?)",
        "content/20.md:5: the key 'descripton' means nothing here (did you mean 'description'?)",
        "content/20.md:4: the key 'fotografr' means nothing here (did you mean 'fotografer'?)",
    ]
    assert next(iter(result.findings.groups["keys"].findings.values())).times == 12


@pytest.mark.parametrize(
    ("counts", "used", "suspects"),
    [
        ({"catgory": 1, "Tittle": 2}, (), {"catgory": "category", "Tittle": "title"}),
        ({"type": 900, "weight": 3, "data": 1, "time": 1, "x": 1}, (), {}),
        ({"sorce_url": 1}, (), {"sorce_url": "source_url"}),
        ({"tilte": 1}, ("tilte",), {}),
        ({"reporter": 40, "reportr": 1}, (), {"reportr": "reporter"}),
        ({"reporter": 40, "reportr": 2}, (), {}),
        ({"reporter": 9, "reportr": 1}, (), {}),
    ],
)
def test_which_keys_look_misspelt(counts, used, suspects):
    assert find_misspelt(counts, used) == suspects


@pytest.mark.parametrize(("base_url", "severity"), [("https://ana.github.io/arsip/", "error"), ("", "warning")])
def test_sizes_are_held_against_the_limits_of_the_place_where_the_site_will_be(site, monkeypatch, base_url, severity):
    write_two(site)
    site.build(base_url=base_url)
    monkeypatch.setattr(pages, "SITE_BYTES", 10_000)
    monkeypatch.setattr(pages, "FILE_BYTES", 6_000)
    problems = [f.problem for f in check(site, base_url=base_url).findings.groups["size"].findings.values()]
    assert {problem.severity for problem in problems} == {severity}
    assert any(problem.place == "output" for problem in problems)
    assert any(problem.place.startswith("output/assets/") for problem in problems)


def test_no_content_folder_is_a_wrong_command(tmp_path):
    with pytest.raises(ConfigError, match="no folder of articles"):
        check_site(load_config(tmp_path), lambda *_: None)


def test_many_findings_are_counted_and_few_are_kept():
    findings = Findings("content")
    for n in range(MOST + 500):
        findings.add("copies", warning(f"content/{n}.md", "x"))
        findings.add("links", error(f"output/{n}.html", "x"), key="one")
    assert (findings.count("error"), findings.count("warning")) == (MOST + 500, MOST + 500)
    assert len(findings.groups["copies"].findings) == MOST
    (link,) = findings.groups["links"].findings.values()
    assert (link.times, link.places) == (MOST + 500, [f"output/{n}.html" for n in range(1, PLACES + 1)])
    assert [kind for kind, _ in findings.list_groups()] == ["links", "copies"]


def test_memory_grows_little_with_the_number_of_pages(site):
    """What is held for a page is numbers: its text, which is most of the site, never."""
    write_two(site)
    site.build()
    page = site.read("articles/perahu.html")

    def measure(count: int) -> int:
        for n in range(count):
            (site.output / f"articles/{n}.html").write_text(page.replace("</article>", f"{BODY * 50}</article>"))
        tracemalloc.start()
        try:
            check(site)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    measure(10)
    few = measure(100)
    assert measure(600) - few < 500 * 2_500 + 400_000
