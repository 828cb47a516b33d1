"""The plan of the files that articles show or link to: each once, whoever names it, and its smaller copies.

What a file holds was found out before; which page shows it is not known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from site_builder.attachments import make_address, name_scaled
from site_builder.model import FileFacts, Output
from site_builder.plan.outputs import OutputMaker
from site_builder.values import dataclass
from site_builder.views import CopyView, FileView


@dataclass(frozen=True)
class AttachmentPlan:
    """Plans the files beside articles."""

    facts: Mapping[str, FileFacts]
    """What is known of each, by the ids by which articles name them."""
    maker: OutputMaker

    def plan_files(self, ids: Iterable[str]) -> Iterator[Output]:
        """Yield the files of these ids that are there, in the order of their paths, each followed by its copies."""
        found = {facts.path: facts for id_ in ids if (facts := self.facts.get(id_)) and facts.path}
        for path, facts in sorted(found.items()):
            address = make_address(path)
            yield self.maker.make("file", address, FileView(id=path, sha256=facts.sha256))
            for width in facts.scaled:
                view = CopyView(id=path, sha256=facts.sha256, width=width)
                yield self.maker.make("copy", name_scaled(address, width), view)
