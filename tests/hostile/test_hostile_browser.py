"""Every page of the hostile site in a real Chromium: no code of an article runs, and nothing is asked of others."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from tests.hostile.conftest import Built

pytestmark = pytest.mark.browser

ADDRESS = "https://arsip.example/lama/"
ALL = os.environ.get("HOSTILE") == "all"
"""Whether every page is opened, which takes a minute; else the articles and some lists."""

LOOK = """() => ({
    pwned: typeof window.__pwned,
    head: document.querySelectorAll('body > header.masthead nav a').length,
    foot: document.querySelectorAll('body > footer.colophon').length,
    last: document.body.lastElementChild.className,
    top: document.elementFromPoint(30, 5) !== null && document.querySelector('.text')?.contains(
        document.elementFromPoint(30, 5)) === true,
    names: [...document.querySelectorAll('.text [id], .text [name]')]
        .map(e => e.id || e.name).filter(name => name in document && !name.startsWith('text-')),
})"""


def test_no_code_of_an_article_runs_on_any_page(browser: Any, built: Built) -> None:
    paths = sorted(path.relative_to(built.output).as_posix() for path in built.output.rglob("*.html"))
    lists = [path for path in paths if not path.startswith("articles/") or ".marked." in path]
    shown = paths if ALL else [*(path for path in paths if path not in lists), *lists[::12]]
    context = browser.new_context()
    asked: list[str] = []
    said: list[str] = []

    def answer(route: Any) -> None:
        url = route.request.url
        if url.startswith(ADDRESS):
            file = built.output / unquote(urlsplit(url).path.removeprefix("/lama/"))
            route.fulfill(path=file) if file.is_file() else route.fulfill(status=404, body="")
            return
        asked.append(f"{route.request.frame.url} {url}")
        route.abort()

    context.route("**/*", answer)
    page = context.new_page()
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    page.on("popup", lambda popup: said.append(f"popup {popup.url}"))
    page.on("pageerror", lambda error: said.append(f"{page.url} {error}"))
    page.on("console", lambda message: said.append(f"{page.url} {message.type} {message.text}"))
    wrong = []
    for path in shown:
        page.goto(ADDRESS + path, wait_until="load")
        seen = page.evaluate(LOOK)
        if seen["pwned"] != "undefined" or not seen["head"] or seen["foot"] != 1 or seen["last"] != "colophon":
            wrong.append((path, seen))
        if seen["top"] or seen["names"]:
            wrong.append((path, seen))
    context.close()
    assert wrong == []
    assert asked == []  # a picture from elsewhere is refused by the policy of the page, which the console says
    assert [entry for entry in said if "attacker.example/pixel.gif" not in entry] == []
