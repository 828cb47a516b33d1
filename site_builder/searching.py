"""The full-text index brought to the state of the plan: buckets whose texts are the same are left alone.

Indexing is a function from the texts of a bucket to files, and is remembered like reading is: by the key of all that
decides it. So every file of an index is an output like others, with the digest of its bytes as its page. How files are
published is not known here.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from site_builder.config import Config
from site_builder.digest import digest, digest_bytes
from site_builder.errors import MachineError, error
from site_builder.model import Output
from site_builder.plan.places import ENGINE, bucket_folder
from site_builder.plan.search import Bucket, SearchPlan, is_in
from site_builder.store import KeptTexts, Store, parse_article
from site_builder.title_index import TextBucket
from site_builder.values import dataclass

# What runs another program is imported where it is first needed: most builds do not.
if TYPE_CHECKING:
    from site_builder.fulltext import TextPage


@dataclass(slots=True)
class Texts:
    """What came of the buckets that were looked at: all their files, and those that they had and have no more.

    `kept` is what to remember of each, by its name; None for one that is no more. `buckets` are all that there are.
    """

    outputs: dict[str, Output] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    kept: dict[str, KeptTexts | None] = field(default_factory=dict)
    buckets: list[TextBucket] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Searcher:
    """Makes what is missing of the full-text index."""

    plan: SearchPlan
    store: Store
    is_published: Callable[[Output], bool]
    """Tells whether an output is in its place, with these bytes."""
    folder: Path
    """Takes the files of the buckets that are made, under their paths below the output."""
    progress: Callable[[str, int, int], None]
    """Is told how many texts of the buckets that may have changed are looked at, and how many there are."""

    def bring(self, dates: Collection[str] | None) -> Texts:
        """Return the files of the buckets of some dates, or of all, made where they are not known or not there.

        Raises MachineError when one cannot be made: what a machine lacks for a moment must not take the search from a
        published site.
        """
        known = set(map(_read_name, self.store.list_texts()))
        periods = self.plan.list_periods()
        old = {name.period for name in known}
        changed = {p for p in periods if dates is None or p not in old or any(is_in(p, date) for date in dates)}
        elsewhere = {name for name in known if name.period in periods and name.period not in changed}
        buckets = self.plan.list_buckets(changed)
        there = sorted(elsewhere | {bucket.name for bucket in buckets})
        engines = [TextBucket(lang, ENGINE) for lang in sorted({name.lang for name in there})]
        found = Texts(buckets=there)
        left = known - {*there, *engines}
        try:
            done, total = 0, sum(len(bucket.members) for bucket in buckets)
            for bucket in buckets:
                self._bring(found, bucket.name, bucket.key, partial(self._index, bucket))
                done += len(bucket.members)
                self.progress("search", done, total)
            for engine in engines:
                key = digest((self.plan.engine, self.plan.maker.engine, engine.lang))
                self._bring(found, engine, key, partial(self._make_engine, engine))
        except OSError as exc:
            message = f"the full-text index cannot be made: {exc.strerror or exc}"
            raise MachineError(error("", message, "make room; the site that was published before stands")) from exc
        for name in left:
            found.kept[_write_name(name)] = None
            found.gone |= {output.path for output in self._list_kept(name)}
        found.gone -= found.outputs.keys()
        return found

    def _bring(self, found: Texts, name: TextBucket, key: str, make: Callable[[], None]) -> None:
        kept = self.store.load_texts(_write_name(name))
        old = list(self.plan.plan_text_files(name, kept.files)) if kept else []
        found.gone |= {output.path for output in old}
        if not kept or kept.key != key or not all(map(self.is_published, old)):
            make()
            files = dict(_list_files(self.folder / bucket_folder(name)))
            found.kept[_write_name(name)] = kept = KeptTexts(key, files)
        found.outputs |= {output.path: output for output in self.plan.plan_text_files(name, kept.files)}

    def _list_kept(self, name: TextBucket) -> Iterator[Output]:
        kept = self.store.load_texts(_write_name(name))
        return self.plan.plan_text_files(name, kept.files if kept else {})

    def _index(self, bucket: Bucket) -> None:
        from site_builder import fulltext

        fulltext.index_texts(self._read_texts(bucket), bucket.name.lang, self.folder / bucket_folder(bucket.name))

    def _make_engine(self, name: TextBucket) -> None:
        from site_builder import fulltext

        fulltext.make_engine(name.lang, self.folder / bucket_folder(name))

    def _read_texts(self, bucket: Bucket) -> Iterator[TextPage]:
        from site_builder.fulltext import TextPage

        for card, stored in bucket.members:
            text = self.store.load_articles([stored])[stored]
            yield TextPage(card.url, card.title, card.date, card.section, parse_article(text).blocks)


def list_published(store: Store) -> list[TextBucket]:
    """Return the buckets of the full-text index of the last build."""
    return [bucket for bucket in map(_read_name, store.list_texts()) if bucket.period != ENGINE]


def find_kept(store: Store, path: str) -> str:
    """Return the digest of a file of the full-text index of the last build, or an empty string where there is none."""
    _, _, lang, period, *rest = path.split("/")
    kept = store.load_texts(_write_name(TextBucket(lang, period)))
    return kept.files.get("/".join(rest), "") if kept else ""


def _write_name(bucket: TextBucket) -> str:
    return f"{bucket.lang}/{bucket.period}"


def _read_name(name: str) -> TextBucket:
    lang, _, period = name.partition("/")
    return TextBucket(lang, period)


def _list_files(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), digest_bytes(path.read_bytes())


@contextmanager
def make_scratch(config: Config) -> Iterator[Path]:
    """Give a folder for files of the index, there for as long as it is needed.

    Raises MachineError when the disk does not take it.

    It has one name for each output, of which there is one build at a time: what a build left that was killed goes.
    """
    folder = config.state.with_name(config.state.stem.replace("state", "texts"))
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(exist_ok=True)
    except OSError as exc:
        hint = "make the folder writable"
        raise MachineError(error(str(config.cache), f"the cache cannot be written: {exc}", hint)) from exc
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
