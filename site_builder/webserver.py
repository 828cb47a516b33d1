"""The development server's web side: the last complete site, as GitHub Pages would serve it, with a reload script.

Answers requests and tells browsers to reload. What is built, when, and what is printed of it is not known here.
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
from contextlib import suppress
from dataclasses import field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import livereload
from livereload.handlers import LiveReloadHandler, LiveReloadJSHandler
from livereload.watcher import Watcher
from tornado import web
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPServerRequest, split_host_and_port

from site_builder.config import Config
from site_builder.publish import OWNERSHIP_FILE
from site_builder.values import dataclass

LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
EVERYWHERE = ("", "0.0.0.0", "::")  # noqa: S104 - what it means is told when it is asked for
SCRIPT = "/livereload.js"

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


@dataclass
class Site:
    """What the builder tells the server: which site to serve, and how many times it has changed."""

    config: Config
    changes: int = 0
    served: dict[str, int] = field(default_factory=dict)
    """For each address of a page that was served, the number of changes before it."""

    @property
    def base(self) -> str:
        """The folder in which the site will stand on its host: `/` or, on GitHub Pages, `/repo/`."""
        return unquote(urlsplit(self.config.base_url).path) or "/"


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
        HTTPServer(self._application).add_sockets(self._sockets)

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
        self.clear_header("Server")

    def compute_etag(self) -> None:
        """Return nothing by which an answer could be known again."""


class _Live(LiveReloadHandler):  # type: ignore[misc]  # livereload has no types
    """A browser that waits to be told to reload."""

    def initialize(self, site: Site) -> None:
        """Take the site."""
        self._site = site

    def check_origin(self, origin: str) -> bool:
        """Return whether a page of ours asks: its address begins with the very host that it asks."""
        return origin.lower() in {f"{scheme}://{self.request.host.lower()}" for scheme in ("http", "https")}

    def on_message(self, message: str | bytes) -> None:
        """Take a message of livereload's protocol; a page that was served before the last change reloads at once."""
        try:
            super().on_message(message)
            address = urlsplit(json.loads(message).get("url", "")).path
        except (ValueError, AttributeError, TypeError):
            self.close(1003, "not understood")
            return
        if self._site.served.get(address, self._site.changes) < self._site.changes:
            self.write_message({"command": "reload", "path": "*", "liveCSS": True, "liveImg": True})

    def write_message(self, message: str | bytes | dict[str, Any], binary: bool = False) -> asyncio.Future[None]:
        """Send a message; that the browser is gone meanwhile is no news."""
        sent: asyncio.Future[None] = super().write_message(message, binary)
        sent.add_done_callback(lambda done: done.exception())
        return sent


class _Script(_Fresh, LiveReloadJSHandler):  # type: ignore[misc]  # livereload has no types
    """livereload's part in the browser."""


class _Page(_Fresh):
    """A file of the site, by the routes of GitHub Pages."""

    def initialize(self, site: Site) -> None:
        """Take the site."""
        self._site = site

    def get(self, path: str) -> None:
        """Answer with a file, with the way to it, or with the page that says that there is none."""
        base = self._site.base
        self._changes = self._site.changes
        if path == "/" != base:
            self.redirect(quote(base))
        elif f"{path}/" == base:
            self.redirect(quote(base), permanent=True)
        elif path.startswith(base):
            self._answer(path.removeprefix(base))
        else:
            self._send(_make_bare_page("The site is elsewhere on this server"), 404)

    def head(self, path: str) -> None:
        """Answer as to GET; tornado leaves the body out."""
        self.get(path)

    def _answer(self, path: str) -> None:
        root = self._site.config.output
        if not (root / OWNERSHIP_FILE).is_file():  # not built yet, or not ours to show
            self._send(_make_bare_page("The site is not built yet"), 503)
        elif found := read_page(root, path):
            self._send(found, 200)
        elif is_folder(root, path):
            query = f"?{self.request.query}" if self.request.query else ""
            self.redirect(f"{quote(self._site.base + path)}/{query}", permanent=True)
        else:
            self._send(read_page(root, "404.html") or _make_bare_page("There is no such page"), 404)

    def _send(self, found: tuple[bytes, str], status: int) -> None:
        data, kind = found
        if kind.startswith("text/html"):
            name, port = split_host_and_port(self.request.host.lower())
            data = add_script(data, f"{SCRIPT}?host={name}&amp;port={port or 80}")
            self._site.served[self.request.path] = self._changes
        self.set_status(status)
        self.set_header("Content-Type", kind)
        self.finish(data)


def _make_bare_page(text: str) -> tuple[bytes, str]:
    return BARE_PAGE.format(text).encode(), find_kind("bare.html")


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
