"""Archives of ours made by the shared runner's corpus, what may happen to them, and timed builds of them.

The runner is a folder with a `make_corpus.py`, which makes article i of N the same on every machine. Where that folder
is, only the command line knows.
"""

from __future__ import annotations

import compileall
import datetime as dt
import importlib.util
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import site_builder
from measuring import Usage, list_files, time_process

SITE = Path(__file__).parent / "site"
CACHE = ".site-builder-cache"
PROGRAM = str(Path(sys.executable).with_name("site-builder"))
"""The command that people start, of the environment that this runs in."""

SLOW = 180.0
"""Seconds of a build that is not repeated any more."""


class Run(NamedTuple):
    """One timed build."""

    usage: Usage
    written: int
    """Files of the site, and the one file that lists them when it changed."""
    closings: int
    """Pages of listings that were not there before."""
    stages: dict[str, float]
    """Seconds of each stage; `rest` is what stands outside of them: start, opening what was kept, end."""


def load_corpus(runner: Path) -> ModuleType:
    """Return the runner's module that makes articles."""
    spec = importlib.util.spec_from_file_location("make_corpus", runner / "make_corpus.py")
    if spec is None or spec.loader is None or not (runner / "make_corpus.py").is_file():
        raise SystemExit(f"{runner}: there is no make_corpus.py (name the folder of the shared runner)")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def open_work(folder: Path | None) -> Iterator[Path]:
    """Give a new folder below `folder` (else where the system has such), with all byte code compiled; take it away."""
    compileall.compile_dir(Path(site_builder.__file__).parent, quiet=1)  # else every start pays for it
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="benchmark-", dir=folder) as name:
        yield Path(name).resolve()


def repeat(build: Callable[[], Run], runs: int) -> list[Run]:
    """Return so many builds, or fewer when one is slow."""
    done: list[Run] = []
    while len(done) < runs and (not done or done[-1].usage.wall < SLOW):
        done.append(build())
    return done


@dataclass
class Archive:
    """A site of ours in `root`, with `count` articles of the corpus; `form` is `markdown` or `text`."""

    root: Path
    corpus: ModuleType
    count: int
    form: str = "markdown"
    added: int = field(init=False, default=0)
    edited: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.copytree(SITE, self.root)
        made: set[str] = set()
        for number in range(self.count):
            self.corpus.write(number, self.count, str(self.content), self.form, made=made)

    @property
    def content(self) -> Path:
        return self.root / "content"

    @property
    def output(self) -> Path:
        return self.root / "output"

    @property
    def state(self) -> Path:
        """The folder of what is kept between builds."""
        return self.root / CACHE

    def switch(self, *, data: bool = False, source: bool = False, search: str = "none", feeds: bool = False) -> None:
        """Set what stands beside each article, what is searched with, and whether all kinds of listings have feeds."""
        text = (SITE / "site.toml").read_text(encoding="utf-8")
        wanted = {
            "data = false": f"data = {str(data).lower()}",
            "source = false": f"source = {str(source).lower()}",
            'engine = "none"': f'engine = "{search}"',
            'feeds = ["archive"]': "" if feeds else 'feeds = ["archive"]',
        }
        for now, then in wanted.items():
            assert f"\n{now}\n" in text, now
            text = text.replace(f"\n{now}\n", f"\n{then}\n")
        (self.root / "site.toml").write_text(text, encoding="utf-8")

    # --- what happens to an archive -----------------------------------------------------------------------------------

    def clear(self) -> None:
        """Take away the output and all that was kept."""
        shutil.rmtree(self.output, ignore_errors=True)
        shutil.rmtree(self.state, ignore_errors=True)

    def add_newest(self) -> dict[str, Any]:
        """Add one article that is newer than all others; return what the corpus says of it."""
        _, article = self.corpus.write(self.count + self.added, self.count, str(self.content), self.form)
        self.added += 1
        return dict(article)

    def add_late(self) -> dict[str, Any]:
        """Add one article that the archive has not seen, dated between two of its middle years."""
        article = self.corpus.article(self.count + self.added, self.count)
        neighbour = self.corpus.article((self.count // 2 + 37 * self.added) % self.count, self.count)
        article["date"] = neighbour["date"] + dt.timedelta(minutes=1)
        self.added += 1
        path = self.content / self.corpus.relpath(article, self.form)
        path.parent.mkdir(parents=True, exist_ok=True)
        make = self.corpus.markdown if self.form == "markdown" else self.corpus.text
        path.write_text(make(article), encoding="utf-8", newline="\n")
        return dict(article)

    def edit_old(self) -> None:
        """Add a paragraph to one article of the first third."""
        self.edited += 1
        article = self.corpus.article(self.count // 3, self.count)
        with (self.content / self.corpus.relpath(article, self.form)).open("a", encoding="utf-8") as file:
            file.write(f"\nKoreksi nomor {self.edited} sudah ditambahkan.\n")

    # --- timed builds -------------------------------------------------------------------------------------------------

    def build_after(self, change: Callable[[], object]) -> Run:
        """Let something happen, then build."""
        change()
        return self.build()

    def build(self) -> Run:
        """Build in a process of its own."""
        before = set(self._list_listings())
        report = self.root / "report.json"
        usage = time_process([PROGRAM, "build", "-q", "--report", str(report)], self.root)
        told = json.loads(report.read_text(encoding="utf-8"))
        stages: dict[str, float] = told["seconds"]
        stages["rest"] = round(max(0.0, usage.wall - stages.pop("total")), 4)
        written = len(told["outputs"]["written"])
        closings = len(set(self._list_listings()) - before) if before else 0
        return Run(usage, written + bool(written), closings, stages)

    def _list_listings(self) -> Iterator[str]:
        paths = (path for path, _ in list_files(self.output))
        return (path for path in paths if path.endswith(".html") and not path.startswith("articles/"))
