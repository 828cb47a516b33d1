"""A full-text indexer without Pagefind: quick, and like it in all that the rest of the program can see of it."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import pytest

from site_builder import fulltext, inputs
from site_builder.config import Config
from site_builder.fulltext import TextPage


class FakeIndexer:
    """Writes the texts of a bucket into files whose names are made of their contents, and counts what it made."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def index_texts(self, pages: Iterable[TextPage], lang: str, folder: Path) -> None:
        self.made.append(f"{lang}/{folder.name}")
        names = []
        for page in pages:
            data = repr((lang, page)).encode()
            names.append(sha256(data).hexdigest()[:7])
            write(folder / "fragment" / f"{lang}_{names[-1]}.pf_fragment", data)
        write(folder / "pagefind-entry.json", " ".join(sorted(names)).encode())

    def make_engine(self, lang: str, folder: Path) -> None:
        self.made.append(f"{lang}/engine")
        write(folder / "pagefind.js", b"// " + lang.encode())

    def install(self, patch: pytest.MonkeyPatch) -> FakeIndexer:
        """Take the place of Pagefind, which seems to be installed then, in this process."""
        patch.setattr(fulltext, "index_texts", self.index_texts)
        patch.setattr(fulltext, "make_engine", self.make_engine)
        patch.setattr(inputs, "choose_search", choose_fake)
        return self


_REAL = (fulltext.index_texts, fulltext.make_engine, inputs.choose_search)


def use_pagefind(patch: pytest.MonkeyPatch) -> None:
    """Bring Pagefind itself back."""
    patch.setattr(fulltext, "index_texts", _REAL[0])
    patch.setattr(fulltext, "make_engine", _REAL[1])
    patch.setattr(inputs, "choose_search", _REAL[2])


def choose_fake(config: Config) -> str:
    return "pagefind fake" if config.search_engine in ("auto", "pagefind") else _REAL[2](config)


def write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
