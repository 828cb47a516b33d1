"""What is offered to be taken in: files, folders, and a text from a pipe.

Only looked for and opened; what is in them is read when it is asked for, so that a folder may hold more than memory.
What becomes of them is not known here.
"""

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from site_builder.config import Config
from site_builder.errors import ConfigError, MachineError, Problem, error, warning
from site_builder.readers import ARTICLE_SUFFIXES, SIDECAR, reader_for
from site_builder.readers.decode import decode
from site_builder.readers.front_matter import has_front_matter
from site_builder.values import dataclass

PIPE = Path("-")
"""Stands for standard input."""

_PAGE_START = re.compile(r"\s*(?:<!--.*?-->\s*)*<(?:!doctype|html|head|body|article|main|p|div|h1)\b", re.I | re.S)


class Files(NamedTuple):
    """The bytes of a source, and of the file of metadata beside it, or none."""

    data: bytes
    sidecar: bytes = b""


@dataclass(frozen=True, slots=True)
class Offered:
    """A source that is to be taken in.

    `place` is what its owner calls it; `name` its path below the folder that was named, else its own name. `keeps_name`
    says whether it keeps that where it can be read, since other files of the folder may refer to it.
    """

    place: str
    name: str
    limit: int
    """So many bytes are read of each file: one more than a source may have."""
    path: Path | None = None
    data: bytes = b""
    """The text itself, where it is in no file."""
    keeps_name: bool = False

    def load(self) -> Files:
        """Return the bytes as they are now. Raises MachineError when they cannot be read any more."""
        if self.path is None:
            return Files(self.data)
        try:
            beside = self.path.with_suffix(SIDECAR)
            has_sidecar = beside.is_file() and not beside.is_symlink()
            return Files(_read(self.path, self.limit), _read(beside, self.limit) if has_sidecar else b"")
        except OSError as exc:
            raise MachineError(error(self.place, f"cannot be read: {exc.strerror}")) from exc
        except _UnfitError as exc:
            raise MachineError(exc.problem) from exc


def collect(paths: Iterable[Path], config: Config, pipe: Iterable[bytes] = ()) -> tuple[list[Offered], list[Problem]]:
    """Return what files and folders offer, in the order of `paths`, folders by name; and warnings for what is left out.

    `PIPE` stands for the next text of `pipe`. Links within a folder are not followed, and names that begin with `.` or
    `#` or end in `~` are passed over. Raises ConfigError with all that is wrong with the paths.
    """
    offered: list[Offered] = []
    problems: list[Problem] = []
    texts = iter(pipe)
    limit = int(config.megabytes * 1_000_000) + 1
    for path in paths:
        try:
            if path != PIPE and path.resolve().is_relative_to(config.content.resolve()):
                problems.append(error(str(path), "is in the content folder already", "run site-builder build"))
            elif path == PIPE:
                data = next(texts)
                offered.append(Offered("standard input", f"standard-input{guess_suffix(data)}", limit, data=data))
            elif path.is_dir():
                offered += _collect_folder(path, limit, problems)
            else:
                offered.append(_find_file(path, limit))
        except _UnfitError as exc:
            problems.append(exc.problem)
        except OSError as exc:
            is_missing = isinstance(exc, FileNotFoundError)
            message = "there is no such file" if is_missing else f"cannot be read: {exc.strerror}"
            problems.append(error(str(exc.filename or path), message))
    if any(problem.severity == "error" for problem in problems):
        raise ConfigError(*problems)
    return offered, problems


class _UnfitError(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


def _find_file(path: Path, limit: int) -> Offered:
    path.stat()  # whether it is there at all comes first
    if reader_for(path.name) is None:
        hint = "articles end in .txt, .md or .html, dumps in .jsonl, .jsonl.gz or .csv"
        raise _UnfitError(error(str(path), "is no article by its name", hint))
    _read(path, 1)  # whether it can be read
    return Offered(str(path), path.name, limit, path)


def _read(path: Path, limit: int) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:  # noqa: PTH123 - from a descriptor
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _UnfitError(error(str(path), "is no plain file", "give its text with: … | site-builder add -"))
        return file.read(limit)


def _collect_folder(folder: Path, limit: int, problems: list[Problem]) -> list[Offered]:
    offered: list[Offered] = []
    left_out: Counter[str] = Counter()
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name[0] not in ".#" and name[-1] != "~")
        for name in sorted(names):
            path = Path(root) / name
            if name[0] in ".#" or name[-1] == "~" or name.endswith(SIDECAR):
                continue
            if not name.lower().endswith(ARTICLE_SUFFIXES) or path.is_symlink() or not path.is_file():
                left_out["a link" if path.is_symlink() else path.suffix.lower() or "no suffix"] += 1
                continue
            _read(path, 1)
            offered.append(Offered(str(path), path.relative_to(folder).as_posix(), limit, path, keeps_name=True))
    if left_out:
        kinds = ", ".join(f"{number:,} {kind}" for kind, number in sorted(left_out.items()))
        hint = "pictures that articles show have to be copied beside them; dumps have to be named one by one"
        problems.append(warning(str(folder), f"files that are no articles were left out ({kinds})", hint))
    if not offered:
        raise _UnfitError(error(str(folder), "holds no articles", "articles end in .txt, .md or .html"))
    return offered


def guess_suffix(data: bytes) -> str:
    """Return how the name of a text without one should end: a page of HTML, Markdown by its front matter, raw text."""
    text = decode(data).text
    if _PAGE_START.match(text):
        return ".html"
    return ".md" if has_front_matter(text) else ".txt"
