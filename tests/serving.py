"""A development server in a process of its own, for tests: start it, change things, look and listen."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

SUMMARY = re.compile(r"[\d,]+ added, [\d,]+ changed, [\d,]+ removed: .* s")
HELLO = {"command": "hello", "protocols": ["http://livereload.com/protocols/official-7"]}
SECONDS = 10.0
PROBLEMS = "/livereload/problems.json"


def wait_until(true: Callable[[], object], what: str, seconds: float = SECONDS) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.01)


def write_article(site: Path, name: str, text: str = "Some text.", date: str = "2024-01-02") -> Path:
    path = site / "content" / f"{name}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"---\ntitle: {name.rpartition('/')[2]}\ndate: {date}\n---\n\n{text}\n")
    return path


class Running:
    """A server in a process of its own, which must not warn of anything."""

    def __init__(
        self,
        site: Path,
        *arguments: str,
        start: tuple[str, ...] = ("-m", "site_builder"),
        before: tuple[str, ...] = (),
    ) -> None:
        self.site = site
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [*before, sys.executable, "-W", "error", *start, "serve", "--site", str(site), "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            cwd=site,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self.wait_line("serving http://")
        found = re.search(r"serving (http://(.+?):(\d+))(/\S*)", self.text)
        assert found
        self.origin, self.host, self.port, self.base = found[1], found[2], int(found[3]), found[4]

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def builds(self) -> int:
        return sum(bool(SUMMARY.fullmatch(line)) for line in self.lines)

    def wait_line(self, part: str, since: int = 0) -> None:
        wait_until(lambda: any(part in line for line in self.lines[since:]) or self.process.poll(), part)
        assert any(part in line for line in self.lines[since:]), self.text

    def wait_builds(self, number: int, seconds: float = SECONDS) -> None:
        wait_until(lambda: self.builds >= number or self.process.poll(), f"{number} builds", seconds)

    def get(self, path: str, method: str = "GET", **headers: str) -> tuple[int, http.client.HTTPMessage, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            connection.request(method, path, headers=headers)
            response = connection.getresponse()
            return response.status, response.headers, response.read().decode("utf-8")
        finally:
            connection.close()

    def page(self, path: str) -> str:
        status, _, body = self.get(self.base + path)
        assert status == 200, (path, status)
        return body

    def wait_page(self, path: str, part: str) -> None:
        wait_until(lambda: part in self.get(self.base + path)[2], f"{part} in {path}: {self.text}")

    def problems(self) -> list[dict[str, Any]]:
        """Return what the page shows of a failed build."""
        shown: list[dict[str, Any]] = json.loads(self.get(PROBLEMS)[2])["problems"]
        return shown

    def end(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(SECONDS)
        finally:
            self.process.kill()
            self._reader.join()
            assert self.process.stdout
            self.process.stdout.close()


@contextmanager
def running(site: Path, *arguments: str, patience: float = SECONDS, **settings: Any) -> Iterator[Running]:
    server = Running(site, *arguments, **settings)
    try:
        server.wait_builds(1, patience)
        yield server
    finally:
        status = server.end()
    assert status == 0, server.text
    assert "Traceback" not in server.text, server.text


def wait_reload(
    server: Running,
    act: Callable[[], object],
    page: str = "/articles/one.html",
    *,
    shown: str = "",
    least: int = 1,
    patience: float = SECONDS,
) -> list[str]:
    """Return what a browser on `page` is told to load again after `act`: so much at least, and what follows soon.

    `shown` is what our script says of the page; without it, the browser speaks livereload's protocol alone.
    """

    async def wait() -> list[str]:
        browser = await connect(server, server.origin)
        plugins = {"site-builder": {"page": shown}} if shown else {}
        try:
            await browser.write_message(json.dumps(HELLO))
            assert json.loads(await browser.read_message() or "")["command"] == "hello"
            info = {"command": "info", "url": server.origin + page, "plugins": plugins}
            await browser.write_message(json.dumps(info))
            act()
            messages: list[dict[str, Any]] = []
            with suppress(TimeoutError):
                while True:
                    seconds = patience if len(messages) < least else 0.3
                    messages.append(json.loads(await asyncio.wait_for(browser.read_message(), seconds) or ""))
            assert len(messages) >= least, server.text
            assert {message["command"] for message in messages} == {"reload"}
            return [message["path"] for message in messages]
        finally:
            await close(browser)

    return asyncio.run(wait())


def find_shown(page: str) -> str:
    """Return what our script will say of a page that was served."""
    found = re.search(r"&amp;page=([0-9a-f]+-[0-9a-f]+)\"", page)
    assert found, page
    return found[1]


async def connect(server: Running, origin: str, **headers: str) -> WebSocketClientConnection:
    request = HTTPRequest(f"ws://127.0.0.1:{server.port}/livereload", headers={"Origin": origin, **headers})
    return await websocket_connect(request)


async def close(browser: WebSocketClientConnection) -> None:
    browser.close()
    while await browser.read_message() is not None:
        pass
