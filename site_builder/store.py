"""The state: what the last build read and published, so that the next need not do it again.

One SQLite file in a cache folder that may be deleted, cut short or filled with anything at any time: the worst that
follows is a slower build. It is written in one transaction, after everything is published. What the values mean to a
site is not known here.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import NamedTuple

from site_builder.digest import canonical
from site_builder.errors import MachineError, Problem, error
from site_builder.model import Article, Block, Entry, Moved, Part, Published, Signature, Tally

SCHEMA = "3"

_TABLES = """
create table facts (key text primary key, value text not null) without rowid;
create table sources (
    id text primary key, size integer not null, mtime_ns integer not null, changed_ns integer not null,
    inode integer not null,
    sha256 text not null, entry text not null, problems text not null
) without rowid;
create table articles (digest text primary key, article text not null) without rowid;
create table outputs (path text primary key, fingerprint text not null, digest text not null) without rowid;
"""


class Row(NamedTuple):
    """What is kept of a source: its signature when it was read, its checksum, and what reading gave.

    `entry` is None for a source that was left out with a warning (an empty file).
    """

    signature: Signature
    sha256: str
    entry: Entry | None
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class State:
    """Everything a build may reuse. Empty when there is nothing, or nothing that can be trusted."""

    facts: dict[str, str] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)
    outputs: dict[str, Published] = field(default_factory=dict)


class Store:
    """An open state file. Use `open_store`; what the machine would not write becomes a MachineError there."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def load(self) -> State:
        """Return the stored state. Raises sqlite3.DatabaseError, ValueError or TypeError when it is damaged."""
        run = self._database.execute
        state = State(facts=dict(run("select key, value from facts")))
        for id_, *signature, sha256, entry, problems in run("select * from sources"):
            state.rows[id_] = Row(Signature(*signature), sha256, _load_entry(entry), _load_problems(problems))
        for path, fingerprint, digest in run("select * from outputs"):
            state.outputs[path] = Published(fingerprint, digest)
        return state

    def load_articles(self, digests: Iterable[str]) -> dict[str, str]:
        """Return the stored text of articles by their digests; those that are not there are left out."""
        found: dict[str, str] = {}
        for digest in digests:
            for (text,) in self._database.execute("select article from articles where digest = ?", (digest,)):
                found[digest] = text
        return found

    def forget(self, source_id: str) -> None:
        """Forget a source at once, so that the next build reads it again whatever its signature says."""
        self._database.rollback()
        self._database.execute("delete from sources where id = ?", (source_id,))
        self._database.commit()

    def keep_articles(self, articles: Mapping[str, str]) -> None:
        """Put articles, by digest, into the transaction that `commit` ends."""
        self._database.executemany("insert or replace into articles values (?, ?)", articles.items())

    def commit(self, before: State, after: State) -> None:
        """Make `after` the stored state, writing only what differs from `before`, and forget unused articles."""
        run = self._database
        _replace(
            run, "facts", {k: (k, v) for k, v in before.facts.items()}, {k: (k, v) for k, v in after.facts.items()}
        )
        _replace(run, "sources", _dump_rows(before.rows, after.rows), _dump_rows(after.rows, before.rows))
        old = {path: (path, *value) for path, value in before.outputs.items()}
        _replace(run, "outputs", old, {path: (path, *value) for path, value in after.outputs.items()})
        used = {row.entry.article for row in after.rows.values() if row.entry}
        unused = {row.entry.article for row in before.rows.values() if row.entry} - used
        run.executemany("delete from articles where digest = ?", ((digest,) for digest in unused))
        run.commit()


def _replace(
    database: sqlite3.Connection,
    table: str,
    old: Mapping[str, tuple[object, ...]],
    new: Mapping[str, tuple[object, ...]],
) -> None:
    key = "path" if table == "outputs" else "id" if table == "sources" else "key"
    gone = ((name,) for name in old.keys() - new.keys())
    database.executemany(f"delete from {table} where {key} = ?", gone)  # noqa: S608 - names of our own
    changed = [values for name, values in new.items() if old.get(name) != values]
    if changed:
        marks = ",".join("?" * len(changed[0]))
        database.executemany(f"insert or replace into {table} values ({marks})", changed)  # noqa: S608


def _dump_rows(rows: Mapping[str, Row], others: Mapping[str, Row]) -> dict[str, tuple[object, ...]]:
    """Return the rows as columns; of a row that `others` holds unchanged, a stand-in that compares equal."""
    return {
        id_: (id_,) if others.get(id_) is row else (id_, *row.signature, row.sha256, *_dump(row))
        for id_, row in rows.items()
    }


def _dump(row: Row) -> tuple[str, str]:
    return canonical(row.entry), canonical(row.problems)


def _load_entry(text: str) -> Entry | None:
    values = json.loads(text)
    if values is None:
        return None
    values[-1] = [Tally(*tally) for tally in values[-1]]
    return Entry(*map(_freeze, values))  # type: ignore[arg-type]


def _load_problems(text: str) -> tuple[Problem, ...]:
    return tuple(Problem(*values) for values in json.loads(text)) if text != "[]" else ()


def _freeze(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


# --- articles as text --------------------------------------------------------------------------------------------

_ARTICLE_FIELDS = tuple(field.name for field in fields(Article))


def dump_article(article: Article) -> str:
    """Return an article as text; equal articles give equal texts."""
    return canonical([getattr(article, name) for name in _ARTICLE_FIELDS])


def parse_article(text: str) -> Article:
    """Return the article that `dump_article` wrote."""
    values = dict(zip(_ARTICLE_FIELDS, json.loads(text), strict=True))
    for name, kind in (("residue", Moved), ("blocks", Block), ("parts", Part)):
        values[name] = tuple(kind(*item) for item in values[name])
    return Article(**{name: _freeze(value) for name, value in values.items()})  # type: ignore[arg-type]


# --- opening -----------------------------------------------------------------------------------------------------


@contextmanager
def open_store(file: Path, *, clean: bool = False) -> Iterator[tuple[Store, State]]:
    """Open the state in `file` and load it; a file that is not ours, of another schema or damaged is made anew.

    With `clean`, what was there is forgotten. Raises MachineError when the cache folder cannot be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        database, state = _open(file) if not clean else (None, State())
        if database is None:
            for path in (file, file.with_name(file.name + "-journal")):
                path.unlink(missing_ok=True)
            database = sqlite3.connect(file)
            database.executescript(_TABLES)
    except (OSError, sqlite3.OperationalError) as exc:
        hint = "make the folder writable"
        raise MachineError(error(str(file.parent), f"the cache cannot be written: {exc}", hint)) from exc
    try:
        yield Store(database), state
    except sqlite3.OperationalError as exc:
        hint = "make room; the site that was published before stands"
        raise MachineError(error(str(file.parent), f"the cache cannot be written: {exc}", hint)) from exc
    finally:
        database.close()


def _open(file: Path) -> tuple[sqlite3.Connection | None, State]:
    """Return the database and its state, or None where it has to be made anew."""
    if not file.is_file():
        return None, State()
    database = sqlite3.connect(file)
    try:
        state = Store(database).load()
        if state.facts.get("schema") == SCHEMA:
            return database, state
    except (sqlite3.DatabaseError, ValueError, TypeError, AttributeError):
        pass  # whatever is in the file, it is no state of ours
    database.close()
    return None, State()
