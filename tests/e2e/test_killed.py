"""A small change, killed at its system calls: the next build leaves exactly the new site, and no link was ever dead.

The suite takes a sample of the calls, of an archive of 60 articles. `KILLS=1/1 ARTICLES=1000 pytest
tests/e2e/test_killed.py` takes every one of them, `KILLS=2/3` the second of three shares.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

import pytest

from site_builder.publish import OWNERSHIP_FILE, read_listing
from tests.crawling import Links, find_file
from tests.killing import Call, kill_at, list_calls, require_strace
from tests.properties.test_publishing import MEMORY
from tests.sites import Site, list_files, make_markdown

pytestmark = pytest.mark.slow

ARTICLES = int(os.environ.get("ARTICLES", "60"))
SHARE = os.environ.get("KILLS", "")
SPREAD = 5
"""So many calls of the sample stand at equal distances, the first and the last among them."""

BASE = "https://example.org/"
SETTINGS = f'base_url = "{BASE}"\n[addresses]\nledger = "addresses.csv"\n[search]\nengine = "titles"\n'
BUILD = [sys.executable, "-m", "site_builder", "build", "-q", "--jobs", "1"]
KEPT = ("output", ".site-builder-cache", "addresses.csv")
"""What a build changes."""


@dataclass
class Ground:
    """An archive whose sources have just changed a little, and the site of before, which `restore` brings back."""

    site: Site
    old: Path
    log: Path
    before: dict[str, str]
    after: dict[str, str]
    ledger: bytes
    _digests: dict[tuple[int, int, int], str] = field(default_factory=dict)
    _targets: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def restore(self) -> None:
        """Bring back what the build of the old site left; its published files are second names of the same files."""
        for path in self.site.root.iterdir():
            if path.name not in ("content", "site.toml"):
                remove(path)
        copy(self.old, self.site.root, "output", "--link")
        copy(self.old, self.site.root, ".site-builder-cache", "addresses.csv")

    def check_standing(self) -> None:
        """Check that each file is of the old or of the new site, known as ours, and every link leads to one."""
        files = self._list_files()
        ours = read_listing(self.site.output, "output")
        files.pop(OWNERSHIP_FILE)
        assert ours is not None
        assert files.keys() <= ours, "somebody else's for ever"
        torn = [path for path, digest in files.items() if digest not in (self.before.get(path), self.after.get(path))]
        assert not torn
        assert not self._find_dead_links(files)

    def _list_files(self) -> dict[str, str]:
        """Do what `list_files` does for the output, reading each file once: most are the same in each round."""
        found = {}
        for folder, _, names in os.walk(self.site.output):
            for name in names:
                path = os.path.join(folder, name)  # noqa: PTH118 - there are millions
                facts = os.lstat(path)
                key = facts.st_ino, facts.st_mtime_ns, facts.st_size
                if key not in self._digests:
                    self._digests[key] = hashlib.sha256(Path(path).read_bytes()).hexdigest()
                found[os.path.relpath(path, self.site.output)] = self._digests[key]
        return found

    def _find_dead_links(self, files: dict[str, str]) -> list[str]:
        dead, waiting, seen = [], ["index.html"], {"index.html"}
        while waiting:
            page = waiting.pop()
            for target in self._list_targets(page, files[page]) - seen:
                seen.add(target)
                found = find_file(self.site.output, target)
                if found is None:
                    dead.append(f"{target} in {page}")
                elif target.endswith(".html"):
                    waiting.append(target)
        assert len(seen) > ARTICLES
        return dead

    def _list_targets(self, page: str, digest: str) -> set[str]:
        known = self._targets.get((page, digest))
        if known is None:
            addresses = Links((self.site.output / page).read_text(encoding="utf-8")).addresses
            targets = {urldefrag(urljoin(BASE + page, address)).url for address in addresses}
            known = {unquote(target.removeprefix(BASE)) for target in targets if target.startswith(BASE)}
            self._targets[page, digest] = known
        return known

    def check_done(self) -> None:
        """Check that there is exactly the new site, and nothing left of what was under way."""
        assert self._list_files() == self.after
        assert (self.site.root / "addresses.csv").read_bytes() == self.ledger
        assert {path.name for path in self.site.root.iterdir()} == {"content", "site.toml", *KEPT}
        assert [path.suffix for path in (self.site.root / ".site-builder-cache").iterdir()] == [".sqlite"]
        modes = {stat.S_IMODE((self.site.output / path).stat().st_mode) for path in self.after}
        assert modes == {0o644}


def copy(source: Path, target: Path, *names: str) -> None:
    """Copy files and folders with all times, fast; the last of `names` may be an option of cp."""
    subprocess.run(["cp", "-a", *names, str(target)], cwd=source, check=True)


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def build(site: Site) -> None:
    done = subprocess.run(BUILD, cwd=site.root, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")


def write_archive(site: Site) -> None:
    for number in range(ARTICLES):
        year = 2010 + number % 12
        text = make_markdown(
            f"Kabar sungai nomor {number}",
            f"{year}-{number % 11 + 1:02}-{number % 27 + 1:02}",
            f"[garam-{number % 7}, air-{number % 5}]",
            f"Rubrik {number % 3}",
            body=f"Air di dermaga {number} naik sejak pagi, kata penjaga pintu air.\n\n" * 4,
        )
        site.write(f"{year}/{number:04}.md", text)


def change_archive(site: Site) -> None:
    """Add an article with a topic of its own, edit another, withdraw a third."""
    text = make_markdown("Kabar paling baru", "2021-12-28", "[garam-1, air-2, lampu]", "Rubrik 1", body="Lampu padam.")
    site.write("2021/baru.md", text)
    edited = site.root / "content/2011/0001.md"
    edited.write_text(f"{edited.read_text(encoding='utf-8')}\nKeterangan: angkanya diperbaiki.\n", encoding="utf-8")
    site.delete("2014/0028.md")


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    require_strace()
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        top = Path(name)
        site = Site(top / "site", SETTINGS)
        write_archive(site)
        build(site)
        before = list_files(site.output)
        (top / "old").mkdir()
        for kept in KEPT:
            (site.root / kept).rename(top / "old" / kept)
        change_archive(site)
        # The new site as it comes from nothing but the sources and the addresses that were given before.
        shutil.copy2(top / "old/addresses.csv", site.root)
        build(site)
        after, ledger = list_files(site.output), (site.root / "addresses.csv").read_bytes()
        yield Ground(site, top / "old", top / "log", before, after, ledger)


def sample(calls: list[Call]) -> list[Call]:
    """Return some calls at equal distances, and one of each kind that gives, changes or takes a name."""
    chosen = {round(step * (len(calls) - 1) / (SPREAD - 1)) for step in range(SPREAD)}
    kinds: dict[tuple[str, str], list[int]] = {}
    for index, call in enumerate(calls):
        if call.name.startswith(("rename", "unlink")):
            kinds.setdefault((call.name, name_kind(call.paths[0])), []).append(index)
    chosen.update(indexes[len(indexes) // 2] for indexes in kinds.values())
    return [calls[index] for index in sorted(chosen)]


def name_kind(path: str) -> str:
    """Return a path as it is for all files of the site that are staged, or were put in their place."""
    above, staged, _ = path.partition("/new/")
    return above if staged else path if "/" in path else "published"


def test_a_small_change_killed_at_any_of_its_calls_is_finished_by_the_next_build(ground: Ground) -> None:
    ground.restore()
    calls = list_calls(BUILD, ground.site.root, ground.log)
    ground.check_done()
    assert {"renameat", "rename", "unlink", "fsync", "pwrite64"} <= {call.name for call in calls}
    number, _, shares = SHARE.partition("/")
    chosen = calls[int(number) - 1 :: int(shares)] if SHARE else sample(calls)
    for call in chosen:
        ground.restore()
        kill_at(BUILD, ground.site.root, ground.log, call)
        try:
            ground.check_standing()
            build(ground.site)
            ground.check_done()
        except AssertionError as exc:
            exc.add_note(f"killed at {call}")
            raise
    assert list_files(ground.old / "output") == ground.before, "a published file was written to in its place"
    print(f"{len(chosen)} of {len(calls)} calls, {len(ground.before)} files, {ARTICLES} articles")
