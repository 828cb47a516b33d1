"""The whole plan: all outputs of an archive by their paths, no two of which ask for the same.

What each of them shows is planned by the other modules of this room.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import cached_property

from site_builder.archive import Archive, WholeArchive
from site_builder.config import Config
from site_builder.errors import Problem, error, warning
from site_builder.model import Entry, FileFacts, Output
from site_builder.plan.about import AboutPlan
from site_builder.plan.articles import ArticlePlan
from site_builder.plan.attachments import AttachmentPlan
from site_builder.plan.files import FilePlan
from site_builder.plan.listings import ListingPlan
from site_builder.plan.outputs import OutputMaker
from site_builder.plan.places import PLURALS
from site_builder.plan.search import SearchPlan
from site_builder.plan.titles import TitlePlan
from site_builder.tally import RuleUse, sum_tallies
from site_builder.values import dataclass
from site_builder.views import ArticleView, DataView, Frame, MarkedView, RedirectView, SourceView


@dataclass(frozen=True)
class Plan:
    """All outputs of an archive, in the order of their paths within their families."""

    archive: Archive
    """A `WholeArchive` for all outputs; any for those of single articles and listings."""
    frame: Frame
    config: Config
    closures: Mapping[str, str]
    """Name of a template -> digest of it and of all that it includes or extends."""
    assets: Mapping[str, str]
    """Name of an asset -> digest of its bytes."""
    engine: str
    """Digest of the code and the libraries that render."""
    problems: list[Problem] = field(default_factory=list)
    known_files: Mapping[str, FileFacts] = field(default_factory=dict)
    """What is known of the files that articles show or link to, by the ids by which they do."""
    load_entry: Callable[[str], Entry] | None = None
    """Gives what the catalogue knows of an article by its id, where the archive is not a whole one."""
    engine_of_search: str = "titles"
    """As in `SearchPlan.engine`."""
    known_pages: Mapping[str, str] = field(default_factory=dict)
    """As in `OutputMaker.known`."""
    is_left_out: bool = False
    """As in `OutputMaker`."""

    @cached_property
    def outputs(self) -> dict[str, Output]:
        """Every output by its path. Two that ask for one path (case folded) are a problem, and the first stays.

        The archive's own pages come first: no article can take the place of a listing.
        """
        found: dict[str, Output] = {}
        paths: dict[str, str] = {}
        for output in self._list_outputs():
            first = paths.setdefault(output.path.casefold(), output.path)
            if output.path in found or first != output.path:
                hint = "choose another slug, alias or name of a page"
                self.problems.append(error(self._blame(output), f"two pages have the address {output.path}", hint))
            else:
                found[output.path] = output
        return found

    def find_problems(self) -> list[Problem]:
        """Return what is wrong or doubtful with the plan: it is known once all outputs are."""
        self.outputs  # noqa: B018 - filled on the way
        return self.problems

    def _blame(self, output: Output) -> str:
        """Return the id of the source that asks for an output, or the name of the configuration."""
        match output.page:
            case ArticleView() | MarkedView():
                return output.page.card.id
            case SourceView():
                return output.page.id
            case DataView():
                return self._ids[output.page.url]
            case RedirectView():
                return self._ids[output.page.target.url]
        return self.config.name

    @cached_property
    def _ids(self) -> dict[str, str]:
        return {card.url: card.id for card in self._whole.cards.values()}

    @property
    def _whole(self) -> WholeArchive:
        assert isinstance(self.archive, WholeArchive)
        return self.archive

    @cached_property
    def maker(self) -> OutputMaker:
        """What gives each output its fingerprint."""
        return OutputMaker(self.frame, self.closures, self.engine, self.known_pages, self.is_left_out)

    @cached_property
    def articles(self) -> ArticlePlan:
        """The plan of single articles and pages."""
        return ArticlePlan(self.archive, self.config, self.maker, self.listings, self.problems, self.known_files)

    @cached_property
    def attachments(self) -> AttachmentPlan:
        """The plan of the files that articles show or link to."""
        return AttachmentPlan(self.known_files, self.maker)

    @cached_property
    def listings(self) -> ListingPlan:
        """The plan of what lists articles."""
        return ListingPlan(self.archive, self.config, self.maker)

    @cached_property
    def files(self) -> FilePlan:
        """The plan of sitemaps and single files."""
        return FilePlan(self.archive, self.config, self.maker, self.listings, self.titles, self.assets)

    @cached_property
    def titles(self) -> TitlePlan:
        """The plan of titles from A to Z."""
        return TitlePlan(self.archive, self.maker)

    @cached_property
    def search(self) -> SearchPlan:
        """The plan of what is searched. The files of a full-text index are no part of `outputs`, nor is the list."""
        return SearchPlan(self.archive, self.maker, self.files, self.engine_of_search, self._load_entry)

    @cached_property
    def about(self) -> AboutPlan:
        """The plan of the page about the archive."""
        return AboutPlan(self.archive, self.config, self.maker, self.articles, self.listings, self._load_entry)

    def _load_entry(self, id_: str) -> Entry:
        return self.load_entry(id_) if self.load_entry else self._whole.entries[id_]

    def _list_outputs(self) -> Iterator[Output]:
        yield from self.listings.plan_overviews()
        uses = self._sum_tallies() if self.config.source else ()
        yield from self.about.plan_about(uses)
        yield from self.articles.plan_rules(uses)
        yield from self.titles.plan_all()
        yield from self.search.plan_titles()
        for kind in PLURALS:
            for series in self.archive.listings(kind):
                yield self.listings.plan_front(series)
                yield from self.listings.plan_social(series)
                for chain in self.listings.chain_pages(series):
                    yield from self.listings.plan_pages(series, chain, range(len(chain)))
        yield from self._plan_feeds()
        yield from self.files.plan_sitemaps()
        yield from self.files.plan_fixed()
        yield self.files.plan_guide()
        for entry in self._whole.entries.values():
            yield from self.articles.plan_article(entry)
        yield from self._plan_redirects()
        entries = list(self._whole.entries.values())
        yield from self.attachments.plan_files(link.id for entry in entries for link in entry.files)

    def _sum_tallies(self) -> Sequence[RuleUse]:
        articles = (entry for entry in self._whole.entries.values() if entry.kind == "article")
        return sum_tallies((entry.id, self.articles.tally(entry)) for entry in articles)

    def _plan_feeds(self) -> Iterator[Output]:
        everything = self.archive.all
        if everything.undated < everything.count and not self.config.base_url:
            message = "without base_url the feed, the sitemap and canonical links are left out"
            self.problems.append(warning(self.config.name, message, 'write base_url = "https://…/"'))
        for series in (everything, *self.archive.listings("section"), *self.archive.listings("topic")):
            yield from self.listings.plan_feed(series)

    def _plan_redirects(self) -> Iterator[Output]:
        for path, address in self.archive.redirects.items():
            yield self.articles.plan_redirect(path, self._whole.cards[self._ids[address]])


def order_writes(outputs: Iterable[Output], published: Container[str]) -> list[str]:
    """Return the paths of `outputs` in the order in which they may appear in a site that people are reading.

    Assets and files beside articles first, then all that is new, then what changes: nothing that is there links to
    something that is not.
    """
    last = ("article", "page", "marked", "data", "source", "listing", "overview", "home", "feed", "sitemap")

    def rank(output: Output) -> tuple[int, int, str]:
        kind = last.index(output.kind) if output.kind in last else len(last)
        return (
            (0 if output.kind in ("asset", "file", "copy") else 1 if output.path not in published else 2),
            kind,
            output.path,
        )

    return [output.path for output in sorted(outputs, key=rank)]
