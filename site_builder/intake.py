"""Taking in single articles: files, folders or a text from a pipe become files of the content folder.

Each is read as a build would read it, so that what its owner is told (title, date, parts, address, a near copy that is
there already) is what the next build makes of it. The bytes of a source stay as they are: what its owner says about it
goes into a file beside it, or into the front matter of a Markdown text. All are looked at before the first is written,
and what was written is taken back when another cannot be. How this looks on a terminal is not known here.
"""

from __future__ import annotations

import codecs
import os
import re
import stat
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from site_builder.catalogue import catalogue, is_wanted, make_entry
from site_builder.config import Config
from site_builder.digest import digest_bytes
from site_builder.errors import ConfigError, ContentError, Problem, RefusedError, error, warning
from site_builder.gists import make_gist
from site_builder.inputs import make_options
from site_builder.likeness import Copy, find_copies
from site_builder.model import Article, Entry
from site_builder.readers import ARTICLE_SUFFIXES, SIDECAR, Reading, ReadOptions, Sidecar, reader_for
from site_builder.readers.dates import date_from_name
from site_builder.readers.decode import decode
from site_builder.readers.front_matter import has_front_matter, read_front_matter
from site_builder.readers.record_file import quote
from site_builder.readers.summary import make_title
from site_builder.shelf import Shelf
from site_builder.store import dump_article
from site_builder.survey import Progress, Survey, survey_sources
from site_builder.urls import RESERVED, make_slug
from site_builder.values import dataclass

PIPE = Path("-")
"""Stands for standard input."""

_QUIET = ("separator", "markup", "front-matter")
"""Parts that nobody counts."""
_READABLE = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*\Z")
_CODE = re.compile(r"(?:\A|[-_.])(?=[0-9a-f]*\d)[0-9a-f]{8,}(?:\Z|[-_.])")
_WORD = re.compile(r"[a-z]{3}")
_OPEN_FENCE = re.compile(r"---[ \t]*\r?\n")
_PAGE_START = re.compile(r"\s*(?:<!--.*?-->\s*)*<(?:!doctype|html|head|body|article|main|p|div|h1)\b", re.I | re.S)


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


@dataclass(frozen=True, slots=True)
class Offered:
    """A source that is to be taken in: where it comes from, its bytes, and the file of metadata beside it.

    `name` is its path below the folder that was named, else its own name; `keeps_name` says whether it keeps that where
    it can be read, since other files of the folder may refer to it.
    """

    place: str
    name: str
    data: bytes
    sidecar: bytes = b""
    keeps_name: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """An article that was taken in, or would be. `id` is its path below the content folder."""

    place: str
    id: str
    article: Article
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


# --- what is offered ------------------------------------------------------------------------------------------------


def collect(paths: Iterable[Path], config: Config, pipe: Iterable[bytes] = ()) -> tuple[list[Offered], list[Problem]]:
    """Return what files and folders offer, in the order of `paths`, folders by name; and warnings for what is left out.

    `PIPE` stands for the next text of `pipe`. Links within a folder are not followed, and names that begin with `.` or
    `#` or end in `~` are passed over. Raises ConfigError with all that is wrong with the paths.
    """
    offered: list[Offered] = []
    problems: list[Problem] = []
    texts = iter(pipe)
    limit = int(config.megabytes * 1_000_000) + 1
    for path in paths:
        try:
            if path != PIPE and path.resolve().is_relative_to(config.content.resolve()):
                problems.append(error(str(path), "is in the content folder already", "run site-builder build"))
            elif path == PIPE:
                data = next(texts)
                offered.append(Offered("standard input", f"standard-input{guess_suffix(data)}", data))
            elif path.is_dir():
                offered += _collect_folder(path, limit, problems)
            else:
                offered.append(_read_file(path, path.name, limit))
        except _UnfitError as exc:
            problems.append(exc.problem)
        except OSError as exc:
            is_missing = isinstance(exc, FileNotFoundError)
            message = "there is no such file" if is_missing else f"cannot be read: {exc.strerror}"
            problems.append(error(str(exc.filename or path), message))
    if any(problem.severity == "error" for problem in problems):
        raise ConfigError(*problems)
    return offered, problems


class _UnfitError(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


def _read_file(path: Path, name: str, limit: int, *, keeps_name: bool = False) -> Offered:
    path.stat()  # whether it is there at all comes first
    if reader_for(name) is None:
        hint = "articles end in .txt, .md or .html, dumps in .jsonl, .jsonl.gz or .csv"
        raise _UnfitError(error(str(path), "is no article by its name", hint))
    beside = path.with_suffix(SIDECAR)
    sidecar = _read(beside, limit) if beside.is_file() and not beside.is_symlink() else b""
    return Offered(str(path), name, _read(path, limit), sidecar, keeps_name)


def _read(path: Path, limit: int) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:  # noqa: PTH123 - from a descriptor
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _UnfitError(error(str(path), "is no plain file", "give its text with: … | site-builder add -"))
        return file.read(limit)


def _collect_folder(folder: Path, limit: int, problems: list[Problem]) -> list[Offered]:
    offered: list[Offered] = []
    left_out: Counter[str] = Counter()
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name[0] not in ".#" and name[-1] != "~")
        for name in sorted(names):
            path = Path(root) / name
            if name[0] in ".#" or name[-1] == "~" or name.endswith(SIDECAR):
                continue
            if not name.lower().endswith(ARTICLE_SUFFIXES) or path.is_symlink() or not path.is_file():
                left_out["a link" if path.is_symlink() else path.suffix.lower() or "no suffix"] += 1
                continue
            offered.append(_read_file(path, path.relative_to(folder).as_posix(), limit, keeps_name=True))
    if left_out:
        kinds = ", ".join(f"{number:,} {kind}" for kind, number in sorted(left_out.items()))
        hint = "pictures that articles show have to be copied beside them; dumps have to be named one by one"
        problems.append(warning(str(folder), f"files that are no articles were left out ({kinds})", hint))
    if not offered:
        raise _UnfitError(error(str(folder), "holds no articles", "articles end in .txt, .md or .html"))
    return offered


def guess_suffix(data: bytes) -> str:
    """Return how the name of a text without one should end: a page of HTML, Markdown by its front matter, raw text."""
    text = decode(data).text
    if _PAGE_START.match(text):
        return ".html"
    return ".md" if has_front_matter(text) else ".txt"


# --- taking in ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Draft:
    """An article before it has its place: its files, and what reading them gives."""

    offered: Offered
    data: bytes
    sidecar: bytes
    reading: Reading

    @property
    def article(self) -> Article:
        assert self.reading.article is not None
        return self.reading.article


def take_in(
    offered: Sequence[Offered], facts: Facts, config: Config, *, progress: Progress, dry_run: bool = False
) -> list[Taken]:
    """Put articles into the content folder, which is made when its parent is there; return what became of each.

    What has the bytes of a file that is there under its name counts as there; of those that are offered twice in the
    same bytes one is told. With `dry_run` nothing is written.

    Raises ContentError with all errors of all articles, also when two ask for one address; RefusedError when another
    file has the name of one, or a link is in the way; ConfigError for wrong settings or rules; MachineError when the
    disk fails. Then nothing was added.
    """
    options = make_options(config)
    drafts = [_draft(one, facts, options) for one in offered]
    _raise_errors((draft.reading.problems, draft.offered.place, _tentative(draft.offered)) for draft in drafts)
    with Shelf(config.content, config.shown, dry_run=dry_run) as shelf:
        placed = _choose_ids(drafts, shelf, config)
        final = [_read_as(id_, draft, options) for draft, id_, _ in placed]
        _raise_errors((r.problems, d.offered.place, id_) for r, (d, id_, _) in zip(final, placed, strict=True))
        articles = [reading.article for reading in final if reading.article is not None]
        is_there = [there for _, _, there in placed]
        addresses, copies = _compare(articles, is_there, final, config, progress)
        if not dry_run:
            _write(placed, shelf, config)
    return [
        Taken(
            place=draft.offered.place,
            id=id_,
            article=article,
            parts=_count_parts(article),
            address=addresses.get(id_, ""),
            copy=copies[id_][0] if id_ in copies else "",
            likeness=copies[id_][1] if id_ in copies else 0.0,
            is_there=there,
            problems=tuple(p._replace(place=f"{config.shown}/{p.place}") for p in reading.problems),
        )
        for (draft, id_, there), reading, article in zip(placed, final, articles, strict=True)
    ]


def _raise_errors(readings: Iterable[tuple[tuple[Problem, ...], str, str]]) -> None:
    """Raise ContentError with all errors, placed at the files as their owner named them."""
    found = [
        problem._replace(place=place + problem.place.removeprefix(id_))
        for problems, place, id_ in readings
        for problem in problems
        if problem.severity == "error" or problem.message.startswith("is empty")
    ]
    if found:
        raise ContentError(*(problem._replace(severity="error") for problem in found))


def _count_parts(article: Article) -> dict[str, int]:
    counts = Counter(part.part for part in article.parts if part.part not in _QUIET)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _tentative(offered: Offered) -> str:
    """Return the id under which a source is read before it has a name: its own, for the day that this may tell."""
    stem, _, suffix = offered.name.rpartition(".")
    return f"{stem}.{suffix.lower()}"


# --- what the owner says ----------------------------------------------------------------------------------------------


def _draft(offered: Offered, facts: Facts, options: ReadOptions) -> _Draft:
    """Return the files of a source with what its owner says, and what reading them gives."""
    id_ = _tentative(offered)
    lines = facts.list_lines()
    if not lines:
        return _make_draft(offered, offered.data, offered.sidecar, id_, options)
    if offered.sidecar:
        message = "has a file of metadata beside it, to which the options would have to be added"
        problem = error(id_, message, f"write them into {Path(offered.name).stem}{SIDECAR} yourself")
        return _Draft(offered, offered.data, offered.sidecar, Reading(None, (problem,)))
    if id_.endswith((".md", ".markdown")) and (data := _add_front_matter(offered.data, id_, lines)):
        written = _make_draft(offered, data, b"", id_, options)
        if written.reading.article is not None:
            return written
    return _make_draft(offered, offered.data, f"---\n{''.join(lines)}---\n".encode(), id_, options)


def _make_draft(offered: Offered, data: bytes, sidecar: bytes, id_: str, options: ReadOptions) -> _Draft:
    return _Draft(offered, data, sidecar, _read_files(id_, data, sidecar, options))


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


def _read_as(id_: str, draft: _Draft, options: ReadOptions) -> Reading:
    return _read_files(id_, draft.data, draft.sidecar, options)


def _read_files(id_: str, data: bytes, sidecar: bytes, options: ReadOptions) -> Reading:
    beside = Sidecar(id_.rpartition(".")[0] + SIDECAR, sidecar) if sidecar else None
    reader = reader_for(id_, beside)
    assert reader is not None
    return reader(id_, data, options)


# --- names ------------------------------------------------------------------------------------------------------------


def _choose_ids(drafts: Sequence[_Draft], shelf: Shelf, config: Config) -> list[tuple[_Draft, str, bool]]:
    """Return each draft with its id, and whether its files are there already under it.

    Of two that are added at once and would have one name, the second gets a piece of the digest of its bytes. Raises
    RefusedError with all names that belong to other files.
    """
    chosen: list[tuple[_Draft, str, bool]] = []
    taken: dict[str, _Draft] = {}
    problems: list[Problem] = []
    for draft in drafts:
        folder, stem, suffix = _name(draft)
        names = [f"{folder}{name}" for name in (stem, f"{stem}-{digest_bytes(draft.data)[:8]}")]
        if any(name in taken and _has_same_files(taken[name], draft) for name in names):
            continue  # one file under two names is one article
        plain, longer = names
        there = next((name for name in names if _is_there(f"{name}{suffix}", draft, shelf)), None)
        name = there or (longer if plain in taken or _has_sister(plain, suffix, shelf) else plain)
        if there is None and shelf.compare(f"{name}{suffix}", draft.data) is not None:
            message = f"{config.shown}/{name}{suffix} is there already with other bytes, and is left as it is"
            problems.append(error(draft.offered.place, message, "edit that file, or give this one another --title"))
        taken[name] = draft
        chosen.append((draft, f"{name}{suffix}", there is not None))
    if problems:
        raise RefusedError(*problems)
    return chosen


def _has_same_files(one: _Draft, other: _Draft) -> bool:
    same_kind = one.offered.name.lower().rpartition(".")[2] == other.offered.name.lower().rpartition(".")[2]
    return same_kind and (one.data, one.sidecar) == (other.data, other.sidecar)


def _name(draft: _Draft) -> tuple[str, str, str]:
    """Return the folder of a draft with `/` at its end, or nothing, its name without the suffix, and the suffix.

    The name is made from the title. The day that a name told stays in it, and none comes into it that was not known.
    """
    offered, article = draft.offered, draft.article
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


def _write(placed: Sequence[tuple[_Draft, str, bool]], shelf: Shelf, config: Config) -> None:
    """Write all files, the metadata before the article; take back all of them when one cannot be written."""
    made: list[str] = []
    try:
        for draft, id_, there in placed:
            files = [(id_, draft.data)]
            if draft.sidecar:
                files.insert(0, (id_.rpartition(".")[0] + SIDECAR, draft.sidecar))
            for path, data in files if not there else ():
                if not shelf.create(path, data):
                    message = f"{config.shown}/{path} has come to be there meanwhile, and is left as it is"
                    raise RefusedError(error(draft.offered.place, message, "add it again"))
                made.append(path)
    except BaseException:
        for path in reversed(made):
            shelf.take_back(path)
        raise


# --- beside the others ------------------------------------------------------------------------------------------------


def _compare(
    articles: Sequence[Article],
    is_there: Sequence[bool],
    readings: Sequence[Reading],
    config: Config,
    progress: Progress,
) -> tuple[dict[str, str], dict[str, tuple[str, float]]]:
    """Return the addresses of articles, and of which others they are near copies, by id.

    Raises ContentError when one asks for the address of another.
    """
    texts = [dump_article(article) for article in articles]
    entries = [
        make_entry(article, digest_bytes(text.encode("ascii")), reading.text)
        for article, text, reading in zip(articles, texts, readings, strict=True)
    ]
    if not config.content.is_dir():  # a dry run, before there is any article
        return _assign(entries, (), (), config), {}
    new = {entry.id: text for entry, text, there in zip(entries, texts, is_there, strict=True) if not there}
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


def _find_copies(texts: Mapping[str, str], survey: Survey) -> dict[str, tuple[str, float]]:
    """Return the articles that are near copies of those that are there, or of ones before them."""
    known = survey.load_all_gists()
    digests = sorted(known)
    ids = sorted(texts)
    sketches = [*(known[digest].sketch for digest in digests), *(make_gist(texts[id_]).sketch for id_ in ids)]
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
