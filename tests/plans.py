"""Archives and plans out of nothing but values, for tests of the pure floors."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from site_builder.catalogue import Catalogue, catalogue, find_base
from site_builder.config import Config
from site_builder.index import Index
from site_builder.model import Entry, FileFacts, Signature
from site_builder.plan import Plan
from site_builder.plan.files import place_shard
from site_builder.replan import Edit, Replan, Replanner
from site_builder.sitemap import SitemapView
from site_builder.urls import make_slug
from site_builder.views import Frame, Link

FRAME = Frame(
    title="Arsip", description="", language="id", base_url="", navigation=(), assets={}, text={},
    social=Link("Arsip", "social.png"),
)  # fmt: skip


def make_config(**settings: object) -> Config:
    return Config(content=Path("content"), output=Path("output"), cache=Path("cache"), **settings)


def make_entry(id_: str, date: str = "", title: str | None = None, **more: object) -> Entry:
    title = id_ if title is None else title
    entry = Entry(
        id=id_, article=f"digest of {id_}", kind="article", title=title, date=date, updated="", lang="id", sections=(),
        topics=(), publisher="", summary="", stem=make_slug(title), slug="", aliases=(), draft=False, related=(),
        candidates=(), links=(), suffix=".md", sha256=id_.ljust(64, "0"),
    )  # fmt: skip
    return entry._replace(**more)


def make_facts(path: str, sha256: str = "0" * 64, **more: object) -> FileFacts:
    return FileFacts(path, Signature(1, 1, 1, 1), sha256)._replace(**more)


def make_catalogue(*entries: Entry, lines=None, **settings: object) -> Catalogue:
    return catalogue(entries, make_config(**settings), lines)


def make_plan(articles: Iterable[tuple[str, str]], topic: str = "", **settings: object) -> Plan:
    """Return the plan of articles given as id and date, all under one topic."""
    config = make_config(**settings)
    entries = [make_entry(id_, date, topics=(topic,) if topic else ()) for id_, date in articles]
    return plan_entries(entries, config)


def plan_entries(
    entries: Iterable[Entry], config: Config | None = None, files: Mapping[str, FileFacts] | None = None
) -> Plan:
    config = config or make_config()
    archive = catalogue(entries, config).archive
    return Plan(archive, FRAME, config, defaultdict(str), {}, "engine", known_files=files or {})


def fill(index: Index, archive: object, *more: object) -> None:
    """Fill an index in one go."""
    for _ in index.fill(archive, *more):
        pass


def plan_change(old: Plan, changes: Mapping[str, Entry | None], files: Mapping[str, FileFacts] | None = None) -> Replan:
    """Return what is planned when some articles of a planned archive change: id -> entry, None for one that goes.

    `files` is what is known of files after the change, as far as it is something else.
    """
    known = {**old.known_files, **(files or {})}
    before = old.archive.entries
    database = sqlite3.connect(":memory:")
    index = Index(database, lambda entry: find_base(entry, old.config))
    fill(index, old.archive, {}, old.articles.tally, {})
    shards = (o for o in old.outputs.values() if isinstance(o.page, SitemapView) and not o.page.index)
    replanner = Replanner(
        edits=[Edit(before.get(id_), entry) for id_, entry in changes.items()],
        index=index,
        config=old.config,
        lines=None,
        present=frozenset(),
        plan_of=lambda archive: Plan(archive, FRAME, old.config, defaultdict(str), {}, "engine", known_files=known),
        load_entry=before.__getitem__,
        known_files=old.known_files,
        changed_files=frozenset(files or ()),
    )
    assert not replanner.find_obstacle()
    replan = replanner.replan(dict(map(place_shard, shards)), old.outputs.__contains__)
    database.close()
    return replan
