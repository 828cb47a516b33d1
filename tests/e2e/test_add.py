"""`site-builder add` as people use it: real processes, and then a build that shows the articles."""

from __future__ import annotations

import gzip
import json

import pytest

from tests.e2e.test_cli import run
from tests.sites import list_files
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
        (["news.jsonl", "site.toml"], "", "site.toml: is no dump of articles (put the file into content/ itself;"),
        (["none.csv"], "", "none.csv: there is no such file"),
        ([], "", "the following arguments are required: DUMP"),
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
