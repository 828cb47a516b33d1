"""One run of a build: who works in it, what it gathers on its way (problems and seconds), and its report in the end.

What the stages do is not known here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import field
from typing import TYPE_CHECKING

from site_builder.config import Config
from site_builder.errors import Problem
from site_builder.model import Output, Report
from site_builder.store import Row
from site_builder.values import dataclass

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from site_builder.workers import Workers

Progress = Callable[[str, int, int], None]
"""Is told the stage, how much of it is done, and how much there is: 0 when a stage begins, where nobody knows."""


def say_nothing(stage: str, done: int, total: int) -> None:
    """Be the progress of a build that nobody watches."""


@dataclass
class Run:
    """What one build gathers on its way: problems, seconds, and who works."""

    config: Config
    executor: Executor | None
    progress: Progress
    patience: float
    """As in `ReadJob`."""
    started_ns: int = field(default_factory=time.time_ns)
    """A time before the content was looked at, in nanoseconds since the epoch."""
    problems: list[Problem] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the seconds of what is done meanwhile as those of a stage, which may be entered several times."""
        self.progress(name, 0, 0)
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started

    def workers(self, jobs: int, largest: int = 0, at_hand: Sequence[object] = ()) -> AbstractContextManager[Workers]:
        """Return who does so many jobs: the executor that was given, or as `choose_workers`."""
        from site_builder.workers import Lent, choose_workers

        if self.executor:
            return nullcontext(Lent(self.executor))
        return choose_workers(jobs, self.config.jobs, largest, at_hand)

    def tell(self, problems: Iterable[Problem], ids: Container[str] = ()) -> None:
        """Add problems; the place of one that is about an article gets the name of the content folder before it."""
        for problem in problems:
            if problem.place in ids or problem.file in ids:  # most are about no line, and there may be thousands
                severity, place, message, hint = problem
                problem = Problem(severity, f"{self.config.shown}/{place}", message, hint)
            self.problems.append(problem)

    def has_errors(self) -> bool:
        """Tell whether anything was told for which nothing may be published, unless the build is to keep going."""
        return any(problem.severity == "error" or self.config.strict for problem in self.problems)

    def report(
        self,
        before: Mapping[str, Row],
        rows: Mapping[str, Row],
        failed: Collection[str] = (),
        articles: int = 0,
        outputs: int = 0,
        due: Sequence[Output] = (),
        writes: Sequence[str] = (),
        deletions: Sequence[str] = (),
    ) -> Report:
        """Return the report; without outputs, of a build that published nothing."""
        old, new = (_list_checksums(known, self.config.drafts) for known in (before, rows))
        new = {id_: checksum for id_, checksum in new.items() if id_ not in failed}
        return Report(
            articles=articles,
            added=tuple(sorted(new.keys() - old.keys())),
            changed=tuple(sorted(id_ for id_ in new.keys() & old.keys() if new[id_] != old[id_])),
            removed=tuple(sorted(old.keys() - new.keys() - set(failed))),
            failed=tuple(sorted(failed)),
            written=tuple(sorted(writes)),
            deleted=tuple(deletions),
            unchanged=outputs - len(writes),
            rendered=tuple(sorted(output.path for output in due)),
            problems=tuple(sorted(set(self.problems), key=_reading_order)),
            seconds={**self.seconds, "total": sum(self.seconds.values())},
            published=bool(outputs),
        )


def _list_checksums(rows: Mapping[str, Row], drafts: bool = True) -> dict[str, str]:
    return {id_: row.sha256 for id_, row in rows.items() if row.entry and (drafts or not row.entry.draft)}


def _reading_order(problem: Problem) -> tuple[object, ...]:
    return problem.severity, problem.file, problem.line, problem.column, problem.message
