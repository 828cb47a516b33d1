"""Outputs: a page, or the value of a formatter, becomes an output with the fingerprint of all that decides its bytes.

Which outputs there are is not known here, nor how they are rendered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from functools import cached_property

from site_builder.digest import DIGEST_BYTES, digest
from site_builder.model import Output
from site_builder.values import dataclass
from site_builder.views import Frame, View

TEMPLATES = {
    "article": "article.html",
    "page": "page.html",
    "marked": "marked.html",
    "rules": "rules.html",
    "listing": "listing.html",
    "overview": "overview.html",
    "home": "home.html",
    "about": "about.html",
    "alphabet": "alphabet.html",
    "titles": "titles.html",
    "search": "search.html",
    "redirect": "redirect.html",
    "not-found": "404.html",
}
"""Kind of output -> its template."""


LEFT_OUT = "?"
"""Stands for the digest of a page in a fingerprint that is not complete."""


@dataclass(frozen=True)
class OutputMaker:
    """Makes the outputs of one site."""

    frame: Frame
    closures: Mapping[str, str]
    """Name of a template -> digest of it and of all that it includes or extends."""
    engine: str
    """Digest of the code and the libraries that render."""

    known: Mapping[str, str] = field(default_factory=dict)
    """Path -> fingerprint of the last build, if the page at each path is sure to be what it was then.

    Then only their look can be another, and the digests of pages, which are most of the work, are taken over.
    """

    is_left_out: bool = False
    """Whether the digests of pages are left to those who render them, as where all are rendered (`complete`)."""

    @cached_property
    def frame_digest(self) -> str:
        """The digest of what is the same on every page."""
        return digest(self.frame)

    def make(self, kind: str, path: str, page: object) -> Output:
        """Return the output at `path` that shows `page`, a view for a template or a value for a formatter.

        Its fingerprint is the digest of its look, which is all that pages of its kind have in common, and of the page.
        """
        look = self._looks.get(kind) or self._looks.setdefault(kind, self._digest_look(kind))
        content = LEFT_OUT if self.is_left_out else self.known.get(path, "")[-2 * DIGEST_BYTES :] or digest(page)
        return Output(path, kind, TEMPLATES.get(kind, ""), page, look + content)

    @cached_property
    def _looks(self) -> dict[str, str]:
        return {}

    def _digest_look(self, kind: str) -> str:
        template = TEMPLATES.get(kind, "")
        frame = (self.frame_digest, self.closures[template]) if template else ()
        return digest((self.engine, kind, *frame))

    def make_page(self, kind: str, page: View) -> Output:
        """Return the output of a view, which says itself where it stands."""
        return self.make(kind, page.path, page)


def complete(output: Output) -> str:
    """Return the fingerprint of an output, with the digest of its page if that was left out."""
    look = output.fingerprint.removesuffix(LEFT_OUT)
    return output.fingerprint if look == output.fingerprint else look + digest(output.page)
