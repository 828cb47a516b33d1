"""Adding dumps: what comes to lie in the content folder, and what never happens to what lies there."""

from __future__ import annotations

import gzip
import json
import os
import tracemalloc
from pathlib import Path

import pytest

from site_builder import shelf
from site_builder.adding import Addition, add_dump
from site_builder.config import Config
from site_builder.errors import ConfigError, MachineError, RefusedError
from site_builder.shelf import DRAFT
from site_builder.sources import load_config
from tests.sites import list_files

RECORDS = [
    {"title": "Perahu", "text": "Perahu kayu itu berlayar.", "date": "2019-05-03", "url": "https://contoh.id/1"},
    {"title": "Perahu", "text": "Perahu lain tenggelam.", "date": "2019-06-03", "url": "https://contoh.id/2"},
    {"title": "Sumur", "text": "Sumur itu digali warga."},
]


def write_lines(path: Path, *records: object) -> Path:
    lines = [record if isinstance(record, str) else json.dumps(record) for record in records]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def add(path: Path, config: Config, **more) -> tuple[Addition, list[str]]:
    told: list[str] = []
    return add_dump(path, config, tell=lambda problem: told.append(str(problem)), **more), told


@pytest.fixture
def config(tmp_path) -> Config:
    return load_config(tmp_path / "site", content=tmp_path / "content")


def test_every_record_becomes_a_file_and_adding_twice_adds_nothing(tmp_path, config):
    dump = write_lines(tmp_path / "Berita.jsonl", *RECORDS)
    assert add(dump, config) == (Addition(added=3), [])
    first = list_files(config.content)
    assert len(first) == 3
    assert {"berita/2019/perahu.txt", "berita/undated/sumur.txt"} < set(first)
    assert add(dump, config) == (Addition(there=3), [])
    assert list_files(config.content) == first
    assert add(write_lines(dump, *RECORDS[::-1], RECORDS[0]), config) == (Addition(there=4), [])
    assert list_files(config.content) == first


def test_the_names_hang_on_the_dump_alone(tmp_path, config):
    dump = write_lines(tmp_path / "a.jsonl", *({"title": "Sama", "text": f"Teks {n}"} for n in range(50)))
    add(dump, config)
    other = load_config(tmp_path / "site", content=tmp_path / "other")
    add(dump, other)
    assert list_files(config.content) == list_files(other.content)
    assert len(list_files(other.content)) == 50


def test_an_existing_file_is_never_changed(tmp_path, config):
    dump = write_lines(tmp_path / "a.jsonl", RECORDS[0])
    mine = config.content / "a" / "2019" / "perahu.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("Punya saya.")
    (config.content / "a" / "2019" / DRAFT).hardlink_to(mine)  # as a run leaves it that is killed between two calls
    assert add(dump, config)[0] == Addition(added=1)
    assert mine.read_text() == "Punya saya."
    names = sorted(path.name for path in mine.parent.iterdir())
    assert len(names) == 2
    assert names[0].startswith("perahu-")
    assert add(dump, config)[0] == Addition(there=1)


def test_a_name_that_is_taken_meanwhile_is_not_written_over(tmp_path, config, monkeypatch):
    link = os.link

    def be_late(source, target, *, src_dir_fd, dst_dir_fd, follow_symlinks):
        if target == "perahu.txt":
            os.close(os.open(target, os.O_CREAT | os.O_WRONLY, dir_fd=dst_dir_fd))
        link(source, target, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(os, "link", be_late)
    assert add(write_lines(tmp_path / "a.jsonl", RECORDS[0]), config)[0] == Addition(added=1)
    assert sorted(map(len, list_files(config.content))) == [len("a/2019/perahu.txt"), len("a/2019/perahu-12345678.txt")]
    assert (config.content / "a/2019/perahu.txt").read_bytes() == b""


def test_where_there_are_no_links_a_file_is_whole_all_the_same(tmp_path, config, monkeypatch):
    def refuse(*names, **more):
        raise OSError(95, "no links here")

    dump = write_lines(tmp_path / "a.jsonl", *RECORDS)
    monkeypatch.setattr(os, "link", refuse)
    assert add(dump, config)[0] == Addition(added=3)
    monkeypatch.undo()
    assert add(dump, config)[0] == Addition(there=3)
    assert len(list_files(config.content)) == 3


def test_a_full_disk_leaves_no_half_file(tmp_path, config, monkeypatch):
    write, calls = shelf.write, []

    def fail(descriptor, data):
        calls.append(len(data))
        if len(calls) == 2:
            write(descriptor, data[:5])
            raise OSError(28, "No space left on device")
        write(descriptor, data)

    monkeypatch.setattr(shelf, "write", fail)
    dump = write_lines(tmp_path / "a.jsonl", *RECORDS)
    with pytest.raises(MachineError, match=r"No space left on device .*add the rest again to go on"):
        add(dump, config)
    assert set(list_files(config.content)) == {"a/2019/perahu.txt"}
    assert add(dump, config)[0] == Addition(added=2, there=1)


@pytest.mark.parametrize("where", ["a", "a/2019"])
def test_nothing_is_put_through_a_link(tmp_path, config, where):
    outside = tmp_path / "outside"
    outside.mkdir()
    link = config.content / where
    link.parent.mkdir(parents=True)
    link.symlink_to(outside)
    with pytest.raises(RefusedError, match="is, or lies in, a link or a file"):
        add(write_lines(tmp_path / "a.jsonl", RECORDS[0]), config)
    assert list(outside.iterdir()) == []


def test_a_link_of_the_name_of_a_file_is_left_alone(tmp_path, config):
    target = tmp_path / "outside.txt"
    link = config.content / "a" / "2019" / "perahu.txt"
    link.parent.mkdir(parents=True)
    link.symlink_to(target)
    assert add(write_lines(tmp_path / "a.jsonl", RECORDS[0]), config)[0] == Addition(added=1)
    assert link.is_symlink()
    assert not target.exists()


def test_bad_records_are_told_at_their_lines_and_the_others_added(tmp_path, config):
    dump = write_lines(tmp_path / "a.jsonl", RECORDS[0], "{", {"text": ""}, {**RECORDS[2], "date": "kemarin"})
    tally, told = add(dump, config)
    assert tally == Addition(added=2, left_out=2)
    assert [line.removeprefix(str(dump)).split(" (")[0] for line in told] == [
        ":2: is not JSON",
        ":3: has no text",
        ":4: date: unknown date 'kemarin'; it is added without",
    ]
    assert "a/undated/sumur.txt" in list_files(config.content)


def test_a_dry_run_writes_nothing(tmp_path, config):
    dump = write_lines(tmp_path / "a.jsonl", *RECORDS, "{")
    assert add(dump, config, dry_run=True)[0] == Addition(added=3, left_out=1)
    assert not config.content.exists()
    add(dump, config)
    before = list_files(config.content)
    assert add(dump, config, dry_run=True)[0] == Addition(there=3, left_out=1)
    assert list_files(config.content) == before


def test_gzip_and_one_that_is_cut_short(tmp_path, config):
    lines = "".join(json.dumps({"text": f"Teks {n} {os.urandom(300).hex()}"}) + "\n" for n in range(500)).encode()
    dump = tmp_path / "a.jsonl.gz"
    dump.write_bytes(gzip.compress(lines, mtime=0))
    assert add(dump, config) == (Addition(added=500), [])
    assert len(list_files(config.content / "a" / "undated")) == 500
    dump.write_bytes(gzip.compress(lines, mtime=0)[:-50_000])
    tally, told = add(dump, config)
    assert tally.is_damaged
    assert 0 < tally.there < 500
    assert told == [f"{dump}: is cut short or damaged after {tally.there} records (what was added stays; get it again)"]
    for damaged in (gzip.compress(lines, mtime=0)[:5000] + bytes(300), b"no gzip", gzip.compress(lines) + b"more"):
        dump.write_bytes(damaged)
        assert add(dump, config)[0].is_damaged


def test_csv_with_a_mapping(tmp_path, config):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "site.toml").write_text('[import.map]\ntext = "isi"\ntitle = ["judul"]\n')
    config = load_config(tmp_path / "site", content=tmp_path / "content")
    dump = tmp_path / "a.CSV"
    dump.write_bytes(b'judul,isi,date\r\n"Perahu, lagi","Satu.\r\n\r\nDua ""kali"".",2019-05-03\r\nx,y\r\n')
    tally, told = add(dump, config)
    assert (tally, told) == (Addition(added=1, left_out=1), [f"{dump}:5: has 2 columns, and the header has 3"])
    written = (config.content / "a/2019/perahu-lagi.txt").read_bytes()
    assert written.endswith(b'---\nSatu.\r\n\r\nDua "kali".')


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.jsonl", b"\n \n", "holds no records"), ("a.csv", b"", "holds no records"),
        ("a.csv", b"title,text\n", "holds no records"), ("a.csv", b"a,a\n1,2\n", "two columns are called 'a'"),
        ("a.jsonl.gz", gzip.compress(b"", mtime=0), "holds no records"),
        ("a.txt", b"a", "is no dump of articles"),
        ("a.parquet", b"a", "is no dump of articles"), ("none.jsonl", None, "there is no such file"),
        ("dir.jsonl", "folder", "is a folder"),
    ],
)  # fmt: skip
def test_what_is_no_dump_is_told(tmp_path, config, name, data, words):
    if data == "folder":
        (tmp_path / name).mkdir()
    elif data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(ConfigError, match=words):
        add(tmp_path / name, config)


def test_a_content_folder_that_cannot_be(tmp_path):
    dump = write_lines(tmp_path / "a.jsonl", RECORDS[0])
    (tmp_path / "file").write_text("x")
    for content in ("none/content", "file"):
        with pytest.raises(ConfigError):
            add(dump, load_config(tmp_path, content=tmp_path / content))


def test_progress_counts_records_and_bytes(tmp_path, config):
    dump = write_lines(tmp_path / "a.jsonl", *RECORDS)
    seen: list[tuple[int, int, int]] = []
    add(dump, config, progress=lambda *numbers: seen.append(numbers))
    assert [done for done, _, _ in seen] == [1, 2, 3]
    assert {whole for _, _, whole in seen} == {dump.stat().st_size} == {seen[-1][1]}


@pytest.mark.parametrize("kind", ["good", "bad", "one title", "csv"])
def test_memory_does_not_grow_with_the_dump(tmp_path, config, kind):
    def measure(count: int) -> int:
        dump = tmp_path / f"{count}.{'csv' if kind == 'csv' else 'jsonl'}"
        with dump.open("w") as file:
            if kind == "csv":
                file.write("title,text\n")
            for n in range(count):
                title = "Sama" if kind == "one title" else f"Judul {n}"
                record = json.dumps({"title": title, "text": f"Teks {n} " + "kata " * 40})
                line = f'"{title}","Teks {n}"' if kind == "csv" else "{" if kind == "bad" else record
                file.write(f"{line}\n")
        tracemalloc.start()
        try:
            add_dump(dump, config, tell=lambda _: None, dry_run=kind == "csv")
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    measure(10)  # what is made once
    assert measure(3000) < measure(300) * 1.2 + 100_000


def test_a_line_without_end_is_not_held(tmp_path, config):
    dump = tmp_path / "a.jsonl"
    with dump.open("wb") as file:
        for _ in range(60):
            file.write(b"x" * 1_000_000)
        file.write(b"\n" + json.dumps(RECORDS[0]).encode())
    tracemalloc.start()
    try:
        tally, told = add(dump, config)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert tally == Addition(added=1, left_out=1)
    assert told == [f"{dump}:1: has more than 8 MB"]
    assert peak < 40_000_000
