"""`site-builder add` as people use it: real processes, and then a build that shows the articles."""

from __future__ import annotations

import gzip
import json
import re

import pytest

from tests.e2e.test_cli import run
from tests.sites import NO_SHARED, SHARED, list_files
from tests.unit.test_dumps import CORPORA, TEXT


@pytest.fixture
def dump(site):
    lines = [
        {"title": "Jembatan dibuka", "text": "Jembatan itu dibuka hari Senin, kata warga.", "date": "2019-05-03"},
        {"title": "Sumur digali", "text": "Sumur itu digali oleh warga kampung.", "timestamp": "2021-01-01"},
    ]
    path = site.root / "news.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_add_then_build_shows_the_articles(site, dump):
    added = run("add", "news.jsonl", cwd=site.root)
    assert (added.returncode, added.stderr) == (0, "now: site-builder build\n")
    assert added.stdout == "news.jsonl: 2 articles added, 0 there already, 0 records left out\n"
    built = run("build", cwd=site.root)
    assert built.returncode == 0, built.stderr
    assert built.stdout.startswith("2 added, ")
    data = json.loads(site.read("articles/jembatan-dibuka.json"))
    assert (data["title"], data["date"]) == ("Jembatan dibuka", "2019-05-03")
    data = json.loads(site.read("articles/sumur-digali.json"))
    assert (data["date"], data["extra"]) == (None, {"retrieved": "2021-01-01"})
    again = run("add", "news.jsonl", cwd=site.root)
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout == "news.jsonl: 0 articles added, 2 there already, 0 records left out\n"
    assert run("build", cwd=site.root).stdout.startswith("0 added, 0 changed, 0 removed: 0 files written")


def test_a_dump_of_every_corpus(site):
    lines = [json.dumps({**values, "id": name}).encode() for name, (values, _) in CORPORA.items()]
    (site.root / "all.jsonl.gz").write_bytes(gzip.compress(b"\n".join(lines)))
    (site.root / "rows.csv").write_text(f'title,text,date\nPerahu,"{TEXT}\nLagi.",2018-01-02\n')
    done = run("add", "all.jsonl.gz", "rows.csv", "--content", "teks", cwd=site.root)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert first.startswith("all.jsonl.gz: ")
    assert second == "rows.csv: 1 article added, 0 there already, 0 records left out"
    files = list_files(site.root / "teks")
    dated = {name.split("/")[1] for name in files}
    assert dated == {"2018", "2019", "undated"}, "no year of a crawl"
    assert all(TEXT.encode() in path.read_bytes() for path in (site.root / "teks").rglob("*.txt"))
    assert run("build", "--content", "teks", cwd=site.root).returncode == 0


def test_bad_records_are_status_1_and_the_good_ones_stay(site, dump):
    with dump.open("a") as file:
        file.write('{"title": "A\n\x1b[31m\n{"text": 3, "date": "x"}\n' + '{"text": "a b", "date": "x"}\n' * 30)
    done = run("add", "news.jsonl", cwd=site.root)
    assert done.returncode == 1
    assert done.stdout == "news.jsonl: 4 articles added, 29 there already, 2 records left out\n"
    lines = done.stderr.splitlines()
    assert lines[0].startswith("error: news.jsonl:3: is not JSON (")
    assert lines[1].startswith("error: news.jsonl:4: is not JSON (")
    assert lines[2].startswith("warning: news.jsonl:5: date: unknown date 'x'; it is added without (")
    assert lines[-2:] == ["… and 11 more warnings (-v shows all)", "now: site-builder build"]
    assert run("add", "-v", "news.jsonl", cwd=site.root).stderr.count("warning: ") == 31


def test_a_dry_run_writes_nothing(site, dump):
    before = list_files(site.root)
    done = run("add", "--dry-run", "news.jsonl", cwd=site.root)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "news.jsonl: 2 articles would be added, 0 there already, 0 records left out\n"
    assert list_files(site.root) == before


@pytest.mark.parametrize(
    ("arguments", "settings", "words"),
    [
        (["news.jsonl", "site.toml"], "", "site.toml: is no article by its name (articles end in .txt, .md or .html,"),
        (["none.csv"], "", "none.csv: there is no such file"),
        ([], "", "the following arguments are required: FILE|FOLDER|-"),
        (["news.jsonl"], '[import.map]\ntxt = "a"', "site.toml:2: unknown field 'txt' in [import.map]"),
    ],
)
def test_a_wrong_command_is_status_2_and_adds_nothing(site, dump, arguments, settings, words):
    (site.root / "site.toml").write_text(settings)
    done = run("add", *arguments, cwd=site.root)
    assert done.returncode == 2
    assert words in done.stderr
    assert list_files(site.root / "content") == {}


def test_a_link_out_of_content_is_status_3(site, dump, tmp_path):
    (tmp_path / "outside").mkdir()
    (site.root / "content" / "news").symlink_to(tmp_path / "outside")
    done = run("add", "news.jsonl", cwd=site.root)
    assert done.returncode == 3
    assert list(list_files(tmp_path / "outside")) == []


# --- single articles --------------------------------------------------------------------------------------------------

SEEDS = sorted((SHARED / "seeds").glob("*.txt"))
KAPAL = "Kapal pulang\n\nKapal itu pulang lagi sesudah sebulan di laut, kata nelayan.\n"


@pytest.mark.skipif(not SEEDS, reason=NO_SHARED)
def test_from_the_seeds_to_their_pages_at_the_printed_addresses(tmp_path):
    assert run("new", "arsip", cwd=tmp_path).returncode == 0
    home = tmp_path / "arsip"
    added = run("add", *map(str, SEEDS), cwd=home)
    assert added.returncode == 0, added.stderr
    addresses = re.findall(r"^address: +(\S+)$", added.stdout, re.M)
    files = re.findall(r"^added: +content/(\S+)$", added.stdout, re.M)
    assert len(addresses) == len(files) == len(SEEDS)
    assert re.findall(r"^parts: +\d+ body, ", added.stdout, re.M)
    assert added.stderr.endswith("now: site-builder build\n")
    assert [(home / "content" / name).read_bytes() for name in files] == [path.read_bytes() for path in SEEDS]
    built = run("build", cwd=home)
    assert built.returncode == 0, built.stderr
    for address, path in zip(addresses, SEEDS, strict=True):
        assert (home / "output" / address).with_suffix(".txt").read_bytes() == path.read_bytes()
        assert "<article" in (home / "output" / address).read_text(encoding="utf-8")
    checked = run("check", cwd=home)
    assert checked.returncode == 0, checked.stdout
    again = run("add", *map(str, SEEDS), cwd=home)
    assert (again.returncode, again.stdout.count("there already: ")) == (0, len(SEEDS))
    assert "now:" not in again.stderr


def test_a_text_from_a_pipe_with_what_its_owner_says(site):
    options = ("--title", "Kapal: pulang", "--date", "2020-02", "--section", "Laut", "--source-url", "https://x.id/1")
    added = run("add", "-", *options, cwd=site.root, input=KAPAL)
    assert added.returncode == 0, added.stderr
    assert added.stdout == (
        "added:             content/kapal-pulang.txt\n"
        "title:             Kapal: pulang (front matter)\n"
        "date:              2020-02 (front matter)\n"
        "parts:             1 body, 1 title\n"
        "address:           articles/kapal-pulang.html\n\n"
    )
    assert (site.root / "content/kapal-pulang.txt").read_text() == KAPAL
    assert run("build", cwd=site.root).returncode == 0
    data = json.loads(site.read("articles/kapal-pulang.json"))
    assert (data["title"], data["date"], data["sections"]) == ("Kapal: pulang", "2020-02", ["Laut"])
    assert data["source_url"] == "https://x.id/1"


def test_articles_and_dumps_together_and_a_near_copy_named(site, dump):
    words = " ".join(f"kata{n}" for n in range(99))
    (site.root / "a.txt").write_text(f"Satu\n\n{words}.\n")
    (site.root / "b.txt").write_text(f"Dua\n\n{words} lagi.\n")
    assert run("add", "a.txt", "news.jsonl", cwd=site.root).returncode == 0
    done = run("add", "b.txt", "--dry-run", cwd=site.root)
    assert done.returncode == 0
    assert done.stdout.startswith("would be added:    content/dua.txt\n")
    assert re.search(r"^near copy of: +content/satu.txt \(about 9\d % alike\)$", done.stdout, re.M)
    assert "now:" not in done.stderr
    assert not (site.root / "content/dua.txt").exists()


def test_many_articles_are_a_line_each(site):
    for number in range(25):
        path = site.root / "baru" / f"{number}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"Judul {number}\n\nIsi yang ke-{number} tentang hal lain.\n")
    done = run("add", "baru", cwd=site.root)
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 25
    assert done.stdout.startswith("added: content/judul-0.txt -> articles/judul-0.html\n")
    assert "… and 5 more warnings (-v shows all)" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["a.txt", "none.txt", "x.docx"], 2, "none.txt: there is no such file"),
        (["a.txt", "b.txt", "--title", "x"], 2, "--title is of one article, and there are several"),
        (["a.txt", "--date", "kemarin"], 2, "unknown date 'kemarin' (write YYYY-MM-DD)"),
        (["a.txt", "--lang", "x y"], 2, "'x y' is no language code"),
        (["news.jsonl", "--lang", "id"], 2, "a dump says itself what --lang says"),
        (["-", "-"], 2, "standard input is named twice"),
        (["a.txt", "bad.md"], 1, "error: bad.md:2: date: unknown date 'kemarin'"),
        (["a.txt", "b.txt"], 3, "content/taken.txt is there already with other bytes"),
    ],
)
def test_what_cannot_be_added_is_told_and_nothing_is(site, dump, arguments, status, words):
    (site.root / "a.txt").write_text(KAPAL)
    (site.root / "b.txt").write_text("Taken\n\nTeks lain sama sekali.\n")
    (site.root / "bad.md").write_text("---\ndate: kemarin\n---\nIsi.\n")
    (site.root / "x.docx").write_text("x")
    site.write("taken.txt", "Milik orang.")
    done = run("add", *arguments, cwd=site.root, input="")
    assert (done.returncode, done.stdout) == (status, "")
    assert words in done.stderr
    assert list_files(site.root / "content").keys() == {"taken.txt"}
