"""The plan of articles: the page of each with its surroundings, what stands beside it, and how it was read.

What depends on other articles is asked of the archive. Which articles there are is not known here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from functools import cached_property

from site_builder.archive import Archive, Series
from site_builder.attachments import make_attachment
from site_builder.config import Config
from site_builder.errors import Problem, warning
from site_builder.model import ARCHIVE_TITLE, Card, Entry, FileFacts, FileLink, Output, Signature, Tally
from site_builder.plan.links import find_link, tell_dead_link
from site_builder.plan.listings import ListingPlan
from site_builder.plan.outputs import OutputMaker
from site_builder.plan.places import ABOUT, RULES, front_path
from site_builder.tally import Example, RuleUse
from site_builder.urls import MARKED, is_address, sister
from site_builder.values import dataclass
from site_builder.views import (
    ArticleView,
    DataView,
    ExampleLink,
    Link,
    MarkedView,
    RedirectView,
    RuleCount,
    RulesView,
    SourceView,
)

NOT_THERE = FileFacts("", Signature(0, 0, 0, 0), "", problem="is not there")
MOST_TOLD = 3
"""How many files of one article are told one by one: a page that was saved may name all those of its site."""


@dataclass(frozen=True)
class ArticlePlan:
    """Plans the pages of articles."""

    archive: Archive
    config: Config
    maker: OutputMaker
    listings: ListingPlan
    problems: list[Problem] = field(default_factory=list)
    """What is doubtful is added here."""
    files: Mapping[str, FileFacts] = field(default_factory=dict)
    """What is known of the files that articles show or link to, by the ids by which they do."""
    dead: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The addresses of this site that articles link to, and that lead nowhere, by the ids of the articles."""
    _links: dict[tuple[str, str], Link] = field(default_factory=dict)
    """Links to listings, by the kind and the name: a hundred thousand articles have a few hundred, and share them."""
    _feeds: dict[str, tuple[tuple[Link, ...], Link | None]] = field(default_factory=dict)
    """The feeds and the picture of a section, by its name, of which the articles without one have an empty one."""

    def plan_article(self, entry: Entry) -> Iterator[Output]:
        """Yield the page of an article, or of a page, and what stands beside it."""
        card = self.archive.get_card(entry.id)
        if entry.kind == "page" and card.url == ABOUT:
            return  # it stands on the page about the archive
        view = self.view_article(entry)
        yield self.maker.make_page(entry.kind, view)
        if view.data:
            urls = tuple(file.url for file in view.files)
            data = DataView(article=entry.article, url=card.url, apart=view.apart, files=urls)
            yield self.maker.make("data", view.data, data)
        if view.source:
            source = SourceView(id=entry.id, sha256=entry.sha256)
            yield self.maker.make("source", view.source, source)
            marked = MarkedView(
                path=view.marked,
                card=card,
                source=source,
                article=entry.article,
                apart=view.apart,
                rules=RULES if entry.tallies else "",
            )
            yield self.maker.make_page("marked", marked)

    def list_article_paths(self, entry: Entry, url: str) -> list[str]:
        """Return the paths of what `plan_article` yields for an entry at an address."""
        beside = [".json"] if self.config.data else []
        beside += [entry.suffix, MARKED] if self.config.source else []
        return [url, *(sister(url, suffix) for suffix in beside if entry.kind == "article")]

    def view_article(self, entry: Entry) -> ArticleView:
        """Return what the page of an article, or of a page, shows."""
        card = self.archive.get_card(entry.id)
        article = entry.kind == "article"
        find = self.archive.find_article
        apart = self.find_apart(entry)
        self._tell_files(entry)
        older, newer = self.archive.find_neighbours(entry.id) if article else (None, None)
        feeds, social = self._find_shared(entry.sections[0] if article and entry.sections else "")
        return ArticleView(
            path=card.url,
            card=card,
            article=entry.article,
            sections=tuple(self._link("section", name) for name in reversed(entry.sections)) if article else (),
            above=() if article else tuple(self._find_above(entry.id)),
            publisher=self._link("publisher", entry.publisher) if article and entry.publisher else None,
            topics=tuple(self._link("topic", name) for name in entry.topics) if article else (),
            related_urls=tuple(self._address(find(text), entry) for text in (*entry.related, *apart)),
            apart=apart,
            link_urls=tuple(self._find_links(entry)),
            files=tuple(make_attachment(self._find_file(link), link.elsewhere) for link in entry.files),
            older=older,
            newer=newer,
            data=sister(card.url, ".json") if article and self.config.data else "",
            source=sister(card.url, entry.suffix) if article and self.config.source else "",
            marked=sister(card.url, MARKED) if article and self.config.source else "",
            feeds=feeds if article and card.date else (),
            social=social,
        )

    def _find_shared(self, name: str) -> tuple[tuple[Link, ...], Link | None]:
        """Return what all articles of a section share: the feeds and the picture."""
        found = self._feeds.get(name)
        if found is None:
            section = self.archive.find_series("section", name) if name else None
            social = self.listings.link_social(section) if section else None
            found = self._feeds[name] = tuple(self._list_feeds(section)), social
        return found

    def _list_feeds(self, section: Series | None) -> Iterator[Link]:
        """Yield the feeds in which a dated article of a section stands or stood: that these are there, it sees to."""
        title = self.maker.frame.title
        if section and (path := self.listings.feed_path(section)):
            yield Link(f"{section.title} – {title}", path)
        if path := self.listings.feed_path(self.archive.all):
            yield Link(title, path)

    def find_apart(self, entry: Entry) -> tuple[str, ...]:
        """Return the lines of an article that are set apart, because they are titles of others."""
        asked = entry.candidates if ARCHIVE_TITLE not in self.config.disable else ()
        return tuple(text for text in asked if self._address(self.archive.find_article(text), entry))

    def _link(self, kind: str, name: str) -> Link:
        link = self._links.get((kind, name))
        if link is None:
            series = self.archive.find_series(kind, name)
            link = self._links[kind, name] = Link(series.title, front_path(series))
        return link

    def _address(self, id_: str | None, entry: Entry) -> str:
        card = self.archive.find_card(id_) if id_ and id_ != entry.id else None
        return card.url if card else ""

    def _find_above(self, id_: str) -> Iterator[Link]:
        """Yield the pages that have the names of the folders in which a page lies, outermost first."""
        names = id_.split("/")
        for depth in range(2, len(names)):
            if card := self._pages.get("/".join(names[:depth])):
                yield Link(card.title, card.url, card.lang)

    @cached_property
    def _pages(self) -> Mapping[str, Card]:
        return {card.id.rpartition(".")[0]: card for card in self.archive.pages}

    def _find_links(self, entry: Entry) -> Iterator[str]:
        """Yield the page of each thing that a text links to, or an empty string; note those that lead nowhere."""
        dead = []
        for link in entry.links:
            url = find_link(link, self.archive)
            if not url and "://" not in link:
                dead.append(link)
            yield url
        if addresses := tuple(link for link in dead if is_address(link)):
            self.dead[entry.id] = addresses
        self.problems.extend(tell_dead_link(entry.id, link) for link in dead if not is_address(link))

    def _find_file(self, link: FileLink) -> FileFacts:
        return self.files.get(link.id, NOT_THERE)

    def _tell_files(self, entry: Entry) -> None:
        """Tell what is wrong with the files of an article; of many, the first, and how many more there are."""
        facts_of = {link: self._find_file(link) for link in entry.files}
        wrong = [link for link, facts in facts_of.items() if facts.problem and (facts.path or not link.elsewhere)]
        told = wrong if len(wrong) <= MOST_TOLD else wrong[:1]
        for link in told:
            facts = facts_of[link]
            place = f"{entry.id}:{link.line}" if link.line else entry.id
            self.problems.append(warning(place, f"the file {link.id!r} {facts.problem}", facts.hint))
        if more := len(wrong) - len(told):
            hint = "put them where the text says they are"
            self.problems.append(warning(entry.id, f"has {more} more files that are not there or are broken", hint))

    def plan_rules(self, uses: Sequence[RuleUse]) -> Iterator[Output]:
        """Yield the page that sums up how the archive was read, where its articles' marked pages are."""
        if uses and self.config.source:
            rules = tuple(RuleCount(*use[:-1], tuple(map(self._link_example, use.examples))) for use in uses)
            yield self.maker.make_page("rules", RulesView(path=RULES, rules=rules))

    def tally(self, entry: Entry) -> tuple[Tally, ...]:
        """Return what each rule moved in an article, the one about titles of others among them."""
        apart = self.find_apart(entry)
        return entry.tallies + tuple(Tally(ARCHIVE_TITLE, "related", 1, text, 0) for text in apart)

    def _link_example(self, example: Example) -> ExampleLink:
        card = self.archive.get_card(example.id)
        fragment = f"#L{example.line}" if example.line else ""
        return ExampleLink(example.text, card.title, sister(card.url, MARKED) + fragment, card.lang)

    def plan_redirect(self, path: str, card: Card) -> Output:
        """Return what stands at a former address of an article or page."""
        return self.maker.make_page("redirect", RedirectView(path=path, target=Link(card.title, card.url, card.lang)))
