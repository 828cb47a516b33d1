"""Outputs: a page, or the value of a formatter, becomes an output with the fingerprint of all that decides its bytes.

Which outputs there are is not known here, nor how they are rendered.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from site_builder.digest import digest
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


@dataclass(frozen=True)
class OutputMaker:
    """Makes the outputs of one site."""

    frame: Frame
    closures: Mapping[str, str]
    """Name of a template -> digest of it and of all that it includes or extends."""
    engine: str
    """Digest of the code and the libraries that render."""

    @cached_property
    def frame_digest(self) -> str:
        """The digest of what is the same on every page."""
        return digest(self.frame)

    def make(self, kind: str, path: str, page: object) -> Output:
        """Return the output at `path` that shows `page`, a view for a template or a value for a formatter."""
        template = TEMPLATES.get(kind, "")
        frame = (self.frame_digest, self.closures[template]) if template else ()
        return Output(path, kind, template, page, digest((self.engine, kind, *frame, page)))

    def make_page(self, kind: str, page: View) -> Output:
        """Return the output of a view, which says itself where it stands."""
        return self.make(kind, page.path, page)
