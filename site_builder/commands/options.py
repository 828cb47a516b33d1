"""What commands share of their options: where the site is, and the kinds of values.

Arguments in, a `Config` out. What a command does with it is not known here.
"""

from __future__ import annotations

import argparse
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from site_builder.errors import ConfigError, Problem, error

if TYPE_CHECKING:
    from site_builder.config import Config


def add_site(parser: argparse.ArgumentParser, *, drafts: bool = True) -> None:
    """Add the options that say which site is meant, where its articles and its output are, and where it will be."""
    add_site_folder(parser)
    parser.add_argument("--content", type=Path, metavar="DIR", help="the articles are here instead of in SITE/content")
    parser.add_argument("--output", type=Path, metavar="DIR", help="the built site is here instead of in SITE/output")
    base = "where the site will be, instead of base_url of site.toml: for canonical links, feeds, the sitemap, 404.html"
    parser.add_argument("--base-url", metavar="URL", help=base)
    if drafts:
        parser.add_argument("--drafts", action="store_true", help="publish drafts as well")


def add_site_folder(parser: argparse.ArgumentParser) -> None:
    """Add the option that says which site is meant."""
    about = "the folder of the site; without it, the nearest one at or above the current folder that holds a site.toml"
    parser.add_argument("--site", type=Path, metavar="DIR", help=about)


def parse_count(text: str) -> int:
    """Return a number of at most five digits. Raises ArgumentTypeError, which argparse tells."""
    if not re.fullmatch(r"[0-9]{1,5}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to 99999")
    return int(text)


def parse_day(text: str) -> str:
    """Return a day as YYYY-MM-DD. Raises ArgumentTypeError, which argparse tells."""
    from site_builder.readers.dates import parse_date

    try:
        date = parse_date(text)
    except ValueError:
        date = ""
    if len(date) != len("YYYY-MM-DD"):
        raise argparse.ArgumentTypeError(f"unknown date {text!r} (write YYYY-MM-DD)")
    return date


def load(options: argparse.Namespace, **settings: object) -> Config:
    """Return the configuration of the site that the options name, with `settings` over those of its site.toml.

    Raises ConfigError for a folder that is not there, and for all that is wrong in site.toml.
    """
    from site_builder.config import check_base_url
    from site_builder.sources import find_site, load_config

    if options.site is not None and not options.site.is_dir():
        raise ConfigError(error(str(options.site), "there is no such folder", "name the folder of a site"))
    if getattr(options, "base_url", None) is not None:
        settings["base_url"] = check_base_url(options.base_url)
    content, output = getattr(options, "content", None), getattr(options, "output", None)
    site = options.site or find_site(Path.cwd())
    try:
        return load_config(site, content=content, output=output, **settings)
    except ConfigError as exc:
        exc.excerpt = partial(_show_setting, site)
        raise


def _show_setting(site: Path, problem: Problem) -> Iterator[str]:
    """Yield the line of site.toml that a problem is about, for a terminal."""
    from site_builder.commands.terminal import draw_excerpt
    from site_builder.sources import SITE_FILE

    if problem.file != SITE_FILE or not problem.line:
        return
    with suppress(OSError):
        lines = (site / SITE_FILE).read_bytes().decode("utf-8", "replace").splitlines()
        line = lines[problem.line - 1] if problem.line <= len(lines) else ""
        yield from draw_excerpt(problem, line, shutil.get_terminal_size().columns)
