"""What pages say of themselves to machines: only what is known, and in no way that could end the script element."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.model import Article
from site_builder.structured_data import (
    Place,
    Whole,
    describe_article,
    describe_crumbs,
    describe_site,
    format_script,
)

WHOLE = Whole("Arsip Muara", "https://example.org/arsip/")
TEXTS = st.text() | st.text("</script>!-&\u2028\u2029\"\\'")


def make_article(**facts):
    return Article(id="a.txt", format="text", title="Air naik", title_from="text", **facts)


class Scripts(HTMLParser):
    """Gathers the texts of scripts as a browser does, and all tags besides."""

    def __init__(self):
        super().__init__()
        self.tags, self.text = [], ""

    def handle_starttag(self, tag, _):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


@given(st.dictionaries(TEXTS, TEXTS | st.lists(TEXTS)))
def test_any_text_comes_back_and_none_ends_the_element(thing):
    script = format_script(thing)
    assert json.loads(script)["@graph"] == [thing]
    assert not set(script) & set("<>&\u2028\u2029")
    page = Scripts()
    page.feed(f"<script>{script}</script><p>")
    page.close()
    assert (page.tags, page.text) == (["script", "p"], str(script))


def test_of_an_article_of_which_nothing_is_known_nothing_is_said():
    assert describe_article(make_article(), Place(), Whole("Arsip", "")) == {
        "@type": "NewsArticle",
        "headline": "Air naik",
        "isPartOf": {"@type": "WebSite", "name": "Arsip"},
        "isAccessibleForFree": True,
    }


def test_what_is_known_is_said_in_the_words_of_schema_org():
    article = make_article(
        date="1998-03", updated="1998-04-02", byline="Ines Aldren", lang="id", source_url="https://example.com/1"
    )
    place = Place(
        url="https://example.org/arsip/articles/air.html",
        section="Kota",
        topics=["Banjir", "Sungai"],
        publisher="Suara Muara",
        image="https://example.org/arsip/social.png",
    )
    assert describe_article(article, place, WHOLE) == {
        "@type": "NewsArticle",
        "headline": "Air naik",
        "datePublished": "1998-03",
        "dateModified": "1998-04-02",
        "author": {"@type": "Person", "name": "Ines Aldren"},
        "publisher": {"@type": "Organization", "name": "Suara Muara"},
        "inLanguage": "id",
        "articleSection": "Kota",
        "keywords": ["Banjir", "Sungai"],
        "image": "https://example.org/arsip/social.png",
        "mainEntityOfPage": "https://example.org/arsip/articles/air.html",
        "isBasedOn": "https://example.com/1",
        "isPartOf": {"@type": "WebSite", "name": "Arsip Muara", "url": "https://example.org/arsip/"},
        "isAccessibleForFree": True,
    }


@pytest.mark.parametrize("address", ["javascript:alert(1)", "lama/1.html", "ftp://example.org/1"])
def test_a_source_without_an_address_of_the_web_is_not_named(address):
    assert "isBasedOn" not in describe_article(make_article(source_url=address), Place(), WHOLE)


def test_crumbs_count_from_one_and_the_page_itself_is_last_and_without_address():
    crumbs = describe_crumbs([("Beranda", "index.html"), ("Arsip", "archive/index.html")], "1998", WHOLE)
    assert crumbs["itemListElement"] == [
        {"@type": "ListItem", "position": 1, "name": "Beranda", "item": "https://example.org/arsip/"},
        {"@type": "ListItem", "position": 2, "name": "Arsip", "item": "https://example.org/arsip/archive/index.html"},
        {"@type": "ListItem", "position": 3, "name": "1998"},
    ]


def test_a_search_is_told_only_where_there_is_one():
    assert "potentialAction" not in describe_site(WHOLE, "", "id")
    action = describe_site(WHOLE, "", "id", "search.html")["potentialAction"]
    assert action["target"]["urlTemplate"] == "https://example.org/arsip/search.html?q={search_term_string}"
    assert action["query-input"] == "required name=search_term_string"
