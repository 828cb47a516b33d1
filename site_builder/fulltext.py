"""Pagefind: the texts of one bucket become the files of a full-text index, in a folder.

The command is run over a temporary tree of plain pages, one bucket and one language at a time: so its files are the
same for the same texts, whatever the machine and the order on its disk (docs/decisions/0015). What a bucket is for, and
what becomes of its files, is not known here.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from site_builder.errors import MachineError, error
from site_builder.model import Block

ENGINE_PAGE = "engine.html"
"""The one page of the index that all buckets of a language are merged into: its engine must belong to some index."""

_ENGINE_WORD = "sitebuilderfulltextengine"
"""The one word on it, which nobody looks for."""

_OF_A_BUCKET = ("pagefind-entry.json", "pagefind.*.pf_meta", "index/*", "fragment/*")
"""Of all that Pagefind writes, what a page asks for in an index that is merged into another."""

_OF_AN_ENGINE = (*_OF_A_BUCKET, "pagefind.js", "wasm.*.pagefind")
"""And in that other one."""

_NO_STEMS = "wasm.unknown.pagefind"
"""The engine for languages whose words Pagefind does not cut to their stems."""

_SECONDS = 3600
"""No bucket takes that long; a command that hangs is ended."""


class TextPage(NamedTuple):
    """A text to be found."""

    url: str
    """Path of its page below the root of the site."""
    title: str
    date: str
    section: str
    blocks: tuple[Block, ...]
    """Its running text."""


def index_texts(pages: Iterable[TextPage], lang: str, folder: Path) -> None:
    """Write the index of some texts, at least one, into a folder that is not there yet.

    Raises MachineError when Pagefind cannot be run or does not do it.
    """
    with _make_scratch(folder) as name:
        tree = Path(name) / "tree"
        for page in pages:
            _write_page(tree / page.url, page)
        _run(tree, lang, Path(name) / "index")
        _keep(Path(name) / "index", _OF_A_BUCKET, folder)


def make_engine(lang: str, folder: Path) -> None:
    """Write what all indexes of a language share into a folder. Raises MachineError as `index_texts` does."""
    with _make_scratch(folder) as name:
        tree = Path(name) / "tree"
        _write_page(tree / ENGINE_PAGE, TextPage(ENGINE_PAGE, _ENGINE_WORD, "", "", ()))
        _run(tree, lang, Path(name) / "index")
        _keep(Path(name) / "index", _OF_AN_ENGINE, folder)
        own = [path for path in folder.glob("wasm.*") if path.name != _NO_STEMS]
        if own:
            (folder / _NO_STEMS).unlink()


def _make_scratch(folder: Path) -> TemporaryDirectory[str]:
    """Return a folder beside `folder`: whoever clears that away after a build that was killed clears this, too."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    return TemporaryDirectory(prefix="pagefind-", dir=folder.parent, ignore_cleanup_errors=True)


def _write_page(path: Path, page: TextPage) -> None:
    facts = {"date": page.date, "section": page.section}
    lines = [
        '<!doctype html><html><head><meta charset="utf-8"></head><body>',
        f"<h1>{escape(page.title)}</h1>",
        *(f'<meta data-pagefind-meta="{n}[content]" content="{escape(value)}">' for n, value in facts.items() if value),
        *map(_draw, page.blocks),
        "</body></html>",
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("\n".join(lines).encode("utf-8", "replace"))


def _draw(block: Block) -> str:
    text = block.text if block.kind == "html" else escape(block.text)
    return f"<div>{escape(block.dateline)} {text} {escape(block.credit)}</div>"


def _run(tree: Path, lang: str, output: Path) -> None:
    options = ["--site", str(tree), "--output-path", str(output), "--force-language", lang]
    command = [sys.executable, "-m", "pagefind_bin", *options, "--keep-index-url", "--silent"]
    hint = 'until it works, titles and summaries are searched with engine = "titles" under [search] in site.toml'
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603 - our own words
    except (OSError, subprocess.TimeoutExpired) as exc:
        raise MachineError(error("", f"Pagefind cannot be run: {exc}", hint)) from exc
    if done.returncode or not (output / "pagefind-entry.json").is_file():
        told = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()
        # A panic of Rust ends with advice for its programmers; what happened stands before.
        telling = [line for line in told if re.search("error|memory|denied", line, re.I)] or told[-1:]
        why = telling[0] if telling else f"it ended with status {done.returncode}"
        raise MachineError(error("", f"Pagefind made no full-text index: {why}", hint))


def _keep(index: Path, patterns: Iterable[str], folder: Path) -> None:
    for pattern in patterns:
        for path in index.glob(pattern):
            target = folder / path.relative_to(index)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, target)
