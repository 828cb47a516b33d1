"""The theme: templates, assets and the words of the interface, the user's before the default ones.

All files are few and small, so they are read on every build; Jinja is imported only when something must be parsed or
rendered. What a template is used for is not known here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from site_builder.config import Config
from site_builder.digest import digest, digest_bytes
from site_builder.errors import ConfigError, Problem, error

DEFAULT = "!default/"
"""Before a name: the default theme's template, also where the user has one of that name."""

FALLBACK_LANGUAGE = "en"
"""The language whose words are complete: what others are held against."""


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
    words = _load_words(folders, config)
    templates = Templates(texts=texts, files=files, digest=digest((texts, files)))
    return Theme(templates=templates, assets=assets, words=words)


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as exc:
        raise ConfigError(error(str(path), f"byte {exc.start} is not UTF-8", "save the file as UTF-8")) from None


def _find_assets(folder: Path) -> dict[str, Path]:
    root = folder / "assets"
    files = (path for path in sorted(root.rglob("*")) if path.is_file() and not path.name.startswith("."))
    return {path.relative_to(root).as_posix(): path for path in files}


def _load_words(folders: Sequence[Path], config: Config) -> dict[str, object]:
    """Return the words of the site's language; the user's file is laid over the default one key by key."""
    whole = _parse_words(folders[0] / "strings" / f"{FALLBACK_LANGUAGE}.toml")
    for language in dict.fromkeys((config.language, config.language.split("-")[0])):
        files = [folder / "strings" / f"{language}.toml" for folder in folders]
        found = [_parse_words(path) for path in files if path.is_file()]
        words = {key: value for layer in found for key, value in layer.items()}
        if words:
            _check_words(words, whole, f"templates/strings/{language}.toml")
            return words
    known = sorted({path.stem for folder in folders for path in (folder / "strings").glob("*.toml")})
    hint = f"write one of {', '.join(known)}, or add templates/strings/{config.language}.toml"
    raise ConfigError(error(config.name, f"the interface has no words in the language {config.language!r}", hint))


def _check_words(words: Mapping[str, object], whole: Mapping[str, object], place: str) -> None:
    """Raise ConfigError for words that are missing, or that name a field which is not filled in."""
    problems = [error(place, f"has no word for {key!r}", f"as in {whole[key]!r}") for key in whole if key not in words]
    for key in whole.keys() & words.keys():
        if strange := _find_fields(words[key]) - _find_fields(whole[key]):
            hint = f"as in {whole[key]!r}"
            problems.append(error(place, f"{key} has the field {{{min(strange)}}}, which is not filled in", hint))
    if problems:
        raise ConfigError(*sorted(problems))


def _find_fields(words: object) -> set[str]:
    texts = words.values() if isinstance(words, Mapping) else words if isinstance(words, list) else [words]
    return {name for text in texts for name in re.findall(r"\{([^{}]*)\}", str(text))}


def _parse_words(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(_read(path))
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError(error(f"templates/strings/{path.name}", f"this is not TOML: {exc}")) from None


def name_assets(assets: Mapping[str, Path]) -> tuple[dict[str, str], dict[str, str]]:
    """Return name -> path in the output, and name -> digest.

    A path has a part of the digest in it, so that readers' caches may keep the file for ever.
    """
    paths: dict[str, str] = {}
    digests: dict[str, str] = {}
    for name, file in assets.items():
        digests[name] = digest_bytes(file.read_bytes())
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
