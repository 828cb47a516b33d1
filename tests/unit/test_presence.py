"""Which of our files are there: found by the times of folders, and the same as by looking at all."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from site_builder.publish import OWNERSHIP_FILE, open_output, presence, stage
from site_builder.publish import folder as publish_folder
from tests.sites import Site, list_files, make_markdown
from tests.unit.test_publish import SITE, put


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "ground" / "out"


@pytest.fixture
def _a_second_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every look at a folder be one after its last change has settled."""
    monkeypatch.setattr(presence, "_read_clock", lambda: time.time_ns() + 10**10)


def wait_for_the_clock(output: Path) -> None:
    """Wait until a change gets another time than all that there are: kernels count by some milliseconds."""
    last = max(path.lstat().st_ctime_ns for path in [output, *output.rglob("*")])
    probe = output.parent.parent / "probe"
    probe.write_bytes(b"")
    while probe.stat().st_ctime_ns <= last:
        probe.write_bytes(b"again")


def _swap_for_link(folder: Path) -> None:
    folder.rename(folder.parent.parent / "away")
    folder.symlink_to(folder.parent.parent / "away")


CHANGES: dict[str, Callable[[Path], object]] = {
    "nothing": bool,
    "written in its place": lambda output: (output / "a/one.html").write_bytes(b"other"),
    "a page less": lambda output: (output / "a/one.html").unlink(),
    "renamed": lambda output: (output / "a/one.html").rename(output / "a/1.html"),
    "moved to another folder": lambda output: (output / "a/one.html").rename(output / "one.html"),
    "a link": lambda output: (
        (output / "a/one.html").rename(output / "a/1.html"),
        (output / "a/one.html").symlink_to("1.html"),
    ),
    "a folder in its place": lambda output: ((output / "a/one.html").unlink(), (output / "a/one.html").mkdir()),
    "a folder less": lambda output: shutil.rmtree(output / "a"),
    "a file in place of a folder": lambda output: (shutil.rmtree(output / "a"), (output / "a").write_bytes(b"")),
    "a link to the folder": lambda output: _swap_for_link(output / "a"),
    "one of somebody else": lambda output: (output / "a/theirs.html").write_bytes(b""),
    "the home page less": lambda output: (output / "index.html").unlink(),
}


@pytest.mark.usefixtures("_a_second_later")
@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("change", CHANGES)
def test_what_is_missing_is_found_by_the_times_of_folders(output: Path, change: str, deep: bool) -> None:
    site = {**SITE, "a/b/c/three.html": b"deep"} if deep else SITE
    put(output, site)
    with open_output(output) as folder:
        assert folder.find_missing() == set()
        looks = folder.look_again()
    assert looks.keys() == {OWNERSHIP_FILE, *({"", "a", "a/b", "a/b/c"} if deep else {"", "a"})}
    assert not [look for look in looks.values() if look.endswith("-")]
    wait_for_the_clock(output)
    CHANGES[change](output)
    with open_output(output) as folder:
        by_times = folder.find_missing(looks)
        assert by_times == presence.find_missing(output, folder.owned)
    assert bool(by_times) == (change not in ("nothing", "written in its place", "one of somebody else"))


def test_a_folder_that_changed_just_now_is_looked_into_next_time(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "_read_clock", lambda: 0)  # however long this machine takes for the next lines
    put(output, SITE)
    (output / "a/1.html").write_bytes(b"")
    looks = presence.look_at(output, ["", "a", "none"])
    assert looks["a"].endswith(" -")
    assert looks["none"] == ""
    assert "a" not in presence.find_unchanged(looks, looks)


@pytest.mark.usefixtures("_a_second_later")
def test_a_folder_is_known_by_what_was_seen_before_unless_something_was_published_in_it(output: Path) -> None:
    put(output, {**SITE, "b/two.html": b"two"})
    with open_output(output) as folder:
        folder.find_missing()
        before = folder.look_again()
        wait_for_the_clock(output)
        (output / "b/two.html").unlink()  # by somebody, while we build
        stage(folder.staging, "a/new.html", b"new")
        folder.publish(["a/new.html"], [], [*folder.owned, "a/new.html"])
        after = folder.look_again()
    assert (before["b"] == after["b"], before["a"] == after["a"]) == (True, False)
    with open_output(output) as folder:
        assert folder.find_missing(after) == {"b/two.html"}


def test_an_output_that_nobody_touched_is_not_looked_into(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "_read_clock", lambda: time.time_ns() + 10**10)
    site.write("a.md", make_markdown("A", "2021-01-02", tags="x"))
    site.build()
    site.write("b.md", make_markdown("B", "2021-01-03", tags="x"))
    site.build()
    look, looked = publish_folder.find_missing, []
    monkeypatch.setattr(publish_folder, "find_missing", lambda *given: looked.append(given[0]) or look(*given))
    assert site.build().written == ()
    assert looked == []
    site.write("c.md", make_markdown("C", "2021-01-04", tags="x"))
    assert site.build().written
    assert site.output not in looked
    wait_for_the_clock(site.output)
    (site.output / "articles" / "a.html").unlink()
    shutil.rmtree(site.output / "topics")
    assert "articles/a.html" in site.build().written
    assert looked[-2] == site.output
    assert list_files(site.output) == list_files(site.build_clean(site.root / "clean"))
    assert not site.build().written
