"""What stands in the heads of pages for machines: unique titles and descriptions, a policy, addresses, a picture."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

from site_builder import inputs as inputs_module
from tests.sites import make_markdown

BASE = 'base_url = "https://example.org/r/"\nlanguage = "en"\n'
HIDDEN = ("404.html", "archive/rules.html", "search.html")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'self'"
)
TEXT = "Bronto\n\nThe Bronto came in at noon, and the whole harbour stood on the quay to see it.\n"


class Head(HTMLParser):
    """A page: its title, metas by name, links by relation, scripts, and all attributes of its elements."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.title, self.metas, self.links, self.data, self.attributes = "", {}, [], [], []
        self._inside = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.attributes += [(tag, name) for name in attributes]
        self._inside = tag
        if tag == "meta":
            name = attributes.get("name") or attributes.get("property") or attributes.get("http-equiv")
            self.metas.setdefault(name, []).append(attributes.get("content"))
        if tag == "link":
            self.links.append(attributes)
        if tag == "script":
            assert attributes.get("src", "").endswith(".js") or attributes == {"type": "application/ld+json"}

    def handle_endtag(self, _):
        self._inside = ""

    def handle_data(self, data):
        if self._inside == "title":
            self.title += data
        if self._inside == "script":
            self.data += json.loads(data)["@graph"]

    def meta(self, name):
        (value,) = self.metas[name]
        return value


def read_heads(site):
    return {path.relative_to(site.output).as_posix(): Head(path.read_text()) for path in site.output.rglob("*.html")}


@pytest.fixture
def harbour(site):
    """An archive in which much has one name: articles, a section, a topic and a publisher; and little is told."""
    (site.root / "site.toml").write_text(BASE + "[listings]\npage_size = 1\n")
    for number, date in enumerate(["", "", "2019", "2019-03", "2019-03-04", "2019-03-04", "2020-01-01T10:00+07:00"]):
        facts = {"section": "Harbour", "tags": "Harbour, Fish", "publisher": "Harbour"}
        site.write(f"{number}.md", make_markdown("The tide", date, body="High.", **facts))
    site.write("bronto.txt", TEXT)
    site.write("lead/bronto.txt", TEXT)
    aliases = "[old/a.html, old/b.html]"
    text = make_markdown(
        "Moved", "2021-01-02", updated="2021-02-03", source_url="https://example.com/1", author="I. A."
    )
    site.write("moved.md", text.replace("---\n", f"---\naliases: {aliases}\n", 1))
    site.write("pages/about.md", make_markdown("Who we are"))
    site.write("pages/rights.md", make_markdown("Rights"))
    assert not site.build().errors
    return site


def test_no_two_pages_have_one_title_or_one_description(harbour):
    heads = read_heads(harbour)
    assert len(heads) > 60
    for values in ([head.title for head in heads.values()], [head.meta("description") for head in heads.values()]):
        assert [value for value in values if values.count(value) > 1] == []
        assert all(value.strip() for value in values)


def test_every_page_has_the_policy_and_obeys_it(harbour):
    for path, head in read_heads(harbour).items():
        scripts = "script-src 'self' 'wasm-unsafe-eval'" if path == "search.html" else "script-src 'self'"
        assert head.meta("Content-Security-Policy") == POLICY.replace("script-src 'self'", scripts), path
        assert not [name for _, name in head.attributes if name == "style" or name.startswith("on")], path
        assert ("style", "type") not in head.attributes
        assert "<style" not in harbour.read(path)


def test_a_block_lets_a_page_ask_for_more(harbour):
    harbour.template(
        "rules.html", "{% extends \"!default/rules.html\" %}{% block policy_scripts %} 'wasm-unsafe-eval'{% endblock %}"
    )
    harbour.build()
    policy = Head(harbour.read("archive/rules.html")).meta("Content-Security-Policy")
    assert policy == POLICY.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")


def test_what_is_not_to_be_found_says_so_and_is_not_in_the_sitemap(harbour):
    listed = "".join(path.read_text() for path in (harbour.output / "sitemaps").iterdir())
    for path, head in read_heads(harbour).items():
        is_refresh = "refresh" in head.metas
        is_hidden = head.metas.get("robots") == ["noindex"]
        assert is_hidden == (path.endswith(".marked.html") or path in HIDDEN), path
        address = "https://example.org/r/" + ("" if path == "index.html" else path)
        assert (f"<loc>{address}</loc>" in listed) == (not is_hidden and not is_refresh), path


def test_an_article_tells_what_is_known(harbour):
    head = Head(harbour.read("articles/moved.html"))
    assert head.title == "Moved – 2 Jan 2021 – Arsip"
    assert head.meta("og:type") == "article"
    assert head.meta("og:title") == "Moved"
    assert head.meta("og:description") == head.meta("description")
    assert head.meta("og:url") == "https://example.org/r/articles/moved.html"
    assert head.meta("og:image") == "https://example.org/r/social.png"
    assert head.meta("article:published_time") == "2021-01-02"
    assert head.meta("article:modified_time") == "2021-02-03"
    assert head.meta("twitter:card") == "summary_large_image"
    article, crumbs = head.data
    assert (article["datePublished"], article["isBasedOn"]) == ("2021-01-02", "https://example.com/1")
    assert [item["name"] for item in crumbs["itemListElement"]] == ["Home", "Archive", "2021", "Moved"]
    types = {link["type"]: link["href"] for link in head.links if link["rel"] == "alternate"}
    assert types == {
        "application/atom+xml": "../feed.xml",
        "application/json": "../articles/moved.json",
        "text/markdown": "../articles/moved.md",
    }


def test_an_article_of_a_section_has_its_picture_its_tags_and_its_feed(harbour):
    heads = [head for head in read_heads(harbour).values() if head.metas.get("article:section")]
    assert len(heads) == 7
    for head in heads:
        assert head.meta("og:image") == "https://example.org/r/sections/harbour/social.png"
        assert head.meta("og:image:alt") == "Harbour – Arsip"
        assert head.metas["article:tag"] == ["Harbour", "Fish"]
    assert (harbour.output / "sections" / "harbour" / "social.png").read_bytes().startswith(b"\x89PNG")


def test_a_date_without_a_day_is_no_time_of_open_graph(harbour):
    heads = [head for head in read_heads(harbour).values() if head.metas.get("og:type") == ["article"]]
    dates = {head.data[0].get("datePublished"): head.metas.get("article:published_time") for head in heads}
    assert dates[None] is dates["2019"] is dates["2019-03"] is None
    assert dates["2019-03-04"] == ["2019-03-04"]
    assert dates["2020-01-01T10:00+07:00"] == ["2020-01-01T10:00+07:00"]


def test_listings_have_crumbs_and_the_home_page_is_a_site(harbour):
    (crumbs,) = Head(harbour.read("sections/harbour.html")).data
    assert [item["name"] for item in crumbs["itemListElement"]] == ["Home", "Sections", "Harbour"]
    (home,) = Head(harbour.read("index.html")).data
    action = home.pop("potentialAction")
    assert home == {"@type": "WebSite", "name": "Arsip", "url": "https://example.org/r/", "inLanguage": "en"}
    assert action["target"]["urlTemplate"] == "https://example.org/r/search.html?q={search_term_string}"


def test_a_page_in_a_folder_lies_below_the_page_of_its_name(harbour):
    harbour.write("pages/help.md", make_markdown("Help"))
    harbour.write("pages/help/tides.md", make_markdown("Tides"))
    harbour.write("pages/help/tides/spring.md", make_markdown("Spring tides"))
    harbour.write("pages/other/alone.md", make_markdown("Alone"))
    harbour.build()

    def name(path):
        (crumbs,) = Head(harbour.read(path)).data
        return [item["name"] for item in crumbs["itemListElement"]]

    assert name("help/tides/spring.html") == ["Home", "Help", "Tides", "Spring tides"]
    assert name("help/tides.html") == ["Home", "Help", "Tides"]
    assert name("other/alone.html") == ["Home", "Alone"]
    assert '<li><a href="../../help.html" lang="en" dir="auto">Help</a></li>' in harbour.read("help/tides/spring.html")


@pytest.mark.parametrize("feeds", [[], ["archive"], ["section"], ["topic", "archive"]])
def test_only_listings_of_the_kinds_that_are_named_have_feeds(harbour, feeds):
    harbour.write("ferry.md", make_markdown("Ferry", "2021-01-09", section="Town", tags="fish"))
    settings = (harbour.root / "site.toml").read_text(encoding="utf-8")
    (harbour.root / "site.toml").write_text(f"{settings}\n[outputs]\nfeeds = {feeds}\n", encoding="utf-8")
    assert not harbour.build().errors
    paths = {"archive": "feed.xml", "section": "sections/town/feed.xml", "topic": "topics/fish/feed.xml"}
    there = {file.relative_to(harbour.output).as_posix() for file in harbour.output.rglob("feed.xml")}
    assert {kind for kind, path in paths.items() if path in there} == {*feeds}
    assert bool(there) == bool(feeds)
    announced = {
        (harbour.output / path).parent.joinpath(link["href"]).resolve().relative_to(harbour.output.resolve()).as_posix()
        for path, head in read_heads(harbour).items()
        for link in head.links
        if link.get("type") == "application/atom+xml" and path != "404.html"
    }
    assert announced == there


def test_topics_have_feeds_that_their_fronts_announce(harbour):
    links = Head(harbour.read("topics/fish.html")).links
    assert "../topics/fish/feed.xml" in [link["href"] for link in links if link["rel"] == "alternate"]
    assert "<title>Fish – Arsip</title>" in harbour.read("topics/fish/feed.xml")
    assert not (harbour.output / "publishers" / "harbour" / "feed.xml").exists()


def test_without_an_address_nothing_absolute_is_said(site):
    site.write("a.md", make_markdown("A", "2021-01-02", section="Town", tags="x"))
    site.build()
    head = Head(site.read("articles/a.html"))
    assert not [name for name in head.metas if name in ("og:url", "og:image", "og:image:alt")]
    assert head.meta("twitter:card") == "summary"
    assert [thing["@type"] for thing in head.data] == ["NewsArticle"]
    assert not re.search(r"https?://(?!schema\.org)", site.read("articles/a.html"))
    assert not list(site.output.rglob("*.png"))
    assert "](archive/index.html)" in site.read("llms.txt")


def test_without_pillow_there_is_no_picture_and_all_else_is_the_same(site, monkeypatch):
    (site.root / "site.toml").write_text(BASE)
    site.write("a.md", make_markdown("A", "2021-01-02", section="Town"))
    site.build()
    told = site.read("articles/a.html")
    pictures = {"social.png", "sections/town/social.png"}
    assert {path.relative_to(site.output).as_posix() for path in site.output.rglob("*.png")} == pictures
    find = inputs_module.find_versions
    monkeypatch.setattr(inputs_module, "find_versions", lambda *names: find(*(n for n in names if n != "pillow")))
    report = site.build()
    assert set(report.deleted) == pictures
    without = re.sub(r' *<meta property="og:image[^>]*>\n|,?"image":"[^"]*"', "", told)
    assert site.read("articles/a.html") == without.replace("summary_large_image", "summary")
    assert not site.build().written
