"""The catalogue: entries and the ledger's lines become the archive.

Here, and only here, is decided what depends on more than one article: addresses, which spellings are one topic, who is
meant by a headline. Pure: the order in which entries come, and what was published before, decide nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from sys import intern
from typing import NamedTuple

from site_builder.archive import KINDS, ListedSeries, WholeArchive
from site_builder.config import Config
from site_builder.errors import Problem, error, warning
from site_builder.headlines import find_candidates
from site_builder.ledger import Line
from site_builder.model import PAGES, Article, Card, Entry
from site_builder.tally import tally_rules
from site_builder.urls import (
    RESERVED,
    assign_slugs,
    check_path,
    fill_pattern,
    fold_name,
    free_slug,
    key_title,
    make_slug,
    natural_key,
    page_path,
)

SOURCE_HASH = 16
"""How many characters of a source's SHA-256 the ledger keeps."""


class Catalogue(NamedTuple):
    """The archive, and the ledger as it should be written once the archive is published."""

    archive: WholeArchive
    lines: tuple[Line, ...]


def make_entry(article: Article, digest: str, text: str = "") -> Entry:
    """Return the entry of an article that is stored under `digest`; `text` is its decoded source.

    What many articles have alike is one text in memory, and is sent once from one process to another.
    """
    return Entry(
        id=article.id,
        article=digest,
        kind=article.kind,
        title=article.title,
        date=article.date or "",
        updated=article.updated or "",
        lang=intern(article.lang or ""),
        sections=tuple(map(intern, article.sections)),
        topics=tuple(map(intern, article.topics)),
        publisher=intern(article.publisher or ""),
        summary=article.summary,
        stem=make_slug(article.title),
        slug=article.slug or "",
        aliases=article.aliases,
        draft=article.draft,
        related=article.related,
        candidates=find_candidates(article),
        links=article.links,
        suffix=".html.txt" if article.format == "html" else "." + article.id.rpartition(".")[2].lower(),
        sha256=article.sha256,
        files=article.files,
        tallies=tally_rules(article, text),
    )


def catalogue(
    entries: Iterable[Entry],
    config: Config,
    lines: Sequence[Line] | None = None,
    failing: Collection[str] = (),
) -> Catalogue:
    """Return the archive of `entries`.

    `lines` is the ledger, or None where the site has none; `failing` are ids of sources that are there but could
    not be read: they keep their lines. Problems (an address asked for twice, equal titles, …) are in the archive.
    """
    everything = sorted(entries, key=turn_of)
    chosen = [entry for entry in everything if is_wanted(entry, config)]
    problems: list[Problem] = []
    known = _follow_renames(lines or (), everything, config, failing)
    addresses = _assign_addresses(chosen, config, known, problems)
    new_lines = _write_lines(chosen, known, addresses) if lines is not None else ()
    arrival = {line.id: line.order for line in new_lines} or {e.id: n for n, e in enumerate(chosen)}
    cards = {entry.id: make_card(entry, addresses[entry.id]) for entry in chosen}
    articles = [entry for entry in chosen if entry.kind == "article"]
    archive = WholeArchive(
        entries={entry.id: entry for entry in chosen},
        cards=cards,
        series=_make_listings(articles, cards, arrival),
        redirects=_find_redirects(chosen, addresses, known, problems),
        titles=_find_titles(articles, problems),
        problems=tuple(problems),
        pages=tuple(cards[entry.id] for entry in chosen if entry.kind == "page"),
    )
    return Catalogue(archive, new_lines)


def is_wanted(entry: Entry, config: Config) -> bool:
    """Tell whether an entry is published: no draft, unless they are asked for, and nothing after `as_of`."""
    if entry.draft and not config.drafts:
        return False
    day = entry.date[:10]
    return not (config.as_of and day) or day <= config.as_of[: len(day)]


def turn_of(entry: Entry) -> tuple[str, str]:
    """Return the key of the order in which articles ask for addresses: the natural one of their ids."""
    return natural_key(entry.id), entry.id


def make_card(entry: Entry, url: str) -> Card:
    """Return the card of an entry at an address."""
    section = entry.sections[0] if entry.sections else ""
    return Card(
        entry.id,
        url,
        entry.title,
        entry.date,
        entry.lang,
        section,
        entry.publisher,
        entry.summary,
        entry.updated,
    )


# --- addresses ---------------------------------------------------------------------------------------------------


def _follow_renames(
    lines: Sequence[Line], entries: Sequence[Entry], config: Config, failing: Collection[str]
) -> dict[str, Line]:
    """Return the lines by id, those of renamed sources under their new ids.

    A line whose source is gone goes to a new source with the same content, else to one that would get the same
    address; every line and every source at most once, in order of arrival.
    """
    known = {line.id: line for line in lines}
    present = {entry.id for entry in entries}.union(failing)
    orphans = [line for line in lines if line.id not in present]
    newcomers = [entry for entry in entries if entry.id not in known and entry.kind == "article"]
    if not orphans:
        return known
    by_content = _first_of_each((entry.sha256[:SOURCE_HASH], entry) for entry in newcomers)
    by_address = _first_of_each((_address(e, e.slug or e.stem, config), e) for e in newcomers if e.slug or e.stem)
    for waiting, field in ((by_content, "source"), (by_address, "address")):
        for line in orphans:
            found = waiting.get(getattr(line, field))
            if found is not None and line.id in known and found.id not in known:
                del known[line.id]
                known[found.id] = line._replace(id=found.id)
    return known


def _first_of_each(pairs: Iterable[tuple[str, Entry]]) -> dict[str, Entry]:
    first: dict[str, Entry] = {}
    for key, entry in pairs:
        first.setdefault(key, entry)
    return first


def _assign_addresses(
    entries: Sequence[Entry], config: Config, known: Mapping[str, Line], problems: list[Problem]
) -> dict[str, str]:
    """Return the address of each entry: pages first, then what was asked for, what the ledger keeps, then the rest."""
    taken: set[str] = {"llms.html", "robots.html"}
    addresses: dict[str, str] = {}

    def give(entry: Entry, address: str) -> None:
        addresses[entry.id] = address
        taken.add(address.casefold())

    for entry in entries:
        if entry.kind == "page":
            give(entry, _page_address(entry, taken))
    articles = [entry for entry in entries if entry.kind == "article"]
    asked: dict[str, str] = {}
    for entry in articles:
        if entry.slug:
            address = _address(entry, entry.slug, config)
            first = asked.setdefault(address.casefold(), entry.id)
            if first != entry.id:
                problems.append(
                    error(
                        entry.id,
                        f"asks for the address {address}, and so does {first}",
                        "give one another slug",
                    )
                )
            elif address.casefold() in taken:
                problems.append(error(entry.id, f"asks for the address {address} of a page", "give it another slug"))
            give(entry, address if address.casefold() not in taken else _free_address(entry, config, taken, problems))
    for entry in articles:
        if entry.id in known and entry.id not in addresses and known[entry.id].address.casefold() not in taken:
            give(entry, known[entry.id].address)
    taken.update(line.address.casefold() for line in known.values())
    for entry in articles:
        if entry.id not in addresses:
            give(entry, _free_address(entry, config, taken, problems))
    return addresses


def find_base(entry: Entry, config: Config) -> str:
    """Return the address that an entry has where nobody else wants it."""
    return _address(entry, entry.slug or entry.stem, config)


def _address(entry: Entry, slug: str, config: Config) -> str:
    day = entry.date
    section = make_slug(entry.sections[0]) if entry.sections else ""
    values = {
        "slug": slug,
        "year": day[:4] or "undated",
        "month": day[5:7] or "00",
        "day": day[8:10] or "00",
        "section": section or "none",
    }
    return fill_pattern(config.article_pattern, values)


def _free_address(entry: Entry, config: Config, taken: set[str], problems: list[Problem]) -> str:
    slug = entry.stem
    if not slug:
        slug = make_slug(entry.id.rpartition("/")[2].rpartition(".")[0])
        message = f"the title {entry.title!r} has no letters, so the address is made from the file's name"
        problems.append(warning(entry.id, message, "write a 'slug:' in front matter to choose it"))
    used = {slug} if slug in RESERVED or _address(entry, slug, config).casefold() in taken else set()
    while True:
        slug = free_slug(slug, entry.id, used)
        address = _address(entry, slug, config)
        if address.casefold() not in taken:
            return address
        used.add(slug)


def _page_address(entry: Entry, taken: set[str]) -> str:
    names = entry.id.removeprefix(PAGES).rpartition(".")[0].split("/")
    slugs = [free_slug(make_slug(name), name, set(RESERVED)) for name in names]
    if entry.slug:
        slugs[-1] = entry.slug
    address = "/".join(slugs) + ".html"
    if address.casefold() in taken:
        slugs[-1] = free_slug(slugs[-1], entry.id, {slugs[-1]})
        address = "/".join(slugs) + ".html"
    return address


def _write_lines(entries: Sequence[Entry], known: Mapping[str, Line], addresses: Mapping[str, str]) -> tuple[Line, ...]:
    """Return the ledger after this build: every line kept, moved addresses noted, newcomers at the end."""
    lines = dict(known)
    last = max((line.order for line in lines.values()), default=0)
    for entry in entries:
        if entry.kind != "article":
            continue
        address, source = addresses[entry.id], entry.sha256[:SOURCE_HASH]
        line = lines.get(entry.id)
        if line is None:
            last += 1
            line = Line(last, entry.id, address, (), source)
        elif line.address != address:
            former = tuple(a for a in (*line.former, line.address) if a != address)
            line = line._replace(address=address, former=former)
        lines[entry.id] = line._replace(source=source)
    return tuple(sorted(lines.values()))


def _find_redirects(
    entries: Sequence[Entry], addresses: Mapping[str, str], known: Mapping[str, Line], problems: list[Problem]
) -> dict[str, str]:
    """Return former address -> address, from the ledger and from front matter's aliases.

    A former address at which another page now stands leads nowhere; an alias like that is told.
    """
    live = {address.casefold() for address in addresses.values()}
    redirects: dict[str, str] = {}
    for entry in entries:
        line = known.get(entry.id)
        former = [*line.former, line.address] if line else []
        for address in former:
            if address.casefold() not in live:
                redirects.setdefault(address, addresses[entry.id])
        for alias in entry.aliases:
            path = page_path(alias)
            if path == addresses[entry.id]:
                continue  # what led here before does so still
            if message := check_path(path):
                problems.append(
                    error(entry.id, f"the alias {alias!r} {message}", "write a path such as 2019/old-name.html")
                )
            elif path.casefold() in live or redirects.setdefault(path, addresses[entry.id]) != addresses[entry.id]:
                problems.append(warning(entry.id, f"the alias {alias!r} is another page's address and is left out"))
    return redirects


# --- listings and headlines ---------------------------------------------------------------------------------------


def list_names(entry: Entry) -> Iterator[tuple[str, str, str]]:
    """Yield kind, folded name and spelling of each listing that an article stands in; a name counts once."""
    yield "archive", "", ""
    for kind, given in (("section", entry.sections), ("topic", entry.topics), ("publisher", (entry.publisher,))):
        for name, spelling in _fold_names(given):
            yield kind, name, spelling


@lru_cache(maxsize=10_000)  # most articles have what others have
def _fold_names(given: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    unique = {fold_name(name): " ".join(name.split()) for name in reversed(given) if name}
    return tuple(unique.items())


def _make_listings(
    articles: Iterable[Entry], cards: Mapping[str, Card], arrival: Mapping[str, int]
) -> dict[tuple[str, str], ListedSeries]:
    members: dict[tuple[str, str], list[Card]] = {("archive", ""): []}
    spellings: dict[str, dict[str, str]] = {kind: {"": ""} if kind == "archive" else {} for kind in KINDS}
    for entry in sorted(articles, key=lambda entry: _place_in_series(entry, arrival)):
        card = cards[entry.id]
        for kind, key, name in list_names(entry):
            known = spellings[kind].get(key)
            if known is None:
                members[kind, key] = []
            if known is None or name < known:
                spellings[kind][key] = name
            members[kind, key].append(card)
    slugs = {kind: names if kind == "archive" else assign_slugs(names) for kind, names in spellings.items()}
    return {
        (kind, key): ListedSeries(kind, key, spellings[kind][key], slugs[kind][key], group)
        for (kind, key), group in members.items()
    }


def _place_in_series(entry: Entry, arrival: Mapping[str, int]) -> tuple[str, int, str]:
    return entry.date, 0 if entry.date else arrival[entry.id], entry.id


def _find_titles(articles: Sequence[Entry], problems: list[Problem]) -> dict[str, str]:
    titles: dict[str, str] = {}
    shared: set[str] = set()
    for entry in articles:
        key = key_title(entry.title)
        first = titles.setdefault(key, entry.id)
        if first != entry.id:
            shared.add(key)
            problems.append(warning(entry.id, f"has the same title as {first}", "its address has a suffix"))
    return {key: id_ for key, id_ in titles.items() if key not in shared}
