from __future__ import annotations

import re
from pathlib import Path

import pytest

from site_builder.config import KEYS, parse_settings
from site_builder.errors import ConfigError
from site_builder.installed import Requirement
from site_builder.sources import find_site, load_config
from site_builder.starter import make_site


def test_all_mistakes_are_told_at_once_each_at_its_line():
    text = 'titel = "x"\nlanguage = "Bahasa"\n[listings]\npage_size = 0\n[outputs]\ndata = "yes"\ndates = 3\n'
    with pytest.raises(ConfigError) as caught:
        parse_settings(text)
    told = [str(problem) for problem in caught.value.problems]
    assert told == [
        "site.toml:1: unknown key 'titel' (did you mean 'title'?)",
        'site.toml:2: language must be a language code, such as "id" or "en"',
        "site.toml:4: listings.page_size must be a whole number from 1 to 1000",
        "site.toml:6: outputs.data must be true or false",
        "site.toml:7: unknown key 'outputs.dates' (did you mean 'outputs.data'?)",
    ]


def test_a_syntax_error_has_its_line_and_column():
    with pytest.raises(ConfigError, match=r"site.toml:2:9: this is not TOML"):
        parse_settings("a = 1\ntitle = \n")


@pytest.mark.parametrize(
    "line",
    [
        'base_url = "example.org"', 'base_url = "javascript:alert(1)"', 'base_url = "https://a b/"',
        'navigation = [{title = "x"}]', 'navigation = [{title = "x", url = "javascript:alert(1)"}]',
        'addresses.article = "articles/{name}.html"', 'addresses.article = "articles/a.html"',
        'addresses.article = "../{slug}.html"', 'addresses.article = "topics/{slug}.html"',
        'addresses.article = "{slug}.php"', 'addresses.ledger = "../a.csv"', 'text.encodings = ["klingon"]',
        'text.encodings = ["rot13"]', 'search.engine = "google"', "limits.seconds = 0", "title = 3",
        'outputs.feeds = "topic"', 'outputs.feeds = ["publisher"]', "outputs.feeds = true",
    ],
)  # fmt: skip
def test_impossible_values_are_told(line):
    with pytest.raises(ConfigError, match=r"^site.toml:1: "):
        parse_settings(line)


def test_a_base_url_ends_in_a_slash():
    assert parse_settings('base_url = "https://owner.github.io/repo"') == {"base_url": "https://owner.github.io/repo/"}


def test_the_starter_s_settings_name_every_key_with_its_default_on_one_line(tmp_path):
    make_site(tmp_path / "new", day="2024-03-01", requirement=Requirement("site-builder", is_found=True))
    text = (tmp_path / "new" / "site.toml").read_text()
    assert load_config(tmp_path / "new").title == "Arsip"
    written = parse_settings(re.sub(r"^# (?=[a-z_]+ = )", "", text, flags=re.M))
    assert set(written) == {field for field, _ in KEYS.values()}
    (tmp_path / "empty").mkdir()
    defaults = load_config(tmp_path / "empty")
    for field, value in written.items():
        if field != "ledger":  # a new site has one
            assert getattr(defaults, field) == value, field
    for line in text.splitlines():
        assert not line or line.startswith(("# The", "# What", "[", "title")) or re.fullmatch(r".* = .+ # .+", line)
        assert len(line) <= 120


def test_every_key_stands_in_the_manual():
    manual = (Path(__file__).parents[2] / "content" / "pages" / "manual" / "configuration.md").read_text()
    assert [key for key in KEYS if f"`{key}`" not in manual] == []


def test_the_nearest_site_is_found(tmp_path):
    (tmp_path / "site.toml").touch()
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert find_site(tmp_path / "a" / "b") == tmp_path


def test_a_foreign_content_folder_records_nothing_in_the_ledger(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "site.toml").write_text('[addresses]\nledger = "addresses.csv"\n')
    assert load_config(tmp_path).ledger == tmp_path / "addresses.csv"
    foreign = load_config(tmp_path, content="elsewhere")
    assert (foreign.ledger, foreign.record, foreign.output) == (None, False, tmp_path / "output")


def test_with_content_and_no_site_the_output_is_in_the_current_folder(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    config = load_config(tmp_path / "no-site", content="../articles")
    assert config.output == tmp_path / "here" / "output"
    assert config.content == tmp_path / "articles"
