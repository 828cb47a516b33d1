"""Work in batches, on any `concurrent.futures.Executor`.

Two kinds of job, both picklable values: read a batch of sources, render a batch of outputs. Results come back in the
order of the jobs, whatever the number of workers, so the site does not depend on it.
"""

from __future__ import annotations

import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from site_builder.catalogue import make_entry
from site_builder.digest import digest_bytes
from site_builder.errors import Problem, error
from site_builder.model import Entry, Output, Rendered
from site_builder.publish import stage
from site_builder.readers import ReadOptions, Sidecar, reader_for
from site_builder.render import Recipe, render
from site_builder.sources import read_source
from site_builder.store import dump_article

WORTH_A_POOL = 300
"""Fewer jobs than this are done before a pool of processes would have started."""

SMALLEST_BATCH = 32
LARGEST_BATCH = 256

Job = TypeVar("Job")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class ReadJob:
    """Sources to read: each id with the checksum that is known of it and the id of its sidecar, or empty strings."""

    content: Path
    options: ReadOptions
    seconds: float
    items: tuple[tuple[str, str, str], ...]


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
class RenderJob:
    """Outputs to render into `staging`, with the articles they show and the digests of what is published now."""

    recipe: Recipe
    staging: Path
    output: Path
    outputs: tuple[Output, ...]
    articles: Mapping[str, str]
    published: Mapping[str, str]


def read_batch(job: ReadJob) -> list[ReadResult]:
    """Read the sources of a job."""
    return [_read_one(job, *item) for item in job.items]


def _read_one(job: ReadJob, id_: str, known: str, beside: str) -> ReadResult:
    started = time.monotonic()
    limit = int(job.options.megabytes * 1e6)
    try:
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
    if time.monotonic() - started > job.seconds:
        hint = "simplify it, or raise seconds under [limits] in site.toml"
        problems = (*problems, error(id_, f"took longer than {job.seconds:g} s to read", hint))
    if article is None or any(problem.severity == "error" for problem in problems):
        return ReadResult(id_, checksum, problems=problems)
    text = dump_article(article)
    entry = make_entry(article, digest_bytes(text.encode("ascii")), source)
    return ReadResult(id_, checksum, False, entry, text, problems)


def render_batch(job: RenderJob) -> list[Rendered]:
    """Render the outputs of a job into its staging folder; what is already published in these bytes is not staged."""
    return [_render_one(output, job) for output in job.outputs]


def _render_one(output: Output, job: RenderJob) -> Rendered:
    data = render(output, job.recipe, job.articles)
    digest = digest_bytes(data)
    if _is_published(output.path, data, digest, job):
        return Rendered(output.path, digest, staged=False)
    stage(job.staging, output.path, data)
    return Rendered(output.path, digest, staged=True)


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


# --- executors ---------------------------------------------------------------------------------------------------


class SerialExecutor(Executor):
    """Does each job at once, in this process."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ANN401
        """Return a future that is already done; an exception of the job is raised here and now."""
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


@contextmanager
def choose_executor(jobs: int, processes: int = 0) -> Iterator[Executor]:
    """Give an executor for a number of jobs; `processes` 0 means as many as there are cores.

    When the work is given up, what was not begun is not done any more; when the process is asked to end, its workers
    end at once.
    """
    cores = processes or _count_cores()
    if cores < 2 or (jobs < WORTH_A_POOL and not processes):
        yield SerialExecutor()
        return
    from concurrent.futures import ProcessPoolExecutor

    pool = ProcessPoolExecutor(cores, initializer=_leave_signals_to_the_build)
    try:
        yield pool
    except (KeyboardInterrupt, SystemExit):
        from multiprocessing import active_children

        for worker in active_children():
            worker.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _leave_signals_to_the_build() -> None:
    """Let a worker go on at Ctrl-C, which reaches it too, and end without a word when the build tells it to."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _count_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cut_batches(items: Sequence[Job], workers: int = 8) -> Iterator[tuple[Job, ...]]:
    """Yield `items` in runs, in order: large enough that sending them costs little, small enough to share out."""
    size = min(max(SMALLEST_BATCH, len(items) // (workers * 4)), LARGEST_BATCH)
    for start in range(0, len(items), size):
        yield tuple(items[start : start + size])


def run_jobs(
    executor: Executor, work: Callable[[Job], Result], jobs: Iterable[Job], ahead: int = 8
) -> Iterator[Result]:
    """Yield the results of `jobs` in their order, with at most `ahead` of them under way or waiting to be taken."""
    waiting: deque[Future[Result]] = deque()
    for job in jobs:
        waiting.append(executor.submit(work, job))
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
