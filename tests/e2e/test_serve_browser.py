"""The development server in a real browser: what was saved is shown, what failed is told, and nothing else moves."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_browser import browser as browser
from tests.serving import Running, running, wait_until, write_article

pytestmark = pytest.mark.browser

SAVES = int(os.environ.get("SAVES", "12"))
"""How often is saved at random moments: 200 for the whole test, which takes some minutes."""

STAYS = "window.mark = 'not loaded again'"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    site = tmp_path / "site"
    write_article(site, "one", "The first text.")
    write_article(site, "two", date="2023-01-01")
    style = site / "templates" / "assets" / "mine.css"
    style.parent.mkdir(parents=True)
    style.write_text("h1 { color: rgb(1, 2, 3) }")
    (site / "templates" / "article.html").write_text(
        '{% extends "!default/article.html" %}'
        '{% block head_extra %}<link rel="stylesheet" href="{{ page.root }}{{ site.assets["mine.css"] }}">'
        "{% endblock %}"
    )
    with running(site) as server:
        yield server


@pytest.fixture
def page(browser: Any, server: Running) -> Iterator[Any]:
    page = browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda trouble: complaints.append(str(trouble)))
    open_page(page, server, "articles/one.html")
    yield page
    page.close()
    assert complaints == []


def open_page(page: Any, server: Running, path: str) -> None:
    """Open a page and wait until the server knows that it is open."""
    with page.expect_websocket() as opened:
        page.goto(f"{server.origin}/{path}")
    socket = opened.value
    socket.wait_for_event("framesent", lambda payload: "info" in str(payload))


def wait_value(page: Any, script: str, value: object) -> None:
    """Wait until a script gives a value; by asking, as the page's policy forbids Playwright's own way."""
    wait_until(lambda: page.evaluate(script) == value, f"{script} is {value}")


def test_what_is_saved_is_shown(page: Any, server: Running) -> None:
    write_article(server.site, "one", "The second text.")
    page.get_by_text("The second text.").wait_for()
    write_article(server.site, "one", "The third text, soon after.")
    page.get_by_text("The third text, soon after.").wait_for()


def test_another_page_does_not_move_this_one(page: Any, server: Running) -> None:
    page.evaluate(STAYS)
    write_article(server.site, "two", "Another body.", date="2023-01-01")
    server.wait_page("articles/two.html", "Another body.")
    server.wait_builds(2)
    page.wait_for_timeout(200)
    assert page.evaluate("window.mark") == "not loaded again"


def test_a_style_sheet_is_changed_in_place(page: Any, server: Running) -> None:
    page.evaluate(STAYS)
    colour = "getComputedStyle(document.querySelector('h1')).color"
    assert page.evaluate(colour) == "rgb(1, 2, 3)"
    for number in (4, 5):
        (server.site / "templates" / "assets" / "mine.css").write_text(f"h1 {{ color: rgb({number}, 0, 0) }}")
        wait_value(page, colour, f"rgb({number}, 0, 0)")
    sheets = "document.querySelectorAll('link[rel=stylesheet][href*=mine]').length"
    wait_value(page, sheets, 1)
    assert page.evaluate("window.mark") == "not loaded again"


def test_what_failed_stands_over_the_page_until_it_is_mended(browser: Any, page: Any, server: Running) -> None:
    page.evaluate(STAYS)
    article = server.site / "content" / "one.md"
    good = article.read_text()
    article.write_text('---\ntitle: [<img src=x onerror="document.title = 1">\n---\n\nThe first text.\n')
    overlay = page.locator("site-builder-problems")
    overlay.get_by_role("heading", name="Nothing was published: 1 error").wait_for()
    assert "content/one.md:" in overlay.locator(".place").inner_text()
    assert '<img src=x onerror="document.title = 1">' in overlay.locator("pre").inner_text()
    assert overlay.locator("img").count() == 0
    assert overlay.locator("section").evaluate("box => getComputedStyle(box).borderTopStyle") == "solid"
    assert page.locator("main").get_by_text("The first text.").count() == 1

    # It is there on every page, also one that is opened now, and can be put away.
    page.keyboard.press("Escape")
    overlay.wait_for(state="detached")
    other = browser.new_page()
    open_page(other, server, "articles/two.html")
    other.locator("site-builder-problems").get_by_role("button", name="Hide").click()
    other.locator("site-builder-problems").wait_for(state="detached")
    other.close()

    article.write_text("---\ntitle: {\n---\n")
    overlay.wait_for()
    article.write_text(good)
    overlay.wait_for(state="detached")
    assert page.evaluate("window.mark") == "not loaded again"
    assert "site-builder-problems" not in (server.site / "output" / "articles" / "one.html").read_text()


def test_saves_at_random_moments_end_on_the_last(page: Any, server: Running) -> None:
    """Moments from 10 ms to 4 s apart, all kinds of lengths alike; fewer and at most 0.3 s apart in the small run."""
    chance = random.Random(20)
    longest = 4.0 if SAVES >= 200 else 0.3
    for number in range(SAVES):
        write_article(server.site, "one", f"Save number {number}.")
        time.sleep(0.01 * (longest / 0.01) ** chance.random())
        if number % 10 == 9:
            page.get_by_text(f"Save number {number}.").wait_for()
    page.get_by_text(f"Save number {SAVES - 1}.").wait_for()
    assert "changes are noticed at once" in server.text
