"""The jobs of reading: a batch of sources, or of texts that are no sources yet.

Nothing that a text holds ends the process: what needs too much memory or time is a problem of that text alone.
"""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple, TypeVar

from site_builder.catalogue import make_entry
from site_builder.digest import digest_bytes
from site_builder.errors import Problem, error
from site_builder.model import Entry
from site_builder.readers import SIDECAR, Reading, ReadOptions, Sidecar, reader_for
from site_builder.sources import read_source
from site_builder.store import dump_article
from site_builder.values import dataclass

_MOMENT = 0.01
"""Seconds between two looks at a source that is being written."""
_EMPTY = ("", sha256(b"").hexdigest())
"""What is known of a source that had no text to lose: nothing, or the checksum of no bytes."""

LIMITED_AT_ONCE = 8
"""So many sources share one limit of memory, for to set it takes a hundredth of the time of an article. What is read of
them is kept until all of a batch are read, and counts: with more of them, large articles would meet the limit."""

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class ReadJob:
    """Sources to read: each id with the checksum that is known of it and the id of its sidecar, or empty strings."""

    content: Path
    options: ReadOptions
    seconds: float
    items: tuple[tuple[str, str, str], ...]
    memory: int
    """What reading one source may take of the memory, in units of 10**6 bytes."""
    patience: float = 0.0
    """Seconds to wait for the text of a source that had one and is empty: many editors empty a file and then write."""

    def __len__(self) -> int:
        return len(self.items)

    def cut(self, start: int, stop: int) -> ReadJob:
        """Return the job of some of the items."""
        return replace(self, items=self.items[start:stop])

    def give_up(self, number: int, death: str) -> ReadResult:
        """Return what is told of a source that killed its reader, or whose reader was killed (see `pool.Job`)."""
        id_ = self.items[number][0]
        return ReadResult(id_, "", problems=(_tell_loss(id_, death, self.seconds),))


class ReadResult(NamedTuple):
    """What came of one source. `same` says that its bytes are those that are known, and then there is no more.

    `sha256` is the checksum of the source, or of it and its sidecar.
    """

    id: str
    sha256: str
    same: bool = False
    entry: Entry | None = None
    article: str = ""
    problems: tuple[Problem, ...] = ()


def read_batch(job: ReadJob) -> Iterator[ReadResult]:
    """Read the sources of a job."""

    def tell(item: tuple[str, str, str]) -> ReadResult:
        return ReadResult(item[0], "", problems=(_tell_hungry(item[0], job.memory),))

    return _read_each(job.items, job.memory, lambda item: _read(job, *item), tell)


def _read_each(
    items: Iterable[_Item], memory: int, read: Callable[[_Item], _Result], tell: Callable[[_Item], _Result]
) -> Iterator[_Result]:
    """Yield what `read` gives for each item, or what `tell` does for one that takes too much memory."""
    left = deque(items)
    while left:
        # Where memory ends, the interpreter itself sometimes loses the error: "error return without exception set".
        with suppress(MemoryError, SystemError), _limit_memory(memory):
            for _ in range(min(LIMITED_AT_ONCE, len(left))):
                result = read(left[0])
                left.popleft()
                yield result
            continue
        # Only here is the limit lifted, and what was read so far given back: telling of it takes memory, too.
        if left:  # else it ended when all was read, and nothing is lost
            yield tell(left.popleft())


def _read(job: ReadJob, id_: str, known: str, beside: str) -> ReadResult:
    started = time.process_time()
    limit = int(job.options.megabytes * 1e6)
    try:
        data = read_source(job.content, id_, limit)
        deadline = time.monotonic() + job.patience
        while not data and known not in _EMPTY and time.monotonic() < deadline:
            time.sleep(_MOMENT)
            data = read_source(job.content, id_, limit)
        sidecar = Sidecar(beside, read_source(job.content, beside, limit)) if beside else None
    except OSError as exc:
        return ReadResult(id_, "", problems=(error(id_, f"cannot be read: {exc.strerror}", "check its permissions"),))
    checksum = sha256(data).hexdigest()
    if sidecar:
        checksum = sha256(checksum.encode("ascii") + sidecar.data).hexdigest()
    if checksum == known:
        return ReadResult(id_, checksum, same=True)
    reader = reader_for(id_, sidecar)
    assert reader is not None, id_
    article, problems, source = reader(id_, data, job.options)
    if time.process_time() - started > job.seconds:
        problems = (*problems, _tell_slow(id_, job.seconds))
    if article is None or any(problem.severity == "error" for problem in problems):
        return ReadResult(id_, checksum, problems=problems)
    text = dump_article(article)
    entry = make_entry(article, digest_bytes(text.encode("ascii")), source)
    return ReadResult(id_, checksum, False, entry, text, problems)


def _tell_slow(id_: str, seconds: float) -> Problem:
    hint = "simplify it, or raise seconds under [limits] in site.toml"
    return error(id_, f"took longer than {seconds:g} s to read", hint)


def _tell_hungry(id_: str, megabytes: int) -> Problem:
    message = f"needs more memory to read than there is, or more than {megabytes:,} MB"
    return error(id_, message, "simplify it, raise memory under [limits] in site.toml, or build with fewer --jobs")


def _tell_loss(id_: str, death: str, seconds: float) -> Problem:
    """Return what is told of a source whose reader died so, or, without a death, was killed for taking too long."""
    hint = "simplify it, or keep it out of the content folder"
    return error(id_, f"the process that read it died ({death})", hint) if death else _tell_slow(id_, seconds)


@dataclass(frozen=True, slots=True)
class TextJob:
    """Texts to read as if they were sources: for each its id, its bytes, and those of its sidecar or none."""

    options: ReadOptions
    seconds: float
    items: tuple[tuple[str, bytes, bytes], ...]
    memory: int
    """As in `ReadJob`."""

    def __len__(self) -> int:
        return len(self.items)

    def cut(self, start: int, stop: int) -> TextJob:
        """Return the job of some of the texts."""
        return replace(self, items=self.items[start:stop])

    def give_up(self, number: int, death: str) -> Reading:
        """Return what is told of a text that killed its reader, or whose reader was killed (see `pool.Job`)."""
        return Reading(None, (_tell_loss(self.items[number][0], death, self.seconds),))


def read_texts(job: TextJob) -> Iterator[Reading]:
    """Read the texts of a job."""

    def tell(item: tuple[str, bytes, bytes]) -> Reading:
        return Reading(None, (_tell_hungry(item[0], job.memory),))

    return _read_each(job.items, job.memory, lambda item: _read_text(job, *item), tell)


def _read_text(job: TextJob, id_: str, data: bytes, sidecar: bytes) -> Reading:
    beside = Sidecar(id_.rpartition(".")[0] + SIDECAR, sidecar) if sidecar else None
    reader = reader_for(id_, beside)
    assert reader is not None, id_
    return reader(id_, data, job.options)


@contextmanager
def _limit_memory(megabytes: int) -> Iterator[None]:
    """Let this process have so much more memory than it has, where it is a worker and the system can tell.

    What is more raises MemoryError. In the process of a build or a server, others would meet the limit.
    """
    # A worker has this module; a small build without workers is spared the import, which takes longer than an article.
    process = sys.modules.get("multiprocessing.process")
    statm = _open_statm(os.getpid()) if process and process.parent_process() else -1
    if statm < 0:
        yield
        return
    import resource

    before = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(os.pread(statm, 100, 0).split()[0])
    wanted = pages * resource.getpagesize() + megabytes * 1_000_000
    allowed = [limit for limit in before if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min([wanted, *allowed]), before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


@cache
def _open_statm(process: int) -> int:
    """Return from where a process learns how large it is, or -1; it stays open, as every article asks."""
    try:
        return os.open(f"/proc/{process}/statm", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return -1
