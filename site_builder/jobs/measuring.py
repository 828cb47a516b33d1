"""The job of measuring: a batch of the files beside articles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from site_builder.measuring import measure_file
from site_builder.model import FileFacts, Signature
from site_builder.values import dataclass


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


def measure_batch(job: MeasureJob) -> Iterator[FileFacts]:
    """Measure the files of a job."""
    return (measure_file(job.content, path, known, scale=job.scale) for path, known in job.items)
