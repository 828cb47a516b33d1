from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from site_builder import watch as watching
from site_builder.watch import Places, is_temporary, watch

WAYS = ["noticed", "looked for"]


class Watched:
    """Bursts of changes of one place, as a caller sees them."""

    def __init__(self, places: Callable[[], Places], **settings: bool) -> None:
        self.stop = threading.Event()
        self.told: list[str] = []
        self._bursts = watch(places, self.stop, self.told.append, **settings)
        self.first = next(self._bursts)

    def wait_burst(self, seconds: float = 5.0) -> set[str]:
        """Return the names of the next burst; nothing when there is none for so long."""
        end = time.monotonic() + seconds
        for burst in self._bursts:
            if burst:
                return {Path(path).name for path in burst}
            if time.monotonic() > end:
                break
        return set()

    def is_quiet(self) -> bool:
        return not self.wait_burst(0.2)

    def ends(self) -> bool:
        self.stop.set()
        return list(self._bursts) == []


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "noticed":
        pytest.importorskip("watchfiles")
    else:
        monkeypatch.setitem(sys.modules, "watchfiles", None)
        monkeypatch.setattr(watching, "LOOK_EVERY", 0.1)
    return str(request.param)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "site" / "content" / "2024").mkdir(parents=True)
    (tmp_path / "site" / "content" / "a.md").write_text("a")
    (tmp_path / "site" / "content" / "2024" / "b.md").write_text("b")
    return tmp_path / "site"


@pytest.fixture
def watched(way: str, site: Path) -> Iterator[Watched]:
    def find_places() -> Places:
        folders = (site / "content", site / "templates")
        shut = (site / "content" / "output", site / "content" / "cache")
        return Places(folders, (site / "site.toml", site / "addresses.csv"), shut)

    watched = Watched(find_places)
    yield watched
    assert watched.ends()


def test_says_once_how_changes_are_found(watched: Watched, way: str) -> None:
    assert watched.first == frozenset()
    assert len(watched.told) == 1
    assert ("pip install" in watched.told[0]) == (way == "looked for")


def test_a_save_is_a_burst_and_then_all_is_quiet(watched: Watched, site: Path) -> None:
    (site / "content" / "a.md").write_text("changed")
    assert watched.wait_burst() == {"a.md"}
    assert watched.is_quiet()


def test_a_save_of_equal_size_with_an_old_time_counts(watched: Watched, site: Path) -> None:
    new = site / "new.md"
    new.write_text("A")
    os.utime(new, (1_000_000_000, 1_000_000_000))
    new.replace(site / "content" / "a.md")
    assert "a.md" in watched.wait_burst()


def test_many_changes_are_one_burst(watched: Watched, site: Path) -> None:
    (site / "content" / "new" / "deep").mkdir(parents=True)
    for number in range(20):
        (site / "content" / "new" / "deep" / f"{number}.md").write_text("x")
    assert watched.wait_burst()
    assert watched.is_quiet()


def test_deleting_renaming_and_moving_folders_in_count(watched: Watched, site: Path) -> None:
    (site / "content" / "2024" / "b.md").unlink()
    assert "b.md" in watched.wait_burst()
    (site / "content" / "a.md").rename(site / "content" / "c.md")
    assert watched.wait_burst() >= {"a.md", "c.md"}
    (site / "old").mkdir()
    (site / "old" / "d.md").write_text("d")
    os.utime(site / "old" / "d.md", (1_000_000_000, 1_000_000_000))
    (site / "old").rename(site / "content" / "moved")
    assert watched.wait_burst()
    (site / "content" / "moved" / "d.md").write_text("changed where it was moved to")
    assert "d.md" in watched.wait_burst()


@pytest.mark.parametrize(
    "name", [".a.md.swp", "a.md~", "#a.md#", ".#a.md", "4913", ".git/index", "~$a.docx", "sedX1y2Z3", "a.md.tmp"]
)
def test_editors_temporary_files_do_not_count(watched: Watched, site: Path, name: str) -> None:
    path = site / "content" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("x")
    path.unlink()
    assert watched.is_quiet()


def test_output_and_cache_do_not_count(watched: Watched, site: Path) -> None:
    for folder in ("output", "cache"):
        (site / "content" / folder).mkdir()
        (site / "content" / folder / "index.html").write_text("x")
    assert watched.is_quiet()


def test_single_files_that_appear_change_and_go(watched: Watched, site: Path) -> None:
    file = site / "site.toml"
    file.write_text("title = 'a'")
    assert watched.wait_burst() == {"site.toml"}
    (site / "draft").write_text("title = 'b'")
    (site / "draft").replace(file)
    assert watched.wait_burst() == {"site.toml"}
    file.unlink()
    assert watched.wait_burst() == {"site.toml"}
    (site / "other.toml").write_text("not watched")
    assert watched.is_quiet()


def test_a_folder_that_appears_later_is_watched(watched: Watched, site: Path) -> None:
    (site / "templates").mkdir()
    assert watched.wait_burst()
    (site / "templates" / "base.html").write_text("x")
    assert "base.html" in watched.wait_burst()


def test_a_folder_that_is_replaced_is_watched_on(watched: Watched, site: Path) -> None:
    shutil.rmtree(site / "content")
    assert watched.wait_burst()
    (site / "content").mkdir()
    (site / "content" / "a.md").write_text("again")
    assert watched.wait_burst()
    (site / "content" / "a.md").write_text("and again")
    assert watched.wait_burst() == {"a.md"}
    (site / "content").rename(site / "elsewhere")
    (site / "other").mkdir()
    (site / "other").rename(site / "content")
    assert watched.wait_burst()
    (site / "content" / "z.md").write_text("z")
    assert watched.wait_burst() == {"z.md"}


def test_changes_while_the_caller_is_busy_are_not_lost(watched: Watched, site: Path) -> None:
    (site / "content" / "a.md").write_text("one")
    assert watched.wait_burst() == {"a.md"}
    (site / "content" / "2024" / "b.md").write_text("during the build")
    time.sleep(0.2)
    assert watched.wait_burst() == {"b.md"}


def test_changes_that_go_on_are_handed_over_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "LONGEST_BURST", 0.02)

    def go_on() -> Iterator[set[str]]:
        for number in range(1000):
            time.sleep(0.001)
            yield {str(number)}

    first = next(watching._gather(go_on(), lambda: Places(())))
    assert 1 < len(first) < 500


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (
            OSError("OS file watch limit reached. about [x]"),
            "this system watches no more folders: changes are looked for",
        ),
        (RuntimeError("Too many open files (os error 24)"), "sysctl fs.inotify.max_user_watches"),
        (OSError("Not implemented"), "changes cannot be noticed at once (Not implemented): they are looked for"),
    ],
)
def test_the_system_refusing_to_give_notice_is_told_and_all_goes_on(
    site: Path, monkeypatch: pytest.MonkeyPatch, trouble: Exception, told: str
) -> None:
    watchfiles = pytest.importorskip("watchfiles")

    def refuse(*roots: str, **settings: object) -> Iterator[set[tuple[object, str]]]:
        raise trouble

    monkeypatch.setattr(watchfiles, "watch", refuse)
    monkeypatch.setattr(watching, "LOOK_EVERY", 0.1)
    watched = Watched(lambda: Places((site / "content",)))
    assert told in watched.told[1]
    assert "\n" not in watched.told[1]
    (site / "content" / "a.md").write_text("changed")
    assert "a.md" in watched.wait_burst()
    assert watched.ends()


def test_a_folder_that_may_not_be_read_keeps_no_other_from_being_watched(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watchfiles = pytest.importorskip("watchfiles")
    true_watch = watchfiles.watch

    def refuse(*roots: str, ignore_permission_denied: bool, **settings: object) -> object:
        if not ignore_permission_denied:
            raise PermissionError("Permission denied")
        return true_watch(*roots, ignore_permission_denied=True, **settings)

    monkeypatch.setattr(watchfiles, "watch", refuse)
    watched = Watched(lambda: Places((site / "content",)))
    assert watched.told == ["changes are noticed at once (by watchfiles)"]
    (site / "content" / "a.md").write_text("changed")
    assert watched.wait_burst() == {"a.md"}
    assert watched.ends()


def test_looking_can_be_asked_for(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "LOOK_EVERY", 0.1)
    watched = Watched(lambda: Places((site / "content",)), poll=True)
    assert watched.told == ["changes are looked for every half second"]
    (site / "content" / "a.md").write_text("changed")
    assert watched.wait_burst() == {"a.md"}
    assert watched.ends()


def test_a_lock_holds_a_burst_together(way: str, site: Path) -> None:
    lock = site / "index.lock"
    watched = Watched(lambda: Places((site / "content",), locks=(lock,)))
    lock.touch()
    (site / "content" / "a.md").write_text("first")
    assert watched.is_quiet()
    (site / "content" / "2024" / "b.md").write_text("second")
    assert watched.is_quiet()
    lock.unlink()
    assert watched.wait_burst() == {"a.md", "b.md"}
    assert watched.ends()


def test_a_lock_of_somebody_who_died_holds_nothing_up(way: str, site: Path) -> None:
    lock = site / "index.lock"
    lock.touch()
    os.utime(lock, (1_000_000_000, 1_000_000_000))
    watched = Watched(lambda: Places((site / "content",), locks=(lock,)))
    (site / "content" / "a.md").write_text("changed")
    assert watched.wait_burst() == {"a.md"}
    assert watched.ends()


def test_a_file_that_is_emptied_and_then_written_is_one_burst(watched: Watched, site: Path) -> None:
    with (site / "content" / "a.md").open("w") as file:
        time.sleep(0.03)
        file.write("all of it")
    assert watched.wait_burst() == {"a.md"}
    assert watched.is_quiet()


def test_a_linked_root_is_watched(way: str, site: Path) -> None:
    (site / "link").symlink_to(site / "content")
    watched = Watched(lambda: Places((site / "link",)))
    (site / "content" / "a.md").write_text("changed")
    assert watched.wait_burst() == {"a.md"}
    assert watched.ends()


def test_temporary_names() -> None:
    assert not is_temporary("2024-03-01 title #3.md")
    assert not is_temporary("~a.md")
    assert not is_temporary("sediment.md")
    assert not is_temporary("4913.md")
    assert is_temporary("a.md___jb_tmp___")
