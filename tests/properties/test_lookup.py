"""An output that is looked up by its path is the one of the whole plan."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from site_builder import titles as titles_module
from site_builder.catalogue import find_base
from site_builder.index import Index
from site_builder.lookup import Lookup
from site_builder.model import Entry
from site_builder.plan import Plan
from site_builder.plan import files as files_module
from site_builder.plan.files import place_shard
from site_builder.sitemap import SitemapView
from tests.plans import FRAME, fill, make_config, make_entry, plan_entries
from tests.properties.test_replan import FACTS, IDS, SETTINGS, entries


def make_lookup(whole: Plan, known: dict[str, Entry]) -> Lookup:
    config = whole.config
    index = Index(sqlite3.connect(":memory:"), lambda entry: find_base(entry, config))
    fill(index, whole.archive, {}, whole.articles.tally, {})
    archive = index.archive()
    outputs = whole.outputs.values()
    shards = dict(place_shard(o) for o in outputs if isinstance(o.page, SitemapView) and not o.page.index)
    plan = Plan(archive, FRAME, config, whole.closures, whole.assets, whole.engine, known_files=whole.known_files)
    return Lookup(plan=plan, archive=archive, index=index, shards=shards, load_entry=known.__getitem__)


@settings(max_examples=60)
@given(st.lists(st.sampled_from(IDS), unique=True, min_size=1, max_size=len(IDS)), SETTINGS, FACTS, st.data())
def test_every_output_is_found_as_it_is_in_the_whole_plan(ids, chosen, files, data):
    known = {id_: data.draw(entries(id_)) for id_ in ids}
    known["pages/kami.md"] = make_entry("pages/kami.md", title="Kami", kind="page", aliases=("dulu/kami.html",))
    known["z.md"] = make_entry("z.md", "2020-02-02", "Judul z", aliases=("lama/z.html", "z.html"))
    whole = plan_entries(known.values(), make_config(**chosen), files)
    lookup = make_lookup(whole, known)
    for path, output in whole.outputs.items():
        assert lookup.find_output(path) == output
    for path in ("archive/1999.html", "archive", "topics/none.html", "sitemaps/1999.xml", "sitemaps/x-2.xml", "", "."):
        assert lookup.find_output(path) is None


@pytest.fixture(autouse=True, scope="module")
def small_sitemaps():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files_module, "SHARD_LENGTH", 3)
        patch.setattr(files_module, "GROUPED_ABOVE", 5)
        patch.setattr(titles_module, "LEAF", 2)
        yield
