"""Publishing: what is refused, what is left behind, and what stands in the output afterwards."""

from __future__ import annotations

import errno
import json
import os
import pickle
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from site_builder.errors import MachineError, Problem, RefusedError
from site_builder.publish import disk, open_output, presence, stage, workplace
from site_builder.publish import folder as publish_folder
from site_builder.publish.ownership import (
    OWNERSHIP_FILE,
    WORK_INSIDE,
    find_fault,
    find_unusable,
    read_listing,
)
from tests.sites import write_listing

SITE = {"index.html": b"home", "a/one.html": b"one", "a/two.html": b"two", "style.css": b"css"}


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "ground" / "out"


def put(
    output: Path,
    writes: Mapping[str, bytes],
    deletions: Sequence[str] = (),
    listing: Sequence[str] | None = None,
) -> tuple[Problem, ...]:
    with open_output(output) as folder:
        for path, data in writes.items():
            stage(folder.staging, path, data)
        after = (folder.owned - set(deletions)) | set(writes)
        return folder.publish(list(writes), list(deletions), after if listing is None else listing)


def read(output: Path) -> dict[str, bytes]:
    return {
        path.relative_to(output).as_posix(): path.read_bytes()
        for path in output.rglob("*")
        if path.is_file() and path.name != OWNERSHIP_FILE
    }


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def refusal(output: Path, *writes: str, deletions: Sequence[str] = ()) -> str:
    with pytest.raises(RefusedError) as caught:
        put(output, {path: b"new " + path.encode() for path in writes}, deletions)
    assert caught.value.exit_status == 3
    assert names(output.parent) == [output.name], "leftovers beside the output"
    return str(caught.value)


@pytest.fixture(params=["file by file", "whole tree"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    force(monkeypatch, request.param)
    name: str = request.param
    return name


def force(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    monkeypatch.setattr(publish_folder.OutputFolder, "_is_large", lambda *_: way == "whole tree")


@pytest.fixture
def exchanges(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Path]]:
    seen: list[Path] = []
    real = disk.exchange

    def exchange(one: Path, other: Path) -> None:
        real(one, other)
        seen.append(other)

    monkeypatch.setattr(disk, "exchange", exchange)
    yield seen


# ---------------------------------------------------------------- the ordinary course


def test_a_first_publication_makes_the_folder_and_those_above_it(output: Path) -> None:
    put(output, SITE)
    assert read(output) == SITE
    assert names(output.parent) == ["out"]


def test_a_gitignore_alone_is_no_obstacle_and_stays(output: Path) -> None:
    output.mkdir(parents=True)
    (output / ".gitignore").write_text("*\n")
    put(output, SITE)
    assert read(output) == {**SITE, ".gitignore": b"*\n"}


def test_a_change_writes_and_deletes_and_takes_empty_folders_along(way: str, output: Path) -> None:
    put(output, {**SITE, "b/c/d.html": b"deep"})
    (output / "kept").mkdir()
    put(output, {"index.html": b"new", "n/new.html": b"new"}, ["b/c/d.html", "a/two.html"])
    expected = {"index.html": b"new", "n/new.html": b"new", "a/one.html": b"one", "style.css": b"css"}
    assert read(output) == expected
    assert names(output) == [OWNERSHIP_FILE, "a", "index.html", "kept", "n", "style.css"]
    assert read_listing(output, "out") == set(expected)
    assert names(output.parent) == ["out"]


def test_a_rebuild_without_change_touches_nothing(output: Path) -> None:
    put(output, SITE)
    before = {path: path.stat() for path in [output, *output.rglob("*")]}
    put(output, {}, listing=sorted(SITE))
    after = {path: path.stat() for path in [output, *output.rglob("*")]}
    assert [(s.st_ino, s.st_mtime_ns, s.st_ctime_ns) for s in after.values()] == [
        (s.st_ino, s.st_mtime_ns, s.st_ctime_ns) for s in before.values()
    ]


def test_what_is_not_written_keeps_its_file(way: str, output: Path) -> None:
    put(output, SITE)
    before = (output / "a/one.html").stat()
    put(output, {"index.html": b"new"})
    after = (output / "a/one.html").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_what_is_staged_and_not_wanted_is_dropped(way: str, output: Path) -> None:
    put(output, SITE)
    with open_output(output) as folder:
        stage(folder.staging, "index.html", b"new")
        stage(folder.staging, "a/one.html", b"dropped")
        stage(folder.staging, "dropped/too.html", b"dropped")
        folder.publish(["index.html"], [], folder.owned)
    assert read(output) == {**SITE, "index.html": b"new"}
    assert not (output / "dropped").exists()


def test_the_ways_are_chosen_by_size(output: Path, exchanges: list[Path]) -> None:
    many = {f"p{n}.html": b"1" for n in range(200)}
    put(output, many)
    put(output, dict.fromkeys(list(many)[:64], b"2"))
    assert exchanges == []
    put(output, dict.fromkeys(list(many)[:90], b"3"))
    assert exchanges == [], "less than half of the site"
    put(output, dict.fromkeys(list(many)[:101], b"4"))
    assert exchanges == [output]


def test_a_file_may_become_a_folder_and_a_folder_a_file(
    output: Path, exchanges: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(output, {"a": b"file", "b/c/d": b"deep", "e": b"same"})
    put(output, {"a/x": b"in a folder", "b": b"file"}, ["a", "b/c/d"])
    assert read(output) == {"a/x": b"in a folder", "b": b"file", "e": b"same"}
    assert len(exchanges) == 1
    monkeypatch.setattr(disk, "exchange", impossible(errno.EINVAL))
    put(output, {"a": b"file", "b/c/d": b"deep"}, ["a/x", "b"])
    assert read(output) == {"a": b"file", "b/c/d": b"deep", "e": b"same"}


@pytest.mark.parametrize("umask", [0o077, 0o000, 0o027])
def test_modes_do_not_depend_on_the_umask(way: str, umask: int, output: Path) -> None:
    output.parent.mkdir()
    before = os.umask(umask)
    try:
        output.mkdir(0o700)
        put(output, SITE)
        put(output, {"index.html": b"new", "n/m/o.html": b"new"})
    finally:
        os.umask(before)
    for path in [output, *output.rglob("*")]:
        found = path.lstat()
        folder = stat.S_ISDIR(found.st_mode)
        assert stat.S_IMODE(found.st_mode) == (0o755 if folder else 0o644), path
        assert folder or found.st_nlink == 1


def test_a_mode_that_the_user_gave_a_folder_is_kept(way: str, output: Path) -> None:
    put(output, SITE)
    (output / "own").mkdir()
    (output / "own" / "secret").write_text("mine")
    (output / "own").chmod(0o500)
    (output / "a").chmod(0o2750)
    put(output, {"index.html": b"new", "a/new.html": b"new"})
    assert stat.S_IMODE((output / "own").stat().st_mode) == 0o500
    assert stat.S_IMODE((output / "a").stat().st_mode) == 0o2750
    assert names(output.parent) == ["out"]
    (output / "own").chmod(0o700)


def test_publishing_by_hand_of_the_second_time_needs_a_second_opening(output: Path) -> None:
    with open_output(output) as folder:
        folder.publish([], [], [])
        with pytest.raises(ValueError, match="one publication"):
            folder.publish([], [], [])


@pytest.mark.parametrize(
    ("writes", "deletions", "listing"),
    [
        (["staged.html", "staged.html"], [], ["staged.html"]),
        (["staged.html"], [], ["index.html"]),
        ([], ["foreign.txt"], ["index.html"]),
        ([], ["index.html"], ["index.html"]),
        ([], [], ["index.html", "nowhere.html"]),
    ],
)
def test_a_contradictory_plan_is_a_mistake_of_the_caller(
    writes: list[str], deletions: list[str], listing: list[str], output: Path
) -> None:
    put(output, {"index.html": b"home"})
    with open_output(output) as folder:
        stage(folder.staging, "staged.html", b"")
        with pytest.raises(ValueError, match=r"."):
            folder.publish(writes, deletions, listing)
    assert read(output) == {"index.html": b"home"}


def test_a_planned_file_that_is_not_staged_keeps_all_from_being_published(output: Path) -> None:
    put(output, {"index.html": b"home"})
    with open_output(output) as folder, pytest.raises(MachineError, match=r"new\.html: is not there any more"):
        folder.publish(["new.html"], [], ["index.html", "new.html"])
    assert read(output) == {"index.html": b"home"}


def test_missing_files_are_found_by_kind(output: Path) -> None:
    put(output, SITE)
    (output / "a/one.html").unlink()
    (output / "style.css").unlink()
    (output / "style.css").symlink_to("index.html")
    with open_output(output) as folder:
        assert folder.find_missing() == {"a/one.html", "style.css"}
    assert presence.find_missing(output, []) == set()
    assert presence.find_missing(output, ["none/at/all"]) == {"none/at/all"}


def test_a_vanished_file_is_told_and_can_be_written_again(way: str, output: Path) -> None:
    put(output, SITE)
    (output / "a/one.html").unlink()
    if way == "whole tree":
        with pytest.raises(MachineError, match=r"a/one.html: vanished"):
            put(output, {"index.html": b"new", "style.css": b"new", "a/two.html": b"new"})
        assert (output / "index.html").read_bytes() == b"home"
    put(output, {"a/one.html": b"again"}, ["a/two.html"])
    assert (output / "a/one.html").read_bytes() == b"again"


# ---------------------------------------------------------------- the ownership file


def test_the_ownership_file_depends_on_nothing_but_the_paths(tmp_path: Path) -> None:
    one, other = tmp_path / "1" / "out", tmp_path / "2" / "elsewhere"
    put(one, SITE)
    put(other, {"gone.html": b"gone", "index.html": b"old"})
    put(other, dict(reversed(SITE.items())), ["gone.html"])
    data = (one / OWNERSHIP_FILE).read_bytes()
    assert (other / OWNERSHIP_FILE).read_bytes() == data
    assert json.loads(data) == {"version": 1, "generator": "site-builder", "files": sorted(SITE)}
    assert len(data.splitlines()) == len(SITE) + 6
    assert b'\n"a/one.html",\n' in data


def test_the_state_is_kept_with_the_listing(way: str, output: Path) -> None:
    put(output, SITE)
    for state, changes in (("one", {}), ("two", {"index.html": b"new"}), ("", {"n.html": b"new"})):
        with open_output(output) as folder:
            for path, data in changes.items():
                stage(folder.staging, path, data)
            folder.publish(list(changes), [], folder.owned | set(changes), state)
        with open_output(output) as folder:
            assert folder.state == state
            assert folder.owned >= set(SITE)
    assert (output / OWNERSHIP_FILE).read_bytes() == write_listing([*SITE, "n.html"])


def test_a_state_that_is_no_text_is_not_known(output: Path) -> None:
    put(output, SITE)
    data = write_listing(SITE, "one").replace(b'"one"', b"[1]")
    (output / OWNERSHIP_FILE).write_bytes(data)
    with open_output(output) as folder:
        assert folder.state == ""


def test_a_file_outside_is_replaced_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "ledger.csv").symlink_to("real.csv")
    with monkeypatch.context() as patch, pytest.raises(MachineError, match="no space left"):
        patch.setattr(disk, "rename", impossible(errno.ENOSPC))
        publish_folder.write_at_once(tmp_path / "ledger.csv", b"new")
    assert (tmp_path / "real.csv").read_text() == "old"
    publish_folder.write_at_once(tmp_path / "ledger.csv", b"new")
    assert (tmp_path / "real.csv").read_text() == "new"
    assert names(tmp_path) == ["ledger.csv", "real.csv"]


@pytest.mark.parametrize("paths", [[], ["a"], ["ünï", 'quo"te', "new\nline", "a/b"]])
def test_a_listing_is_read_as_it_was_written(paths: list[str], tmp_path: Path) -> None:
    (tmp_path / OWNERSHIP_FILE).write_bytes(write_listing(paths))
    assert read_listing(tmp_path, "out") == set(paths)


BAD = [
    b"",
    b"{}",
    b"null",
    b"[]",
    b"\xff\x00",
    b"[" * 100_000,
    write_listing(["a"])[:-9],
    write_listing(["a"]).replace(b": 1", b": 2"),
    write_listing(["a"]).replace(b'"a"', b"1"),
    *(
        write_listing([path])
        for path in ("../out.txt", "/etc/passwd", "a//b", "a/../../b", "", ".", "a/", "a\\b", "nul\0", "é" * 128)
    ),
    write_listing([OWNERSHIP_FILE]),
    write_listing([f"{WORK_INSIDE}/lock"]),
    b'{"version": 1, "generator": "site-builder", "files": ["\\ud800"]}',
]


@pytest.mark.parametrize("data", BAD, ids=range(len(BAD)))
def test_an_unusable_ownership_file_stops_everything(data: bytes, output: Path) -> None:
    put(output, SITE)
    (output / OWNERSHIP_FILE).write_bytes(data)
    told = refusal(output, "index.html")
    assert OWNERSHIP_FILE in told
    assert "restore" in told
    assert "empty the folder" in told
    assert read(output) == SITE


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_an_ownership_file_that_is_no_file_stops_everything(kind: str, output: Path) -> None:
    put(output, SITE)
    file = output / OWNERSHIP_FILE
    file.rename(output.parent / "real.json")
    if kind == "link":
        file.symlink_to(output.parent / "real.json")
    elif kind == "folder":
        file.mkdir()
    else:
        os.mkfifo(file)
    with pytest.raises((RefusedError, MachineError)):
        put(output, {"index.html": b"new"})
    assert (output / "index.html").read_bytes() == b"home"


@pytest.mark.parametrize("path", ["a", "a/b", "..a", "...", "a b/ü", "a" * 255, "é" * 127, ".site-builder.jsonx"])
def test_plain_paths_have_no_fault(path: str) -> None:
    assert find_fault(path) == ""
    assert find_unusable([path, "x"]) == []


@pytest.mark.parametrize(
    "path",
    [
        *("", "/", "/a", "a/", "a//b", ".", "..", "./a", "a/.", "a/../b"),
        *("a\0", "a\\b", "a" * 256, "é" * 128, "\ud800"),
        *(OWNERSHIP_FILE, f"{OWNERSHIP_FILE}/x", f"{WORK_INSIDE}/x", WORK_INSIDE),
    ],
)
def test_other_paths_are_never_staged(path: str, tmp_path: Path) -> None:
    assert find_unusable(["x", path, "y"]) == [path]
    with pytest.raises(RefusedError):
        stage(tmp_path, path, b"")
    assert names(tmp_path) == []


# ---------------------------------------------------------------- refusals


def test_a_folder_of_somebody_is_refused_with_its_files_named(output: Path) -> None:
    output.mkdir(parents=True)
    for name in ("thesis.txt", "photos", ".git", "x1", "x2", "x3", "x4"):
        (output / name).touch()
    told = refusal(output, "index.html")
    assert told.startswith(f"{output}: ")
    assert ".git, photos, thesis.txt, x1, x2 and 2 more" in told
    assert "index.html" not in names(output)


def test_an_output_that_is_a_link_is_refused(output: Path) -> None:
    output.parent.mkdir()
    output.symlink_to(output.parent / "nowhere")
    assert "symbolic link" in refusal(output, "index.html")
    output.unlink()
    output.write_text("precious")
    assert "not a folder" in refusal(output, "index.html")
    assert output.read_text() == "precious"


def test_the_root_and_the_home_folder_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "people" / "me"
    home.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home)
    for path in (home, home.parent, Path(), Path("x/.."), Path("/"), Path("//"), Path("/..")):
        with pytest.raises(RefusedError, match=r"root folder|home folder"), open_output(path):
            pass
    assert names(home) == []
    put(Path("out"), SITE)
    assert read(home / "out") == SITE


def test_all_files_in_the_way_are_named_at_once_and_none_is_touched(way: str, output: Path) -> None:
    put(output, SITE)
    (output / "mine.html").write_text("mine")
    (output / "folder.html").mkdir()
    (output / "link.html").symlink_to("index.html")
    (output / "deep").write_text("a file where a folder is needed")
    (output / "far").symlink_to(output.parent)
    os.mkfifo(output / "pipe.html")
    (output / "a/two.html").unlink()
    (output / "a/two.html").mkdir()
    before = read(output)
    ways = ["mine.html", "folder.html", "link.html", "deep/x.html", "far/y.html", "far/z.html", "pipe.html"]
    told = refusal(output, "index.html", *ways, deletions=["a/two.html"])
    places = [line.partition(": ")[0] for line in told.splitlines()]
    expected = ["a/two.html", "deep", "far", "folder.html", "link.html", "mine.html", "pipe.html"]
    assert places == [str(output / path) for path in expected]
    assert read(output) == before
    assert names(output.parent) == ["out"]


def test_a_file_of_somebody_with_the_same_bytes_becomes_ours(way: str, output: Path) -> None:
    put(output, SITE)
    (output / "new.html").write_bytes(b"the same")
    (output / "new.html").chmod(0o600)
    put(output, {"new.html": b"the same", "index.html": b"new"})
    assert read_listing(output, "out") == {*SITE, "new.html"}
    assert stat.S_IMODE((output / "new.html").stat().st_mode) == 0o644


def test_a_listed_file_that_became_a_link_or_folder_is_refused(way: str, output: Path) -> None:
    put(output, SITE)
    (output / "a/one.html").unlink()
    (output / "a/one.html").symlink_to(output.parent)
    (output / "a/two.html").unlink()
    (output / "a/two.html").mkdir()
    told = refusal(output, "index.html", "a/one.html", "a/two.html")
    assert f"{output}/a/one.html: a symbolic link" in told
    assert f"{output}/a/two.html: a folder" in told
    if way == "whole tree":  # also when they are to stay
        assert "a/one.html" in refusal(output, "index.html", "style.css", "new.html")
    assert (output / "a/one.html").is_symlink()
    assert (output / "index.html").read_bytes() == b"home"


def test_a_folder_that_became_a_link_is_not_written_through(way: str, output: Path) -> None:
    put(output, SITE)
    (output / "a").rename(output.parent / "elsewhere")
    (output / "a").symlink_to(output.parent / "elsewhere")
    with pytest.raises(RefusedError, match=r"out/a: a symbolic link"):
        put(output, {"a/one.html": b"new"}, ["a/two.html"])
    assert read(output.parent / "elsewhere") == {"one.html": b"one", "two.html": b"two"}


def test_a_link_put_in_the_way_at_the_last_moment_leads_nowhere(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(output, SITE)
    elsewhere = output.parent.parent / "elsewhere"
    elsewhere.mkdir()
    real = workplace.save_record

    def save(folder: Path, record: object) -> None:
        real(folder, record)
        (output / "n").symlink_to(elsewhere)
        (output / "late.html").write_text("mine")

    monkeypatch.setattr("site_builder.publish.journal.save_record", save)
    with pytest.raises(RefusedError) as caught:
        put(output, {"n/new.html": b"new", "late.html": b"new", "index.html": b"new"})
    assert [problem.place for problem in caught.value.problems] == [
        str(output / "n/new.html"),
        str(output / "late.html"),
    ]
    assert names(elsewhere) == []
    assert (output / "late.html").read_text() == "mine"
    assert read_listing(output, "out") == set(SITE)


def test_foreign_things_survive_both_ways(way: str, output: Path) -> None:
    put(output, SITE)
    (output / ".git/objects").mkdir(parents=True)
    (output / ".git/HEAD").write_text("ref")
    (output / "a/own.txt").write_text("mine")
    (output / "to").symlink_to("/nowhere")
    (output / "up").symlink_to("..")
    os.mkfifo(output / "pipe")
    before = (output / "a/own.txt").stat()
    put(output, {"index.html": b"new"}, ["a/one.html", "a/two.html", "style.css"])
    assert names(output) == [".git", OWNERSHIP_FILE, "a", "index.html", "pipe", "to", "up"]
    assert (output / ".git/objects").is_dir()
    assert (output / "to").readlink() == Path("/nowhere")
    assert stat.S_ISFIFO((output / "pipe").lstat().st_mode)
    after = (output / "a/own.txt").stat()
    assert (after.st_ino, after.st_mtime_ns, after.st_nlink) == (before.st_ino, before.st_mtime_ns, 1)


def test_foreign_files_that_appear_during_the_swap_are_moved_over(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    force(monkeypatch, "whole tree")
    put(output, SITE)
    (output / "edited.txt").write_text("before")
    real = disk.exchange

    def exchange(one: Path, other: Path) -> None:
        (output / "late/deep").mkdir(parents=True)
        (output / "late/deep/file").write_text("late")
        (output / "a/late.txt").write_text("late")
        (output / "edited.txt").unlink()
        (output / "edited.txt").write_text("after")
        (output / "planned.html").write_text("mine")
        (output / "planned").write_text("mine")
        real(one, other)

    monkeypatch.setattr(disk, "exchange", exchange)
    told = put(output, {"index.html": b"new", "planned.html": b"new", "planned/x": b"x", "style.css": b"new"})
    assert read(output) == {
        **SITE,
        "index.html": b"new",
        "planned.html": b"new",
        "planned/x": b"x",
        "style.css": b"new",
        "late/deep/file": b"late",
        "a/late.txt": b"late",
        "edited.txt": b"after",
        "planned.html.kept-1": b"mine",
        "planned.kept-1": b"mine",
    }
    assert sorted(problem.place for problem in told) == [
        str(output / "planned.html.kept-1"),
        str(output / "planned.kept-1"),
    ]
    assert all(problem.severity == "warning" for problem in told)


# ---------------------------------------------------------------- where a whole tree cannot be exchanged


def impossible(number: int) -> Any:
    def call(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return call


@pytest.mark.parametrize("call", ["exchange", "link", "copy_folder_facts"])
@pytest.mark.parametrize("number", [errno.EINVAL, errno.EXDEV, errno.EBUSY, errno.ENOSYS, errno.EPERM])
def test_without_an_exchange_files_go_one_by_one(
    call: str, number: int, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    force(monkeypatch, "whole tree")
    put(output, SITE)
    (output / "own.txt").write_text("mine")
    inode = output.stat().st_ino
    monkeypatch.setattr(disk, call, impossible(number))
    put(output, {"index.html": b"new", "b/new.html": b"new", "a/two.html": b"new"}, ["style.css"])
    assert output.stat().st_ino == inode
    assert read(output) == {
        "index.html": b"new",
        "b/new.html": b"new",
        "a/one.html": b"one",
        "a/two.html": b"new",
        "own.txt": b"mine",
    }
    assert all(path.lstat().st_nlink == 1 for path in output.rglob("*") if path.is_file())
    assert names(output.parent) == ["out"]


def test_the_exchange_exists_here(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    (tmp_path / "1" / "one").touch()
    try:
        disk.exchange(tmp_path / "1", tmp_path / "2")
    except OSError as trouble:
        if trouble.errno in (errno.EINVAL, errno.ENOSYS):
            pytest.skip("no exchange on this file system")
        raise
    assert names(tmp_path / "2") == ["one"]


def test_a_missing_system_call_is_told_as_such(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "platform", "elsewhere")
    with pytest.raises(OSError, match="not implemented"):
        disk.exchange(tmp_path, tmp_path)
    many = {f"{n}": b"" for n in range(disk.FLUSHED_SINGLY + 1)}
    put(tmp_path / "out", many)
    assert read(tmp_path / "out") == many


def test_the_work_is_done_inside_when_it_cannot_be_done_beside(
    output: Path, monkeypatch: pytest.MonkeyPatch, exchanges: list[Path]
) -> None:
    force(monkeypatch, "whole tree")
    put(output, SITE)
    output.parent.chmod(0o555)
    monkeypatch.setattr(os, "access", lambda path, _: path != output.parent)  # root may write everywhere
    with open_output(output) as folder:
        assert folder.staging.is_relative_to(output)
        assert names(output.parent) == ["out"]
        for path in SITE:
            stage(folder.staging, path, b"new")
        folder.publish(sorted(SITE), [], SITE)
    assert exchanges == []
    assert read(output) == dict.fromkeys(SITE, b"new")
    output.parent.chmod(0o755)


def test_a_long_name_is_worked_inside(tmp_path: Path) -> None:
    output = tmp_path / ("n" * 250)
    put(output, SITE)
    put(output, {"index.html": b"new"})
    assert read(output) == {**SITE, "index.html": b"new"}
    assert names(tmp_path) == [output.name]


# ---------------------------------------------------------------- errors of the machine

ERRORS = {
    errno.ENOSPC: "no space left",
    errno.EACCES: "permission denied",
    errno.EROFS: "read-only",
    errno.EIO: "input/output error",
    errno.EMFILE: "too many open files",
}


@pytest.mark.parametrize("number", ERRORS)
def test_errors_of_the_machine_are_told_in_words(
    way: str, number: int, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(output, SITE)
    with pytest.raises(MachineError) as caught, open_output(output) as folder, monkeypatch.context() as patch:
        patch.setattr(disk, "write", impossible(number))
        stage(folder.staging, "a/new.html", b"new")
    assert caught.value.exit_status == 4
    assert ERRORS[number] in str(caught.value)
    assert "a/new.html" in caught.value.problems[0].place
    with monkeypatch.context() as patch, pytest.raises(MachineError, match=ERRORS[number]) as caught:
        patch.setattr(disk, "flush", impossible(number))
        put(output, {"index.html": b"new", "n.html": b"", "a/one.html": b""})
    assert "still stands" in str(caught.value)
    assert read(output) == SITE
    assert names(output.parent) == ["out"]


def test_an_output_that_cannot_be_written_is_told_before_any_work(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(output, SITE)
    monkeypatch.setattr(os, "access", lambda path, _: path != output)
    with pytest.raises(MachineError, match="permission denied"), open_output(output):
        pytest.fail("opened")
    assert names(output.parent) == ["out"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_output_of_somebody_else_is_told_before_any_work(output: Path) -> None:
    put(output, SITE)
    output.chmod(0o555)
    with pytest.raises(MachineError, match="permission denied"), open_output(output):
        pytest.fail("opened")
    output.chmod(0o755)


def test_an_error_of_the_caller_is_his_own(output: Path) -> None:
    with pytest.raises(FileNotFoundError), open_output(output):
        raise FileNotFoundError
    assert names(output.parent.parent) == [], "the folders that were made for nothing are gone"


def test_an_interrupt_finishes_what_is_decided(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(output, SITE)
    real = disk.rename
    seen = []

    def rename(source: Path, name: str | Path, folder: int | None = None) -> None:
        real(source, name, folder)
        seen.append(name)
        if len(seen) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(disk, "rename", rename)
    with pytest.raises(KeyboardInterrupt):
        put(output, {"index.html": b"new", "a/one.html": b"new", "style.css": b"new"})
    assert read(output) == {**SITE, "index.html": b"new", "a/one.html": b"new", "style.css": b"new"}
    assert names(output.parent) == ["out"]


def test_a_tree_that_cannot_be_cleared_away_is_only_a_warning(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    force(monkeypatch, "whole tree")
    put(output, SITE)
    with monkeypatch.context() as patch:
        patch.setattr(disk, "unlink", impossible(errno.EIO))
        told = put(output, {"index.html": b"new", "style.css": b"new", "a/one.html": b"new"})
    assert [problem.severity for problem in told] == ["warning"]
    assert "is published" in told[0].message
    assert (output / "index.html").read_bytes() == b"new"
    with open_output(output) as folder:
        assert folder.resumed
        assert folder.owned == set(SITE)
    assert names(output.parent) == ["out"]
    assert all(path.lstat().st_nlink == 1 for path in output.rglob("*") if path.is_file())


# ---------------------------------------------------------------- what an interruption leaves


class Crash(BaseException):
    """The end of everything."""


def test_a_journal_is_rolled_forward_by_whoever_opens_next(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(output, SITE)
    with monkeypatch.context() as patch:
        patch.setattr(disk, "remove_folder", impossible(errno.EIO))
        patch.setattr(disk, "unlink", crash)
        with pytest.raises(Crash):
            put(output, {"index.html": b"new", "n/new.html": b"new"}, ["a/one.html", "a/two.html"])
    assert read(output) == {**SITE, "index.html": b"new", "n/new.html": b"new"}
    assert names(output.parent) == [".out.site-builder", "out"]
    with open_output(output) as folder:
        assert folder.resumed
        assert folder.owned == {"index.html", "n/new.html", "style.css"}
        assert not any(folder.staging.iterdir())
    assert read(output) == {"index.html": b"new", "n/new.html": b"new", "style.css": b"css"}
    assert names(output) == [OWNERSHIP_FILE, "index.html", "n", "style.css"]
    with open_output(output) as folder:
        assert not folder.resumed
    assert names(output.parent) == ["out"]


def crash(*_: object, **__: object) -> None:
    raise Crash


def test_an_unfinished_staging_is_removed(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(output, SITE)
    with monkeypatch.context() as patch, pytest.raises(Crash), open_output(output) as folder:
        stage(folder.staging, "a/new.html", b"new")
        patch.setattr(disk, "unlink", crash)
    assert names(output.parent) == [".out.site-builder", "out"]
    with open_output(output) as folder:
        assert not folder.resumed
        assert not any(folder.staging.iterdir())
    assert names(output.parent) == ["out"]


RECORDS = [
    b"{",
    b"[]",
    b"{}",
    b'{"way": "file by file"}',
    b'{"way": "file by file", "steps": [["write", "../../x", true]]}',
    b'{"way": "file by file", "steps": [["delete", "/etc/passwd", 1, 2]]}',
    b'{"way": "file by file", "steps": [["list", "../x"]]}',
    b'{"way": "file by file", "steps": [["chmod", "x"]]}',
    b'{"way": "whole tree", "tree": 1, "old": [], "new": ["../x"]}',
    b'{"way": "whole tree", "tree": "1", "old": [], "new": []}',
]


@pytest.mark.parametrize("data", RECORDS, ids=range(len(RECORDS)))
def test_a_damaged_record_is_refused_with_the_way_out(data: bytes, output: Path) -> None:
    put(output, SITE)
    work = output.parent / ".out.site-builder"
    work.mkdir()
    (work / workplace.RECORD).write_bytes(data)
    with pytest.raises(RefusedError, match=r"delete .*out.site-builder and build again"), open_output(output):
        pytest.fail("opened")
    assert read(output) == SITE


def test_a_swap_that_was_copied_elsewhere_is_finished_without_loss(
    output: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # A project may be copied with a crashed publication in it; the numbers of the files tell nothing then.
    force(monkeypatch, "whole tree")
    put(output, SITE)
    (output / "own.txt").write_text("mine")
    real = disk.exchange

    def exchange(one: Path, other: Path) -> None:
        (output / "late.txt").write_text("late")
        real(one, other)
        raise Crash

    with monkeypatch.context() as patch, pytest.raises(Crash):
        patch.setattr(disk, "exchange", exchange)
        patch.setattr(disk, "unlink", crash)
        put(output, {"index.html": b"new", "style.css": b"new", "a/one.html": b"new"})
    copy = tmp_path / "copy"
    subprocess.run(["cp", "-r", str(output.parent), str(copy)], check=True)
    with open_output(copy / "out") as folder:
        assert folder.resumed
    assert names(copy) == ["out"]
    assert read(copy / "out") == {
        **SITE,
        "index.html": b"new",
        "style.css": b"new",
        "a/one.html": b"new",
        "own.txt": b"mine",
        "late.txt": b"late",
    }


# ---------------------------------------------------------------- the order that a power cut asks for


class PowerCut:
    """Keeps account of what would be lost if the power went now: files and folders changed and not flushed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, output: Path) -> None:
        self.output = output
        self.unflushed: set[tuple[int, int]] = set()
        self.shown = 0
        self.finished = 0
        for name in (
            "write",
            "flush",
            "flush_file_system",
            "create_file",
            "make_folder",
            "rename",
            "exchange",
            "unlink",
        ):
            monkeypatch.setattr(disk, name, self.watch(name, getattr(disk, name)))

    def watch(self, name: str, call: Any) -> Any:
        def watched(*arguments: Any) -> Any:
            getattr(self, f"before_{name}", lambda *_: None)(*arguments)
            result = call(*arguments)
            getattr(self, f"after_{name}", lambda *_: None)(*arguments)
            return result

        return watched

    def soil(self, *things: int | Path) -> None:
        for thing in things:
            found = os.fstat(thing) if isinstance(thing, int) else thing.stat()
            self.unflushed.add((found.st_dev, found.st_ino))

    def is_soiled(self, path: Path) -> bool:
        return (path.stat().st_dev, path.stat().st_ino) in self.unflushed

    def after_write(self, descriptor: int, _: bytes) -> None:
        self.soil(descriptor)

    def after_flush(self, descriptor: int) -> None:
        found = os.fstat(descriptor)
        self.unflushed.discard((found.st_dev, found.st_ino))

    def after_flush_file_system(self, _: int) -> None:
        self.unflushed.clear()

    def after_create_file(self, path: str | Path) -> None:
        self.soil(Path(path).parent)

    def after_make_folder(self, name: Path | str, folder: int | None = None) -> None:
        self.soil(Path(name).parent if folder is None else folder)

    def before_rename(self, source: Path, name: Path | str, folder: int | None = None) -> None:
        if folder is not None or name == self.output:
            assert not self.is_soiled(source), f"{source} would be empty"
            assert not self.is_soiled(source.parent), f"{source} would be gone"
            self.shown += 1
        if name == self.output:
            self.check_tree(source)

    def after_rename(self, _: Path, name: Path | str, folder: int | None = None) -> None:
        self.soil(Path(name).parent if folder is None else folder)

    def before_exchange(self, one: Path, _: Path) -> None:
        self.check_tree(one)
        self.shown += 1

    def after_exchange(self, _: Path, other: Path) -> None:
        self.soil(other.parent)

    def before_unlink(self, name: Path | str, _: int | None = None) -> None:
        if Path(name).name == workplace.RECORD:
            assert not self.is_soiled(self.output.parent)
            self.check_tree(self.output)
            self.finished += 1

    def check_tree(self, root: Path) -> None:
        for path in [root, *root.rglob("*")]:
            assert not self.is_soiled(path), f"{path} would be as it was, or empty"


@pytest.mark.parametrize("many", [1, 100])
def test_nothing_is_shown_before_it_is_on_the_disk(
    way: str, many: int, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = {f"{n % 9}/{n}.html": b"old" for n in range(many)}
    put(output, {**SITE, **first})
    power = PowerCut(monkeypatch, output)
    put(output, {**dict.fromkeys(first, b"new"), "index.html": b"new", "n/e/w.html": b"new"}, ["a/two.html"])
    assert power.shown >= (1 if way == "whole tree" else many + 2)
    assert power.finished == 1


# ---------------------------------------------------------------- the lock

HOLD = """
import os, sys, time
from pathlib import Path
from site_builder.publish import open_output
with open_output(Path(sys.argv[1])) as folder:
    if len(sys.argv) > 2 and os.fork() == 0:
        print(os.getpid(), flush=True)
        time.sleep(60)
        os._exit(0)
    if len(sys.argv) == 2:
        print("holding", flush=True)
    sys.stdin.read()
"""


def hold(output: Path, *more: str) -> subprocess.Popen[str]:
    root = Path(publish_folder.__file__).parents[2]
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(output), *more],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    )


def test_a_second_build_fails_at_once(output: Path) -> None:
    put(output, SITE)
    with hold(output) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(MachineError, match="another build is publishing to") as caught, open_output(output):
            pytest.fail("opened")
        assert caught.value.exit_status == 4
        assert str(output) in str(caught.value)
        other.communicate("")
    put(output, {"index.html": b"new"})
    assert names(output.parent) == ["out"]


def test_a_second_build_sees_one_that_works_elsewhere(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(output, SITE)
    for inside in (True, False):
        with monkeypatch.context() as patch:
            patch.setattr(workplace, "_can_work_beside", lambda _, inside=inside: not inside)
            with open_output(output), monkeypatch.context() as second:
                second.setattr(workplace, "_can_work_beside", lambda _, inside=inside: inside)
                with pytest.raises(MachineError, match="another build"), open_output(output):
                    pytest.fail("opened")
        assert names(output.parent) == ["out"]
        assert names(output) == [OWNERSHIP_FILE, "a", "index.html", "style.css"]


def test_a_killed_build_leaves_no_lock_even_with_workers_alive(output: Path) -> None:
    put(output, SITE)
    with hold(output, "fork") as other:
        assert other.stdout is not None
        worker = int(other.stdout.readline())
        try:
            other.send_signal(signal.SIGKILL)
            other.wait()
            put(output, {"index.html": b"new"})
        finally:
            os.kill(worker, signal.SIGKILL)
    assert names(output.parent) == ["out"]


def test_a_lock_whose_file_was_removed_is_taken_again(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(output, SITE)
    real = disk.open_lock
    opened = []

    def open_lock(file: Path) -> int:
        descriptor = real(file)
        opened.append(file)
        if len(opened) == 1:  # the last holder goes just now
            file.unlink()
            file.parent.rmdir()
        return descriptor

    monkeypatch.setattr(disk, "open_lock", open_lock)
    with open_output(output):
        assert len(opened) == 2
        assert opened[1].exists()


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_work_folder_that_is_not_ours_is_refused(kind: str, output: Path) -> None:
    put(output, SITE)
    work = output.parent / ".out.site-builder"
    if kind == "file":
        work.write_text("mine")
    else:
        work.symlink_to(output)
    with pytest.raises(RefusedError, match="not a folder that site-builder made"), open_output(output):
        pytest.fail("opened")
    assert os.path.lexists(work)


def test_workers_can_stage(output: Path) -> None:
    assert pickle.loads(pickle.dumps(stage)) is stage
    with open_output(output) as folder:
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
            for future in [pool.submit(stage, folder.staging, f"a/b/{n}.html", b"x") for n in range(20)]:
                future.result()
            with pytest.raises(RefusedError, match="not a plain path"):
                pool.submit(stage, folder.staging, "../x", b"").result()
        paths = [f"a/b/{n}.html" for n in range(20)]
        folder.publish(paths, [], paths)
    assert set(read(output)) == set(paths)


def test_few_file_descriptors_suffice(output: Path) -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = max(int(path.name) for path in Path("/proc/self/fd").iterdir()) if Path("/proc/self/fd").exists() else 40
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + 8, before[1]))
    try:
        put(output, {f"{n}/a/b.html": b"1" for n in range(30)})
        put(output, {f"{n}/a/b.html": b"2" for n in range(30)})
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert set(read(output).values()) == {b"2"}
