"""Verifying staged pages before they are published: every link to the site's own pages and files leads to one.

Texts link only to what the catalogue knows, so a link that leads nowhere is a mistake of a template. `check` looks at
the whole site; here only a handful of pages is looked at, those that a small change has made. What a page shows is not
known here.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Container, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from site_builder.errors import MachineError, Problem, warning
from site_builder.hyperlinks import find_target, list_served, scan_page

MOST_VERIFIED = 300
"""Of more pages none is looked at: it takes as long as to render them, and `check` does it for a whole site."""

_ADDRESS = re.compile(r'\b(?:href|src)="([^"#?:]+)(?=["#?])')
"""What may be an address: it may as well stand in the text of a page, so it is only a reason to look closer."""


class DeadLink(NamedTuple):
    """A link that leads nowhere: in which page, on which line, and as it is written."""

    path: str
    line: int
    url: str


def verify_links(
    paths: Collection[str],
    staging: Path,
    output: Path,
    listing: Container[str],
    base_url: str,
    *,
    has_templates: bool,
) -> list[Problem]:
    """Return a warning for each address that staged pages link to and that leads nowhere, at the first such link.

    Of more than `MOST_VERIFIED` pages there are none. With `has_templates` the owner's may be to blame; raises
    MachineError where there are none of the owner's: then it is a mistake of ours, and nothing may be published.
    """
    if len(paths) > MOST_VERIFIED:
        return []
    first: dict[str, DeadLink] = {}
    for link in find_dead_links(paths, staging, output, listing, base_url):
        first.setdefault(link.url, link)
    told = [
        warning(f"{path}:{line}", f"links to {url!r}, which is not there", "mend the template of the page")
        for path, line, url in first.values()
    ]
    if told and not has_templates:
        hint = "this is a bug in site-builder; the site that was published before still stands"
        raise MachineError(*(problem._replace(severity="error", hint=hint) for problem in told))
    return told


def find_dead_links(
    paths: Iterable[str], staging: Path, output: Path, listing: Container[str], base_url: str
) -> Iterator[DeadLink]:
    """Yield the links of staged pages that lead to nothing that will be published, in the order of `paths`.

    `listing` has all paths of the site; what else lies in `output` may be linked to as well. Raises OSError.
    """

    @cache
    def is_there(name: str) -> bool:
        return name in listing or (output / name).is_file()

    @cache
    def is_dead(folder: str, url: str) -> bool:
        found = find_target(folder, url, base_url)
        if found is None:
            return False
        return not any(map(is_there, list_served(found[0])))

    for path in paths:
        text = (staging / path).read_text(encoding="utf-8")
        folder = path[: path.rfind("/") + 1]
        if not any(is_dead(folder, html.unescape(url)) for url in set(_ADDRESS.findall(text))):
            continue
        for url, start in scan_page(text).references:
            if url[:1] not in ("#", "?", "") and is_dead(folder, url):
                yield DeadLink(path, text.count("\n", 0, start) + 1, url)
