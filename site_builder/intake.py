"""Taking in single articles: files, folders or a text from a pipe become files of the content folder.

Each is read as a build would read it, so that what its owner is told (title, date, parts, address, a near copy that is
there already) is what the next build makes of it. The bytes of a source stay as they are: what its owner says about it
goes into a file beside it, or into the front matter of a Markdown text. All are looked at before the first is written,
and what was written is taken back when another cannot be. How this looks on a terminal is not known here.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from site_builder.catalogue import catalogue, is_wanted, make_entry
from site_builder.config import Config
from site_builder.digest import digest_bytes
from site_builder.errors import ContentError, Problem, RefusedError, error
from site_builder.gists import make_gist
from site_builder.inputs import make_options
from site_builder.jobs.reading import TextJob, read_texts
from site_builder.likeness import Copy, Sketch, find_copies
from site_builder.model import Article, Entry
from site_builder.offering import Files, Offered
from site_builder.readers import ARTICLE_SUFFIXES, SIDECAR, Reading, ReadOptions
from site_builder.readers.dates import date_from_name
from site_builder.readers.decode import decode
from site_builder.readers.front_matter import read_front_matter
from site_builder.readers.record_file import quote
from site_builder.readers.summary import make_title
from site_builder.shelf import Shelf
from site_builder.store import dump_article
from site_builder.survey import Progress, Survey, survey_sources
from site_builder.urls import RESERVED, make_slug
from site_builder.values import dataclass
from site_builder.workers import HARMLESS_BYTES, Alone, Workers, choose_workers

_QUIET = ("separator", "markup", "front-matter")
"""Parts that nobody counts."""
_READABLE = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*\Z")
_CODE = re.compile(r"(?:\A|[-_.])(?=[0-9a-f]*\d)[0-9a-f]{8,}(?:\Z|[-_.])")
_WORD = re.compile(r"[a-z]{3}")
_OPEN_FENCE = re.compile(r"---[ \t]*\r?\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the owner says about an article; what is empty is not said."""

    title: str = ""
    date: str = ""
    section: tuple[str, ...] = ()
    lang: str = ""
    source_url: str = ""

    def list_lines(self) -> list[str]:
        """Return the lines of a front matter that say so."""
        values = {name: getattr(self, name) for name in ("title", "date", "section", "lang", "source_url")}
        return [f"{name}: {quote(value)}\n" for name, value in values.items() if value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """An article that was taken in, or would be. `id` is its path below the content folder."""

    place: str
    id: str
    article: Article
    """What is known of it, without its text."""
    parts: Mapping[str, int]
    """How many runs of the source belong to each part."""
    address: str
    """Where its page will be, below the output folder; empty for what is not published, such as a draft."""
    copy: str = ""
    """The id of an article of which it is a near copy, or empty."""
    likeness: float = 0.0
    is_there: bool = False
    """Whether the very same file is in the content folder already."""
    problems: tuple[Problem, ...] = ()
    """What is doubtful in it."""


# --- taking in ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads texts as a build would, and one that may take long where it can be ended (docs/decisions/0010)."""

    options: ReadOptions
    config: Config
    workers: Workers

    def read(self, id_: str, data: bytes, sidecar: bytes) -> Reading:
        """Return what is read from a text under an id; one that takes too long is an error."""
        workers = self.workers if len(data) > HARMLESS_BYTES else Alone()
        job = TextJob(self.options, self.config.seconds, ((id_, data, sidecar),), self.config.memory)
        ((reading,),) = workers.run(read_texts, [job])
        return reading


@dataclass(frozen=True, slots=True)
class _Candidate:
    """An article that has its place: what is kept of it until all others have theirs, which is not its text."""

    offered: Offered
    id: str
    is_there: bool
    key: _Key
    article: Article
    """Without its text."""
    parts: Mapping[str, int]
    entry: Entry
    sketch: Sketch
    problems: tuple[Problem, ...]


def take_in(
    offered: Sequence[Offered], facts: Facts, config: Config, *, progress: Progress, dry_run: bool = False
) -> list[Taken]:
    """Put articles into the content folder, which is made when its parent is there; return what became of each.

    What has the bytes of a file that is there under its name counts as there; of those that are offered twice in the
    same bytes one is told. With `dry_run` nothing is written. One text is held at a time.

    Raises ContentError with all errors of all articles, also when two ask for one address; RefusedError when another
    file has the name of one, a link is in the way, or one was changed meanwhile; ConfigError for wrong settings or
    rules; MachineError when the disk fails. Then nothing was added.
    """
    with (
        choose_workers(1, 1, HARMLESS_BYTES + 1) as workers,
        Shelf(config.content, config.shown, dry_run=dry_run) as shelf,
    ):
        reader = _Reader(make_options(config), config, workers)
        found = _look(offered, facts, shelf, reader, config, progress)
        addresses, copies = _compare(found, config, progress)
        if not dry_run:
            _write([one for one in found if not one.is_there], facts, shelf, reader, config)
    return [
        Taken(
            place=one.offered.place,
            id=one.id,
            article=one.article,
            parts=one.parts,
            address=addresses.get(one.id, ""),
            copy=copies[one.id][0] if one.id in copies else "",
            likeness=copies[one.id][1] if one.id in copies else 0.0,
            is_there=one.is_there,
            problems=tuple(p._replace(place=f"{config.shown}/{p.place}") for p in one.problems),
        )
        for one in found
    ]


def _look(
    offered: Sequence[Offered], facts: Facts, shelf: Shelf, reader: _Reader, config: Config, progress: Progress
) -> list[_Candidate]:
    """Read all that is offered, one after the other, and give each its name; raise what is wrong with any of them."""
    names = _Names(shelf, config)
    found: list[_Candidate] = []
    wrong: list[Problem] = []
    wrong_there: list[Problem] = []
    for number, one in enumerate(offered, start=1):
        progress("read", number, len(offered))
        try:
            draft = _draft(one, one.load(), facts, reader)
        except ContentError as exc:
            wrong += exc.problems
            continue
        errors = _find_errors(draft.reading.problems, one.place, _tentative(one))
        wrong += errors
        place = None if errors else names.choose(draft)
        if place is None:
            continue
        id_, is_there = place
        reading = reader.read(id_, draft.data, draft.sidecar)
        errors = _find_errors(reading.problems, one.place, id_)
        wrong_there += errors
        if reading.article is not None and not errors:
            found.append(_make_candidate(draft, id_, reading.article, reading, is_there=is_there))
    if wrong:
        raise ContentError(*wrong)
    if names.problems:
        raise RefusedError(*names.problems)
    if wrong_there:
        raise ContentError(*wrong_there)
    return found


def _make_candidate(draft: _Draft, id_: str, article: Article, reading: Reading, *, is_there: bool) -> _Candidate:
    text = dump_article(article)
    return _Candidate(
        offered=draft.offered,
        id=id_,
        is_there=is_there,
        key=draft.key,
        article=replace(article, body=(), blocks=(), parts=(), residue=(), captions=(), credits=(), summary=""),
        parts=_count_parts(article),
        entry=make_entry(article, digest_bytes(text.encode("ascii")), reading.text),
        sketch=make_gist(text).sketch,
        problems=reading.problems,
    )


def _find_errors(problems: Iterable[Problem], place: str, id_: str) -> list[Problem]:
    """Return the errors among problems, placed at the file as its owner named it; nothing to add is one, too."""
    return [
        problem._replace(severity="error", place=place + problem.place.removeprefix(id_))
        for problem in problems
        if problem.severity == "error" or problem.message.startswith("is empty")
    ]


def _count_parts(article: Article) -> dict[str, int]:
    counts = Counter(part.part for part in article.parts if part.part not in _QUIET)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _tentative(offered: Offered) -> str:
    """Return the id under which a source is read before it has a name: its own, for the day that this may tell."""
    stem, _, suffix = offered.name.rpartition(".")
    return f"{stem}.{suffix.lower()}"


# --- what the owner says ----------------------------------------------------------------------------------------------


_Key: TypeAlias = tuple[str, str, str]
"""The kind of a source, the digest of its bytes, and that of its metadata: two of one key are the same files."""


@dataclass(frozen=True)
class _Draft:
    """An article before it has its place: its files, with what its owner says."""

    offered: Offered
    data: bytes
    sidecar: bytes
    reader: _Reader

    @cached_property
    def reading(self) -> Reading:
        """What reading them gives, under the name that the source has."""
        return self.reader.read(_tentative(self.offered), self.data, self.sidecar)

    @property
    def key(self) -> _Key:
        kind = self.offered.name.lower().rpartition(".")[2]
        return kind, digest_bytes(self.data), digest_bytes(self.sidecar)


def _draft(offered: Offered, files: Files, facts: Facts, reader: _Reader) -> _Draft:
    """Return the files of a source with what its owner says. Raises ContentError where it cannot be said."""
    lines = facts.list_lines()
    if not lines:
        return _Draft(offered, files.data, files.sidecar, reader)
    if files.sidecar:
        message = "has a file of metadata beside it, to which the options would have to be added"
        hint = f"write them into {Path(offered.name).stem}{SIDECAR} yourself"
        raise ContentError(error(offered.place, message, hint))
    id_ = _tentative(offered)
    if id_.endswith((".md", ".markdown")) and (data := _add_front_matter(files.data, id_, lines)):
        written = _Draft(offered, data, b"", reader)
        if written.reading.article is not None:
            return written
    return _Draft(offered, files.data, f"---\n{''.join(lines)}---\n".encode(), reader)


def _add_front_matter(data: bytes, id_: str, lines: Sequence[str]) -> bytes:
    """Return a Markdown text with lines of front matter, all else as it was; nothing where that cannot be done safely.

    It can in plain UTF-8 whose front matter, if there is any, is YAML. A key that is there already is an error then.
    """
    before = decode(data)
    if before.encoding != "utf-8" or before.mended or not before.certain or data.startswith(codecs.BOM_UTF8):
        return b""
    fence = _OPEN_FENCE.match(before.text)
    if read_front_matter(id_, before.text).end:
        if not fence:
            return b""
        start = len(fence[0].encode())
        end = "\r\n" if fence[0].endswith("\r\n") else "\n"
        written = data[:start] + "".join(lines).replace("\n", end).encode() + data[start:]
    else:
        written = f"---\n{''.join(lines)}---\n".encode() + data
    after = decode(written)
    is_plain = after.encoding == "utf-8" and not after.mended and after.text == written.decode("utf-8", "replace")
    return written if is_plain else b""


# --- names ------------------------------------------------------------------------------------------------------------


class _Names:
    """The names that articles get in the content folder, one after the other; `problems` has those that cannot be."""

    def __init__(self, shelf: Shelf, config: Config) -> None:
        self._shelf, self._config = shelf, config
        self._taken: dict[str, _Key] = {}
        self.problems: list[Problem] = []

    def choose(self, draft: _Draft) -> tuple[str, bool] | None:
        """Return the id of a draft, and whether its files are there already under it; None where it needs none.

        Of two that are added at once and would have one name, the second gets a piece of the digest of its bytes. One
        file under two names is one article.
        """
        folder, stem, suffix = _name(draft)
        plain, longer = f"{folder}{stem}", f"{folder}{stem}-{digest_bytes(draft.data)[:8]}"
        if draft.key in (self._taken.get(plain), self._taken.get(longer)):
            return None
        there = next((name for name in (plain, longer) if _is_there(f"{name}{suffix}", draft, self._shelf)), None)
        is_free = plain not in self._taken and not _has_sister(plain, suffix, self._shelf)
        name = there or (plain if is_free else longer)
        if there is None and self._shelf.compare(f"{name}{suffix}", draft.data) is not None:
            message = f"{self._config.shown}/{name}{suffix} is there already with other bytes, and is left as it is"
            hint = "edit that file, or give this one another --title"
            self.problems.append(error(draft.offered.place, message, hint))
        self._taken[name] = draft.key
        return f"{name}{suffix}", there is not None


def _name(draft: _Draft) -> tuple[str, str, str]:
    """Return the folder of a draft with `/` at its end, or nothing, its name without the suffix, and the suffix.

    The name is made from the title. The day that a name told stays in it, and none comes into it that was not known.
    """
    offered, article = draft.offered, draft.reading.article
    assert article is not None
    above, slash, name = offered.name.rpartition("/")
    stem, _, ending = name.rpartition(".")
    suffix = f".{ending.lower()}"
    if offered.keeps_name and is_readable(stem):
        return above + slash, stem, suffix
    words = " ".join(article.body)[:300]
    slug = make_slug(article.title[:300]) or make_slug(make_title(words)) or f"text-{digest_bytes(draft.data)[:8]}"
    if article.date_from == "file name" and article.date:
        slug = f"{article.date[:10]}-{slug}"
    elif date_from_name(f"{slug}{suffix}") or slug in RESERVED:
        slug = f"text-{slug}"
    return above + slash, slug, suffix


def is_readable(stem: str) -> bool:
    """Tell whether people can read the name of a file: words in small letters, and no number from a machine.

    >>> is_readable("ferry-runs-again"), is_readable("000_754b039bdc54250b"), is_readable("IMG 01")
    (True, False, False)
    """
    return bool(_READABLE.match(stem) and _WORD.search(stem)) and not _CODE.search(stem)


def _is_there(path: str, draft: _Draft, shelf: Shelf) -> bool:
    beside = path.rpartition(".")[0] + SIDECAR
    return bool(shelf.compare(path, draft.data)) and (shelf.compare(beside, draft.sidecar) or not draft.sidecar)


def _has_sister(stem: str, suffix: str, shelf: Shelf) -> bool:
    """Tell whether a file of another kind has this name: a file of metadata would be of both."""
    others = (*(other for other in ARTICLE_SUFFIXES if other != suffix), SIDECAR)
    return any(shelf.compare(f"{stem}{other}", b"") is not None for other in others)


def _write(found: Sequence[_Candidate], facts: Facts, shelf: Shelf, reader: _Reader, config: Config) -> None:
    """Write all files, the metadata before the article; take back all of them when one cannot be written."""
    made: list[str] = []
    try:
        for one in found:
            draft = _draft(one.offered, one.offered.load(), facts, reader)
            if draft.key != one.key:
                raise RefusedError(error(one.offered.place, "was changed meanwhile", "add it again"))
            files = [(one.id, draft.data)]
            if draft.sidecar:
                files.insert(0, (one.id.rpartition(".")[0] + SIDECAR, draft.sidecar))
            for path, data in files:
                if not shelf.create(path, data):
                    message = f"{config.shown}/{path} has come to be there meanwhile, and is left as it is"
                    raise RefusedError(error(one.offered.place, message, "add it again"))
                made.append(path)
    except BaseException:
        for path in reversed(made):
            shelf.take_back(path)
        raise


# --- beside the others ------------------------------------------------------------------------------------------------


def _compare(
    found: Sequence[_Candidate], config: Config, progress: Progress
) -> tuple[dict[str, str], dict[str, tuple[str, float]]]:
    """Return the addresses of articles, and of which others they are near copies, by id.

    Raises ContentError when one asks for the address of another.
    """
    entries = [one.entry for one in found]
    if not config.content.is_dir():  # a dry run, before there is any article
        return _assign(entries, (), (), config), {}
    new = {one.id: one.sketch for one in found if not one.is_there}
    with survey_sources(replace(config, record=False), progress) as survey:
        return _find_addresses(entries, new.keys(), survey), _find_copies(new, survey)


def _find_addresses(entries: Sequence[Entry], new: Collection[str], survey: Survey) -> dict[str, str]:
    ids = {entry.id for entry in entries}
    if len(new) == len(ids):
        sure = survey.find_sure_addresses(entries)
        if len(sure) == len(ids):
            return {entry.id: sure[entry.id] for entry in entries if is_wanted(entry, survey.config)}
    others = (entry for entry in survey.list_entries() if entry.id not in ids)
    return _assign(entries, others, survey.readings.failed, survey.config, survey)


def _assign(
    entries: Sequence[Entry],
    others: Iterable[Entry],
    failing: Iterable[str],
    config: Config,
    survey: Survey | None = None,
) -> dict[str, str]:
    lines = survey.inputs.lines if survey else None
    archive = catalogue([*others, *entries], config, lines, frozenset(failing)).archive
    ids = {entry.id for entry in entries}
    wrong = [p for p in archive.problems if p.severity == "error" and p.place in ids]
    if wrong:
        raise ContentError(*(problem._replace(place=f"{config.shown}/{problem.place}") for problem in wrong))
    return {id_: archive.cards[id_].url for id_ in ids if id_ in archive.cards}


def _find_copies(new: Mapping[str, Sketch], survey: Survey) -> dict[str, tuple[str, float]]:
    """Return the articles that are near copies of those that are there, or of ones before them."""
    known = survey.load_all_gists()
    digests = sorted(known)
    ids = sorted(new)
    sketches = [*(known[digest].sketch for digest in digests), *(new[id_] for id_ in ids)]
    found = [copy for copy in find_copies(sketches) if copy.number >= len(digests)]
    named = survey.find_ids({digests[copy.first] for copy in found if copy.first < len(digests)})

    def name(copy: Copy) -> str:
        return named.get(digests[copy.first], "") if copy.first < len(digests) else ids[copy.first - len(digests)]

    return {ids[copy.number - len(digests)]: (name(copy), copy.likeness) for copy in found if name(copy)}


def list_shown(taken: Taken, config: Config) -> Iterator[tuple[str, str]]:
    """Yield what its owner is told about an article, as pairs of name and words."""
    article = taken.article
    yield "title", f"{article.title} ({article.title_from})"
    yield "date", f"{article.date} ({article.date_from})" if article.date else "unknown"
    yield "parts", ", ".join(f"{number:,} {part}" for part, number in taken.parts.items())
    if taken.address:
        yield "address", f"{config.base_url}{taken.address}"
    else:
        yield "address", "none: it is a draft" if article.draft else "none: it is not to be published yet"
    if taken.copy:
        yield "near copy of", f"{config.shown}/{taken.copy} (about {int(taken.likeness * 100)} % alike)"
