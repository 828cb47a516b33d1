"""What GitHub Pages asks of a site: where it stands, how large it may be, what the branch must hold besides.

Pure. Facts of GitHub's documentation (docs.github.com/pages, "GitHub Pages limits"), except where it is said that they
are guesses. Nothing is known here of git, nor of how a site is built.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from site_builder.errors import Problem, error, warning

SITE_BYTES = 10**9
FILE_BYTES = 100 * 10**6
"""A push with a file above some 100 MB is rejected."""
DEPLOYMENT_MINUTES = 10

_STARTING_SECONDS = 60
_BYTES_A_SECOND = 5 * 10**6
_FILES_A_SECOND = 500
"""How fast GitHub takes a site: guesses on the careful side, since it tells none; only `estimate_minutes` has them."""

_SHOWN = 5


def find_address(remote: str) -> str:
    """Return where the site of a repository on GitHub stands by default; empty for other hosts.

    >>> find_address("git@github.com:Rima/arsip.git"), find_address("https://github.com/rima/rima.github.io")
    ('https://rima.github.io/arsip/', 'https://rima.github.io/')
    """
    found = re.fullmatch(r"(?:\w+://)?(?:[^/@]*@)?(?:www\.)?github\.com[:/]+([\w-]+)/([\w.-]+?)(?:\.git)?/?", remote)
    if not found:
        return ""
    host = f"{found[1].lower()}.github.io"
    return f"https://{host}/" if found[2].lower() == host else f"https://{host}/{found[2]}/"


def check_address(base_url: str, remote: str, name: str) -> Problem | None:
    """Return what is wrong with the address that a site was built for; `name` is the file with the settings."""
    expected = find_address(remote)
    if not base_url:
        message = "without base_url there is no feed, no sitemap, and 404.html has dead links below a folder"
        wanted = expected or "https://owner.github.io/repo/"
        return error(name, message, f'write base_url = "{wanted}", and build again')
    is_at_github = (urlsplit(base_url).hostname or "").endswith(".github.io")
    if expected and is_at_github and base_url.lower() != expected.lower():
        message = f"base_url is {base_url!r}, but the site of this repository stands at {expected}"
        return error(name, message, f'write base_url = "{expected}", and build again')
    return None


def find_domain(base_url: str) -> str:
    """Return the domain of one's own that a site claims with a file CNAME; empty where it claims none.

    >>> find_domain("https://arsip.example.org/"), find_domain("https://rima.github.io/arsip/")
    ('arsip.example.org', '')
    """
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    is_own = "." in host and not host.endswith(".github.io") and not re.fullmatch(r"[\d.]+", host)
    return host if is_own and parts.path == "/" else ""


def estimate_minutes(files: int, size: int) -> float:
    """Return how long GitHub may take to bring over a site of so many files and bytes: a guess."""
    return (_STARTING_SECONDS + size / _BYTES_A_SECOND + files / _FILES_A_SECOND) / 60


def check_size(sizes: Mapping[str, int]) -> Iterator[Problem]:
    """Yield what is too large about a site, given the bytes of each file by its path.

    Limits are errors, the largest file first; the time that a deployment may take, which is a guess, is a warning.
    """
    largest = sorted(sizes, key=lambda path: (-sizes[path], path))
    too_large = [path for path in largest if sizes[path] > FILE_BYTES]
    for path in too_large[:_SHOWN]:
        message = f"has {sizes[path] / 1e6:,.0f} MB; GitHub takes no file above {FILE_BYTES // 10**6} MB"
        yield error(path, message, "make it smaller, or link to it at another place")
    if len(too_large) > _SHOWN:
        yield error("", f"… and {len(too_large) - _SHOWN:,} more files above {FILE_BYTES // 10**6} MB")
    total = sum(sizes.values())
    if total > SITE_BYTES:
        names = ", ".join(f"{path} ({sizes[path] / 1e6:,.1f} MB)" for path in largest[:_SHOWN])
        message = f"the site has {total / 1e9:.2f} GB, GitHub Pages allows 1 GB; the largest files are {names}"
        yield error("", message, "[outputs] source = false and data = false make it smaller")
    minutes = estimate_minutes(len(sizes), total)
    if minutes > DEPLOYMENT_MINUTES:
        message = f"GitHub may take about {minutes:.0f} minutes for {len(sizes):,} files, and gives up after 10"
        yield warning("", f"{message} (an estimate)")
