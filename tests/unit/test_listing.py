"""The listing of our files: the same set whether it was read whole, asked by single paths, or changed line by line."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.errors import RefusedError
from site_builder.publish import OWNERSHIP_FILE, folder, listing, open_output, ownership, presence
from site_builder.publish.listing import Listing
from tests.sites import Site, make_markdown
from tests.unit.test_publish import SITE, put, read

PATHS = st.text(st.sampled_from('ab/,"\n\\é√\U0001f600\x7f ]'), max_size=5)
SETS = st.frozensets(PATHS, max_size=12)


@given(SETS, SETS, SETS, st.binary(max_size=3), st.binary(max_size=3))
def test_it_is_the_same_set_in_the_midst_of_a_file_asked_and_changed(paths, added, removed, before, after):
    written = bytes(Listing.write(paths).lines)
    for known in (Listing.write(paths), Listing(before + written + after, len(before), len(before) + len(written))):
        assert {path for path in paths | added | removed if path in known} == paths  # line by line
        assert len(known) == len(paths)
        changed = known.change(added, removed)
        expected = Listing.write((paths - removed) | added)
        assert bytes(changed.lines) == bytes(expected.lines)
        assert len(changed) == len((paths - removed) | added)
        assert {path for path in paths | added | removed if path in changed} == set(expected)
        assert changed == expected
        assert changed.change(removed, added) == expected.change(removed, added)
        assert set(known) == paths  # whole
        assert {path for path in paths | added | removed if path in known} == paths
        assert known == paths
        assert (known == Listing.write(added)) == (paths == added)


def test_its_lines_are_the_json_of_a_sorted_list():
    paths = ["b", "a/é", 'quo"te', "a\nb", "\U0001f600", "\ufffd"]
    data = bytes(Listing.write([*paths, "b"]).lines)
    assert json.loads(b"[" + data + b"]") == sorted(paths)
    assert data.count(b"\n") == len(paths)
    assert bytes(Listing.write([]).lines) == b""
    assert len(Listing.write([])) == 0


def test_of_many_changes_the_lines_are_written_anew_and_are_the_same(monkeypatch):
    paths = [f"{number}.html" for number in range(50)]
    known, added, removed = Listing.write(paths[:30]), paths[20:], paths[5:15]
    by_lines = known.change(added, removed)
    monkeypatch.setattr(listing, "MANY", 3)
    assert by_lines == known.change(added, removed) == (set(paths) - set(removed))


def test_who_asks_much_is_answered_as_who_asks_little(monkeypatch):
    paths = [f"{number}.html" for number in range(30)]
    known = Listing(bytes(Listing.write(paths[:20]).lines))
    little = [path in known for path in paths]
    monkeypatch.setattr(listing, "MANY", 3)
    assert [path in known for path in reversed(paths)] == little[::-1] == [False] * 10 + [True] * 20


@pytest.mark.parametrize("many", [1, 1_000])
def test_a_change_of_nothing_is_the_very_same(many, monkeypatch):
    monkeypatch.setattr(listing, "MANY", many)
    known = Listing.write(SITE)
    assert known.change(["index.html"], ["none.html"]) is known
    assert not known.change(removed=SITE)
    assert list(known.change(removed=SITE)) == []


# ---------------------------------------------------------------- in an output folder


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "ground" / "out"


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "marks of a conflict": lambda data: data.replace(b'"index', b'<<<<<<< HEAD\n"index'),
    "a line cut short": lambda data: data.replace(b'one.html"', b"one"),
    "a path that leads out": lambda data: data.replace(b'"index.html"', b'"../index.html"'),
    "a number": lambda data: data.replace(b'"index.html"', b"1"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_listing_that_was_damaged_since_it_was_written_is_refused(
    output: Path, damage: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(presence, "_read_clock", lambda: time.time_ns() + 10**10)  # nothing has changed just now
    put(output, SITE)
    with open_output(output) as folder:
        folder.find_missing()
        looks = folder.look_again()
    file = output / OWNERSHIP_FILE
    times = file.stat()
    file.write_bytes(DAMAGES[damage](file.read_bytes()))
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    for known in (looks, None):
        with open_output(output) as folder, pytest.raises(RefusedError, match="restore"):
            folder.find_missing(known)
            folder.count_owned()
    assert read(output) == SITE


def test_a_listing_in_another_order_as_after_a_merge_is_taken_as_it_is_meant(output: Path):
    put(output, SITE)
    file = output / OWNERSHIP_FILE
    lines = [f'"{path}"' for path in (*sorted(SITE, reverse=True), "index.html")]
    head = '{\n"version": 1,\n"generator": "site-builder",\n"files": [\n'
    file.write_text(head + ",\n".join(lines) + "\n]\n}\n", encoding="utf-8")
    put(output, {"new.html": b"new"}, ["style.css"])
    assert set(ownership.read_listing(output, "out") or ()) == {*SITE, "new.html"} - {"style.css"}
    assert json.loads(file.read_bytes())["files"] == sorted({*SITE, "new.html"} - {"style.css"})


def test_a_small_change_does_not_read_the_whole_listing(site: Site, monkeypatch: pytest.MonkeyPatch):
    for number in range(3):
        site.write(f"{number}.md", make_markdown(f"Nr {number}", f"2021-01-0{number + 1}", tags="x"))
        site.build()
    monkeypatch.setattr(presence, "_read_clock", lambda: time.time_ns() + 10**10)  # nothing has changed just now
    site.build()
    parse, parsed = Listing.parse, []
    monkeypatch.setattr(Listing, "parse", lambda self: parsed.append(self) or parse(self))
    site.write("new.md", make_markdown("New", "2021-02-01", tags="x"))
    assert "articles/new.html" in site.build().written
    site.write("new.md", make_markdown("New", "2021-02-01", tags="x") + "\nMore.\n")
    assert "articles/new.html" in site.build().written
    assert not site.build().written
    site.delete("0.md")
    assert "articles/nr-0.html" in site.build().deleted
    assert parsed == []
    read, wholly_read = ownership.read_ownership, []
    monkeypatch.setattr(folder, "read_ownership", lambda *given: wholly_read.append(given) or read(*given))
    assert not site.build().written
    assert wholly_read == []
    file = site.output / OWNERSHIP_FILE
    file.write_bytes(file.read_bytes().replace(b'"index.html"', b'"index.html","x.html"'))
    site.build()
    assert parsed
