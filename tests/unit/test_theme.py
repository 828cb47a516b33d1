"""The languages of the interface, and what the settings change in the theme."""

from __future__ import annotations

import re

import pytest

from site_builder.config import NAMES, parse_settings
from site_builder.errors import ConfigError
from site_builder.theme import find_default_theme
from tests.sites import make_markdown


def build_in(site, settings, **strings):
    (site.root / "site.toml").write_text(settings, encoding="utf-8")
    for name, text in strings.items():
        site.template(f"strings/{name.replace('_', '-')}.toml", text)
    site.write("2024-03-01-a.md", make_markdown("Perahu", lang="id"))
    report = site.build()
    return site.read("index.html"), [str(p) for p in report.problems if "base_url" not in p.message]


def test_without_words_the_interface_is_english_and_says_so(site):
    page, told = build_in(site, 'language = "ms"\n')
    assert '<html lang="en" dir="ltr">' in page
    assert "1 article," in page
    assert '" lang="id" dir="auto">Perahu</a>' in page
    assert told == [
        "site.toml: the interface has no words in the language 'ms' and is in English (there are en, id) "
        "(add templates/strings/ms.toml)"
    ]
    again = site.build()
    assert not again.written
    assert [str(p) for p in again.problems if "base_url" not in p.message] == told


@pytest.mark.parametrize(("code", "word"), [("id-ID", "1 artikel"), ("en-GB", "1 article")])
def test_a_region_has_the_words_of_its_language(site, code, word):
    page, told = build_in(site, f'language = "{code}"\n')
    assert (f'<html lang="{code}" dir="ltr">' in page, word in page, told) == (True, True, [])


def test_a_region_s_file_needs_only_what_differs(site):
    page, told = build_in(site, 'language = "id-ID"\n', id_ID='latest = "Baru"\n')
    assert (">Baru</h2>" in page, "Menurut tahun" in page, told) == (True, True, [])


def test_another_language_is_one_file_and_what_it_lacks_is_english(site):
    arabic = """
latest = "الأحدث"
articles = { one = "مقالة واحدة", two = "مقالتان", few = "{n} مقالات", other = "{n} مقالة" }
"""
    page, told = build_in(site, 'language = "ar"\n', ar=arabic)
    assert '<html lang="ar" dir="rtl">' in page
    assert "الأحدث" in page
    assert "مقالة واحدة" in page
    assert "1 مارس 2024" in page
    assert "By year" in page
    assert len(told) == 1
    assert told[0].startswith("templates/strings/ar.toml: ")
    assert "by_year" in told[0]
    assert "articles.many" in told[0]
    assert "latest" not in told[0]


def test_a_language_that_nobody_knows_lacks_dates_too(site):
    page, told = build_in(site, 'language = "tlh"\n', tlh='home = "juH"\n')
    assert '<html lang="tlh" dir="ltr">' in page
    assert "1 Mar 2024" in page
    assert "months" in told[0]


def test_mistakes_in_a_language_file_are_errors(site):
    with pytest.raises(ConfigError, match=r"strings/id.toml: by has the field \{nama\}, which is not filled in"):
        build_in(site, "", id='by = "Oleh {nama}"\n')


def test_an_article_from_right_to_left_in_an_interface_from_left_to_right(site):
    site.write(
        "2024-01-01-b.md", make_markdown("عاد العبّار إلى النهر", lang="ar", body="BBC: عاد العبّار.", slug="ferry")
    )
    build_in(site, "")
    page = site.read("articles/ferry.html")
    assert '<article lang="ar" dir="rtl">' in page
    assert '<p class="meta" lang="id" dir="ltr">' in page
    assert '<div class="text">' in page, "the text has the direction of its language, whatever its first letter"
    assert '<span><bdi lang="ar">عاد العبّار إلى النهر</bdi></span>' in site.read("articles/perahu.html")
    assert '" lang="ar" dir="auto">عاد العبّار إلى النهر</a>' in site.read("index.html")
    assert "dir=" not in re.findall(r"<article[^>]*>", site.read("articles/perahu.html"))[0]


def test_titles_of_pages_redirects_and_examples_have_their_language(site):
    site.write("pages/rights.md", make_markdown("Rights", lang="en"))
    site.write("2024-01-01-c.md", make_markdown("Ferry", lang="en", aliases="old.html"))
    page, _ = build_in(site, "")
    assert '<a href="rights.html" lang="en" dir="auto">Rights</a>' in page
    assert '<a href="articles/ferry.html" lang="en" dir="auto">Ferry</a>' in site.read("old.html")


# --- settings ------------------------------------------------------------------------------------------------------


def test_names_change_words_everywhere(site):
    page, told = build_in(site, 'language = "en"\n[names]\narchive = "Old <papers>"\n')
    assert ">Old &lt;papers&gt;</a>" in page
    assert '<h1 dir="auto">Old &lt;papers&gt;</h1>' in site.read("archive/index.html")
    assert told == []


def test_names_are_checked_at_their_lines():
    with pytest.raises(ConfigError) as caught:
        parse_settings('title = "x"\n[names]\narchiv = "a"\nhome = 3\n')
    assert [str(p) for p in caught.value.problems] == [
        "site.toml:3: unknown name 'archiv' in [names] (did you mean 'archive'?)",
        "site.toml:4: names.home must be a text in quotation marks",
    ]


def test_every_name_is_a_word_without_fields():
    import tomllib

    words = tomllib.loads((find_default_theme() / "strings" / "en.toml").read_text(encoding="utf-8"))
    assert all(isinstance(words[name], str) and "{" not in words[name] for name in NAMES)


def test_a_footer_has_paragraphs_and_links_and_nothing_else(site):
    site.write("pages/rights.md", make_markdown("Rights", lang="en"))
    text = "Kept by <b>friends</b>. [Rights](rights)\\n\\n[Home of ours](https://example.org)"
    build_in(site, f'footer = "{text}"\n')
    page = site.read("archive/index.html")
    assert '<p><bdi>Kept by &lt;b&gt;friends&lt;/b&gt;. <a href="../rights.html">Rights</a></bdi></p>' in page
    assert '<p><bdi><a href="https://example.org" rel="external">Home of ours</a></bdi></p>' in page
    with pytest.raises(ConfigError, match=r"the footer names the page 'wrongs', which is not there"):
        build_in(site, 'footer = "[a](wrongs)"\n')


@pytest.mark.parametrize(
    "line",
    ['footer = "[a](javascript:alert)"', "footer = 1", 'theme.accent = "red"', 'theme.accent = "#12345"',
     'theme.accent = "#123;}"', 'theme.accent_dark = "x"', "names = 3", 'theme.colour = "#fff"'],
)  # fmt: skip
def test_impossible_settings_of_the_theme_are_told(line):
    with pytest.raises(ConfigError, match=r"^site.toml:1: "):
        parse_settings(line)


def test_an_accent_is_in_the_style_sheet_whose_name_changes(site):
    build_in(site, "")
    plain = {path.name for path in (site.output / "assets").glob("style.*")}
    page, told = build_in(site, '[theme]\naccent = "#00563f"\n')
    (name,) = {path.name for path in (site.output / "assets").glob("style.*")}
    assert {name} != plain
    assert name in page
    assert "style=" not in page
    assert "--accent: #00563f;" in site.read(f"assets/{name}")
    assert told == []
    site.template("assets/style.css", "p { color: var(--accent); }\n")
    _, told = build_in(site, '[theme]\naccent = "#ffee88"\naccent_dark = "#222"\n')
    (name,) = {path.name for path in (site.output / "assets").glob("style.*")}
    assert site.read(f"assets/{name}").startswith("p { color")
    assert "--accent: #ffee88;" in site.read(f"assets/{name}")
    assert told == [
        "site.toml: theme.accent has a contrast of 1.2 on the light page (small text wants 4.5)",
        "site.toml: theme.accent_dark has a contrast of 1.1 on the dark page (small text wants 4.5)",
    ]


def test_articles_of_years_before_the_recent_ones_say_their_year(site):
    for year in (1998, 2009, 2010, 2024):
        site.write(f"{year}.md", make_markdown(f"Naskah {year}", f"{year}-03-01"))
    site.write("lain.md", make_markdown("Naskah lain"))

    def list_told() -> list[str]:
        paths = sorted((site.output / "articles").glob("naskah-*.html"))
        return [path.stem for path in paths if 'class="age"' in path.read_text(encoding="utf-8")]

    site.build(source=False)
    assert list_told() == ["naskah-1998", "naskah-2009", "naskah-2010"]
    site.build(source=False, recent_from=2010)
    assert list_told() == ["naskah-1998", "naskah-2009"]
    site.build(source=False, recent_from=0)
    assert list_told() == []


def test_programs_are_told_where_to_search_if_there_is_a_search(site):
    site.write("a.md", make_markdown("Air"))
    site.build(base_url="https://example.org/a/")
    assert '"urlTemplate":"https://example.org/a/search.html?q={search_term_string}"' in site.read("index.html")
    site.build(base_url="https://example.org/a/", search_engine="none")
    assert "SearchAction" not in site.read("index.html")


def test_names_in_a_citation_of_two_directions_keep_to_themselves(site):
    site.write("a.md", make_markdown("مجلة الميناء <b>", "2019-03-01", author="Rahma & Söhne"))
    site.write("b.md", make_markdown("Café", "2019-03-02"))
    site.build(base_url="https://example.org/a/")
    (path,) = (path for path in (site.output / "articles").glob("*.html") if "<bdi>Rahma" in path.read_text("utf-8"))
    cited = path.read_text("utf-8").split('class="copy cite"')[1].split("</p>")[0]
    assert "<bdi>Rahma &amp; Söhne</bdi>. “<bdi>مجلة الميناء &lt;b&gt;</bdi>.” <bdi>1 Maret 2019</bdi>." in cited
    assert "<bdi>" not in site.read("articles/cafe.html").split('class="copy cite"')[1].split("</p>")[0]
