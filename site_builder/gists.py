"""Gists: the little that is kept of an article's text for comparing it with others, so that no texts need be held.

Kept from one time to the next in a file of the cache, by the digests of the articles, so that only what is new is made
again. The file may be deleted or damaged at any time: the worst that follows is a slower check. What is done with gists
is not known here.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

from site_builder.likeness import Sketch, sketch
from site_builder.store import Store, parse_article

FILE = "gists.sqlite"
_VERSION = 1
_TABLE = "create table if not exists gists (article text primary key, sketch blob not null, keys text not null)"
_BATCH = 500


class Gist(NamedTuple):
    """What is kept of an article: the sketch of its running text, and the keys that front matter gives and we do not
    know."""  # noqa: D205, D209 - one sentence

    sketch: Sketch
    keys: tuple[str, ...] = ()


def make_gist(article: str) -> Gist:
    """Return the gist of an article that `store.dump_article` wrote. Raises DamagedStateError for another text."""
    found = parse_article(article)
    return Gist(sketch("\n".join(found.body)), tuple(sorted(found.extra)))


def load_gists(
    digests: Iterable[str], store: Store, cache: Path, progress: Callable[[str, int, int], None]
) -> dict[str, Gist]:
    """Return the gists of articles that are in the store, by their digests, and keep those that were not known yet.

    Raises DamagedStateError for an article that is not in the store.
    """
    wanted = set(digests)
    known = _load(cache / FILE)
    found = {digest: gist for digest, gist in known.items() if digest in wanted}
    missing = sorted(wanted - found.keys())
    new: dict[str, Gist] = {}
    for start in range(0, len(missing), _BATCH):
        some = missing[start : start + _BATCH]
        new.update((digest, make_gist(text)) for digest, text in store.load_articles(some).items())
        progress("compare", start, len(missing))
    if new or len(known) > len(found):
        _save(cache / FILE, new, known.keys() - found.keys())
    return found | new


def _load(file: Path) -> dict[str, Gist]:
    if not file.is_file():
        return {}
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as database:
            if database.execute("pragma user_version").fetchone() != (_VERSION,):
                return {}
            rows = database.execute("select article, sketch, keys from gists")
            return {digest: Gist(bytes(found), tuple(json.loads(keys))) for digest, found, keys in rows}
    except (sqlite3.DatabaseError, ValueError, TypeError):
        return {}


def _save(file: Path, new: Mapping[str, Gist], gone: Iterable[str]) -> None:
    """Keep what is new and forget what is gone; what the disk does not take is made again another time."""
    with suppress(OSError, sqlite3.DatabaseError):
        try:
            _write(file, new, gone)
        except sqlite3.OperationalError:  # locked, or a disk that takes nothing
            raise
        except sqlite3.DatabaseError:
            file.unlink(missing_ok=True)
            _write(file, new, ())


def _write(file: Path, new: Mapping[str, Gist], gone: Iterable[str]) -> None:
    with closing(sqlite3.connect(file)) as database, database:
        if database.execute("pragma user_version").fetchone() != (_VERSION,):
            database.execute("drop table if exists gists")
            database.execute(f"pragma user_version = {_VERSION}")
        database.execute(_TABLE)
        database.executemany("delete from gists where article = ?", ((digest,) for digest in gone))
        rows = ((digest, gist.sketch, json.dumps(gist.keys)) for digest, gist in new.items())
        database.executemany("insert or replace into gists values (?, ?, ?)", rows)
