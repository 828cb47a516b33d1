"""The press renders as Jinja alone would, though it draws equal cards once and writes what only depends on the site."""

from __future__ import annotations

import pickle
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from site_builder.model import Card
from site_builder.render import Recipe
from site_builder.templating import ROOT_MARK, Press, make_environment
from site_builder.theme import Templates
from site_builder.views import Frame

WORDS = {
    "home": "Pulang & <pergi>",
    "items": "Barang",
    "months": list("abcdefghijkl"),
    "months_short": list("ABCDEFGHIJKL"),
    "date": "{day} {month} {year}",
    "date_short": "{day} {month}",
    "month": "{month} {year}",
    "thousands": ".",
    "plural": {"one": "n = 1"},
    "articles": {"one": "{n} artikel", "other": "{n} artikel-artikel"},
}
SITE = Frame(
    title="Teluk <Sunyi>",
    description="",
    language="id",
    base_url="",
    navigation=(),
    assets={"a.css": "x.css"},
    text=WORDS,
)
CARD = Card("a.md", "articles/a.html", "Ikan & garam", "2019-03-09", "id", "Pasar", "", "Ringkas", "")
DRAWN = '<a href="{{ page.root }}{{ card.url }}">{{ card.title }} {{ card.date | date_short }} {{ site.title }}</a>'
LISTING = "{% for card in page.cards %}[{% include 'card.html' %}]{% endfor %}"


@dataclass(frozen=True)
class Page:
    """A page of cards; `root` as in `View`."""

    cards: tuple[object, ...] = (CARD,)
    root: str = "../"
    values: dict[str, object] = field(default_factory=dict)


def press(**texts: str) -> Press:
    named = {f"{name}.html": text for name, text in texts.items()}
    return Press(named, {name: f"templates/{name}" for name in named}, WORDS, SITE)


def plain(shown: Page, **texts: str) -> str:
    """Return what Jinja makes of page.html without any short cut."""
    named = {f"{name}.html": text for name, text in texts.items()}
    environment = make_environment(named, named, WORDS)
    return environment.get_template("page.html").render(site=SITE, page=shown)


def render_all(pages: list[Page], **texts: str) -> list[str]:
    """Return what a press makes of pages one after the other, having held each against Jinja alone."""
    pressed = press(**texts)
    made = [pressed.render("page.html", page) for page in pages]
    assert made == [plain(page, **texts) for page in pages]
    return made


def list_lines(exc: Exception) -> list[str]:
    """Return the lines of templates in a traceback, the innermost last."""
    frames = traceback.extract_tb(exc.__traceback__)
    return [f"{frame.filename}:{frame.lineno}" for frame in frames if frame.filename.startswith("templates/")]


def test_equal_cards_at_different_depths_lead_to_their_own_addresses():
    pages = [Page(root=root) for root in ("../", "../../", "", "/a&b/", "../")]
    made = render_all(pages, page=LISTING, card=DRAWN)
    assert 'href="../../articles/a.html"' in made[1]
    assert 'href="/a&amp;b/articles/a.html"' in made[3]


def test_an_equal_card_is_drawn_once(monkeypatch):
    pressed = press(page=LISTING, card=DRAWN)
    drawn = []
    draw = pressed._draw
    monkeypatch.setattr(pressed, "_draw", lambda card, *more: drawn.append(card) or draw(card, *more))
    other = CARD._replace(title="Kopi")
    for root in ("../", "../../"):
        pressed.render("page.html", Page((CARD, other, Card(*CARD)), root))
    assert drawn == [CARD, other]


@pytest.mark.parametrize(
    "card",
    [
        "{{ page.root }}{{ card.title }} of {{ page.cards|length }}",
        "{% if page.root == '../' %}near{% else %}far{% endif %} {{ card.title }}",
        "{{ page.root|length }} {{ card.title }}",
        "{% for n in [1] %}{{ card.title }} {{ page.root }}{% endfor %}",
        "{{ card.title }}{{ number }}",
        "{% set title = card.title %}{{ title }} {{ page.root }}",
        "{% block x %}{{ card.title }} {{ page.root }}{% endblock %}",
        "{{ card.title }}{% include 'root.html' %}",
    ],
)
def test_a_card_that_looks_at_more_than_itself_is_drawn_each_time(card):
    page = "{% set number = page.cards|length %}" + LISTING
    pages = [Page((CARD, CARD), "../"), Page((CARD,), "../../"), Page((CARD, CARD, CARD), "")]
    assert len(set(render_all(pages, page=page, card=card, root="{{ page.root }}"))) == 3


def test_equal_values_of_other_kinds_are_not_taken_for_each_other():
    class Number(NamedTuple):
        title: object

    cards = [Number(value) for value in (1, True, 1.0, "x<", Markup("x<"), "1")]
    made = render_all([Page((card,)) for card in cards], page=LISTING, card="{{ card.title }}")
    assert made == ["[1]", "[True]", "[1.0]", "[x&lt;]", "[x<]", "[1]"]


def test_a_card_may_hold_the_mark_of_the_root():
    card = CARD._replace(title=f"a{ROOT_MARK}b")
    assert f"a{ROOT_MARK}b" in render_all([Page((card,))], page=LISTING, card=DRAWN)[0]


def test_a_card_that_is_not_there_is_told_at_its_line():
    with pytest.raises(UndefinedError, match="'card' is undefined") as caught:
        press(page="\n{% include 'card.html' %}", card="\n\n{{ card.title }}").render("page.html", Page())
    assert list_lines(caught.value) == ["templates/page.html:2", "templates/card.html:3"]


@pytest.mark.parametrize(
    "text",
    [
        "{{ site.title }} {{ site.text.home }} {{ site.text['home'] }} {{ site.assets['a.css'] }}",
        "{{ site.text.home|safe }} {{ site.title ~ '<' }} {{ site.title|length }} {{ site.text.home.format(1) }}",
        "{% if site.base_url %}a{% else %}b{% endif %}{% if site.title == 'x' %}c{% endif %}",
        "{{ site.text.items is string }} {{ site.text['items'] }} {{ site.text.articles | plural(1200) }}",
        "{% for name, value in site.text.items() if name == 'home' %}{{ value }}{% endfor %}",
        "{% set key = 'home' %}{{ site.text[key] }} {{ site.text['ho' ~ 'me'] }}",
        "{% set site = {'title': 'another'} %}{{ site.title }}{% include 'part.html' %}",
        "{% with site = page.values %}{{ site.title }}{% include 'part.html' %}{% endwith %}",
        "{% for site in [page.values] %}{{ site.title }}{% endfor %}",
        "{% macro m(site) %}{{ site.title }}{% endmacro %}{{ m(page.values) }}",
        "{% import 'part.html' as site %}{{ site.x }}",
        "{% from 'part.html' import x as site %}{{ site }}",
        "site: {{ site.title }}, {{ site }}",
    ],
)
def test_what_depends_on_the_site_is_what_jinja_makes_of_it(text):
    part = "{% set x = 'y' %}{% if site is defined %}{{ site.title }}{% endif %}"
    page = Page(values={"title": "of the page"})
    assert press(page=text, part=part).render("page.html", page) == plain(page, page=text, part=part)


@pytest.mark.parametrize("word", ["site.text.nope", "site.nope.deeper", "site.text['nope'].deeper"])
def test_a_word_that_is_not_there_is_told_at_its_line(word):
    with pytest.raises(UndefinedError, match="has no attribute 'nope'") as caught:
        press(page=f"\n{{{{ {word} }}}}").render("page.html", Page())
    assert list_lines(caught.value) == ["templates/page.html:2"]


def test_a_macro_that_is_imported_still_has_no_site():
    texts = {"page": "{% import 'm.html' as m %}{{ m.f() }}", "m": "{% macro f() %}{{ site.title }}{% endmacro %}"}
    with pytest.raises(UndefinedError, match="'site' is undefined"):
        press(**texts).render("page.html", Page())


@pytest.mark.parametrize("date", ["", "2019", "2019-03", "2019-03-09", "2019-03-09T23:59:59+07:00", "x"])
def test_filters_write_the_same_again_and_again(date):
    page = Page(values={"date": date})
    text = "{{ page.values.date | date }}|{{ page.values.date | date_short }}|{{ page.values.date | time }}"
    first, second = render_all([page, page], page=text)
    assert first == second


def test_equal_numbers_of_other_kinds_are_written_in_their_own_way():
    pages = [Page(values={"n": n}) for n in (1, True, 1.0, 1)]
    assert render_all(pages, page="{{ page.values.n | number }}") == ["1", "1", "1.0", "1"]


def test_two_languages_do_not_share_what_they_wrote():
    text = {"page.html": "{{ page.values.date | date }} {{ site.text.home }}"}
    page = Page(values={"date": "2019-03-09"})
    other = {**WORDS, "months": list("mnopqrstuvwx"), "home": "Heim"}
    frames = [SITE, Frame(**{**{n: getattr(SITE, n) for n in Frame.__slots__}, "text": other})]
    made = [Press(text, text, frame.text, frame).render("page.html", page) for frame in frames]
    assert made == ["9 c 2019 Pulang &amp; &lt;pergi&gt;", "9 o 2019 Heim"]


def test_a_recipe_knows_itself_in_another_process_and_another_from_itself():
    def recipe(text: str, title: str) -> Recipe:
        frame = Frame(title=title, description="", language="id", base_url="", navigation=(), assets={}, text=WORDS)
        templates = Templates(texts={"a.html": text}, files={"a.html": "a"}, digest=text)
        return Recipe(
            frame=frame, templates=templates, content=Path("content"), encodings=(), assets={}, texts=Path("texts")
        )

    one = recipe("x", "A")
    assert pickle.loads(pickle.dumps(one)).look == one.look == recipe("x", "A").look
    assert len({one.look, recipe("y", "A").look, recipe("x", "B").look}) == 3


def test_compiled_templates_are_used_again_and_garbage_is_not():
    texts = {"a.html": "<p>{{ site.title }} {{ page.name }}{% include 'b.html' %}</p>", "b.html": "!"}
    files = {name: f"templates/{name}" for name in texts}
    site, page = {"title": "A & B"}, {"name": "<x>"}
    first = Press(texts, files, {}, site)
    expected = first.render("a.html", page)
    codes = first.dump_codes()
    second = Press(dict.fromkeys(texts, "never parsed {{"), files, {}, site, codes)
    assert second.render("a.html", page) == expected == "<p>A &amp; B &lt;x&gt;!</p>"
    assert second.dump_codes() == b"", "nothing is new"
    for damaged in (codes[:-1], codes[:40], b"x" + codes[1:], codes[:50] + b"\0" + codes[51:]):
        assert Press(texts, files, {}, site, damaged).render("a.html", page) == expected
