"""Whatever fails, and wherever a publication is cut off, the published site holds together.

The k-th call that changes the disk fails, or is the last before the crash, for every k until a run gets through.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st

from site_builder.digest import digest
from site_builder.errors import MachineError, RefusedError
from site_builder.publish import disk, workplace
from site_builder.publish import folder as publish_folder
from site_builder.publish.ownership import OWNERSHIP_FILE, WORK_INSIDE
from tests.sites import write_listing

Site = Mapping[str, bytes]

CALLS = (
    "create_file",
    "write",
    "flush",
    "flush_file_system",
    "make_folder",
    "rename",
    "exchange",
    "link",
    "unlink",
    "remove_folder",
    "copy_folder_facts",
    "allow",
    "touch",
    "open_lock",
)


MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
"""Thousands of small trees are made here; on a disk they would take minutes."""


class Crash(BaseException):
    """The power is gone: from here on nothing reaches the disk, clean-up included."""


@dataclass
class Faults:
    """Counts the calls that change the disk and lets the `at`-th go wrong, in one of several ways."""

    at: int
    how: str
    seen: int = 0
    names: list[str] = field(default_factory=list)

    def wrap(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **named: Any) -> Any:
            self.seen += 1
            self.names.append(name)
            if self.seen < self.at or (self.seen > self.at and self.how == "EIO once"):
                return call(*arguments, **named)
            if self.how == "crash":
                raise Crash
            if self.how == "torn" and name == "write" and self.seen == self.at:
                call(arguments[0], arguments[1][: len(arguments[1]) // 2])
            if self.how == "torn":
                raise Crash
            number = errno.ENOSPC if self.how == "ENOSPC for good" else errno.EIO
            if self.how == "ENOSPC for good" and name in ("unlink", "remove_folder", "open_lock", "allow"):
                return call(*arguments, **named)  # a full disk lets go
            raise OSError(number, os.strerror(number))

        return wrapped


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    # Thousands of publications: a call that flushes can fail here, but need not wait for the disk.
    monkeypatch.setattr(disk, "flush", lambda _: None)
    monkeypatch.setattr(disk, "flush_file_system", lambda _: None)


@pytest.fixture
def quick_path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        yield Path(name)


HOW = ("crash", "torn", "EIO once", "ENOSPC for good")


@contextmanager
def faults(at: int, how: str) -> Iterator[Faults]:
    found = Faults(at, how)
    with pytest.MonkeyPatch.context() as patch:
        for name in CALLS:
            patch.setattr(disk, name, found.wrap(name, getattr(disk, name)))
        yield found


# ---------------------------------------------------------------- sites


def page(*links: str, text: str = "") -> bytes:
    return "\n".join([*(f'<a href="{link}">' for link in links), text]).encode()


def order(old: Site, new: Site) -> list[str]:
    """Every file of the new site that is not there yet: new ones first, the home page last among them."""
    fresh = sorted((path for path in new if path not in old), key=lambda path: (path == "index.html", path))
    return [*fresh, *sorted(path for path in new if path in old and old[path] != new[path])]


def bring(output: Path, site: Site) -> None:
    """Publish a site as a build does: what differs is written, what is not wanted any more deleted."""
    with publish_folder.open_output(output) as folder:
        missing = folder.find_missing()
        there = {path: (output / path).read_bytes() for path in folder.owned - missing}
        writes = order(there, site)
        for path in writes:
            publish_folder.stage(folder.staging, path, site[path])
        folder.publish(writes, sorted(folder.owned - set(site)), site, name_state(site))


def name_state(site: Site) -> str:
    return digest({path: data.decode() for path, data in site.items()})


def read_tree(root: Path) -> dict[str, object]:
    """What stands below a folder: bytes of files, targets of links, None for empty folders."""
    found: dict[str, object] = {}
    for path in root.rglob("*"):
        name = path.relative_to(root).as_posix()
        if path.is_symlink():
            found[name] = str(path.readlink())
        elif path.is_file():
            found[name] = path.read_bytes()
        elif not any(path.iterdir()):
            found[name] = None
    return found


def list_names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def whole(site: Site, foreign: Mapping[str, object]) -> dict[str, object]:
    return {**site, **foreign, OWNERSHIP_FILE: write_listing(site, name_state(site))}


def find_dead_links(output: Path) -> list[str]:
    pending, seen, dead = ["index.html"], {"index.html"}, []
    if not (output / "index.html").exists():
        return []
    while pending:
        path = pending.pop()
        if not (output / path).is_file():
            dead.append(path)
            continue
        for link in re.findall(r'href="([^"]*)"', (output / path).read_text()):
            if link not in seen:
                seen.add(link)
                pending.append(link)
    return dead


def check_standing(output: Path, old: Site, new: Site, foreign: Mapping[str, object], links: bool = True) -> None:
    tree = read_tree(output)
    for path, value in foreign.items():
        assert tree.get(path, b"gone") == value, f"foreign {path} was touched"
    for path, value in tree.items():
        inside = path.startswith(f"{WORK_INSIDE}/") or path in (OWNERSHIP_FILE, WORK_INSIDE)
        if path not in foreign and not inside and value is not None:
            assert value in (old.get(path), new.get(path)), f"{path} is neither old nor new"
    if links:
        assert find_dead_links(output) == []


def check_done(output: Path, site: Site, foreign: Mapping[str, object]) -> None:
    assert read_tree(output) == whole(site, foreign)
    assert list_names(output.parent) == [output.name]
    for path in [*site, OWNERSHIP_FILE]:
        found = (output / path).lstat()
        assert stat.S_IMODE(found.st_mode) == 0o644
        assert found.st_nlink == 1
        assert stat.S_IMODE((output / path).parent.stat().st_mode) == 0o755


# ---------------------------------------------------------------- every k

OLD = {
    "index.html": page("a/one.html", "a/two.html", "style.css", text="old"),
    "a/one.html": page("index.html", text="old"),
    "a/two.html": page("b/gone/far.html", text="old"),
    "b/gone/far.html": page(text="old"),
    "same.html": page("index.html"),
    "style.css": b"old",
}
NEW = {
    "index.html": page("a/one.html", "a/two.html", "c/new/three.html", "style.css", text="new"),
    "a/one.html": page("c/new/three.html", "c/four.html", text="new"),
    "a/two.html": page("a/one.html", text="new and much longer " * 50),
    "c/new/three.html": page("c/four.html", text="new"),
    "c/four.html": page("index.html", text="new"),
    "same.html": page("index.html"),
    "style.css": b"new",
}
FOREIGN = {
    "CNAME": b"archive.example\n",
    "a/own.txt": b"mine",
    "b/gone/mine.html": b"mine",
    ".git/HEAD": b"ref: refs/heads/main\n",
    "own/empty": None,
    "own/link": "../../nowhere",
}
IGNORED = {".gitignore": b"*\n"}


def place_foreign(output: Path, foreign: Mapping[str, object]) -> None:
    for path, value in foreign.items():
        (output / path).parent.mkdir(parents=True, exist_ok=True)
        if value is None:
            (output / path).mkdir()
        elif isinstance(value, str):
            (output / path).symlink_to(value)
        else:
            assert isinstance(value, bytes)
            (output / path).write_bytes(value)


def refuse_exchange(one: Path, other: Path) -> None:
    raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))


@dataclass(frozen=True)
class Case:
    name: str
    old: Site | None
    new: Site
    foreign: Mapping[str, object]
    swap_above: int = 10**9
    exchange: bool = True
    beside: bool = True
    links: bool = True


SHAPE_OLD = {"index.html": page("x"), "x": page("y/z.html"), "y/z.html": page(), "same.html": page()}
SHAPE_NEW = {"index.html": page("y"), "x/v.html": page(), "y": page("x/v.html"), "same.html": page()}

CASES = [
    Case("file by file", OLD, NEW, FOREIGN),
    Case("file by file, inside", OLD, NEW, FOREIGN, beside=False),
    Case("whole tree", OLD, NEW, FOREIGN, swap_above=0),
    Case("whole tree impossible", OLD, NEW, FOREIGN, swap_above=0, exchange=False),
    Case("first, no folder", None, NEW, {}),
    Case("first, folder", None, NEW, IGNORED),
    Case("first, file by file", None, NEW, IGNORED, exchange=False),
    Case("first, inside", None, NEW, IGNORED, beside=False),
    Case("files become folders", SHAPE_OLD, SHAPE_NEW, IGNORED),
    Case("files become folders, file by file", SHAPE_OLD, SHAPE_NEW, IGNORED, exchange=False, links=False),
    Case("only deletions", OLD | {"z.html": b"z"}, OLD, FOREIGN),
    Case("only additions", OLD, OLD | {"z/z.html": b"z"}, FOREIGN),
]


@contextmanager
def arranged(case: Case) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publish_folder, "SWAP_ABOVE", case.swap_above)
        if not case.exchange:
            patch.setattr(disk, "exchange", refuse_exchange)
        if not case.beside:
            patch.setattr(workplace, "_can_work_beside", lambda _: False)
        yield


def prepare(case: Case, ground: Path) -> Path:
    output = ground / "out"
    ground.mkdir()
    if case.old is not None:
        bring(output, case.old)
    place_foreign(output, case.foreign)
    return output


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_fault_at_any_call_leaves_a_whole_site(case: Case, how: str, quick_path: Path) -> None:
    template = prepare(case, quick_path / "template")
    names = list_calls(case, template.parent, quick_path / "ground")
    for k, name in enumerate(names, 1):
        if how == "torn" and name != "write":
            continue
        ground = quick_path / "ground"
        shutil.copytree(template.parent, ground, symlinks=True)
        output = ground / "out"
        with arranged(case):
            attempt(output, case, k, how)
            check_standing(output, case.old or {}, case.new, case.foreign, case.links)
            bring(output, case.new)
        check_done(output, case.new, case.foreign)
        shutil.rmtree(ground)


def list_calls(case: Case, template: Path, ground: Path) -> list[str]:
    """Publish without a fault and return the calls that changed the disk, in order."""
    shutil.copytree(template, ground, symlinks=True)
    with arranged(case), faults(0, "EIO once") as found:
        bring(ground / "out", case.new)
    check_done(ground / "out", case.new, case.foreign)
    shutil.rmtree(ground)
    return found.names


def attempt(output: Path, case: Case, k: int, how: str) -> None:
    """Publish with a fault at the k-th call, and check that what is told of it is true."""
    before = read_tree(output)
    with faults(k, how) as found:
        try:
            bring(output, case.new)
        except Crash:
            return
        except MachineError as trouble:
            error = trouble.problems[0]
            assert error.place.startswith(("/", str(output.parent)))
            assert re.search("no space left|input/output", error.message), error
            if publish_folder.STILL_STANDS in error.hint:
                assert read_tree(output) == before, "the old site was said to stand"
                assert list_names(output.parent) in ([], [output.name]), found.names[k - 1]
            else:
                assert publish_folder.HALF_DONE in error.hint
            return
    assert read_tree_without_work(output) == whole(case.new, case.foreign), "said to be published"


def read_tree_without_work(output: Path) -> dict[str, object]:
    return {path: value for path, value in read_tree(output).items() if path.split("/")[0] != WORK_INSIDE}


@pytest.mark.parametrize("case", CASES[:4] + CASES[6:7], ids=lambda case: case.name)
def test_a_crash_while_a_crash_is_mended_is_mended(case: Case, quick_path: Path) -> None:
    template = prepare(case, quick_path / "template")
    for first in range(8, 1000, 17):
        for second in range(1, 1000, 11):
            ground = quick_path / "ground"
            shutil.copytree(template.parent, ground, symlinks=True)
            output = ground / "out"
            with arranged(case):
                crashed = crash(output, case.new, first)
                again = crash(output, case.new, second)
                check_standing(output, case.old or {}, case.new, case.foreign)
                bring(output, case.new)
            check_done(output, case.new, case.foreign)
            shutil.rmtree(ground)
            if not again:
                break
        if not crashed:
            break
    assert not crashed


def crash(output: Path, site: Site, k: int) -> bool:
    with faults(k, "crash"):
        try:
            bring(output, site)
        except Crash:
            return True
    return False


# ---------------------------------------------------------------- random histories

PATHS = ("index.html", "a.html", "b/c.html", "b/d.html", "b/e/f.html", "g", "g/h.html", "ünï cödé.html")
FOREIGN_PATHS = ("CNAME", "b/own.txt", "own/deep/x", "b/e/own", ".git/config")


@st.composite
def sites(draw: st.DrawFn) -> dict[str, bytes]:
    chosen = {"index.html", *draw(st.sets(st.sampled_from(PATHS)))}
    if "g/h.html" in chosen:
        chosen.discard("g")
    links = st.lists(st.sampled_from(sorted(chosen)), max_size=3, unique=True)
    return {path: page(*draw(links), text=draw(st.sampled_from("vw"))) for path in sorted(chosen)}


@dataclass(frozen=True)
class Event:
    site: dict[str, bytes]
    foreign: dict[str, bytes]
    large: bool
    crash_at: int
    vanish: str


events = st.builds(
    Event,
    site=sites(),
    foreign=st.dictionaries(st.sampled_from(FOREIGN_PATHS), st.sampled_from([b"1", b"22"]), max_size=3),
    large=st.booleans(),
    crash_at=st.one_of(st.just(0), st.integers(1, 90)),
    vanish=st.sampled_from(("", *PATHS[1:4])),
)


TORN = Event({"a.html": b"", "index.html": page("a.html")}, {}, large=False, crash_at=0, vanish="")
TORN_LATER = Event({"index.html": b""}, {}, large=False, crash_at=1, vanish="a.html")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(events, min_size=1, max_size=6))
@example([TORN, TORN_LATER, replace(TORN_LATER, vanish="")])  # the link stays dead while nothing can be published
def test_any_history_ends_in_the_wanted_site(history: list[Event]) -> None:
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        output = Path(name, "out")
        possible: list[Site] = [{}]
        foreign: dict[str, object] = {}
        torn = False
        for now in history:
            if output.exists() and len(possible) == 1 and possible[0]:
                change_foreign(output, foreign, now.foreign)
                (output / (now.vanish or "nothing")).unlink(missing_ok=True)
                torn = bool(now.vanish)  # what somebody tore out is missing until a publication is finished
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(publish_folder, "SWAP_ABOVE", 0 if now.large else 10**9)
                if now.crash_at and crash(output, now.site, now.crash_at):
                    event("crashed")
                    check_history(output, [*possible, now.site], foreign, links=not torn)
                    possible.append(now.site)
                    continue
                bring(output, now.site)
            check_done(output, now.site, foreign)
            possible, torn = [now.site], False
        bring(output, possible[-1])
        check_done(output, possible[-1], foreign)


def change_foreign(output: Path, foreign: dict[str, object], wanted: Mapping[str, bytes]) -> None:
    for path in foreign:
        (output / path).unlink()
        for folder in list((output / path).relative_to(output).parents)[:-1]:
            with suppress(OSError):
                (output / folder).rmdir()
    foreign.clear()
    foreign.update(wanted)
    place_foreign(output, wanted)


def check_history(output: Path, possible: list[Site], foreign: Mapping[str, object], *, links: bool) -> None:
    tree = read_tree(output)
    for path, value in foreign.items():
        assert tree.get(path) == value
    for path, value in tree.items():
        if path not in foreign and path.split("/")[0] not in (OWNERSHIP_FILE, WORK_INSIDE) and value is not None:
            assert value in [site.get(path) for site in possible]
    if links:
        assert find_dead_links(output) == []


def test_what_the_user_does_between_a_crash_and_the_next_build_is_respected(quick_path: Path) -> None:
    for k in range(1, 200):
        ground = quick_path / str(k)
        ground.mkdir()
        output = ground / "out"
        bring(output, OLD)
        crashed = crash(output, NEW, k)
        gone, new = output / "b/gone/far.html", output / "c/four.html"
        mine = {}
        if not gone.exists():
            gone.parent.mkdir(parents=True, exist_ok=True)
            gone.write_bytes(b"mine now")
            mine[gone] = b"mine now"
        if not new.exists():
            new.parent.mkdir(parents=True, exist_ok=True)
            new.write_bytes(b"mine as well")
            mine[new] = b"mine as well"
        with suppress(RefusedError):
            bring(output, NEW)
        for path, data in mine.items():
            assert path.read_bytes() == data
        if not crashed:
            break
    assert not crashed
