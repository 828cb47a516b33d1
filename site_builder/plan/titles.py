"""The plan of titles from A to Z: a page for each beginning of titles, and the one that leads to them.

How titles are sorted and how beginnings are cut is `site_builder.titles`'.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from site_builder.archive import Archive
from site_builder.model import Card, Output
from site_builder.plan.outputs import OutputMaker
from site_builder.plan.places import ALPHABET, titles_path
from site_builder.values import dataclass
from site_builder.views import AlphabetView, Count, Link, TitleLink, TitlesView


@dataclass(frozen=True)
class TitlePlan:
    """Plans the pages of titles."""

    archive: Archive
    maker: OutputMaker

    def plan_all(self) -> Iterator[Output]:
        """Yield all pages of titles."""
        yield from self.plan_alphabet()
        alphabet = self.archive.alphabet
        for first, _ in alphabet.list_first():
            yield from self.plan_pages(alphabet.walk(first))

    def list_paths(self, beginnings: Iterable[str]) -> list[str]:
        """Return the paths of the pages of some beginnings."""
        alphabet = self.archive.alphabet
        return [titles_path(letters, span.number) for letters in beginnings for span in alphabet.cut(letters)]

    def plan_alphabet(self) -> Iterator[Output]:
        """Yield the page that leads to all first letters, where there are articles."""
        letters = _count(self.archive.alphabet.list_first())
        if letters:
            yield self.maker.make_page("alphabet", AlphabetView(path=ALPHABET, letters=letters))

    def plan_pages(self, beginnings: Iterable[str]) -> Iterator[Output]:
        """Yield the pages of some beginnings that there are."""
        for letters in beginnings:
            yield from self._plan_beginning(letters)

    def _plan_beginning(self, letters: str) -> Iterator[Output]:
        alphabet = self.archive.alphabet
        is_leaf = alphabet.is_leaf(letters)
        longer = _count(alphabet.branch(letters))
        spans = alphabet.cut(letters)
        pages = [Link(str(span.number), titles_path(letters, span.number)) for span in spans]
        for span, before, after in zip(spans, [None, *pages], [*pages[1:], None], strict=False):
            ids = alphabet.take(letters, span.start, span.stop, exact=not is_leaf)
            view = TitlesView(
                path=titles_path(letters, span.number),
                letters=_show(letters),
                alphabet=ALPHABET,
                first=Link(_show(letters[:1]), titles_path(letters[:1])) if len(letters) > 1 else None,
                longer=longer,
                titles=tuple(_link(self.archive.get_card(id_)) for id_ in ids),
                number=span.number,
                before=before,
                after=after,
            )
            yield self.maker.make_page("titles", view)


def _count(beginnings: Iterable[tuple[str, int]]) -> tuple[Count, ...]:
    return tuple(Count(_show(letters), titles_path(letters), count) for letters, count in beginnings)


def _show(letters: str) -> str:
    return letters[:1].upper() + letters[1:]


def _link(card: Card) -> TitleLink:
    return TitleLink(card.title, card.url, card.lang, card.date)
