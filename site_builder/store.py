"""The state: what the last build read and published, so that the next need not do it again.

One SQLite file in a cache folder that may be deleted, cut short or filled with anything at any time: the worst that
follows is a slower build. It is written in one transaction, after everything is published. What the values mean to a
site is not known here.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import fields
from itertools import starmap
from pathlib import Path
from sys import intern
from typing import Any, NamedTuple

from site_builder.digest import canonical
from site_builder.errors import ConfigError, DamagedStateError, MachineError, Problem, error
from site_builder.model import (
    Article,
    Block,
    Entry,
    FileFacts,
    FileLink,
    Moved,
    Part,
    Published,
    Signature,
    Tally,
    share_values,
)

SCHEMA = "14"

_TABLES = """
create table facts (key text primary key, value text not null) without rowid;
create table sources (
    id text primary key, size integer not null, mtime_ns integer not null, changed_ns integer not null,
    inode integer not null,
    sha256 text not null, entry text not null, problems text not null
) without rowid;
create index sources_with_problems on sources (id, problems) where problems != '[]';
create table listings (folder text primary key, listing text not null) without rowid;
create table files (id text primary key, facts text not null) without rowid;
create table articles (digest text primary key, article text not null);
create table codes (key text primary key, codes blob not null) without rowid;
create table outputs (
    path text primary key, fingerprint text not null, digest text not null, cause text not null
) without rowid;
create table looks (folder text primary key, look text not null) without rowid;
create table texts (name text primary key, key text not null, files text not null) without rowid;
"""


class Row(NamedTuple):
    """What is kept of a source: its signature when it was read, its checksum, and what reading gave.

    `entry` is None for a source that was left out with a warning (an empty file).
    """

    signature: Signature
    sha256: str
    entry: Entry | None
    problems: tuple[Problem, ...]


class KeptTexts(NamedTuple):
    """What is kept of a bucket of the full-text index: the key of all that decides it, and its files.

    `files` has the digest of the bytes of each by its path in the folder of the bucket.
    """

    key: str
    files: Mapping[str, str]


class Told(NamedTuple):
    """What a build told of the articles together, and tells again while nothing changes."""

    articles: int
    problems: Sequence[Problem]
    """Those of the catalogue."""
    doubts: Sequence[Problem]
    """Those of the plan."""
    dead: Sequence[Problem]
    """Those of addresses in texts that lead nowhere."""

    def list_problems(self) -> list[Problem]:
        """Return all of them."""
        return [*self.problems, *self.doubts, *self.dead]


class Store:
    """An open state file. Use `open_store`; what the machine would not write becomes a MachineError there.

    What is put in is kept by `commit` alone; until then, and after a crash, the file holds what it held. Whatever loads
    raises DamagedStateError for a value that cannot be what was written.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self.database = database
        self.facts: Mapping[str, str] = dict(database.execute("select key, value from facts").fetchall())

    def has_moved_on(self) -> bool:
        """Return whether somebody has written another state since this one was opened."""
        return dict(self.database.execute("select key, value from facts").fetchall()) != self.facts

    # --- sources ----------------------------------------------------------------------------------------------------

    def count_sources(self) -> int:
        """Return how many sources are known."""
        ((count,),) = self.database.execute("select count(*) from sources").fetchall()
        return int(count)

    def load_listings(self) -> dict[str, str]:
        """Return the listings of all folders, by their paths, as the last build saw and read them."""
        return dict(self.database.execute("select folder, listing from listings").fetchall())

    def save_listings(self, listings: Mapping[str, str]) -> None:
        """Put `listings` in the place of those that there are."""
        self._replace("listings", self.load_listings(), listings)

    def load_signatures(self, folders: Iterable[str]) -> dict[str, Signature]:
        """Return the signature of each known source that lies in one of `folders`, given with `/` at the end."""
        found: dict[str, Signature] = {}
        for folder in folders:
            # Behind all names below a folder comes its own name with what follows "/" in ASCII.
            bounds = (folder, f"{folder[:-1]}0" if folder else "\U0010ffff")
            query = (
                "select id, size, mtime_ns, changed_ns, inode from sources "
                "where id >= ? and id < ? and instr(substr(id, ?), '/') = 0"
            )
            rows = self.database.execute(query, (*bounds, len(folder) + 1))
            found.update((id_, Signature(*signature)) for id_, *signature in rows)
        return found

    def load_rows(self) -> dict[str, Row]:
        """Return all that is known of all sources."""
        known: dict[object, object] = {}
        with _distrust():
            return dict(_load_row(values, known) for values in self.database.execute("select * from sources"))

    def list_rows(self) -> Iterator[tuple[str, Row]]:
        """Yield all that is known of all sources, in the order of their ids, one after the other.

        The file is locked for some rows at a time, and not while one is looked at.
        """
        last = ""
        query = "select * from sources where id > ? order by id limit 500"
        while rows := self.database.execute(query, (last,)).fetchall():
            with _distrust():
                loaded = [_load_row(values, {}) for values in rows]
            yield from loaded
            last = rows[-1][0]

    def load_row(self, source_id: str) -> Row | None:
        """Return what is known of one source."""
        row = self.database.execute("select * from sources where id = ?", (source_id,)).fetchone()
        with _distrust():
            return _load_row(row, {})[1] if row else None

    def load_problems(self) -> list[tuple[str, tuple[Problem, ...]]]:
        """Return the problems of those sources that have any, by id."""
        with _distrust():
            rows = self.database.execute("select id, problems from sources where problems != '[]'")
            return [(id_, _load_problems(problems)) for id_, problems in rows]

    def save_rows(self, rows: Mapping[str, Row], gone: Iterable[str] = ()) -> None:
        """Put in what is known of sources now, and forget others."""
        self.database.executemany("delete from sources where id = ?", ((id_,) for id_ in gone))
        values = ((id_, *row.signature, row.sha256, *_dump(row)) for id_, row in rows.items())
        self.database.executemany("insert or replace into sources values (?, ?, ?, ?, ?, ?, ?, ?)", values)

    def forget(self, source_id: str) -> None:
        """Forget a source at once, so that the next build reads it again whatever its signature says."""
        self.database.rollback()
        self.database.execute("delete from sources where id = ?", (source_id,))
        self.database.execute("delete from listings where folder = ?", (source_id[: source_id.rfind("/") + 1],))
        self.database.execute("delete from files")
        self.database.commit()

    # --- files beside articles --------------------------------------------------------------------------------------

    def load_files(self) -> dict[str, FileFacts]:
        """Return what is known of the files that articles show or link to, by the ids by which they do."""
        return {id_: _load_facts(text) for id_, text in self.database.execute("select id, facts from files")}

    def save_files(self, files: Mapping[str, FileFacts], gone: Iterable[str] = ()) -> None:
        """Put in what is known of files now, and forget others."""
        self.database.executemany("delete from files where id = ?", ((id_,) for id_ in gone))
        values = ((id_, canonical(facts)) for id_, facts in files.items())
        self.database.executemany("insert or replace into files values (?, ?)", values)

    # --- articles ---------------------------------------------------------------------------------------------------

    def list_articles(self) -> list[str]:
        """Return the digests of all articles."""
        return [digest for (digest,) in self.database.execute("select digest from articles order by digest")]

    def load_articles(self, digests: Iterable[str]) -> dict[str, str]:
        """Return the stored text of articles by their digests. Raises DamagedStateError when one is not there."""
        found: dict[str, str] = {}
        for digest in digests:
            row = self.database.execute("select article from articles where digest = ?", (digest,)).fetchone()
            if row is None:
                raise DamagedStateError(f"there is no article of the digest {digest!r}")
            found[digest] = row[0]
        return found

    def keep_articles(self, articles: Mapping[str, str]) -> None:
        """Put in articles by digest."""
        self.database.executemany("insert or replace into articles values (?, ?)", articles.items())

    def drop_articles(self, digests: Iterable[str]) -> None:
        """Forget articles by digest."""
        self.database.executemany("delete from articles where digest = ?", ((digest,) for digest in digests))

    # --- outputs ----------------------------------------------------------------------------------------------------

    def load_outputs(self, paths: Iterable[str] | None = None) -> dict[str, Published]:
        """Return what is known of published files: of all, or of those of `paths` that are known."""
        query = "select path, fingerprint, digest, cause from outputs"
        if paths is None:
            shared: dict[str, str] = {}  # most outputs have one of a few causes
            rows = self.database.execute(query)
            return {
                path: Published(mark, digest, shared.setdefault(cause, cause)) for path, mark, digest, cause in rows
            }
        found = (self.database.execute(f"{query} where path = ?", (path,)).fetchone() for path in paths)
        return {row[0]: Published(*row[1:]) for row in found if row}

    def save_outputs(self, outputs: Mapping[str, Published], gone: Iterable[str] = ()) -> None:
        """Put in what is known of published files now, and forget others."""
        self.database.executemany("delete from outputs where path = ?", ((path,) for path in gone))
        values = ((path, *published) for path, published in outputs.items())
        self.database.executemany("insert or replace into outputs values (?, ?, ?, ?)", values)

    # --- the full-text index ----------------------------------------------------------------------------------------

    def list_texts(self) -> list[str]:
        """Return the names of the buckets of the full-text index."""
        return [name for (name,) in self.database.execute("select name from texts order by name")]

    def load_texts(self, name: str) -> KeptTexts | None:
        """Return what is kept of a bucket."""
        row = self.database.execute("select key, files from texts where name = ?", (name,)).fetchone()
        with _distrust():
            return KeptTexts(row[0], dict(json.loads(row[1]))) if row else None

    def save_texts(self, texts: Mapping[str, KeptTexts | None]) -> None:
        """Put in what is known of buckets now; None forgets one."""
        self.database.executemany("delete from texts where name = ?", ((name,) for name in texts))
        rows = ((name, kept.key, json.dumps(kept.files)) for name, kept in texts.items() if kept)
        self.database.executemany("insert into texts values (?, ?, ?)", rows)

    # --- compiled templates -----------------------------------------------------------------------------------------

    def load_codes(self, key: str) -> bytes:
        """Return the compiled templates that were kept under a key, or nothing."""
        row = self.database.execute("select codes from codes where key = ?", (key,)).fetchone()
        return row[0] if row and isinstance(row[0], bytes) else b""

    def save_codes(self, key: str, codes: bytes) -> None:
        """Put in compiled templates, in the place of all that there are."""
        self.database.execute("delete from codes")
        self.database.execute("insert into codes values (?, ?)", (key, codes))

    # --- the output folder ------------------------------------------------------------------------------------------

    def load_looks(self) -> dict[str, str]:
        """Return by what each folder of the output was known when the last build left it, or nothing."""
        return dict(self.database.execute("select folder, look from looks").fetchall())

    def save_looks(self, looks: Mapping[str, str]) -> None:
        """Put `looks` in the place of those that there are."""
        self._replace("looks", self.load_looks(), looks)

    def _replace(self, table: str, known: Mapping[str, str], texts: Mapping[str, str]) -> None:
        """Put `texts` by folder in the place of those that are `known` to be in a table; what is the same stays."""
        gone = ((folder,) for folder in known.keys() - texts.keys())
        self.database.executemany(f"delete from {table} where folder = ?", gone)  # noqa: S608 - names of our own
        new = ((folder, text) for folder, text in texts.items() if known.get(folder) != text)
        self.database.executemany(f"insert or replace into {table} values (?, ?)", new)  # noqa: S608

    # --- all of it --------------------------------------------------------------------------------------------------

    def save_facts(self, facts: Mapping[str, str]) -> None:
        """Put `facts` in the place of those that there are."""
        gone = ((key,) for key in self.facts.keys() - facts.keys())
        self.database.executemany("delete from facts where key = ?", gone)
        changed = ((key, value) for key, value in facts.items() if self.facts.get(key) != value)
        self.database.executemany("insert or replace into facts values (?, ?)", changed)
        self.facts = dict(facts)

    def load_told(self) -> Told:
        """Return what `dump_told` put among the facts."""
        with _distrust():
            articles, *told = json.loads(self.facts["told"])
            return Told(articles, *([Problem(*values) for values in problems] for problems in told))

    def begin_trial(self) -> None:
        """Mark a place to which `undo_trial` goes back."""
        self.database.execute("savepoint trial")

    def undo_trial(self) -> None:
        """Take back what was put in since `begin_trial`."""
        self.database.execute("rollback to trial")

    def commit(self) -> None:
        """Keep everything that was put in, at once."""
        self.database.commit()


def dump_told(told: Told) -> str:
    """Return the fact `told`."""
    return canonical(told)


def _load_row(values: Sequence[Any], known: dict[object, object]) -> tuple[str, Row]:
    id_, *signature, sha256, text, problems = values
    entry = _load_entry(text)
    if entry:
        entry = share_values(entry, known)
        id_ = entry.id
    return id_, Row(Signature(*signature), sha256, entry, _load_problems(problems))


@contextmanager
def _distrust() -> Iterator[None]:
    try:
        yield
    except (ValueError, TypeError, AttributeError, LookupError) as exc:
        raise DamagedStateError(str(exc)) from exc


def _dump(row: Row) -> tuple[str, str]:
    return canonical(row.entry), canonical(row.problems)


def _load_entry(text: str) -> Entry | None:
    values = json.loads(text)
    if values is None:
        return None
    for place in _NAMES:
        values[place] = map(intern, values[place])
    values[_FILES] = starmap(FileLink, values[_FILES])
    values[_TALLIES] = starmap(Tally, values[_TALLIES])
    for place in _TUPLES:
        values[place] = tuple(values[place])
    return Entry._make(values)


def _load_facts(text: str) -> FileFacts:
    with _distrust():
        path, signature, *values = json.loads(text)
        return FileFacts(path, Signature(*signature), *map(_freeze, values))  # type: ignore[arg-type]


def _load_problems(text: str) -> tuple[Problem, ...]:
    return tuple(starmap(Problem, json.loads(text))) if text != "[]" else ()


def _freeze(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


_NAMES = tuple(map(Entry._fields.index, ("sections", "topics")))
"""Where entries have texts that many others have, too: they are one text in memory."""

_FILES, _TALLIES = map(Entry._fields.index, ("files", "tallies"))

_TUPLES = tuple(
    Entry._fields.index(name)
    for name in ("sections", "topics", "aliases", "related", "candidates", "links", "files", "tallies")
)
"""Where entries have more than one value."""


# --- articles as text --------------------------------------------------------------------------------------------

_ARTICLE_FIELDS = tuple(field.name for field in fields(Article))


def dump_article(article: Article) -> str:
    """Return an article as text; equal articles give equal texts."""
    return canonical([getattr(article, name) for name in _ARTICLE_FIELDS])


def parse_article(text: str) -> Article:
    """Return the article that `dump_article` wrote. Raises DamagedStateError for any other text."""
    with _distrust():
        values = dict(zip(_ARTICLE_FIELDS, json.loads(text), strict=True))
        for name, value in values.items():
            if type(value) is list:
                make = _MEMBERS.get(name)
                values[name] = tuple(starmap(make, value) if make else value)
        return Article(**values)


_MEMBERS = {"residue": Moved, "blocks": Block, "files": FileLink, "parts": Part}
"""Fields that hold more than texts -> the type of each of their members."""


# --- opening -----------------------------------------------------------------------------------------------------


@contextmanager
def open_store(file: Path, *, clean: bool = False) -> Iterator[Store]:
    """Open the state in `file`; one that is not ours, of another schema or damaged is made anew.

    With `clean`, what was there is forgotten. Raises MachineError when the cache folder cannot be written, and
    DamagedStateError when it shows only in use that the file is damaged: then it has to be opened with `clean`.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        store = _open(file) if not clean else None
        if store is None:
            for path in (file, file.with_name(file.name + "-journal")):
                path.unlink(missing_ok=True)
            database = sqlite3.connect(file)
            database.executescript(_TABLES)
            store = Store(database)
    except (OSError, sqlite3.OperationalError) as exc:
        hint = "make the folder writable"
        raise MachineError(error(str(file.parent), f"the cache cannot be written: {exc}", hint)) from exc
    try:
        yield store
    except sqlite3.OperationalError as exc:
        if "decode" in str(exc):  # Python's own, not the disk's: a text is none
            raise DamagedStateError(str(exc)) from exc
        hint = "make room; the site that was published before stands"
        raise MachineError(error(str(file.parent), f"the cache cannot be written: {exc}", hint)) from exc
    except sqlite3.DatabaseError as exc:
        raise DamagedStateError(str(exc)) from exc
    finally:
        store.database.close()


@contextmanager
def open_snapshot(file: Path, *, hold: bool = True) -> Iterator[Store]:
    """Open a state for reading alone, as it is at this moment, and close it at the end. Nothing on the disk is touched.

    A build cannot keep its state meanwhile. Who takes long opens it without `hold`, and asks in the end whether it
    `has_moved_on`.

    Raises ConfigError when there is none, or one that must be made anew; MachineError when a build is writing it.
    """
    hint = "run site-builder build"
    if not file.is_file():
        raise ConfigError(error("", "nothing is known of the site: it was not built with this cache", hint))
    try:
        database = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=2)
        with closing(database):
            if hold:
                database.execute("begin")
            store = Store(database)
            if store.facts.get("schema") != SCHEMA:
                message = "nothing is known of the site: it was built by another version, or never to the end"
                raise ConfigError(error("", message, hint))
            yield store
    except (sqlite3.DatabaseError, DamagedStateError) as exc:
        place, code = f"{file.parent.name}/{file.name}", getattr(exc, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise MachineError(error(place, "a build is writing it", "try again when it is done")) from exc
        if code == sqlite3.SQLITE_READONLY:  # what takes back the half would have to write
            raise ConfigError(error(place, "was left half written by a build that was ended", hint)) from exc
        raise ConfigError(error(place, f"is damaged: {exc}", f"{hint} --clean")) from exc


def peek_listings(file: Path) -> dict[str, str]:
    """Return the listings that a state holds at this moment; none where there is no state that is good for anything."""
    with suppress(ConfigError, MachineError), open_snapshot(file, hold=False) as store:
        return store.load_listings()
    return {}


def _open(file: Path) -> Store | None:
    """Return the state in a file, or None where it has to be made anew."""
    if not file.is_file():
        return None
    database = sqlite3.connect(file)
    try:
        store = Store(database)
        if store.facts.get("schema") == SCHEMA:
            return store
    except (sqlite3.DatabaseError, ValueError, TypeError, AttributeError):
        pass  # whatever is in the file, it is no state of ours
    database.close()
    return None
