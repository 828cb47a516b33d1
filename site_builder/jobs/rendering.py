"""The job of rendering: a batch of outputs, into the staging folder."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from site_builder.digest import digest_bytes
from site_builder.errors import MachineError, error
from site_builder.feeds import FeedView
from site_builder.model import Output, Rendered
from site_builder.plan.outputs import complete
from site_builder.publish import stage
from site_builder.render import Recipe, render
from site_builder.sitemap import SitemapView
from site_builder.social import SocialView
from site_builder.values import dataclass
from site_builder.views import CopyView, View


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


def weigh_output(output: Output) -> int:
    """Return about what an output costs to render: a page from a template several times what a formatted file does.

    A picture, painted or scaled, costs as much as a hundred pages.
    """
    if isinstance(output.page, CopyView | SocialView):
        return 400
    return 4 if isinstance(output.page, View) else 1


def render_batch(job: RenderJob) -> Iterator[Rendered]:
    """Render the outputs of a job into its staging folder; what is already published in these bytes is not staged."""
    return (_render_one(output, job) for output in job.outputs)


def _render_one(output: Output, job: RenderJob) -> Rendered:
    data = render(output, job.recipe, job.articles)
    digest = digest_bytes(data)
    if _is_published(output.path, data, digest, job):
        return Rendered(output.path, complete(output), digest, staged=False)
    if isinstance(output.page, FeedView | SitemapView):
        _check_xml(output.path, data)
    stage(job.staging, output.path, data)
    return Rendered(output.path, complete(output), digest, staged=True)


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
