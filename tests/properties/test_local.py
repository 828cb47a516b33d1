"""A small change plans and rewrites a bounded handful of files, the same number whatever the archive's size."""

from __future__ import annotations

import importlib.util
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from site_builder import title_words
from site_builder.model import FileLink
from site_builder.plan import files, search
from tests.plans import make_config, make_entry, make_facts, plan_change, plan_entries
from tests.sites import NO_SHARED, SHARED, Site, list_files, list_times

BUDGET = 34
"""Files that one new article may write; besides, three for each topic and two for each listing that closes a page."""

CONFIG = make_config(page_size=3, base_url="https://example.org/")
NOT_LISTED = ("marked", "not-found", "search")
PLACES = st.tuples(st.integers(2018, 2020), st.integers(1, 12), st.integers(1, 28)).map(
    lambda day: f"{day[0]}-{day[1]:02}-{day[2]:02}"
)
DATES = st.one_of(st.just(""), PLACES)


@pytest.fixture(autouse=True, scope="module")
def _files_of_words():
    """Let archives as small as those here have files of words of titles."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (title_words, search):
            patch.setattr(module, "FILES", 64)
        patch.setattr(search, "FEWEST_TITLES", 0)
        yield


TOPICS = st.lists(st.sampled_from("abc"), unique=True, max_size=3).map(tuple)


def plan_dated(articles, extra=()):
    entries = [
        make_entry(f"{n:04}", date, topics=topics, sections=("s",), publisher="p")
        for n, (date, topics) in enumerate((*articles, *extra))
    ]
    return plan_entries(entries, CONFIG)


def list_changes(before, after) -> set[str]:
    old = {path: output.fingerprint for path, output in before.outputs.items()}
    new = {path: output.fingerprint for path, output in after.outputs.items()}
    return {path for path in old.keys() | new.keys() if old.get(path) != new.get(path)}


def count_closings(before, after) -> int:
    """Return how many pages of listings are new: each costs itself and its neighbour."""
    listings = [{p for p, o in plan.outputs.items() if o.kind == "listing"} for plan in (before, after)]
    return len(listings[1] - listings[0])


@given(st.lists(st.tuples(DATES, TOPICS), min_size=1, max_size=60), TOPICS, st.booleans())
@settings(max_examples=150)
def test_the_newest_article_changes_a_bounded_number_of_outputs(articles, topics, dated):
    before = plan_dated(articles)
    date = "2020-12-31" if dated else ""
    after = plan_dated(articles, [(date, topics)])
    changes = list_changes(before, after)
    assert len(changes) <= BUDGET + 3 * len(topics) + 2 * count_closings(before, after)
    articles_changed = {path.partition(".")[0] for path in changes if path.startswith("articles/")}
    assert len(articles_changed) <= 2, "the new article and one neighbour"


@given(st.lists(st.tuples(DATES, TOPICS), min_size=1, max_size=60), PLACES)
@settings(max_examples=100)
def test_a_late_find_shifts_pages_of_its_own_year_only(articles, date):
    changes = list_changes(plan_dated(articles), plan_dated(articles, [(date, ())]))
    for year in {"2018", "2019", "2020"} - {date[:4]}:
        touched = [p for p in changes if f"/{year}" in p and not p.startswith("sitemaps/")]
        # Beside a year that is new, the last or the first page of its neighbours gets a link to it.
        assert len(touched) <= 6


NEWS = st.tuples(DATES, TOPICS, st.sampled_from("xyz"))


@given(st.lists(NEWS, min_size=3, max_size=60), NEWS)
@settings(max_examples=100)
def test_pages_that_come_and_go_move_no_addresses_of_other_years_and_letters(articles, new):
    """In a large archive they did: of 100,000 articles one new page of a listing had 30 sitemaps written anew."""

    def plan(articles):
        named = enumerate(articles)
        return plan_entries([make_entry(f"{n:04}", d, f"{x} {n}", topics=t) for n, (d, t, x) in named], CONFIG)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "GROUPED_ABOVE", 2)
        patch.setattr(files, "SHARD_LENGTH", 3)
        before, after = plan(articles), plan([*articles, new])
        changes = {path for path in list_changes(before, after) if path.startswith("sitemaps/")}
    date, _, letter = new
    year = date[:4] or "undated"
    assert f"sitemaps/titles-{letter}.xml" in after.outputs
    near = ("pages", f"listings-{year}", f"titles-{letter}", year)
    assert not [path for path in changes if not path.startswith(tuple(f"sitemaps/{name}" for name in near))]
    listed = [place.url for o in after.outputs.values() if o.path.startswith("sitemaps/") for place in o.page.places]
    pages = {path for path, o in after.outputs.items() if path.endswith(".html") and o.kind not in NOT_LISTED}
    assert sorted(listed) == sorted(pages - {"index.html"} | {""})


@given(st.lists(st.tuples(DATES, TOPICS), min_size=2, max_size=40), st.data())
@settings(max_examples=60)
def test_what_is_no_input_of_an_output_changes_nothing_of_it(articles, data):
    """Another body: the article's own files. Nothing else."""
    plan = plan_dated(articles)
    number = data.draw(st.integers(0, len(articles) - 1))
    entries = list(plan.archive.entries.values())
    entries[number] = entries[number]._replace(article="another body", sha256="f" * 64)
    changes = list_changes(plan, plan_entries(entries, CONFIG))
    stem = plan.archive.cards[entries[number].id].url.removesuffix(".html")
    assert {path.partition(".")[0] for path in changes} == {stem}


# --- the budget of work: what is planned and written, never how long it takes ------------------------------------

PAGE_SIZE = 10


def make_news(year, number, yearly, name=""):
    """Return article `number` of a year's `yearly` ones, which are spread over all its months."""
    month, day = divmod(number * 12 * 28 // yearly, 28)
    return make_entry(
        f"{name or f'{year}-{number:03}'}.md",
        f"{year}-{month + 1:02}-{day + 1:02}",
        name or f"Kabar {year} nomor {number}",
        sections=(f"Rubrik {number % 3}",),
        topics=(f"Topik {number % 5}", f"Topik {5 + number % 7}"),
        publisher=f"Penerbit {number % 2}",
    )


def plan_years(years, yearly):
    """Return the plan of an archive with all outputs on."""
    config = make_config(page_size=PAGE_SIZE, base_url="https://example.org/", data=True, source=True)
    return plan_entries([make_news(1960 + year, n, yearly) for year in range(years) for n in range(yearly)], config)


def make_change(way, years, yearly):
    """Return the article that changes, and how many pages it touches in the longest listing of its year."""
    if way == "newest":
        return make_news(1960 + years - 1, yearly - 1, yearly, "Kabar terbaru"), 1
    behind = (yearly - yearly // 2) // PAGE_SIZE + 1
    article = make_news(1965, yearly // 2, yearly, "Kabar yang terlambat" if way == "late find" else "")
    return (article if way == "late find" else article._replace(article="another body", sha256="f" * 64)), behind


def limit_planned(pages):
    """Return how many outputs a change may plan that touches so many pages of its year in every listing."""
    articles = 3 * 4  # the article and its neighbours: page, data, source, how it was read
    listings = 5 * (2 + pages + 2)  # archive, section, publisher, two topics: front, feed, pages, one on either side
    months = 1 + 2
    pictures = 1  # of the section
    overviews = 8  # sections, topics, publishers, home, about, rules, search, the guide for programs
    titles = 5  # the letters, and the beginnings of one title; of others where one may just have come apart
    sitemaps = 4  # of the year, with its titles; of the listings, of all sitemaps
    words = 2 * title_words.MOST_WORDS  # of the title, and of the one before
    return articles + listings + pictures + months + overviews + sitemaps + titles + words


def limit_written(way, pages, closings):
    """Return how many files a change may write; `closings` are pages of listings that it makes necessary."""
    if way == "old body":
        return 4
    late = 5 * pages if way == "late find" else 0
    return BUDGET + 3 * 2 + 2 * closings + late


@pytest.mark.parametrize("way", ["newest", "old body", "late find"])
@pytest.mark.parametrize("growth", ["more years", "fuller years"])
def test_what_a_small_change_plans_and_writes_does_not_grow_with_the_archive(way, growth):
    """The counts of 300 articles and of 1,500, each held to the places of the article alone."""
    counts = []
    for years, yearly in ((12, 25), (60, 25) if growth == "more years" else (12, 125)):
        old = plan_years(years, yearly)
        article, pages = make_change(way, years, yearly)
        found = plan_change(old, {article.id: article})
        known = {path: output.fingerprint for path, output in old.outputs.items()}
        written = {path: o.kind for path, o in found.outputs.items() if known.get(path) != o.fingerprint}
        closings = sum(1 for path, kind in written.items() if kind == "listing" and path not in known)
        assert len(found.outputs) <= limit_planned(pages)
        assert len(written) <= limit_written(way, pages, closings)
        # The tree of titles has one more floor now and then; a new page of it is in a sitemap. And whether a late find
        # is among the newest of a feed is decided by what came after it.
        apart = {path for path, output in found.outputs.items() if output.kind in ("titles", "sitemap", "feed")}
        counts.append(
            (len(old.outputs), len(found.outputs) - closings - len(apart), len(written.keys() - apart) - 2 * closings)
        )
    (small, *few), (large, *many) = counts
    assert large > 3 * small
    if growth == "more years":
        assert few == many


def test_what_a_picture_changes_does_not_grow_with_the_archive():
    counts = []
    for years in (12, 60):
        articles = [make_news(1960 + year, n, 25) for year in range(years) for n in range(25)]
        articles[30] = articles[30]._replace(files=(FileLink("img/a.png"),))
        articles[31] = articles[31]._replace(files=(FileLink("img/a.png"), FileLink("img/b.png")))
        config = make_config(page_size=PAGE_SIZE, base_url="https://example.org/", data=True, source=True)
        old = plan_entries(articles, config, {name: make_facts(name) for name in ("img/a.png", "img/b.png")})
        found = plan_change(old, {}, {"img/a.png": make_facts("img/a.png", "1" * 64, width=30)})
        known = {path: output.fingerprint for path, output in old.outputs.items()}
        written = {path for path, output in found.outputs.items() if known.get(path) != output.fingerprint}
        pages = {old.archive.cards[article.id].url for article in articles[30:32]}
        assert written == {"files/img/a.png", *pages}
        assert not found.gone
        counts.append(len(found.outputs))
    assert counts[0] == counts[1] <= limit_planned(0)


@pytest.mark.slow
def test_one_article_among_hundreds_and_among_a_thousand(tmp_path):
    if not SHARED.is_dir():
        pytest.skip(NO_SHARED)
    spec = importlib.util.spec_from_file_location("make_corpus", SHARED / "bench" / "make_corpus.py")
    corpus = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(corpus)
    written = {}
    for count in (400, 1200):
        site = Site(tmp_path / str(count), 'base_url = "https://example.org/"\n')
        for number in range(count):
            corpus.write(number, count, str(site.root / "content"))
        assert site.build().articles == count
        before = list_times(site.output)
        again = site.build()
        assert (again.written, again.rendered, list_times(site.output)) == ((), (), before)
        pages = {path for path in before if "articles/" not in path}
        _, article = corpus.write(count, count, str(site.root / "content"))
        report = site.build()
        touched = {path for path, time in list_times(site.output).items() if before.get(path) != time}
        closings = 2 * len({p for p in touched - pages if "articles/" not in p})
        assert touched - {".site-builder.json"} == set(report.written)
        assert len(touched) <= BUDGET + 2 * len(article["tags"]) + closings
        written[count] = len(touched) - closings - 2 * len(article["tags"])
        clean = site.build_clean(tmp_path / "clean")
        assert list_files(site.output) == list_files(clean)
        shutil.rmtree(site.root)
    assert abs(written[400] - written[1200]) <= 2
