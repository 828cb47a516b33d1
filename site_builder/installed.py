"""How this program was installed, so that another machine can be told to install the same.

Reads what pip wrote down (PEP 610, direct_url.json) and, for a checkout, its git remote. What for is not known here.
"""

from __future__ import annotations

import json
import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from site_builder import __version__
from site_builder.errors import SiteBuilderError
from site_builder.repository import run_git
from site_builder.sources import find_versions

EXTRAS = {"html": "trafilatura", "images": "pillow", "search": "pagefind_bin"}
"""Extras that decide bytes of a site unasked, and the package by which each is known to be installed."""

ALWAYS = frozenset({"images", "search"})


class Requirement(NamedTuple):
    """A line for pip. `is_found` tells whether pip can find it as it stands; else there was no address to write."""

    line: str
    is_found: bool


def find_requirement() -> Requirement:
    """Return what pip must be asked for to install this program, with the extras that take part in a site here."""
    extras = sorted(ALWAYS | {extra for extra, package in EXTRAS.items() if find_versions(package)})
    name = f"site-builder[{','.join(extras)}]"
    return _tell_origin(name, _read_origin())


def _tell_origin(name: str, origin: dict[str, object] | None) -> Requirement:
    """Return the requirement for what direct_url.json says; None where pip took a release from an index.

    >>> _tell_origin("site-builder", {"url": "https://a@example.org/x.git", "vcs_info": {"commit_id": "ab12"}}).line
    'site-builder @ git+https://example.org/x.git@ab12'
    """
    if origin is None:
        return Requirement(f"{name}=={__version__}", is_found=True)
    url, commit = str(origin.get("url", "")), origin.get("vcs_info")
    if isinstance(commit, dict) and (address := _clean(url)):
        return Requirement(f"{name} @ git+{address}@{commit.get('commit_id', '')}", is_found=True)
    if "dir_info" in origin and (address := _find_remote(Path(unquote(urlsplit(url).path)))):
        return Requirement(f"{name} @ git+{address}", is_found=True)
    return Requirement(name, is_found=False)


def _read_origin() -> dict[str, object] | None:
    try:
        text = distribution("site-builder").read_text("direct_url.json")
        origin = json.loads(text) if text else None
    except (PackageNotFoundError, ValueError):
        return {}  # run from a folder without being installed
    return origin if isinstance(origin, dict) else None


def _find_remote(folder: Path) -> str:
    """Return the address from which everybody can clone the checkout in a folder; empty when none is known."""
    try:
        done = run_git(folder, ("remote", "get-url", "origin"))
    except SiteBuilderError:
        return ""
    return "" if done.status else _clean(done.out.strip())


def _clean(address: str) -> str:
    """Return an address for HTTPS without user and password; empty for one that only this machine knows.

    >>> _clean("git@github.com:owner/repo.git"), _clean("/srv/git/repo.git")
    ('https://github.com/owner/repo.git', '')
    """
    found = re.fullmatch(r"(?:https://|(?:ssh://)?git@)(?:[^/@]*@)?([\w.-]+\.\w+)(?::\d+)?[:/]([\w./~-]+)", address)
    return f"https://{found[1]}/{found[2].lstrip('/')}" if found else ""
