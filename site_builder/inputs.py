"""Everything that decides the site besides the articles: settings, theme, rules, ledger, and the program itself.

Loaded once at the start of a build, with the keys by which the next build sees that something of it changed.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields

from site_builder.accent import ENOUGH, find_faint, format_accent
from site_builder.config import Config
from site_builder.digest import digest, digest_bytes
from site_builder.errors import ConfigError, Problem, error, warning
from site_builder.ledger import Line
from site_builder.readers import ReadOptions
from site_builder.sources import find_versions, load_code, load_ledger, load_packs
from site_builder.store import SCHEMA
from site_builder.theme import Theme, load_theme, name_assets
from site_builder.values import dataclass

LIBRARIES = (
    *("jinja2", "markupsafe", "markdown", "nh3", "pyyaml", "python-slugify", "text-unidecode"),
    *("charset-normalizer", "py3langid", "numpy", "imagesize", "pillow"),
    *("trafilatura", "lxml", "lxml-html-clean", "justext", "htmldate", "courlan"),
)
"""Whatever has a part in the bytes of a page: a new version of one makes everything be read and rendered again, and so
does one that appears or goes, as the extraction from HTML may."""

UNRECORDED = " unrecorded"
"""Follows the key of a site in which articles stand that its ledger does not name yet."""

NO_PART_IN_THE_SITE = frozenset(
    "content output cache templates rules name shown ledger import_map "
    "seconds memory keep_going force strict clean jobs record".split()
)
"""Fields of `Config` that decide no byte of the site, or do so only through what is read at the place they name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What a build is given besides the articles."""

    config: Config
    options: ReadOptions
    theme: Theme
    assets: Mapping[str, str]
    """Name -> path in the output."""
    asset_digests: Mapping[str, str]
    lines: tuple[Line, ...] | None
    """The ledger; None where the site has none."""
    engine: str
    """Digest of the program and the libraries that read and render."""
    reader_key: str
    """What an article is read with: a change of it makes every source be read again."""
    search: str
    """What is searched with: `pagefind` and its version, `titles`, or nothing."""
    paints: bool
    """Whether the library is installed that paints pictures."""
    problems: tuple[Problem, ...]
    """What is doubtful with the settings and the theme."""

    @property
    def indexes_texts(self) -> bool:
        """Whether there is to be a full-text index."""
        return self.search not in ("", "titles")

    @property
    def settings_key(self) -> str:
        """The key of those settings that have a part in the site."""
        return digest(self._list_settings())

    def _list_settings(self) -> dict[str, object]:
        names = (field.name for field in fields(Config) if field.name not in NO_PART_IN_THE_SITE)
        return {name: getattr(self.config, name) for name in names}

    def site_key(self, lines: Sequence[Line] | None) -> str:
        """Return the key of all that decides the site besides the articles, with `lines` as the ledger."""
        theme = (self.theme.templates.digest, self.theme.language, self.theme.words, self.asset_digests)
        return digest((self.reader_key, self._list_settings(), self.search, theme, lines))


def load_inputs(config: Config) -> Inputs:
    """Load everything but the articles. Raises ConfigError for what is wrong with it."""
    theme = load_theme(config)
    assets, asset_digests = name_assets(theme.assets, format_accent(config.accent, config.accent_dark))
    options = make_options(config)
    engine = digest((SCHEMA, find_versions(*LIBRARIES), sys.version_info[:2], _digest_code()))
    return Inputs(
        config=config,
        options=options,
        theme=theme,
        assets=assets,
        asset_digests=asset_digests,
        lines=load_ledger(config),
        engine=engine,
        reader_key=digest((engine, options)),
        search=choose_search(config),
        paints=bool(find_versions("pillow")),
        problems=(*theme.problems, *_find_faint(config)),
    )


def _find_faint(config: Config) -> list[Problem]:
    hint = f"small text wants {ENOUGH}"
    return [
        warning(config.name, f"{key} has a contrast of {contrast:.1f} on the {scheme} page", hint)
        for key, scheme, contrast in find_faint(config.accent, config.accent_dark)
    ]


def make_options(config: Config) -> ReadOptions:
    """Return all that reading depends on, the rule packs included.

    Raises ConfigError when the detector of languages that was asked for is not installed.
    """
    if config.detector != "words" and not find_versions(config.detector):
        message = f"text.detector is {config.detector!r}, which is not installed"
        raise ConfigError(error(config.name, message, "pip install 'site-builder[language]'"))
    return ReadOptions(
        language=config.language,
        detector=config.detector,
        encodings=config.encodings,
        disable=config.disable,
        sections=config.sections,
        markdown="".join(find_versions("markdown")).partition("-")[2],
        packs=load_packs(config),
        home=config.base_url,
        megabytes=config.megabytes,
        depth=config.depth,
        values=config.values,
    )


def choose_search(config: Config) -> str:
    """Return what the site is searched with (see `Inputs.search`).

    Raises ConfigError when Pagefind was asked for and is not installed.
    """
    engine = config.search_engine
    if engine in ("none", "titles"):
        return "" if engine == "none" else engine
    found = "".join(find_versions("pagefind_bin"))
    if not found and engine == "pagefind":
        message = "search.engine is 'pagefind', which is not installed"
        raise ConfigError(error(config.name, message, "pip install 'site-builder[search]', or write \"auto\""))
    return f"pagefind {found.partition('-')[2]}" if found else "titles"


def _digest_code() -> str:
    return digest({name: digest_bytes(code) for name, code in load_code().items()})
