"""What the benchmarks make of figures: medians, ratios, growth, targets, pictures. Nothing is timed."""

from __future__ import annotations

import itertools
import json
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

import compare
import grow
import serving
from figures import divide, fill_document, find_medians, fit_growth, write_ratio, write_seconds, write_size
from picture import HEIGHT, LINE_HEIGHT, draw_growth
from targets import OURS, Figures, draw_verdicts, find_limits, judge

SVG = "{http://www.w3.org/2000/svg}"


def row(who, what, wall, cpu=None, **more):
    return Figures(who, 10_000, what, wall, wall if cpu is None else cpu, more.pop("peak", 100.0), **more)


# --- figures -----------------------------------------------------------------------------------------------------


def test_medians_are_those_of_each_column():
    assert find_medians([(1.0, 9.0), (3.0, 7.0), (2.0, 20.0)]) == (2.0, 9.0)
    assert find_medians([(1.0,), (2.0,)]) == (1.5,)


def test_what_is_not_known_has_no_ratio():
    assert (divide(1, 4), divide(None, 4), divide(1, None), divide(1, 0)) == (0.25, None, None, None)


@given(st.floats(0.1, 100), st.floats(1, 3), st.integers(2, 1000))
def test_a_power_law_is_found_again(factor, exponent, articles):
    points = [(n, factor * n**exponent) for n in (articles, 10 * articles)]
    growth = fit_growth([(1, 10**9), *points])
    assert growth.exponent == pytest.approx(exponent, abs=1e-6)
    assert growth.at(100 * articles) == pytest.approx(factor * (100 * articles) ** exponent, rel=1e-6)


@given(st.floats(0.1, 100), st.floats(0.001, 100), st.integers(2, 1000))
def test_a_constant_part_is_not_taken_for_slow_growth(constant, each, articles):
    growth = fit_growth([(n, constant + each * n) for n in (articles, 10 * articles)])
    assert growth.exponent < 1
    assert growth.at(1000 * articles) == pytest.approx(constant + each * 1000 * articles, rel=1e-6)


def test_what_fell_by_chance_is_not_expected_to_fall_further():
    assert fit_growth([(10, 2.0), (100, 1.0)]).at(1000) == 1.0


def test_nothing_grows_from_nought_or_from_one_point():
    assert fit_growth([(10, 1.0)]) is fit_growth([(10, 0.0), (100, 1.0)]) is fit_growth([]) is None


@pytest.mark.parametrize(
    ("write", "value", "text"),
    [
        (write_ratio, 0.0361, "0.036"),
        (write_ratio, 0.807, "0.81"),
        (write_ratio, 24.96, "25.0"),
        (write_ratio, None, "–"),
        (write_seconds, 0.1316, "0.132 s"),
        (write_seconds, 5.214, "5.21 s"),
        (write_seconds, 420.0, "420.0 s"),
        (write_seconds, 1500.0, "25 min"),
        (write_seconds, 9000.0, "2.5 h"),
        (write_size, 5_900, "5.9 kB"),
        (write_size, 5_900_000, "5.90 MB"),
        (write_size, 1_304_000_000, "1.30 GB"),
        (write_size, 61_000_000_000, "61.0 GB"),
    ],
)
def test_figures_are_written_for_people(write, value, text):
    assert write(value) == text


# --- the table of targets ----------------------------------------------------------------------------------------


def judge_one(what, *rows):
    (verdict,) = (verdict for verdict in judge(rows, 10_000) if verdict.what == what)
    return verdict


@pytest.mark.parametrize(("wall", "cpu", "met"), [(8.0, 8.0, True), (8.1, 1.0, False), (1.0, 8.1, False)])
def test_a_first_build_is_held_to_the_faster_layout_in_wall_and_cpu(wall, cpu, met):
    hugos = row("Hugo", "cold", 10.0, 12.0), row("Hugo, uglyURLs", "cold", 11.0, 10.0)
    verdict = judge_one("cold, Markdown", row(OURS, "cold", wall, cpu), *hugos)
    assert verdict.met is met
    assert verdict.ratio == f"{write_ratio(wall / 10)} × Hugo (CPU {write_ratio(cpu / 10)})"


@pytest.mark.parametrize(("own", "hugo", "met"), [(0.25, 6.25, True), (0.25, 6.0, False), (0.26, 60.0, False)])
def test_adding_one_must_be_both_fast_and_faster(own, hugo, met):
    for what, name in (("add-one", "add one newest article"), ("edit-one", "edit one old body")):
        assert judge_one(name, row(OURS, what, own), row("Hugo", what, hugo)).met is met


def test_a_late_find_is_held_to_adding_one_beside_it():
    add = row(OURS, "add-one beside it", 0.2)
    assert judge_one("one late-found article", add, row(OURS, "late-find", 0.4)).met is True
    assert judge_one("one late-found article", add, row(OURS, "late-find", 0.41)).met is False


@pytest.mark.parametrize(("written", "met"), [(28, True), (29, False)])
def test_files_are_allowed_for_each_topic_and_each_page_that_is_closed(written, met):
    add = row(OURS, "add-one beside it", 0.2, written=written, topics=3, closings=1)
    assert judge_one("files written on add-one", add).met is met


def test_the_peak_is_that_of_all_builds():
    rows = row(OURS, "cold", 9.0, peak=199.0), row(OURS, "noop", 0.1, peak=201.0)
    assert judge_one("peak memory", *rows).met is False
    assert judge_one("peak memory", rows[0]).met is True


def test_what_was_not_measured_or_not_shown_is_neither_met_nor_missed():
    assert {verdict.met for verdict in judge([], 10_000)} == {None}
    wrong = row(OURS, "cold", 1.0, shown=False)
    assert judge_one("cold, Markdown", wrong, row("Hugo", "cold", 10.0)).met is None
    assert "not measured" in draw_verdicts(judge([], 10_000))


def test_a_size_is_held_to_the_next_larger_one_s_limits():
    limits = {n: find_limits(n).add_factor for n in (1_000, 10_000, 10_001, 100_000, 10**6)}
    assert limits == {1_000: 25, 10_000: 25, 10_001: 70, 100_000: 70, 10**6: 70}


def test_the_runner_s_rows_are_read():
    told = {
        "peer": "hugo-ugly", "n": 1000, "scenario": "add-one", "files": 1403, "touched": 1402, "changed": 81,
        "shown": True, "median": {"wall": 0.5, "user": 0.75, "sys": 0.25, "rss": 133.5},
    }  # fmt: skip
    expected = Figures("Hugo, uglyURLs", 1000, "add-one", 0.5, 1.0, 133.5, 1403, 1402, 81)
    assert compare.read_row(told) == expected
    late = {**told, "shown": False, "median": {"wall": 900.0, "user": None, "sys": None, "rss": None}}
    assert compare.read_row(late) == expected._replace(wall=900.0, cpu=0.0, peak=0.0, shown=False)


def test_the_other_layout_of_hugo_is_made_of_the_runner_s_own(tmp_path):
    peer = tmp_path / "hugo"
    (peer / "layouts").mkdir(parents=True)
    (peer / "layouts" / "page.html").write_text("layout 0")
    (peer / "hugo.toml").write_text('title = "Arsip"\n')
    (peer / "peer.json").write_text('{"output": "public", "article_url": "/{section}/{slug}/"}')
    made = compare.make_ugly(peer, tmp_path / "ugly")
    assert (made / "hugo.toml").read_text() == 'uglyURLs = true\ntitle = "Arsip"\n'
    card = json.loads((made / "peer.json").read_text())
    assert card == {"output": "public", "article_url": "/{section}/{slug}.html", "tag_url": "/tags/{tag}.html"}
    assert (made / "layouts" / "page.html").read_text() == "layout 0"


def test_the_readme_shows_the_figures_that_are_kept():
    text = compare.README.read_text(encoding="utf-8")
    results = json.loads(compare.RESULTS.read_text(encoding="utf-8"))
    latest = {"latest": compare.write_results(results)}
    assert fill_document(text, latest) == text, "run `python benchmarks/compare.py --from … --write`"


# --- growth ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def results():
    return json.loads(grow.RESULTS.read_text(encoding="utf-8"))


def test_the_document_and_its_pictures_are_those_of_the_figures_that_are_kept(results):
    text = grow.DOCUMENT.read_text(encoding="utf-8")
    assert fill_document(text, grow.draw_tables(results)) == text, "run `python benchmarks/grow.py --from … --write`"
    for name, picture in grow.draw_pictures(results).items():
        assert (grow.PICTURES / name).read_text(encoding="utf-8") == picture
        assert f"(pictures/{name})" in text


def test_the_same_figures_make_the_same_pictures(results):
    assert grow.draw_pictures(results) == grow.draw_pictures(json.loads(json.dumps(results)))


def test_a_document_without_a_place_for_a_table_is_told():
    with pytest.raises(ValueError, match="'time'"):
        fill_document("<!-- size -->\n<!-- end -->\n", {"time": "| |\n"})


def test_what_stands_beside_the_articles_is_told_by_its_name():
    names = {
        "articles/a.json": "data",
        "articles/a.md": "source",
        "articles/a.marked.html": "source",
        "archive/rules.html": "source",
        "articles/a.html": "",
        "archive/2019.html": "",
        "assets/a.json": "",
    }
    assert {path: grow.name_extra(path) for path in names} == names


# --- the picture -------------------------------------------------------------------------------------------------

NAMES = st.text(st.characters(exclude_categories=("C",)), min_size=1, max_size=8)
VALUES = st.floats(0, 1e5).map(lambda value: 0.0 if value < 1e-6 else value)


@given(st.dictionaries(NAMES, st.lists(VALUES, min_size=1, max_size=3), min_size=1, max_size=8), st.data())
def test_a_picture_is_well_formed_and_holds_every_line(values, data):
    lines = {name: [(10.0 ** (3 + n), y) for n, y in enumerate(ys)] for name, ys in values.items()}
    drawn = {name for name, ys in values.items() if any(ys)}
    if not drawn:
        with pytest.raises(ValueError, match="nought"):
            draw_growth("Seconds", "s", lines, 1e7)
        return
    picture = draw_growth("Seconds <&", "s", lines, 1e7)
    root = ET.fromstring(picture)
    assert (root.get("role"), root.get("aria-labelledby")) == ("img", "t d")
    assert root.findtext(f"{SVG}title") == "Seconds <&"
    shown = [text for text in root.iter(f"{SVG}text") if (text.get("class") or "").startswith("n")]
    assert {text.text for text in shown} == drawn
    heights = sorted(float(text.get("y")) for text in shown)
    assert all(b - a > LINE_HEIGHT - 0.2 for a, b in itertools.pairwise(heights)), "names do not overlap"
    assert len(root.findall(f"{SVG}circle")) == sum(1 for ys in values.values() for y in ys if y)
    inside = [float(circle.get("cy")) for circle in root.iter(f"{SVG}circle")]
    assert all(0 <= y <= HEIGHT for y in (*inside, *heights))


def test_a_line_goes_on_dashed_as_it_grew():
    picture = draw_growth("Seconds", "s", {"a": [(1e3, 1.0), (1e4, 10.0), (1e5, 100.0)], "b": [(1e3, 1.0)]}, 1e7)
    (measured,) = re.findall(r'<path class="s0" d="M(.*?)"', picture)
    (guess,) = re.findall(r'<path class="s0 guess" d="M(.*?)"', picture)
    assert "s1 guess" not in picture, "nobody knows how b grows"
    (*_, (x1, y1), (x2, y2)) = ([float(n) for n in point.split()] for point in measured.split("L"))
    (x3, y3), *_, (x4, y4) = ([float(n) for n in point.split()] for point in guess.split("L"))
    assert (x3, y3) == (x2, y2)
    assert (y4 - y3) / (x4 - x3) == pytest.approx((y2 - y1) / (x2 - x1), rel=0.01)
    assert "10,000,000</text>" in picture
    assert "100 s at 100,000" in picture


# --- the development server --------------------------------------------------------------------------------------


def test_latencies_are_held_to_what_is_wanted_and_failures_are_told():
    results = {
        "day": "2024-05-06",
        "machine": "2 cores",
        "runs": 3,
        "rows": [
            {"peer": "ours", "n": 1000, "html": [100, 120, 500], "cpu": [0.1, 0.1, 0.2], "rss": 100},
            {"peer": "ours-ledger", "n": 10000, "html": [151, 151, 151], "cpu": [0.1, 0.1, 0.2], "rss": 1200},
            {"peer": "hugo", "n": 1000, "html": [400, 500, 600], "cpu": [1, 1, 1], "rss": 200},
            {"peer": "eleventy", "n": 1000, "html": [], "error": "edit 0 not served within 120 s"},
        ],
        "idle": {"articles": 100_000, "cpu": 0.15, "seconds": 30.0},
    }
    text = serving.write_results(results)
    assert "| site-builder | 1,000 | 120 | 100–500 | ≤ 120: met | 0.10 | 100 |" in text
    assert "| site-builder, with a ledger | 10,000 | 151 | 151–151 | ≤ 150: **not met** | 0.10 | 1,200 |" in text
    assert "| Hugo | 1,000 | 500 | 400–600 | – | 1.00 | 200 |" in text
    assert "| Eleventy | 1,000 | edit 0 not served within 120 s | – | – | – | – |" in text
    assert "100,000 articles: 0.50 % of a core" in text
