"""The theme: templates, assets and the words of the interface, the user's before the default ones.

All files are few and small, so they are read on every build; Jinja is imported only when something must be parsed or
rendered. What a template is used for is not known here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from site_builder.accent import STYLE
from site_builder.config import Config
from site_builder.digest import digest, digest_bytes
from site_builder.errors import ConfigError, Problem, error, warning
from site_builder.interface import (
    FALLBACK_LANGUAGE,
    Layer,
    find_entry,
    find_missing,
    find_mistakes,
    join_words,
    list_codes,
)
from site_builder.values import dataclass

DEFAULT = "!default/"
"""Before a name: the default theme's template, also where the user has one of that name."""

TABLE = Path(__file__).parent / "languages.jsonl"
"""How each language writes dates and numbers, from CLDR, one language a line; `tests/cldr.py` makes it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Templates:
    """The text of every template by name, and where each stands, for messages. A value that workers are given."""

    texts: Mapping[str, str]
    files: Mapping[str, str]
    digest: str
    """Of all texts."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Templates) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """A theme as it was found: templates, the files of its assets, the words of one language."""

    templates: Templates
    assets: Mapping[str, Path]
    words: Mapping[str, object]
    language: str
    """The language of the words: that of the settings, or English when there are none in it."""
    problems: tuple[Problem, ...] = ()
    """What is doubtful with the words."""


def find_default_theme() -> Path:
    """Return the folder of the default theme: inside the package when installed, else the checkout's `templates/`."""
    package = Path(__file__).parent
    packaged = package / "_templates"
    return packaged if packaged.is_dir() else package.parent / "templates"


def load_theme(config: Config) -> Theme:
    """Read the theme of a site.

    Raises ConfigError for templates and words that are not UTF-8 or not TOML.
    """
    default = find_default_theme()
    own = config.templates
    folders = [default] if own is None or own.resolve() == default.resolve() else [default, own]
    texts: dict[str, str] = {}
    files: dict[str, str] = {}
    assets: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*.html")):
            name = path.relative_to(folder).as_posix()
            text = _read(path)
            if folder == default:
                texts[DEFAULT + name], files[DEFAULT + name] = text, f"the default theme's {name}"
            texts[name], files[name] = text, f"templates/{name}"
        assets.update(_find_assets(folder))
    language, words, problems = _load_words(folders, config)
    templates = Templates(texts=texts, files=files, digest=digest((texts, files)))
    return Theme(templates=templates, assets=assets, words=words, language=language, problems=tuple(problems))


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as exc:
        raise ConfigError(error(str(path), f"byte {exc.start} is not UTF-8", "save the file as UTF-8")) from None


def _find_assets(folder: Path) -> dict[str, Path]:
    root = folder / "assets"
    files = (path for path in sorted(root.rglob("*")) if path.is_file() and not path.name.startswith("."))
    return {path.relative_to(root).as_posix(): path for path in files}


def _load_words(folders: Sequence[Path], config: Config) -> tuple[str, dict[str, object], list[Problem]]:
    """Return the language of the interface, its words with the names that the settings give, and what is doubtful.

    Raises ConfigError for words of a wrong kind.
    """
    language, problems = config.language, []
    layers = _load_layers(folders, language)
    if not layers:
        known = ", ".join(sorted({path.stem for folder in folders for path in (folder / "strings").glob("*.toml")}))
        message = f"the interface has no words in the language {language!r} and is in English (there are {known})"
        problems.append(warning(config.name, message, f"add templates/strings/{language}.toml"))
        language = FALLBACK_LANGUAGE
        layers = _load_layers(folders, language)
    table = TABLE.read_text(encoding="utf-8")
    entry = find_entry(table, language)
    fallback: Mapping[str, object] = {}
    if len(folders) > 1 and any((folders[1] / "strings" / f"{code}.toml").is_file() for code in list_codes(language)):
        # The files of the default theme lack nothing: a test says so, and no build need ask.
        english = find_entry(table, FALLBACK_LANGUAGE)
        phrases = _load_layers(folders[:1], FALLBACK_LANGUAGE)[0].words
        fallback = phrases if entry else {**english, **phrases}
        if mistakes := sorted(problem for layer in layers for problem in find_mistakes(layer, fallback)):
            raise ConfigError(*mistakes)
        problems += find_missing(language, entry, layers, fallback)
    return language, {**join_words(entry, layers, fallback), **dict(config.names)}, problems


def _load_layers(folders: Sequence[Path], language: str) -> list[Layer]:
    """Return the language files that there are, the one that goes before the others last."""
    files = [folder / "strings" / f"{code}.toml" for code in list_codes(language) for folder in folders]
    return [Layer(f"templates/strings/{path.name}", _parse_words(path)) for path in files if path.is_file()]


def _parse_words(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(_read(path))
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError(error(f"templates/strings/{path.name}", f"this is not TOML: {exc}")) from None


def name_assets(assets: Mapping[str, Path], rules: str = "") -> tuple[dict[str, str], dict[str, str]]:
    """Return name -> path in the output, and name -> digest; `rules` are added to the style sheet.

    A path has a part of the digest in it, so that readers' caches may keep the file for ever.
    """
    paths: dict[str, str] = {}
    digests: dict[str, str] = {}
    for name, file in assets.items():
        digests[name] = digest_bytes(file.read_bytes() + (rules.encode("utf-8") if name == STYLE else b""))
        stem, dot, ending = name.rpartition(".")
        paths[name] = f"assets/{stem}.{digests[name][:10]}.{ending}" if dot else f"assets/{name}.{digests[name][:10]}"
    return paths, digests


# --- Jinja -------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def find_closures(templates: Templates) -> Mapping[str, Sequence[str]]:
    """Return for each template its closure: the names of it and of all that it extends, includes or imports, sorted.

    A name that does not exist takes part as absent, so that adding it counts as a change; a name that is only known
    while rendering counts as every template. Raises ConfigError with all syntax errors of all templates.
    """
    from jinja2 import TemplateSyntaxError
    from jinja2.meta import find_referenced_templates

    from site_builder.templating import make_environment

    environment = make_environment(templates.texts, templates.files)
    references: dict[str, set[str | None]] = {}
    problems: list[Problem] = []
    for name, text in templates.texts.items():
        if templates.texts.get(DEFAULT + name) == text:
            references[name] = references[DEFAULT + name]
            continue
        try:
            tree = environment.parse(text)
            references[name] = set(find_referenced_templates(tree))
            if not name.startswith(DEFAULT):
                environment.compile(tree, name)  # tells unknown filters and tests, which parsing does not
        except TemplateSyntaxError as exc:
            problems.append(error(f"{templates.files[name]}:{exc.lineno}", exc.message or "is not a template"))
    if problems:
        raise ConfigError(*problems)
    return {name: sorted(_close(name, references, templates)) for name in templates.texts}


def _close(name: str, references: Mapping[str, set[str | None]], templates: Templates) -> set[str]:
    closure: set[str] = set()
    waiting: list[str | None] = [name]
    while waiting:
        current = waiting.pop()
        if current is None:
            return set(templates.texts)
        if current not in closure:
            closure.add(current)
            waiting.extend(references.get(current, ()))
    return closure


def digest_texts(templates: Templates) -> dict[str, str]:
    """Return the digest of the text of each template."""
    return {name: digest_bytes(text.encode("utf-8")) for name, text in templates.texts.items()}


def digest_closures(closures: Mapping[str, Sequence[str]], texts: Mapping[str, str]) -> dict[str, str]:
    """Return a digest of each closure with all its texts, which `digest_texts` gave; what is not there counts so."""
    return {name: digest([(member, texts.get(member, "")) for member in names]) for name, names in closures.items()}


def is_own(name: str, config: Config) -> bool:
    """Tell whether a template is one of the user's, and not of the default theme."""
    own = config.templates
    return own is not None and own.resolve() != find_default_theme().resolve() and (own / name).is_file()
