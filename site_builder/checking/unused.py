"""What nothing needs: rules that move nothing, overrides that override nothing, words nobody reads, lonely files."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path

from site_builder.attaching import locate_files
from site_builder.checking.findings import Findings
from site_builder.config import Config
from site_builder.errors import warning
from site_builder.interface import list_codes
from site_builder.readers import ARTICLE_SUFFIXES, SIDECAR
from site_builder.readers.rules import compile_packs
from site_builder.survey import Survey
from site_builder.theme import DEFAULT, find_closures, find_default_theme

_TEXTS = (".html", ".css", ".js", ".svg", ".toml")


def check_unused(survey: Survey, rules: Collection[str], files: Collection[str], findings: Findings) -> None:
    """Tell of what nothing needs; `rules` moved something, `files` are named by articles."""
    _check_rules(survey, rules, findings)
    _check_templates(survey, findings)
    _check_files(survey.config, files, findings)


def _check_rules(survey: Survey, used: Collection[str], findings: Findings) -> None:
    options = survey.inputs.options
    for rule in compile_packs(options.packs, options.disable).rules:
        if rule.place.startswith("rules/") and rule.name not in used:
            message = f"the rule {rule.name!r} moves nothing in any article"
            findings.add("rules", warning(rule.place, message, "see what it should move with site-builder explain"))


# --- the theme ---------------------------------------------------------------------------------------------------


def _check_templates(survey: Survey, findings: Findings) -> None:
    config, templates = survey.config, survey.inputs.theme.templates
    own, default = config.templates, find_default_theme()
    if own is None or own.resolve() == default.resolve():
        return
    closures = find_closures(templates)
    theirs = {name.removeprefix(DEFAULT) for name in templates.texts if name.startswith(DEFAULT)}
    needed = {member for name in theirs for member in closures.get(name, ())}
    texts = dict(_read_texts(own))
    for name in sorted(path.relative_to(own).as_posix() for path in own.rglob("*") if path.is_file()):
        if name.startswith("."):
            continue
        place = f"templates/{name}"
        if name.endswith(".html"):
            if name not in needed:
                hint = "give it the name of a template of the default theme, or include it in one"
                findings.add("theme", warning(place, "overrides no template, and none includes it", hint))
        elif name.startswith("assets/"):
            asset = name.removeprefix("assets/")
            if not (default / name).is_file() and not any(asset in text for at, text in texts.items() if at != name):
                findings.add("theme", warning(place, "is published, and no template or style sheet names it"))
        elif name.startswith("strings/") and name.endswith(".toml"):
            code = name.removeprefix("strings/").removesuffix(".toml")
            if code not in list_codes(config.language):
                message = f"has words in {code!r}, and the site is in {config.language!r}"
                findings.add("theme", warning(place, message, "set language in site.toml, or remove the file"))


def _read_texts(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name.endswith(_TEXTS):
            yield path.relative_to(folder).as_posix(), path.read_text(encoding="utf-8", errors="replace")


# --- files beside articles ----------------------------------------------------------------------------------------


def _check_files(config: Config, ids: Collection[str], findings: Findings) -> None:
    """Tell of the files in the content folder that are no articles, and that no article shows or links to."""
    used = {place for place in locate_files(ids, config).values() if isinstance(place, str)}
    for path in _list_files(config):
        if path not in used:
            suffix = Path(path).suffix.lower() or "no suffix"
            message = f"is no article ({suffix}), and no article shows it or links to it"
            hint = "articles end in .txt, .md or .html; dumps are taken in with site-builder add"
            findings.add("unread", warning(f"{config.shown}/{path}", message, hint), key=f"suffix {suffix}")


def _list_files(config: Config) -> Iterator[str]:
    """Yield the paths below the content folder of files that are no articles, folder by folder, in order."""
    shut = {os.fspath(config.output), os.fspath(config.cache)}
    for folder, folders, names in os.walk(config.content):
        folders[:] = sorted(
            name for name in folders if name[0] not in ".#" and name[-1] != "~" and f"{folder}/{name}" not in shut
        )
        above = os.path.relpath(folder, config.content)
        for name in sorted(names):
            if name[0] in ".#" or name[-1] == "~" or name.lower().endswith((*ARTICLE_SUFFIXES, SIDECAR)):
                continue
            yield name if above == "." else f"{above}/{name}"
