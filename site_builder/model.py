"""The values that travel through the pipeline.

Types only: what an article is, what a listing may know of it, what an output is and what a build reports. Each
stage returns new values and changes none that it was given. This room knows nothing of the disk, of templates or
of how any of these values comes about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, NamedTuple

from site_builder.errors import Problem
from site_builder.values import dataclass

PARTS = (
    "front-matter",
    "markup",
    "title",
    "section",
    "publisher",
    "dateline",
    "stamp",
    "byline",
    "caption",
    "credit",
    "related",
    "residue",
    "label",
    "separator",
    "body",
)
"""Every part of a source that a character can belong to. In doubt it is body."""


KEPT = "text.keep"
"""The rule that is named for what is body because its owner said so: nothing else may move it."""

ARCHIVE_TITLE = "archive.title"
"""The rule that is named for a line that is set apart because it is the title of another article."""


class Part(NamedTuple):
    """A run of characters of the decoded source, `start` to `end` (exclusive), and why it is what it is.

    The parts of an article are in order, without gap or overlap, and join to the whole decoded source.
    `part` is one of `PARTS`; `rule` names the rule that decided it.
    """

    start: int
    end: int
    part: str
    rule: str


class Moved(NamedTuple):
    """A line (or block) that was taken out of the running text, with the rule that moved it.

    `line` is its first line in the source, counted from 1; `text` is the line with blanks folded.
    """

    text: str
    rule: str
    """Name of the rule."""
    line: int


class Block(NamedTuple):
    """One block of an article's page, in the order of the source.

    `kind` is `paragraph`, `heading`, `verse`, `list` (both keep their line breaks as LF), `figure` (a picture
    that was not kept: `text` is its caption, `credit` where it came from; either may be empty) or `html`
    (`text` is sanitised HTML, all others are plain text). `dateline` is set before the text, or empty.
    """

    kind: str
    text: str
    dateline: str = ""
    credit: str = ""


class FileLink(NamedTuple):
    """A file that a text shows or links to: by its path below the content folder, with the line that names it.

    A path that begins with `/` was written from the root of a site, and may stand in one of several folders. `line` is
    counted from 1, or 0 where it is not known.
    """

    id: str
    """The path."""
    line: int = 0
    elsewhere: str = ""
    """The whole address that it has on the site of the publisher, for when there is no such file here, or empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article, read from one source and from nothing else.

    A fact that the source does not tell is None or empty; nothing is made up but `title` (when `title_from` is
    `made`) and `summary` (cut from the body).
    """

    id: str
    """Path of the source below the content folder, with `/`: the article's identity."""
    format: str
    """`text`, `markdown` or `html`."""
    kind: str = "article"
    """`article`, or `page` for what stands under `content/pages/`."""
    title: str
    title_from: str
    """`front matter`, `metadata` (of an HTML page), `text`, or `made` from the first words because there is none."""
    sections: tuple[str, ...] = ()
    """The nearest section first, as in the source."""
    publisher: str | None = None
    """Who published it first, by name."""
    dateline: str | None = None
    """The place that stands before the text."""
    date: str | None = None
    """`YYYY`, `YYYY-MM`, `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM[:SS]`, with `+HH:MM` or `Z` when the zone is known."""
    date_from: str | None = None
    """`front matter`, `metadata` (of an HTML page), `file name` or `stamp`."""
    date_text: str | None = None
    """The stamp as written."""
    updated: str | None = None
    """When it was changed, in the forms of `date`."""
    byline: str | None = None
    """Who wrote it, as written."""
    captions: tuple[str, ...] = ()
    """Of pictures that were not kept."""
    credits: tuple[str, ...] = ()
    """Who made the pictures, and the editors, agencies and rights named beside the text."""
    related: tuple[str, ...] = ()
    """Headlines of other stories that stood in or after the text."""
    residue: tuple[Moved, ...] = ()
    """Lines that are no part of the story, such as navigation."""
    labels: tuple[str, ...] = ()
    """Words that only introduce another part or separate parts."""
    body: tuple[str, ...] = ()
    """The source text of each body block, blanks folded; verse and lists keep their line breaks."""
    blocks: tuple[Block, ...] = ()
    """What the page shows as the running text."""
    notes: tuple[str, ...] = ()
    """Those credits that belong to no picture: editors, agencies, rights."""
    lang: str | None = None
    """Code of the language of the text (BCP 47)."""
    truncated: bool = False
    """True when the source says that the text goes on elsewhere."""
    topics: tuple[str, ...] = ()
    """Tags, as written."""
    summary: str = ""
    summary_from: str = "text"
    """`front matter`, `metadata` (of an HTML page), or `text`: cut from the body."""
    slug: str | None = None
    """The address asked for in front matter."""
    aliases: tuple[str, ...] = ()
    """Former addresses."""
    draft: bool = False
    """True for what is not yet to be published."""
    source_url: str | None = None
    """Where the article stood first."""
    extra: Mapping[str, object] = field(default_factory=dict)
    """Front matter that means nothing to us, kept for templates."""
    links: tuple[str, ...] = ()
    """What the text links to, as far as it may be of this archive; `blocks` name it by `LINK_MARK`.

    The id of another source; an address from the root of this site, which begins with `/`; or a whole address on the
    site of the publisher, which is what the link leads to where no article here has or had its path.
    """
    files: tuple[FileLink, ...] = ()
    """Files that the text shows or links to; `blocks` name them by `FILE_MARK`."""
    parts: tuple[Part, ...] = ()
    """The runs of the decoded source, without gap or overlap."""
    encoding: str = "utf-8"
    """What the source was decoded from."""
    mended: bool = False
    """True when doubly encoded text was put right."""
    bytes: int = 0
    """Size of the untouched source."""
    sha256: str = ""
    """Of the untouched source."""


PAGES = "pages/"
"""Sources below this folder of the content are pages, not articles."""

LINK_MARK = "site-builder-article:"
"""In sanitised HTML, `href="site-builder-article:N"` stands for what `links[N]` names until its address is known."""

FILE_MARK = "site-builder-file:"
"""Likewise `src` and `href` for the file `files[N]`."""


class Tally(NamedTuple):
    """What one rule moved to one part of one article: how often, and the first words and line of it."""

    rule: str
    part: str
    times: int
    text: str
    line: int


class Entry(NamedTuple):
    """What the catalogue knows of an article: enough to place it and to list it, without its body.

    `article` is the digest under which the whole article is stored; `stem` is the slug that its title gives (empty
    for a title without letters), `slug` the one asked for; `related` are its headlines of other stories.
    """

    id: str
    article: str
    kind: str
    title: str
    date: str
    """Empty when unknown."""
    updated: str
    lang: str
    sections: tuple[str, ...]
    topics: tuple[str, ...]
    publisher: str
    summary: str
    stem: str
    slug: str
    aliases: tuple[str, ...]
    draft: bool
    related: tuple[str, ...]
    candidates: tuple[str, ...]
    """Lines of its text that are headlines of other stories if the archive has articles of these titles."""
    links: tuple[str, ...]
    suffix: str
    """The ending of the published source: `.txt`, `.md` or `.html.txt`."""
    sha256: str
    files: tuple[FileLink, ...] = ()
    tallies: tuple[Tally, ...] = ()
    """What each rule moved in it."""


def share_values(entry: Entry, known: dict[Any, Any]) -> Entry:
    """Return an entry whose values that many articles have are the objects in `known`, to which new ones are added.

    A section that stands in 100,000 entries, each read by itself, is 100,000 texts in memory.
    """
    share = known.setdefault
    values: list[Any] = list(entry)
    for place in _COMMON:
        values[place] = share(values[place], values[place])
    shared = Entry._make(values)
    if not entry.tallies:
        return shared
    return shared._replace(tallies=tuple(Tally(share(t[0], t[0]), share(t[1], t[1]), *t[2:]) for t in entry.tallies))


_COMMON = tuple(map(Entry._fields.index, ("kind", "lang", "sections", "topics", "publisher", "suffix")))


class Card(NamedTuple):
    """All that a listing may show of an article. Editing a body leaves the card equal, so no listing moves."""

    id: str
    """The article's identity: path of its source below the content folder."""
    url: str
    """Path of its page below the output folder."""
    title: str
    """Its headline."""
    date: str
    """As exact as it is known; empty when unknown."""
    lang: str
    """Code of its language, or empty."""
    section: str
    """The nearest one, or empty."""
    publisher: str
    """Its name, or empty."""
    summary: str
    """One or two sentences, or empty."""
    updated: str
    """Date of a later change, or empty."""


class Signature(NamedTuple):
    """What the file system says of a file: a hint that it has not changed, never the truth.

    `changed_ns` is the time of change of its entry (`st_ctime_ns`), which no program can set back.
    """

    size: int
    mtime_ns: int
    changed_ns: int
    inode: int


class FileFacts(NamedTuple):
    """What is known of a file that articles show or link to.

    `path` is its own below the content folder, in NFC; it is empty when there is no file to publish. `width` and
    `height` are those of a picture, upright, in pixels; 0 when they are not known. `scaled` are the widths of the
    smaller copies that can be made of it. `problem` says what is wrong, as the end of a sentence about the file, and
    `hint` what to do.
    """

    path: str
    signature: Signature
    sha256: str
    width: int = 0
    height: int = 0
    scaled: tuple[int, ...] = ()
    problem: str = ""
    hint: str = ""


class Source(NamedTuple):
    """A file under the content folder. `id` is its path there, with `/`, in NFC."""

    id: str
    signature: Signature
    """Of the file; where it has a sidecar, of both."""
    sidecar: str = ""
    """The id of the file of metadata beside it, or empty."""


@dataclass(frozen=True, slots=True)
class Output:
    """One file of the site, before it is rendered.

    `page` is everything that decides its bytes besides the templates and the engine: a view for a template, or a
    value for a formatter. Two outputs with equal fingerprints have equal bytes; in a build that renders all, they get
    them when they are rendered.
    """

    path: str
    kind: str
    template: str
    """Name of the template; empty for what a formatter writes."""
    page: object
    fingerprint: str


class Rendered(NamedTuple):
    """An output that was rendered: its path and fingerprint, the digest of its bytes, and whether they were staged.

    They are if they are new.
    """

    path: str
    fingerprint: str
    digest: str
    staged: bool


class Published(NamedTuple):
    """What the manifest keeps of each published file."""

    fingerprint: str
    digest: str
    cause: str = ""
    """Why it was last rendered (see `site_builder.causes`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a build did. Paths are below the output folder, sorted; `seconds` names the stages."""

    articles: int = 0
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    """Ids of sources: new, changed, gone since the last build, and those that could not be read."""
    written: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    unchanged: int = 0
    published: bool = False
    """Whether the output now holds this state of the sources; False when errors kept it as it was."""
    rendered: tuple[str, ...] = ()
    """What had to be rendered, whether or not its bytes turned out to be new."""
    problems: tuple[Problem, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that kept something from being published."""
        return tuple(p for p in self.problems if p.severity == "error")
