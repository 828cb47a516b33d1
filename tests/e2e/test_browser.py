"""The built site in a real browser: from a disk and under a path, every link works and nothing complains."""

from __future__ import annotations

import functools
import os
import shutil
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from tests.crawling import PageLinks, find_dead_links
from tests.sites import NO_SHARED, SHARED, Site, build, load_config

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("there is no Chromium, and with CI=true a missing browser is a failure")
        pytest.skip("no Chromium on this machine: install it, or name it in the variable CHROMIUM")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Path:
    """The root site, built as it would be for a project page."""
    output = tmp_path_factory.mktemp("demo") / "repo"
    report = build(load_config(ROOT, output=output, record=False, base_url="http://127.0.0.1/repo/"))
    assert report.published
    return output


@pytest.fixture(scope="module")
def address(demo) -> Iterator[str]:
    """Where the demo is served, under /repo/."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(demo.parent)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/repo/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_no_link_of_any_page_is_dead_and_every_page_is_reached_from_home(demo):
    assert find_dead_links(demo) == []
    reached, waiting = set(), [demo / "index.html"]
    while waiting:
        path = waiting.pop()
        if path in reached or path.suffix != ".html":
            continue
        reached.add(path)
        inside = (link for link in PageLinks(path).links if not urlsplit(link).scheme)
        waiting += (Path(unquote(urlsplit(urljoin(path.as_uri(), link)).path)) for link in inside)
    pages = {path for path in demo.rglob("*.html") if path.name != "404.html"}
    assert pages - reached == set()


def left_behind(request) -> bool:
    """Return whether a request was given up because the next page was opened: the icon comes after all else."""
    return request.failure == "net::ERR_ABORTED" and "/icon." in request.url


def visit(browser, start: str, paths: list[str]) -> list[str]:
    """Open pages; return every console message, failed request and answer that is not good."""
    complaints: list[str] = []
    context = browser.new_context()
    page = context.new_page()
    page.on("console", lambda message: complaints.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
    page.on("requestfailed", lambda r: complaints.append(f"{r.failure}: {r.url}") if not left_behind(r) else None)
    page.on("response", lambda r: complaints.append(f"{r.status}: {r.url}") if r.status >= 400 else None)
    for path in paths:
        page.goto(start + path)
        assert page.locator("h1").count() == 1, path
        assert page.evaluate("document.styleSheets.length") == 1, f"{path} has no style"
    context.close()
    return complaints


def choose_pages(output: Path) -> list[str]:
    kinds = ["index.html", "about.html", "archive/index.html"]
    for folder in ("articles", "archive", "sections", "topics", "publishers", "topics/*", "sections/*"):
        kinds += sorted(p.relative_to(output).as_posix() for p in output.glob(f"{folder}/*.html"))[:6]
    return list(dict.fromkeys(kinds))


@pytest.mark.parametrize("where", ["disk", "/repo/"])
def test_every_kind_of_page_opens_without_a_complaint(browser, demo, address, where):
    start = demo.as_uri() + "/" if where == "disk" else address
    assert visit(browser, start, choose_pages(demo)) == []


@pytest.mark.parametrize("where", ["disk", "/repo/"])
def test_a_reader_goes_from_home_to_an_article_and_on_by_clicking(browser, demo, address, where):
    page = browser.new_page()
    page.goto((demo.as_uri() + "/" if where == "disk" else address) + "index.html")
    page.locator("main h3 a, main h2 a, main li a").first.click()
    page.wait_for_selector("article")
    first = page.url
    assert "/articles/" in first
    page.locator("a[rel=prev]").first.click()
    page.wait_for_function("before => location.href !== before", arg=first)
    assert "/articles/" in page.url
    page.locator("header a").first.click()
    page.wait_for_function("location.pathname.endsWith('index.html')")
    page.close()


def test_the_seeds_from_a_disk(browser, tmp_path):
    if not SHARED.is_dir():
        pytest.skip(NO_SHARED)
    site = Site(tmp_path / "site")
    report = build(load_config(site.root, content=SHARED / "seeds", output=tmp_path / "out"))
    assert (report.articles, report.errors) == (2, ())
    assert find_dead_links(tmp_path / "out") == []
    paths = [
        p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*.html") if p.name != "404.html"
    ]
    assert visit(browser, (tmp_path / "out").as_uri() + "/", paths) == []
