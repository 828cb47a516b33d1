"""The built site in a real browser: from a disk and under a path, every link works and nothing complains."""

from __future__ import annotations

import functools
import os
import shutil
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest

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


class Links(HTMLParser):
    """Gathers what a page links to or loads, and its ids."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        self.ids.add(values.get("id") or "")
        if tag == "a" or (tag == "link" and values.get("rel") in ("stylesheet", "alternate", "icon")):
            self.links += [value for name in ("href", "src") if (value := values.get(name))]


def find_dead_links(output: Path) -> list[str]:
    """Return every link of every page (404.html aside, which starts at the root of a host) that leads nowhere."""
    pages = {path: Links(path) for path in output.rglob("*.html")}
    dead = []
    for path, page in pages.items():
        if path.name == "404.html":
            continue
        for link in page.links:
            if urlsplit(link).scheme:
                continue
            target, anchor = urldefrag(urljoin(path.as_uri(), link))
            file = Path(unquote(urlsplit(target).path))
            if not file.is_file() or (anchor and anchor not in pages[file].ids):
                dead.append(f"{path.relative_to(output)}: {link}")
    return dead


def test_no_link_of_any_page_is_dead_and_every_page_is_reached_from_home(demo):
    assert find_dead_links(demo) == []
    reached, waiting = set(), [demo / "index.html"]
    while waiting:
        path = waiting.pop()
        if path in reached or path.suffix != ".html":
            continue
        reached.add(path)
        inside = (link for link in Links(path).links if not urlsplit(link).scheme)
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


def test_hostile_articles_run_nothing_and_fetch_nothing(browser, tmp_path):
    if not SHARED.is_dir():
        pytest.skip(NO_SHARED)
    content = tmp_path / "content"
    # Those that only take long are for the limit of time, not for the browser.
    shutil.copytree(SHARED / "cases" / "hostile" / "content", content, ignore=shutil.ignore_patterns("3[789]-slow-*"))
    config = load_config(tmp_path / "site", content=content, output=tmp_path / "out", keep_going=True)
    report = build(config)
    assert report.published
    assert {"43-control.md", "44-control.txt"}.isdisjoint(report.failed)
    assert find_dead_links(tmp_path / "out") == []
    asked: list[str] = []
    context = browser.new_context()
    context.route("**/*", lambda route: route.continue_() if route.request.url.startswith("file:") else route.abort())
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(f"dialog: {dialog.message}"))
    for path in sorted((tmp_path / "out").rglob("*.html")):
        page.goto(path.as_uri())
        assert page.evaluate("window.__pwned") is None, path.name
        if path.name != "404.html":
            assert page.locator("body > footer").count() == 1, f"{path.name} has lost its footer"
    context.close()
    assert [url for url in asked if "attacker.example" in url or url.startswith("dialog")] == []
