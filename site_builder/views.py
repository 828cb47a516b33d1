"""What templates and formatters see: one frozen view for each kind of page, and for each kind of other file.

A template is given `site` (the `Frame`) and `page` (one of the views below) and nothing else, so the digest of these
two, of the template's closure and of the engine decides whether a page is up to date. The docstrings here are the
documentation for theme authors. Views are values: this room knows neither the disk nor how they come about.

All addresses in a view are paths below the root of the site; write `{{ page.root }}{{ card.url }}` to link to one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape
from itertools import groupby
from typing import NamedTuple

from site_builder.attachments import Attachment, place_files
from site_builder.marking import MarkedLine
from site_builder.model import LINK_MARK, Article, Block, Card
from site_builder.urls import root_of
from site_builder.values import dataclass

SHORT_SUMMARY = 80
"""Characters below which a summary does not tell an article from others: "The weather today." """


class Link(NamedTuple):
    """A title and the page it leads to; `url` is empty when it leads nowhere, `lang` when it is not known."""

    title: str
    """What it is called."""
    url: str
    lang: str = ""


class PageLink(NamedTuple):
    """The way to another page of the same listing. `period` is as in `ListingView`, `number` counts from 1."""

    period: str
    number: int
    url: str
    """Path of the page."""


class Count(NamedTuple):
    """A listing (or a year, or a month) and how many articles it has."""

    title: str
    """Name of the listing, `YYYY` or `YYYY-MM`."""
    url: str
    """Path of its front or page, or empty."""
    articles: int
    """How many it has."""


class Year(NamedTuple):
    """A year of the calendar: its page, its number of articles, and one `Count` for each of the twelve months.

    A month without articles has the number 0 and no url. The title of a month is `YYYY-MM`.
    """

    title: str
    """`YYYY`."""
    url: str
    """Path of its page."""
    articles: int
    """How many it has."""
    months: tuple[Count, ...]
    """January first."""


class Decade(NamedTuple):
    """Years of one decade, newest first; the title is `YYYY–YYYY`, from the first year kept to the last."""

    title: str
    """`YYYY–YYYY`, or `YYYY` for a single year."""
    articles: int
    """How many it has."""
    years: tuple[Year, ...]
    """Newest first."""


class Group(NamedTuple):
    """Cards of one month (`YYYY-MM`), one year (`YYYY`) or without a date (empty), newest first.

    `url` is the page of that month in the archive, or empty.
    """

    period: str
    """`YYYY-MM`, `YYYY` or empty."""
    url: str
    cards: tuple[Card, ...]
    """Newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """`site`: what is the same on every page.

    It holds no totals and no times, or every page would change with each article.
    """

    title: str
    """The name of the archive."""
    description: str
    """One sentence about it, or empty."""
    language: str
    """The interface's language: that of `text`. Articles have their own."""
    base_url: str
    """Ends in `/`; empty when the site does not know its address."""
    navigation: tuple[Link, ...]
    """From `site.toml`. Links that begin with a scheme lead outside and take no `page.root`."""
    social: Link | None = None
    """The picture for pages that are shared, with what it says; None without a `base_url` or without Pillow."""
    footer: tuple[tuple[Link, ...], ...] = ()
    """From `site.toml`: the pieces of each paragraph, in links with or without a url, which is as in `navigation`."""
    assets: Mapping[str, str]
    """Name under `templates/assets/` -> path in the output, with a digest in its name."""
    text: Mapping[str, object]
    """The words of the interface, from `templates/strings/LANGUAGE.toml`."""
    search: str = ""
    """Path of the search page, or empty."""
    recent_from: str = "0000"
    """From `site.toml`: `YYYY`, the first year of which articles carry no notice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What every page has: `page.path`, `page.root`, `page.canonical`."""

    path: str
    """Path of the page in the output."""
    base: str = ""
    """For the one page that is shown at any depth (404.html): the absolute path of the site's root."""
    social: Link | None = None
    """The page's own picture for where it is shared; without one it has `site.social`."""

    @property
    def root(self) -> str:
        """What to put before a path of the site to link to it from this page: `../` for each folder, or nothing."""
        return self.base or root_of(self.path)

    @property
    def canonical(self) -> str:
        """What to put after `site.base_url` to name this page; empty for the home page."""
        return "" if self.path == "index.html" else self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleView(View):
    """article.html and page.html: one article with its surroundings.

    `article` is the whole `site_builder.model.Article` (until rendering, the digest under which it is stored).
    """

    card: Card
    """What lists show of the article."""
    article: Article | str
    sections: tuple[Link, ...] = ()
    """Outermost first, as crumbs are read."""
    above: tuple[Link, ...] = ()
    """Of a page, those that have the names of the folders in which it lies: `manual.md` of `manual/start.md`."""
    publisher: Link | None = None
    """The front of its publisher, where one is known."""
    topics: tuple[Link, ...] = ()
    """The fronts of its topics."""
    related_urls: tuple[str, ...] = ()
    """What `related` is made with: the page of each headline, or empty."""
    link_urls: tuple[str, ...] = ()
    """What `blocks` are made with: the page of this site for each of the article's `links`, or empty."""
    files: tuple[Attachment, ...] = ()
    """The files that the text shows or links to."""
    older: Card | None = None
    """The article before this one in the archive."""
    newer: Card | None = None
    """The article after it."""
    data: str = ""
    """Path of the article's data (JSON), or empty."""
    source: str = ""
    """Path of the untouched source, or empty."""
    marked: str = ""
    """Path of the page that shows the source with its parts marked, or empty."""
    apart: tuple[str, ...] = ()
    """Lines of the text that are set apart because they are titles of other articles (see `headlines`)."""
    feeds: tuple[Link, ...] = ()
    """Of a dated article, where the site has feeds: its section's and the archive's."""

    @property
    def description(self) -> str:
        """The summary; a short one, which other articles may share, comes after the title."""
        assert isinstance(self.article, Article)
        summary = self.article.summary
        if len(summary) >= SHORT_SUMMARY:
            return summary
        return f"{self.article.title}: {summary}" if summary else self.article.title

    @property
    def namesake(self) -> str:
        """What was put behind the address because another article of the same title has it, or nothing."""
        match = re.search(r"-([0-9a-f]{6,})(?:/index)?\.html$", self.path)
        return match[1] if match and match[1] not in self.card.title.casefold() else ""

    @property
    def related(self) -> tuple[Link, ...]:
        """Headlines of other stories that stood in the source; with a url where the archive has that article."""
        assert isinstance(self.article, Article)
        return tuple(map(Link, self.article.related, self.related_urls))

    @property
    def standfirst(self) -> str:
        """The summary that the source itself gives, where the text does not say the same; else nothing."""
        assert isinstance(self.article, Article)
        article = self.article
        if article.summary_from == "text" or not article.summary:
            return ""
        return "" if article.summary.rstrip("….") in " ".join(article.body[:3]) else article.summary

    @property
    def year(self) -> str:
        """The year of publication, where it is known, for a quiet notice where it is before `site.recent_from`."""
        return self.card.date[:4]

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The running text, block by block (see `site_builder.model.Block`), links and pictures resolved."""
        assert isinstance(self.article, Article)
        return tuple(
            block._replace(text=self._resolve(block.text)) if block.kind == "html" else block
            for block in self.article.blocks
        )

    def _resolve(self, markup: str) -> str:
        assert isinstance(self.article, Article)
        links = self.article.links

        def address(match: re.Match[str]) -> str:
            number = int(match[2])
            if url := self.link_urls[number]:
                return f'{match[1]} href="{self.root}{url}{match[3]}"'
            return f'{match[1]} href="{escape(links[number])}"' if "://" in links[number] else match[1]

        if self.link_urls:
            # Whole tags: the text of an article may say the very words of a mark.
            markup = re.sub(rf'(<a(?: [a-z]+="[^"]*")*?) href="{LINK_MARK}(\d+)((?:#[^"]*)?)"', address, markup)
        return place_files(markup, self.root, self.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingView(View):
    """listing.html: the front of a listing, or one page of one of its years, months or of its undated articles."""

    kind: str
    """`archive`, `section`, `topic` or `publisher`."""
    title: str
    """Name of the section, topic or publisher; empty for the archive."""
    front: str
    """Path of the listing's front."""
    period: str = ""
    """Empty on the front, else `YYYY`, `YYYY-MM` or `undated`."""
    number: int = 1
    """The page within its period; 1 holds the oldest."""
    groups: tuple[Group, ...]
    """Newest first."""
    older: PageLink | None = None
    """The page with what is older in this listing."""
    newer: PageLink | None = None
    """The page with what is newer."""
    years: tuple[Year, ...] = ()
    """On fronts only: newest first."""
    undated: Count | None = None
    """On fronts only: where the undated articles are."""
    articles: int = 0
    """On fronts only: how many articles the listing has."""
    feed: str = ""
    """On fronts only: path of the feed, or empty."""

    @property
    def decades(self) -> tuple[Decade, ...]:
        """The `years` by decades, newest first, for a calendar that is too long for one table."""
        return tuple(_sum_decade(tuple(years)) for _, years in groupby(self.years, key=lambda year: year.title[:3]))


def _sum_decade(years: tuple[Year, ...]) -> Decade:
    newest, oldest = years[0].title, years[-1].title
    title = f"{oldest}–{newest}" if oldest != newest else newest
    return Decade(title, sum(year.articles for year in years), years)


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewView(View):
    """overview.html: all sections, all topics or all publishers, in the order of their names."""

    kind: str
    """`section`, `topic` or `publisher`."""
    listings: tuple[Count, ...]
    """In the order of their names."""


class TitleLink(NamedTuple):
    """An article in the list of titles."""

    title: str
    """Of the article."""
    url: str
    """Path of its page."""
    lang: str
    """Code of its language, or empty."""
    date: str
    """Of any precision, or empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlphabetView(View):
    """alphabet.html: the first letters of all titles, from A to Z."""

    letters: tuple[Count, ...]
    """One without a title leads to the titles that have no letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TitlesView(View):
    """titles.html: the titles that begin with some letters, or longer beginnings where they are too many."""

    letters: str
    """Letters and digits alone, the first one large; empty for titles that have none."""
    alphabet: str
    """Path of the page with all beginnings."""
    first: Link | None
    """The page of the first letter, or None where this is one."""
    longer: tuple[Count, ...]
    """Where there are too many titles: longer beginnings, as long as they must be to differ."""
    titles: tuple[TitleLink, ...]
    """From A to Z, equal ones by date."""
    number: int = 1
    """The page among those of the same letters, from 1."""
    before: Link | None = None
    """The page before this one, where one page cannot hold so many equal beginnings."""
    after: Link | None = None
    """The page after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutView(View):
    """about.html: the page `about` under `content/pages/`, if there is one, and what the archive keeps, in figures."""

    text: ArticleView | None
    """The owner's own words; draw its `blocks`."""
    articles: int
    """How many articles there are."""
    undated: Count | None
    """Where the undated articles are, and how many; None without any."""
    years: tuple[Year, ...]
    """Newest first."""
    gaps: tuple[str, ...]
    """Years between the first and the last of which nothing is kept, oldest first: `YYYY` or `YYYY–YYYY`."""
    oldest: Card | None
    """The first of the dated articles."""
    newest: Card | None
    """The last of them."""
    sections: int
    """How many sections there are."""
    topics: int
    """How many topics there are."""
    publishers: int
    """How many publishers there are."""
    rules: str = ""
    """Path of the page that tells how the texts were read, or empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeView(View):
    """home.html: what is kept, how much and from when, and the ways in."""

    latest: tuple[Card, ...]
    """The newest articles, the newest first."""
    articles: int
    """How many articles there are."""
    undated: Count | None
    """Where the undated articles are, and how many; None without any."""
    years: tuple[Year, ...]
    """Newest first."""
    sections: tuple[Count, ...]
    """The largest first, ties by name, at most 24."""
    topics: tuple[Count, ...]
    """As `sections`."""
    publishers: tuple[Count, ...]
    """As `sections`."""
    pages: tuple[Link, ...]
    """The pages under `content/pages/`, but for the one about the archive, to which every page leads, and for those
    of a folder beside which a page of its name stands."""
    feed: str = ""
    """Path of the feed of all articles, or empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchView(View):
    """search.html: the form, and where its script finds what it searches. All else is the script's."""

    shards: str
    """Path of the script that lists what there is to load."""
    has_texts: bool
    """Whether there is a full-text index besides that of titles: its engine needs a policy of its own."""
    topics: str = ""
    """Path of the list of topics, or empty: a way in for a reader without script."""
    titles: str = ""
    """Likewise that of all titles from A to Z."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedView(View):
    """marked.html: how an article was read, line by line of its source."""

    card: Card
    """What lists show of the article."""
    source: SourceView
    """The untouched source."""
    article: Article | str
    """As in `ArticleView`."""
    apart: tuple[str, ...] = ()
    """As in `ArticleView`."""
    rules: str = ""
    """Path of the page that sums up what each rule moved, or empty for an article without rules."""
    lines: tuple[MarkedLine, ...] = ()
    """Filled in when the page is rendered: see `site_builder.marking.MarkedLine`."""


class ExampleLink(NamedTuple):
    """Something that a rule moved: its words, and the line of the marked source where it stands."""

    text: str
    """The first words of what was moved."""
    title: str
    """Of the article."""
    url: str
    """With a fragment that leads to the line."""
    lang: str
    """Of the article."""


class RuleCount(NamedTuple):
    """What a rule moved to a part: how often, in how many articles, and some examples."""

    rule: str
    """Name of the rule."""
    part: str
    """One of `site_builder.model.PARTS`."""
    times: int
    """How often it moved something there."""
    articles: int
    """In how many articles."""
    examples: tuple[ExampleLink, ...]
    """With different words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesView(View):
    """rules.html: how the archive was read, rule by rule."""

    rules: tuple[RuleCount, ...]
    """The most frequent first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectView(View):
    """redirect.html: stands at a former address and leads to `target`."""

    target: Link


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFoundView(View):
    """404.html: shown at any depth, so its links start at the root of the host."""


# --- what is no template's ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DataView:
    """What the data of an article is made of: the article, by its digest, the path of its page, what is set apart.

    `files` are the paths of those that its text shows or links to, empty for those that are not there.
    """

    article: str
    url: str
    apart: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceView:
    """What the published source of an article is made of: the untouched bytes with this checksum."""

    id: str
    """Path of the source below the content folder."""
    sha256: str
    """Checksum of its bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileView:
    """A file that articles show or link to: the untouched bytes with this checksum, by its path below the content."""

    id: str
    """Path of the file below the content folder."""
    sha256: str
    """Checksum of its bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyView:
    """A smaller copy of a picture that articles show, made from the bytes with this checksum."""

    id: str
    """Path of the picture below the content folder."""
    sha256: str
    """Checksum of its bytes."""
    width: int
    """Of the copy, in pixels."""


@dataclass(frozen=True, slots=True)
class AssetView:
    """A file of the theme, by its name under `templates/assets/` and the digest of its bytes, `rules` included."""

    name: str
    digest: str
    rules: str = ""
    """Text that the settings add to the end of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFileView:
    """A file of the full-text index, by its path and the digest of its bytes."""

    path: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainView:
    """A file of fixed text."""

    text: str


def list_articles(pages: Iterable[object]) -> set[str]:
    """Return the digests of the articles that pages show whole."""
    texts = (page.text if isinstance(page, AboutView) else page for page in pages)
    return {str(page.article) for page in texts if isinstance(page, ArticleView | DataView | MarkedView)}
