"""The development server: build, serve, rebuild on change, reload the browser.

Builds run in a thread beside the server, which goes on serving the last complete site, to this machine only and by
the routes of GitHub Pages. The server and the browser's part are livereload's; its reload script is added on the wire,
never to the output. How a page is made, and how a change is found, is not known here.
"""

from __future__ import annotations

import asyncio
import errno
import gc
import math
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
import traceback
import warnings
import webbrowser
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import fields, replace
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tornado.ioloop import IOLoop
from tornado.netutil import bind_sockets

from site_builder.build import Session, build
from site_builder.config import Config
from site_builder.errors import ConfigError, MachineError, Problem, SiteBuilderError, error
from site_builder.model import Report
from site_builder.overlay import show_problems
from site_builder.publish import read_listing
from site_builder.sources import SITE_FILE, load_config
from site_builder.theme import find_default_theme
from site_builder.watch import Places, watch
from site_builder.webserver import EVERYWHERE, Failure, Server, Site, tell_browsers
from site_builder.wording import count, find_new_articles, summarise, word_problems, word_warnings

PORTS_TRIED = 50
"""How many ports are tried, from the one asked for upwards."""

RETRY_AFTER = 2.0
"""Seconds after which a build is tried again that the machine refused, for instance while another build goes on."""

MOST_TOUCHED = 200
"""Changed files above which a build looks at everything. A burst may be too large for the system's queue of notices:
what falls out of that has changed before the burst was over, and a look at everything finds it."""

WARM = ("planning", "workers", "render", "templating", "readers.markdown", "readers.text")
"""What takes part in every build that has something to do."""

SETTINGS_HOLD = "the settings of before hold until this is mended"
SERVED_ON = "the site of before is served on"

SHOWN_ADDRESSES = 10
"""How many new articles are named after one build before the others are only counted."""


def serve(
    config: Config, *, host: str = "127.0.0.1", port: int = 8000, open_browser: bool = False, poll: bool = False
) -> int:
    """Build the site, serve it, and build it again after every change, until interrupted; return the exit status.

    Port 0 is any free one; a port in use gives way to the next free one. The ledger is never written, and drafts, or
    another base address than the site's own, are built into a preview in the cache. Errors of a build are printed,
    shown in the page and waited out. `poll` looks for changes instead of being given notice of them. To be called in
    the main thread. Raises ConfigError, or MachineError when it cannot listen.
    """
    settings = _Settings(config)
    site = Site(settings.load())
    sockets = _listen(host, port)
    address = _show_address(host, sockets)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    builder = _Builder(site, settings, address, IOLoop.current(), poll=poll)
    _say(f"serving {address}{quote(site.base)} (Ctrl-C ends)")
    if host in EVERYWHERE:
        _say("everybody in this network can read the site")
    _start_workers_apart()
    with _stopping_on_signals(loop):
        builder.start()
        if open_browser:
            threading.Thread(target=webbrowser.open, args=(address + quote(site.base),), daemon=True).start()
        Server(site, sockets, host).serve(host=host)
        builder.stop()
    return builder.end()


def _say(line: str) -> None:
    print(line, flush=True)


def _complain(*lines: str) -> None:
    for line in lines:
        print(line, file=sys.stderr, flush=True)


def _listen(host: str, port: int) -> list[socket.socket]:
    """Return sockets that listen on the port or, as is told, on the next free one."""
    trouble = "there is no such port"
    for number in range(port, min(port + PORTS_TRIED, 65536) if port else 1):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # tornado leaves the socket that cannot listen to Python
            try:
                sockets = bind_sockets(number, address=host)
            except OSError as exc:
                trouble = exc.strerror or str(exc)
                if exc.errno == errno.EADDRINUSE:
                    continue
                break
        if number != port != 0:
            _say(f"port {port} is in use, {number} is free")
        return sockets
    asked = f"--host {host} --port {port}"
    raise MachineError(error(asked, f"cannot be listened on: {trouble}", "name another with --host or --port"))


def _show_address(host: str, sockets: Sequence[socket.socket]) -> str:
    name = "localhost" if host in EVERYWHERE else f"[{host}]" if ":" in host else host
    return f"http://{name}:{sockets[0].getsockname()[1]}"


def _start_workers_apart() -> None:
    """Let the processes of a large build come from a process without threads: a copy of this one could hang."""
    if (
        not multiprocessing.get_start_method(allow_none=True)
        and "forkserver" in multiprocessing.get_all_start_methods()
    ):
        multiprocessing.set_start_method("forkserver")


@contextmanager
def _stopping_on_signals(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Let Ctrl-C, or a request to end, stop the loop; afterwards they do what they did before."""

    def stop(*_: object) -> None:
        with suppress(RuntimeError):  # closed already
            loop.call_soon_threadsafe(loop.stop)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


# --- what is built -----------------------------------------------------------------------------------------------


class _Settings:
    """Reads a site's configuration again and again, each time with what the command line laid over it."""

    def __init__(self, config: Config) -> None:
        self.home = config.cache.parent
        self._content, self._output = config.content, config.output
        self._locks = tuple(_find_git_locks(self.home))
        self._given: dict[str, Any] = {}
        plain = self._read()
        names = {item.name for item in fields(Config)} - {"content", "output"}
        self._given = {name: getattr(config, name) for name in names if getattr(config, name) != getattr(plain, name)}

    def load(self) -> Config:
        """Return the configuration as it is now. Raises ConfigError.

        What is not meant to be published is not built where publishing would find it.
        """
        config = replace(self._read(), record=False)
        if (config.drafts or "base_url" in self._given) and config.output == self.home / "output":
            preview = config.cache / "preview"
            return replace(config, output=preview / "site", cache=preview / "cache")
        return config

    def find_places(self, config: Config) -> Places:
        """Return all that the site is made from, and what building it changes."""
        own = (config.templates or self.home / "templates", config.rules or self.home / "rules")
        files = (self.home / SITE_FILE, *([config.ledger] if config.ledger else ()))
        shut = (config.output, config.cache, self._output)
        return Places((config.content, find_default_theme(), *own), files, shut, self._locks)

    def _read(self) -> Config:
        return load_config(self.home, content=self._content, output=self._output, **self._given)


def _find_git_locks(home: Path) -> Iterator[Path]:
    """Yield the file that git keeps while it changes the files of its working tree, where `home` is in one."""
    for folder in (home, *home.parents):
        git = folder / ".git"
        if git.is_dir():
            yield git / "index.lock"
            return
        if git.is_file():  # of a worktree or a submodule: "gitdir: PATH"
            with suppress(OSError, UnicodeDecodeError):
                yield folder / git.read_text(encoding="utf-8").partition(":")[2].strip() / "index.lock"
            return


class _Stopped(Exception):  # noqa: N818 - nothing is wrong
    """The server ends, so the build that is under way is given up."""


class _Builder(threading.Thread):
    """Builds at first and after every burst of changes, one build at a time, and tells people and browsers."""

    def __init__(self, site: Site, settings: _Settings, address: str, loop: IOLoop, *, poll: bool) -> None:
        super().__init__(name="builder", daemon=True)
        self._site, self._settings, self._address, self._loop = site, settings, address, loop
        self._config, self._poll = site.config, poll
        self._stop_asked = threading.Event()
        self._due = 0.0
        self._session = Session()
        self._is_warm = False
        self._touched: frozenset[str] | None = None
        self._unread: tuple[Problem, ...] = ()
        self._failure: tuple[Problem, ...] = ()
        self._warned: frozenset[Problem] = frozenset()
        self._pages: set[str] | None = None
        self._bug: Exception | None = None

    def run(self) -> None:
        """Build until asked to stop."""
        try:
            for changed in watch(self._find_places, self._stop_asked, _say, poll=self._poll):
                if changed or time.monotonic() >= self._due:
                    self._due = math.inf
                    self._note(changed)
                    self._build()
                    self._warm_up()
        except _Stopped:
            pass
        except Exception as bug:  # noqa: BLE001 - handed to the main thread, which raises it
            self._bug = bug
            self._loop.add_callback(self._loop.stop)

    def _find_places(self) -> Places:
        return self._settings.find_places(self._config)

    def stop(self) -> None:
        """Ask for an end, and wait as long as a second for it."""
        self._stop_asked.set()
        self.join(1.0)

    def end(self) -> int:
        """Wait for what cannot be given up half-way; return the exit status, or raise what ended the building."""
        if self.is_alive():
            _say("finishing the build that is under way (Ctrl-C again leaves it to the next build)")
            self.join()
        if self._bug:
            raise self._bug
        return 0

    def _note(self, changed: frozenset[str]) -> None:
        """Note where there may be news since the last build that went well; None stands for everywhere."""
        content = os.path.realpath(self._config.content) + os.sep
        if (
            self._touched is None
            or len(changed) > MOST_TOUCHED
            or not all(path.startswith(content) for path in changed)
        ):
            self._touched = None
        else:
            self._touched |= {path.removeprefix(content).replace(os.sep, "/") for path in changed}

    def _build(self) -> None:
        self._load_settings()
        self._session.touched = self._touched
        collects = gc.isenabled()
        gc.disable()  # a build makes many values that live until its end, and looking for cycles among them takes time
        try:
            if self._pages is None:
                with suppress(OSError):  # the build will say so
                    self._pages = _keep_pages(read_listing(self._config.output, str(self._config.output)))
            report = build(self._config, progress=self._give_up_if_asked, session=self._session)
        except SiteBuilderError as trouble:
            self._fail(trouble.problems, again=isinstance(trouble, MachineError))
        except _Stopped:
            raise
        except (Exception, KeyboardInterrupt):  # noqa: BLE001 - a bug, told whole; the next save may get round it
            if self._stop_asked.wait(0.5):  # Ctrl-C reaches the workers as well, and maybe sooner
                raise _Stopped from None
            traceback.print_exc()
            self._fail((error("", "this is a bug in site-builder"),))
        else:
            self._tell(report)
        finally:
            if collects:
                gc.enable()

    def _warm_up(self) -> None:
        """Load what a change will need, which a first build that finds nothing to do has no need of."""
        if not self._is_warm:
            self._is_warm = True
            for name in WARM:
                import_module(f"site_builder.{name}")

    def _load_settings(self) -> None:
        """Load the configuration anew, unless nothing but articles changed; a wrong one is told, and not used."""
        if self._touched is not None:
            return
        try:
            self._config, self._unread = self._settings.load(), ()
        except ConfigError as trouble:
            self._unread = trouble.problems
            _complain(*word_problems(trouble.problems), SETTINGS_HOLD)

    def _give_up_if_asked(self, stage: str, done: int, total: int) -> None:
        if self._stop_asked.is_set():
            raise _Stopped(stage, done, total)

    def _tell(self, report: Report) -> None:
        """Tell browsers, and then people, what a build did."""
        if not report.published:
            self._warn(report)
            self._fail(report.errors)
            return
        self._touched, self._failure = frozenset(), ()
        self._show("the settings are wrong", f"Meanwhile {SETTINGS_HOLD}.", self._unread)
        self._site.config = self._config
        self._loop.add_callback(tell_browsers, report.written)
        self._warn(report)
        _complain(*word_problems(report.errors))
        _say(summarise(report))
        self._show_new(report)

    def _warn(self, report: Report) -> None:
        """Print the warnings; those that the last build gave as well are not repeated."""
        doubts = [problem for problem in report.problems if problem.severity == "warning"]
        _complain(*word_warnings([problem for problem in doubts if problem not in self._warned]))
        self._warned = frozenset(doubts)

    def _fail(self, problems: tuple[Problem, ...], *, again: bool = False) -> None:
        """Say why there is no new site; `again` tries once more soon, and is silent when that ends in the same way."""
        if again:
            self._due = time.monotonic() + RETRY_AFTER
        title = f"nothing was published: {count(len(problems), 'error')}"
        if not (again and problems == self._failure):
            _complain(*word_problems(problems), f"{title}; {SERVED_ON}")
        self._failure = problems
        self._show(title, f"Meanwhile {SERVED_ON}.", (*self._unread, *problems))
        self._loop.add_callback(tell_browsers)

    def _show(self, title: str, note: str, problems: Sequence[Problem]) -> None:
        """Have every page show the problems; without any, none does."""
        shown = show_problems(problems, self._config, self._settings.home) if problems else ()
        self._site.failure = Failure(f"{title[0].upper()}{title[1:]}", note, tuple(shown)) if shown else Failure()

    def _show_new(self, report: Report) -> None:
        """Print the addresses of articles that are new; of a site that is wholly new, none."""
        if self._pages is not None:
            new = find_new_articles(report.written, self._pages, self._config.article_pattern)
            for path in new[:SHOWN_ADDRESSES]:
                _say(f"  {self._address}{quote(self._site.base + path.removesuffix('index.html'))}")
            if len(new) > SHOWN_ADDRESSES:
                _say(f"  … and {count(len(new) - SHOWN_ADDRESSES, 'more new article')}")
        self._pages = _keep_pages({*(self._pages or ()), *report.written}.difference(report.deleted))


def _keep_pages(paths: Iterable[str] | None) -> set[str] | None:
    return None if paths is None else {path for path in paths if path.endswith(".html")}
