"""The development server's web side: the last complete site, as GitHub Pages would serve it, with a reload script.

Answers requests, and tells each browser what became of the page that it shows. What is built, when, and what is printed
of it is not known here.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import logging
import mimetypes
import os
import re
import socket
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urlsplit

import livereload
from livereload.handlers import LiveReloadHandler, LiveReloadJSHandler
from livereload.watcher import Watcher
from tornado import web
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPServerRequest, split_host_and_port
from tornado.websocket import WebSocketClosedError

from site_builder.config import Config
from site_builder.digest import digest_bytes
from site_builder.overlay import ShownProblem
from site_builder.publish import OWNERSHIP_FILE
from site_builder.values import dataclass

LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
EVERYWHERE = ("", "0.0.0.0", "::")  # noqa: S104 - what it means is told when it is asked for
SCRIPT = "/livereload.js"
PROBLEMS = "/livereload/problems.json"
OVERLAY = "/livereload/overlay.css"
BROWSER = Path(__file__).parent / "browser"
"""The folder of what runs in the browser; its script knows the two addresses as well."""

MOST_ASKED = 1 << 16
"""Bytes of a request that are read: nobody has anything to send."""

MOST_IDLE = 60.0
"""Seconds after which a connection without a request is closed."""

REFRESHED = (".css", ".avif", ".gif", ".jpeg", ".jpg", ".png", ".svg", ".webp")
"""What a page shows anew without being loaded again."""

MOST_REFRESHED = 30
"""How many files are refreshed one by one; when more have changed, the whole page is loaded again."""

KINDS = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".md": "text/markdown",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".xml": "application/xml",
}
"""Files of text, whose kinds are not left to the tables of the machine; all are UTF-8."""

BARE_PAGE = '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{0}</title></head><p>{0}.</p></html>\n'


_SHEET = re.compile(rb"""<link\b[^>]*\brel=["']?stylesheet\b[^>]*>""", re.IGNORECASE)


class Mark(NamedTuple):
    """By what a page is known again: digests of its style sheets' links and of all the rest."""

    rest: str
    sheets: str


class Answer(NamedTuple):
    """What is answered to a request for a path."""

    status: int
    data: bytes = b""
    kind: str = ""
    location: str = ""
    """Where a redirect leads, not quoted."""

    @property
    def mark(self) -> Mark:
        """The mark of the page, before anything is added to it."""
        sheets = b"\n".join(_SHEET.findall(self.data))
        return Mark(digest_bytes(_SHEET.sub(b"", self.data) + self.location.encode()), digest_bytes(sheets))


class Failure(NamedTuple):
    """Why there is no newer site: what is said in one line, what holds meanwhile, and the problems; else empty."""

    title: str = ""
    note: str = ""
    problems: Sequence[ShownProblem] = ()


@dataclass
class Site:
    """What the builder tells the server: which site to serve, and why there is no newer one."""

    config: Config
    failure: Failure = field(default_factory=Failure)

    @property
    def base(self) -> str:
        """The folder in which the site will stand on its host: `/` or, on GitHub Pages, `/repo/`."""
        return unquote(urlsplit(self.config.base_url).path) or "/"

    def answer(self, path: str) -> Answer:
        """Return what is answered to a request for a path, by the routes of GitHub Pages."""
        base = self.base
        if path == "/" != base:
            return Answer(302, location=base)
        if f"{path}/" == base:
            return Answer(301, location=base)
        if not path.startswith(base):
            return _make_bare_page("The site is elsewhere on this server", 404)
        root, path = self.config.output, path.removeprefix(base)
        if not (root / OWNERSHIP_FILE).is_file():  # not built yet, or not ours to show
            return _make_bare_page("The site is not built yet", 503)
        if found := read_page(root, path):
            return Answer(200, *found)
        if is_folder(root, path):
            return Answer(301, location=f"{base}{path}/")
        if missing := read_page(root, "404.html"):
            return Answer(404, *missing)
        return _make_bare_page("There is no such page", 404)


class _NoWatcher(Watcher):  # type: ignore[misc]  # livereload has no types
    """Keeps livereload from watching: its own watcher loses saves and holds up the server."""

    def watch(self, *_: object, **__: object) -> None:
        """Do nothing."""

    def start(self, callback: object) -> bool:  # noqa: ARG002 - as livereload calls it
        """Return that it is seen to."""
        return True


class Server(livereload.Server):  # type: ignore[misc]  # livereload has no types
    """livereload's server, with handlers of ours, on sockets that are open already."""

    def __init__(self, site: Site, sockets: list[socket.socket], host: str) -> None:
        super().__init__(watcher=_NoWatcher())
        self._sockets = sockets
        self._application = _Application(site, host)

    def application(self, *_: object, **__: object) -> None:
        """Begin to answer."""
        LiveReloadHandler.watcher = self.watcher
        LiveReloadHandler.live_css = True
        server = HTTPServer(
            self._application,
            max_body_size=MOST_ASKED,
            max_buffer_size=MOST_ASKED,
            max_header_size=MOST_ASKED,
            idle_connection_timeout=MOST_IDLE,
            body_timeout=MOST_IDLE,
        )
        server.add_sockets(self._sockets)

    def _setup_logging(self) -> None:
        """Say nothing of requests: what is worth telling is told by the builder."""
        for name in ("livereload", "tornado.access", "tornado.general"):
            logging.getLogger(name).setLevel(logging.CRITICAL)


class _Application(web.Application):
    """Answers only those who ask for this machine by a name of its own.

    A page from elsewhere could have its own name lead to this machine, and would then be let in by every browser.
    """

    def __init__(self, site: Site, host: str) -> None:
        handlers: list[Any] = [
            ("/livereload", _Live, {"site": site}),
            (re.escape(PROBLEMS), _Problems, {"site": site}),
            (re.escape(OVERLAY), _Overlay),
            (re.escape(SCRIPT), _Script),
            ("(/.*)", _Page, {"site": site}),
        ]
        super().__init__(handlers, log_function=lambda _: None, websocket_max_message_size=1 << 16)
        self._host = host

    def find_handler(self, request: HTTPServerRequest, **kwargs: Any) -> Any:  # noqa: ANN401 - as tornado has it
        """Return who answers a request."""
        if is_own_name(request.host, self._host):
            return super().find_handler(request, **kwargs)
        return self.get_handler_delegate(request, web.ErrorHandler, {"status_code": 403})


def is_own_name(asked: str, host: str) -> bool:
    """Return whether a Host header names this machine, where the server was told to listen on `host`.

    A server that listens everywhere answers to numbers as well: nobody can make those lead elsewhere.
    """
    parts = re.fullmatch(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?", asked.lower())
    name = parts[1].strip("[]") if parts else ""
    if host in EVERYWHERE:
        with suppress(ValueError):
            return bool(ipaddress.ip_address(name))
    return bool(name) and name in (*LOCAL_NAMES, host.lower())


class _Fresh(web.RequestHandler):
    """Answers that no browser keeps."""

    def set_default_headers(self) -> None:
        """Set what every answer says."""
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        self.clear_header("Server")

    def compute_etag(self) -> None:
        """Return nothing by which an answer could be known again."""


class _Live(LiveReloadHandler):  # type: ignore[misc]  # livereload has no types
    """A browser that waits to be told what became of its page."""

    def initialize(self, site: Site) -> None:
        """Take the site."""
        self._site = site
        self._told = Failure()
        self._path = ""
        self._mark: Mark | None = None

    def check_origin(self, origin: str) -> bool:
        """Return whether a page of ours asks: its address begins with the very host that it asks."""
        return origin.lower() in {f"{scheme}://{self.request.host.lower()}" for scheme in ("http", "https")}

    def on_message(self, message: str | bytes) -> None:
        """Take a message of livereload's protocol; a page that is not what would be served now loads at once.

        Which one it is, our script says among the plugins. A browser without it, as with an extension that speaks the
        protocol, is believed to show what is served now.
        """
        try:
            super().on_message(message)
            told = json.loads(message)
            if told["command"] == "info":
                self._path = unquote(urlsplit(told["url"]).path)
                shown = told.get("plugins", {}).get("site-builder", {}).get("page", "")
                self._mark = Mark(*shown.split("-")) if shown else self._site.answer(self._path).mark
                self.catch_up()
        except (ValueError, AttributeError, TypeError, KeyError):
            self.close(1003, "not understood")

    def catch_up(self, changed: Collection[str] = ()) -> None:
        """Tell the browser what to load again: its page, when that is another now, or else what the page shows.

        `changed` are the paths that were written since it was told the last time.
        """
        now = self._site.answer(self._path).mark
        refreshed = [path for path in changed if path.lower().endswith(REFRESHED)]
        is_same = now == self._mark
        if not is_same and any(path.endswith(".css") for path in refreshed):
            is_same = self._mark is not None and now.rest == self._mark.rest
        if not is_same or len(refreshed) > MOST_REFRESHED:
            self._send("*")
        else:
            for path in refreshed:
                self._send(quote(self._site.base + path))
        if self._told != self._site.failure:
            self._send(PROBLEMS)
        self._mark, self._told = now, self._site.failure

    def _send(self, path: str) -> None:
        self.write_message({"command": "reload", "path": path, "liveCSS": True, "liveImg": True})

    def write_message(self, message: str | bytes | dict[str, Any], binary: bool = False) -> asyncio.Future[None]:
        """Send a message; that the browser is gone meanwhile is no news."""
        sent: asyncio.Future[None] = super().write_message(message, binary)
        sent.add_done_callback(lambda done: done.exception())
        return sent


def tell_browsers(changed: Collection[str] = ()) -> None:
    """Tell every browser what it has to load again; `changed` are the paths that were written since the last time."""
    for browser in tuple(LiveReloadHandler.waiters):
        with suppress(WebSocketClosedError):
            browser.catch_up(changed)


class _Problems(_Fresh):
    """Why there is no newer site."""

    def initialize(self, site: Site) -> None:
        """Take the site."""
        self._site = site

    def get(self) -> None:
        """Answer with the problems; none when all is well."""
        self.finish(self._site.failure._asdict())


class _Overlay(_Fresh):
    """The style of what is shown over a page."""

    def get(self) -> None:
        """Answer with the style sheet."""
        self.set_header("Content-Type", find_kind(OVERLAY))
        self.finish(_read_part("overlay.css"))


class _Script(_Fresh, LiveReloadJSHandler):  # type: ignore[misc]  # livereload has no types
    """livereload's part in the browser, after our plugin, which it looks for when it starts."""

    def get(self) -> None:
        """Answer with both."""
        self.write(_read_part("live.js"))
        super().get()


@cache
def _read_part(name: str) -> bytes:
    return (BROWSER / name).read_bytes()


class _Page(_Fresh):
    """A file of the site, by the routes of GitHub Pages."""

    def initialize(self, site: Site) -> None:
        """Take the site."""
        self._site = site

    def get(self, path: str) -> None:
        """Answer with a file, with the way to it, or with the page that says that there is none."""
        answer = self._site.answer(path)
        if answer.location:
            query = f"?{self.request.query}" if self.request.query else ""
            self.redirect(quote(answer.location) + query, status=answer.status)
            return
        data = answer.data
        if answer.kind.startswith("text/html"):
            name, port = split_host_and_port(self.request.host.lower())
            page = "-".join(answer.mark)
            data = add_script(data, f"{SCRIPT}?host={name}&amp;port={port or 80}&amp;page={page}")
        self.set_status(answer.status)
        self.set_header("Content-Type", answer.kind)
        self.finish(data)

    def head(self, path: str) -> None:
        """Answer as to GET; tornado leaves the body out."""
        self.get(path)


def _make_bare_page(text: str, status: int) -> Answer:
    return Answer(status, BARE_PAGE.format(text).encode(), find_kind("bare.html"))


def add_script(page: bytes, address: str) -> bytes:
    """Return a page with a script added at the end of its head, or of the page when its head has no written end."""
    head = re.search(rb"</head\s*>", page, re.IGNORECASE)
    end = head.start() if head else len(page)
    return page[:end] + f'<script src="{address}" async></script>'.encode() + page[end:]


def find_kind(name: str) -> str:
    """Return the Content-Type of a file of this name."""
    kind = KINDS.get(Path(name).suffix)
    return f"{kind}; charset=utf-8" if kind else mimetypes.guess_type(name)[0] or "application/octet-stream"


def read_page(root: Path, path: str) -> tuple[bytes, str] | None:
    """Return bytes and kind of the file that GitHub Pages serves for a path below `root`; None when there is none."""
    for name in (f"{path}index.html",) if path == "" or path.endswith("/") else (path, f"{path}.html"):
        if _is_open(name) and os.path.isfile(root / name) and _stands_in(root, name):  # noqa: PTH113 - never raises
            with suppress(OSError):  # it went meanwhile
                return (root / name).read_bytes(), find_kind(name)
    return None


def is_folder(root: Path, path: str) -> bool:
    """Return whether a path below `root` is one of the site's folders."""
    return _is_open(path) and os.path.isdir(root / path) and _stands_in(root, path)  # noqa: PTH112 - never raises


def _is_open(path: str) -> bool:
    """Return whether a path is one that may be asked for: it goes down only, and names no hidden file."""
    names = path.split("/")
    hidden = any(name.startswith(".") and name != ".well-known" for name in names)
    return "" not in names and not hidden and not re.search(r"[\\:\x00]", path)


def _stands_in(root: Path, path: str) -> bool:
    """Return whether a path leads through no link out of `root`, and is written as on the disk."""
    true = os.path.realpath(root / path)
    if not true.startswith(os.path.realpath(root) + os.sep):
        return False
    if not (root / OWNERSHIP_FILE.upper()).exists():  # capital and small letters differ on this disk
        return True
    steps = Path(path)
    return all(
        step.name in {there.name for there in (root / step).parent.iterdir()} for step in (steps, *steps.parents[:-1])
    )
