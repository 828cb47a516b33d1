"""A folder served as GitHub Pages would serve it, a crawler that follows every link below it, and one for folders."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

ADDRESSES = ("href", "src", "data-index", "poster", "action")


@contextmanager
def serving(root: Path, base: str) -> Iterator[str]:
    """Serve the files below `root` under `base`, which begins and ends in a slash; give the address of the site."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path)
            file = find_file(root, path.removeprefix(base)) if path.startswith(base) else None
            found = file or root / "404.html"
            data = found.read_bytes()
            self.send_response(200 if file else 404)
            self.send_header("Content-Type", "text/html" if found.suffix == ".html" else "application/octet-stream")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}{base}"
        finally:
            server.shutdown()
            thread.join()


def find_file(root: Path, path: str) -> Path | None:
    """Return the file for a path, by the routes of GitHub Pages; None when there is none."""
    for name in (path, f"{path}.html", f"{path.rstrip('/')}/index.html"):
        if not path.endswith("/") or name.endswith("index.html"):
            file = root / name.lstrip("/")
            if file.is_file():
                return file
    return None


class Links(HTMLParser):
    """The addresses that a page names, and its anchors."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: set[str] = set()
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, _: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ADDRESSES and value:
                self.addresses.add(value)
            if name == "id" and value:
                self.anchors.add(value)


def crawl(address: str, *starts: str) -> tuple[set[str], list[str]]:
    """Return all addresses found below `address`, and those that are dead, each with the page that names it.

    Begins at `address` and at the `starts` below it, which may be answered with 404. What leads out of the site to
    the same host is dead.
    """
    host = f"{urlsplit(address).scheme}://{urlsplit(address).netloc}"
    anchors: dict[str, set[str] | None] = {}
    dead: list[str] = []
    waiting = [(address, "")] + [(address + start, "") for start in starts]
    while waiting:
        here, named_by = waiting.pop()
        page, anchor = urldefrag(here)
        if page not in anchors:
            status, kind, data = get(page)
            if named_by and (status != 200 or not page.startswith(address)):
                dead.append(f"{page} ({status}) in {named_by}")
            links = Links(data.decode()) if kind == "text/html" else None
            anchors[page] = links.anchors if links else None
            for link in sorted(links.addresses) if links else ():
                target = urljoin(page, link)
                if target.startswith(host):
                    waiting.append((target, page))
        known = anchors[page]
        if anchor and known is not None and unquote(anchor) not in known | {"top"}:
            dead.append(f"{here} (no such anchor) in {named_by}")
    return set(anchors), dead


def get(address: str) -> tuple[int, str, bytes]:
    """Return status, type and body of an answer."""
    try:
        with urllib.request.urlopen(address) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read()
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, answer.headers["Content-Type"], answer.read()


class PageLinks(HTMLParser):
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
    pages = {path: PageLinks(path) for path in output.rglob("*.html")}
    dead = []
    for path, page in pages.items():
        if path.name == "404.html":
            continue
        for link in page.links:
            try:
                if urlsplit(link).scheme:
                    continue
            except ValueError:  # what is no address leads nowhere of ours
                continue
            target, anchor = urldefrag(urljoin(path.as_uri(), link))
            file = Path(unquote(urlsplit(target).path))
            if not file.is_file() or (anchor and anchor not in pages[file].ids):
                dead.append(f"{path.relative_to(output)}: {link}")
    return dead
