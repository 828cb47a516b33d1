"""Work in batches: in this process, in processes of our own, or on any `concurrent.futures.Executor`.

Four kinds of job, all picklable values: read a batch of sources, read texts that are no sources yet, measure a batch of
the files beside sources, render a batch of outputs. Results come back in the order of the jobs, whatever the number of
workers and however the batches are cut, so the site does not depend on it.
"""

from __future__ import annotations

import math
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from site_builder.catalogue import make_entry
from site_builder.digest import digest_bytes
from site_builder.errors import MachineError, Problem, error
from site_builder.feeds import FeedView
from site_builder.measuring import measure_file
from site_builder.model import Entry, FileFacts, Output, Rendered, Signature
from site_builder.publish import stage
from site_builder.readers import SIDECAR, Reading, ReadOptions, Sidecar, reader_for
from site_builder.render import Recipe, render
from site_builder.sitemap import SitemapView
from site_builder.social import SocialView
from site_builder.sources import read_source
from site_builder.store import dump_article
from site_builder.values import dataclass
from site_builder.views import CopyView, View

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

WORTH_A_POOL = 300
"""Fewer jobs than this are done before a pool of processes would have started."""

HARMLESS_BYTES = 4_000
"""No source of this size takes longer than some seconds to read, whatever it holds; a larger one may take hours."""

AHEAD = 32
"""So many jobs may an executor of unknown size have at once: enough for a small cluster, and not too much to keep."""

PRELOADED = (__name__, "site_builder.readers.markdown")
"""What workers of any kind need."""

SMALLEST_BATCH = 32
LARGEST_BATCH = 256
"""Between so many items of mean cost are in one batch, and never more than so many of any cost."""

Item = TypeVar("Item")
Job = TypeVar("Job", "ReadJob", "TextJob", "MeasureJob", "RenderJob")
Result = TypeVar("Result")


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


def read_texts(job: TextJob) -> list[Reading]:
    """Read the texts of a job."""
    return [_read_text(job, *item) for item in job.items]


def _read_text(job: TextJob, id_: str, data: bytes, sidecar: bytes) -> Reading:
    beside = Sidecar(id_.rpartition(".")[0] + SIDECAR, sidecar) if sidecar else None
    reader = reader_for(id_, beside)
    assert reader is not None, id_
    with suppress(MemoryError), _limit_memory(job.memory):
        return reader(id_, data, job.options)
    return Reading(None, (_tell_hungry(id_, job.memory),))


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


@dataclass(frozen=True, slots=True)
class MeasureJob:
    """Files beside articles, by their paths below the content folder, each with what was known of it."""

    content: Path
    scale: bool
    """Whether Pillow looks into pictures, and finds what copies it can make."""
    items: tuple[tuple[str, FileFacts | None], ...]

    seconds = 60.0

    def __len__(self) -> int:
        return len(self.items)

    def cut(self, start: int, stop: int) -> MeasureJob:
        """Return the job of some of the files."""
        return replace(self, items=self.items[start:stop])

    def give_up(self, number: int, death: str) -> FileFacts:
        """Return what is known of a file that killed the process that looked at it (see `pool.Job`)."""
        problem = f"ended the process that looked at it ({death})" if death else "takes too long to look at"
        hint = f"put another file in the place of {self.items[number][0]}"
        return FileFacts("", Signature(0, 0, 0, 0), "", problem=problem, hint=hint)


def measure_batch(job: MeasureJob) -> list[FileFacts]:
    """Measure the files of a job."""
    return [measure_file(job.content, path, known, scale=job.scale) for path, known in job.items]


@dataclass(frozen=True, slots=True)
class RenderJob:
    """Outputs to render into `staging`, with the articles they show and the digests of what is published now."""

    recipe: Recipe
    staging: Path
    output: Path
    outputs: tuple[Output, ...]
    articles: Mapping[str, str]
    published: Mapping[str, str]

    seconds = math.inf
    """A template is the owner's program: nobody but the owner ends it."""

    def __len__(self) -> int:
        return len(self.outputs)

    def cut(self, start: int, stop: int) -> RenderJob:
        """Return the job of some of the outputs."""
        return replace(self, outputs=self.outputs[start:stop])

    def give_up(self, number: int, death: str) -> Rendered:
        """Raise MachineError for an output that killed its worker twice (see `pool.Job`)."""
        raise MachineError(error(self.outputs[number].path, f"the process that rendered it died ({death})"))


_MOMENT = 0.01
"""Seconds between two looks at a source that is being written."""
_EMPTY = ("", sha256(b"").hexdigest())
"""What is known of a source that had no text to lose: nothing, or the checksum of no bytes."""


def read_batch(job: ReadJob) -> list[ReadResult]:
    """Read the sources of a job."""
    return [_read_one(job, *item) for item in job.items]


@contextmanager
def _limit_memory(megabytes: int) -> Iterator[None]:
    """Let this process have so much more memory than it has, where it is a worker and the system can tell.

    What is more raises MemoryError. In the process of a build or a server, others would meet the limit.
    """
    # A worker has this module; a small build without workers is spared the import, which takes longer than an article.
    process = sys.modules.get("multiprocessing.process")
    try:
        # It is asked for every article: pathlib would take longer than the system.
        statm = os.open("/proc/self/statm", os.O_RDONLY) if process and process.parent_process() else -1
    except OSError:
        statm = -1
    if statm < 0:
        yield
        return
    import resource

    before = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(os.read(statm, 100).split()[0])
    os.close(statm)
    wanted = pages * resource.getpagesize() + megabytes * 1_000_000
    allowed = [limit for limit in before if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min([wanted, *allowed]), before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def _read_one(job: ReadJob, id_: str, known: str, beside: str) -> ReadResult:
    with suppress(MemoryError), _limit_memory(job.memory):
        return _read(job, id_, known, beside)
    # Only here is the limit lifted, and what was read so far given back: telling of it takes memory, too.
    return ReadResult(id_, "", problems=(_tell_hungry(id_, job.memory),))


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


def render_batch(job: RenderJob) -> list[Rendered]:
    """Render the outputs of a job into its staging folder; what is already published in these bytes is not staged."""
    return [_render_one(output, job) for output in job.outputs]


def _render_one(output: Output, job: RenderJob) -> Rendered:
    data = render(output, job.recipe, job.articles)
    digest = digest_bytes(data)
    if _is_published(output.path, data, digest, job):
        return Rendered(output.path, digest, staged=False)
    if isinstance(output.page, FeedView | SitemapView):
        _check_xml(output.path, data)
    stage(job.staging, output.path, data)
    return Rendered(output.path, digest, staged=True)


def _check_xml(path: str, data: bytes) -> None:
    """Raise MachineError for a feed or sitemap that no reader could parse: nothing of this build is published then."""
    from xml.parsers.expat import ExpatError, ParserCreate

    try:
        ParserCreate().Parse(data, True)
    except ExpatError as exc:
        hint = "this is a bug in site-builder; the site that was published before still stands"
        place = f"{path}:{exc.lineno}:{exc.offset + 1}"
        raise MachineError(error(place, f"what was made is not well-formed XML: {exc}", hint)) from exc


def _is_published(path: str, data: bytes, digest: str, job: RenderJob) -> bool:
    known = job.published.get(path)
    if known is None:
        return False
    if known:
        return known == digest
    try:
        return (job.output / path).read_bytes() == data
    except OSError:
        return False


# --- those who work ---------------------------------------------------------------------------------------------------


class Workers(Protocol):
    """Those who work: alone here, a `Pool` of processes, or an executor that is lent to us."""

    def run(self, work: Callable[[Job], list[Result]], jobs: Iterable[Job]) -> Iterator[list[Result]]:
        """Yield the results of `jobs` in their order; jobs are taken up as there are those who work on them."""


class Alone:
    """Does each job at once, in this process."""

    def run(self, work: Callable[[Job], list[Result]], jobs: Iterable[Job]) -> Iterator[list[Result]]:
        """Yield the results of `jobs` in their order."""
        return map(work, jobs)


class Lent:
    """Sends jobs to an executor that belongs to somebody else, and leaves it open."""

    def __init__(self, executor: Executor) -> None:
        """Take any `concurrent.futures.Executor`."""
        self._executor = executor

    def run(self, work: Callable[[Job], list[Result]], jobs: Iterable[Job]) -> Iterator[list[Result]]:
        """Yield the results of `jobs` in their order. Raises MachineError when the executor breaks."""
        from concurrent.futures import BrokenExecutor  # whoever has an executor has imported it already

        waiting: deque[Future[list[Result]]] = deque()
        try:
            for job in jobs:
                waiting.append(self._executor.submit(work, job))
                if len(waiting) >= AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenExecutor as exc:
            raise MachineError(error("", f"the executor broke: {exc}", "build again, or without it")) from exc


@contextmanager
def choose_workers(jobs: int, processes: int = 0, largest: int = 0) -> Iterator[Workers]:
    """Give those who work, for a number of jobs; `processes` 0 means as many as there are cores.

    Few jobs are done in this process, unless `largest`, the size in bytes of the largest source to be read, says that
    one could take so long that it must be possible to kill who reads it (docs/decisions/0010). When the work is given
    up, no worker is left.
    """
    cores = processes or _count_cores()
    alone = cores < 2 or (jobs < WORTH_A_POOL and not processes)
    count = int(largest > HARMLESS_BYTES) if alone else cores
    if not count or _is_daemon():
        yield Alone()
        return
    from site_builder.pool import Pool

    with Pool(count, preload=PRELOADED) as pool:
        yield pool


def _is_daemon() -> bool:
    """Return whether this is itself somebody's worker, which may not have any of its own."""
    from multiprocessing import current_process

    return current_process().daemon


def _count_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def weigh_output(output: Output) -> int:
    """Return about what an output costs to render: a page from a template several times what a formatted file does.

    A picture, painted or scaled, costs as much as a hundred pages.
    """
    if isinstance(output.page, CopyView | SocialView):
        return 400
    return 4 if isinstance(output.page, View) else 1


def cut_batches(items: Sequence[Item], costs: Sequence[int], workers: int = 8) -> Iterator[tuple[Item, ...]]:
    """Yield `items` in order, in runs of about the same cost.

    They are so large that sending them costs little, and so small that there are enough to share out. An item that
    costs more than a run should is alone or the last of its run.
    """
    size = min(max(SMALLEST_BATCH, len(items) // (workers * 4)), LARGEST_BATCH)
    enough = size * sum(costs) / max(len(items), 1)
    batch: list[Item] = []
    total = 0
    for item, cost in zip(items, costs, strict=True):
        batch.append(item)
        total += cost
        if total >= enough or len(batch) == LARGEST_BATCH:
            yield tuple(batch)
            batch, total = [], 0
    if batch:
        yield tuple(batch)
