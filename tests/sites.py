"""A small site in a folder, for tests: write, build, look."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from site_builder import Report, build, load_config
from site_builder.publish.listing import Listing
from site_builder.publish.ownership import Ownership, write_ownership

SHARED = Path(__file__).parents[2] / "shared"
"""The workplace's cases and seeds; not part of the project, so a clone without them skips what needs them."""

NO_SHARED = "the folder ../shared with seeds, cases and benchmark is not here"


class Site:
    """A site under `root`: sources are written by their ids, settings by the text of site.toml."""

    def __init__(self, root: Path, settings: str = "", **sources: str) -> None:
        self.root = root
        (root / "content").mkdir(parents=True, exist_ok=True)
        (root / "site.toml").write_text(settings, encoding="utf-8")
        for id_, text in sources.items():
            self.write(id_, text)

    @property
    def output(self) -> Path:
        return self.root / "output"

    def write(self, id_: str, text: str | bytes) -> None:
        path = self.root / "content" / id_
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)

    def delete(self, id_: str) -> None:
        (self.root / "content" / id_).unlink()

    def rename(self, old: str, new: str) -> None:
        target = self.root / "content" / new
        target.parent.mkdir(parents=True, exist_ok=True)
        (self.root / "content" / old).rename(target)

    def template(self, name: str, text: str) -> None:
        path = self.root / "templates" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def build(self, executor=None, **settings: object) -> Report:
        return build(load_config(self.root, **settings), executor=executor)

    def read(self, path: str) -> str:
        return (self.output / path).read_text(encoding="utf-8")

    def build_clean(self, where: Path, **settings: object) -> Path:
        """Build the same site from nothing into another folder, with another cache; return that output."""
        shutil.rmtree(where, ignore_errors=True)
        config = load_config(self.root, output=where / "output", **settings)
        build(replace(config, cache=where / "cache", record=False))
        return where / "output"


def list_files(root: Path) -> dict[str, str]:
    """Return every file below `root` with the digest of its bytes."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def list_times(root: Path) -> dict[str, tuple[int, int]]:
    """Return inode and time of change of every file below `root`: what a build that writes nothing leaves alone."""
    files = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {p.relative_to(root).as_posix(): (p.stat().st_ino, p.stat().st_mtime_ns) for p in files}


def make_markdown(
    title: str, date: str = "", tags: str = "", section: str = "", body: str = "Isi.", **more: str
) -> str:
    """Return a Markdown source with front matter."""
    fields = {"title": title, "date": date, "tags": tags, "section": section, **more}
    lines = [f"{key}: {value}" for key, value in fields.items() if value]
    return "\n".join(["---", *lines, "---", "", body, ""])


def write_listing(paths: Iterable[str], state: str = "") -> bytes:
    """Return the bytes of the ownership file of an output that holds these files."""
    return write_ownership(Ownership(Listing.write(paths), state))
