"""Markdown at a third of its price, byte for byte what Python-Markdown itself would give.

Two ways, both proved by `tests/properties/test_quick_markdown.py`: a text of nothing but simple blocks is written down
at once, and all else goes through the engine, whose patterns are kept from texts that hold none of their signs.
Both are for an engine of which every part is known; any other extension switches them off. What an article is, and
what becomes of the HTML, is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown import __version_info__ as version
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from site_builder.readers.simple_markdown import PROVED, Simple, render_simple

if TYPE_CHECKING:
    from markdown.util import Registry

_VERSION = tuple(map(int, PROVED.split(".")))
"""The Python-Markdown for which the tests have proved it; its patterns may be others in another one."""

_EXTENSIONS = ("tables", "fenced_code", "footnotes", "def_list", "abbr", "sane_lists")
"""The extensions for which they have proved it."""

_KINDS = ("preprocessors", "blockprocessors", "inlinePatterns", "treeprocessors", "postprocessors")
"""The registries that hold the parts of an engine."""

_INLINE_SIGNS = {
    "backtick": ("`",),
    "escape": ("\\",),
    "footnote": ("[^",),
    "reference": ("[",),
    "link": ("[",),
    "image_link": ("![",),
    "image_reference": ("![",),
    "short_reference": ("[",),
    "short_image_ref": ("![",),
    "autolink": ("<",),
    "automail": ("<",),
    "linebreak": ("  \n",),
    "html": ("<",),
    "entity": ("&",),
    "em_strong": ("*", "_"),
}
"""What must stand in a text for an inline pattern to match, by its name: one of these, and they are literal in it."""

_SIGNS: Mapping[tuple[str, str, str], tuple[str, ...]] = {
    **{("inlinePatterns", name, "compiled_re"): signs for name, signs in _INLINE_SIGNS.items()},
    ("preprocessors", "fenced_code_block", "FENCED_BLOCK_RE"): ("~~~", "```"),
    ("blockprocessors", "hashheader", "RE"): ("#",),
    ("blockprocessors", "setextheader", "RE"): ("\n=", "\n-"),
    ("blockprocessors", "hr", "SEARCH_RE"): ("-", "_", "*"),
    ("blockprocessors", "deflist", "RE"): (": ",),
    ("blockprocessors", "quote", "RE"): (">",),
    ("blockprocessors", "footnote", "RE"): ("]:",),
    ("blockprocessors", "abbr", "RE"): ("*[",),
    ("blockprocessors", "reference", "RE"): ("]:",),
    ("treeprocessors", "unescape", "RE"): ("\x02",),
}
"""The same for all patterns that search whole texts, by where they stand: registry, name and attribute."""


class QuickMarkdown:
    """One engine for many texts, with its shortcuts. It serves one thread.

    `is_quick` tells whether there are any: an engine with a part that is not known goes the long way with all texts.
    """

    def __init__(self, make_engine: Callable[[], Markdown]) -> None:
        self._make_engine = make_engine
        self._set_up()

    def _set_up(self) -> None:
        self._engine = self._make_engine()
        self.is_quick = is_known(self._engine)
        if self.is_quick:
            _keep_away(self._engine)

    def convert_simple(self, text: str) -> Simple | None:
        """Return the HTML of a text in which everything is beyond doubt, or None when the engine must read it."""
        try:
            return render_simple(text, self._convert_slowly) if self.is_quick else None
        except Exception:  # noqa: BLE001 - whatever the engine raises at a block, it is to raise at the whole text
            return None

    def convert(self, text: str) -> str:
        """Return what a new engine makes of `text`, and raise what it raises."""
        simple = self.convert_simple(text)
        return self._convert_slowly(text) if simple is None else simple.html

    def convert_block(self, text: str) -> str:
        """Return what a new engine makes of one block of a simple text, and raise what it raises."""
        return self._convert_slowly(text)

    def _convert_slowly(self, text: str) -> str:
        try:
            return self._engine.reset().convert(text)
        except BaseException:
            # An engine that was left in the midst of a list takes the next text for a part of it.
            self._set_up()
            raise


def is_known(engine: Markdown) -> bool:
    """Return whether an engine has the known extensions and nothing else, set up as they come.

    It may set its tables up in any way.
    """
    return version[:2] == _VERSION and _describe(engine) == _describe(Markdown(extensions=list(_EXTENSIONS)))


def _describe(engine: Markdown) -> list[object]:
    """Return all of an engine that the short cuts rely on."""
    registries = {kind: _registry(engine, kind) for kind in _KINDS}
    delimiters: Any = getattr(engine, "delimiters", None)
    return [
        [(kind, [type(part) for part in registry]) for kind, registry in registries.items()],
        [getattr(registries[kind][name], attribute) for kind, name, attribute in _SIGNS if name in registries[kind]],
        [(token, found.boundary) for token, found in getattr(delimiters, "delimiters", {}).items()],
        [(type(extension), getattr(extension, "glossary", None)) for extension in engine.registeredExtensions],
        (engine.tab_length, engine.doc_tag, engine.stripTopLevelTags, engine.output_format),
        (sorted(engine.block_level_elements), sorted(engine.ESCAPED_CHARS)),
    ]


def _registry(engine: Markdown, kind: str) -> Registry[Any]:
    return getattr(engine.parser if kind == "blockprocessors" else engine, kind)  # type: ignore[no-any-return]


# --- all else ----------------------------------------------------------------------------------------------------


class _Untouched(AtomicString):
    """A text that no inline pattern can match: the engine leaves it alone.

    It is a class of its own because those that the engine itself leaves alone must stay so behind the inline patterns.
    """


class _Cover(Treeprocessor):
    """Covers the texts without any sign, before the inline patterns run."""

    def run(self, root: Element) -> None:
        for element in root.iter():
            text = element.text
            if text and not isinstance(text, AtomicString) and not _has_sign(text):
                element.text = _Untouched(text)


class _Uncover(Treeprocessor):
    """Makes common texts again of those that were covered, behind the inline patterns: abbreviations are read there."""

    def run(self, root: Element) -> None:
        for element in root.iter():
            if type(element.text) is _Untouched:
                element.text = str(element.text)


class _Gate:
    """A compiled pattern that does not look where none of its signs stands."""

    def __init__(self, pattern: re.Pattern[str], signs: tuple[str, ...]) -> None:
        self._pattern = pattern
        self._sign, *self._more = signs

    def finditer(self, text: str, start: int = 0) -> Iterable[re.Match[str]]:
        return self._pattern.finditer(text, start) if self._is_open(text) else ()

    def search(self, text: str, start: int = 0) -> re.Match[str] | None:
        return self._pattern.search(text, start) if self._is_open(text) else None

    def match(self, text: str, start: int = 0) -> re.Match[str] | None:
        return self._pattern.match(text, start) if self._is_open(text) else None

    def sub(self, new: Callable[[re.Match[str]], str], text: str) -> str:
        return self._pattern.sub(new, text) if self._is_open(text) else text

    def _is_open(self, text: str) -> bool:
        if self._sign in text:
            return True
        for sign in self._more:  # noqa: SIM110 - a generator for `any` costs more than all of this
            if sign in text:
                return True
        return False

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - all else is the pattern's
        return getattr(self._pattern, name)


def _has_sign(text: str) -> bool:
    return (
        "*" in text
        or "[" in text
        or "_" in text
        or "<" in text
        or "`" in text
        or "\\" in text
        or "&" in text
        or "  \n" in text
        or "\x02" in text
    )


def _keep_away(engine: Markdown) -> None:
    """Keep the patterns of an engine from the texts in which they cannot match."""
    for (kind, name, attribute), signs in _SIGNS.items():
        part = _registry(engine, kind)[name]
        setattr(part, attribute, _Gate(getattr(part, attribute), signs))
    engine.treeprocessors.register(_Cover(engine), "cover", 20.5)
    engine.treeprocessors.register(_Uncover(engine), "uncover", 19.5)
    # A registry sorts itself and looks at the kind of the key at every step; nothing is registered from here on.
    inline: Any = engine.treeprocessors["inline"]
    inline.inlinePatterns = tuple(engine.inlinePatterns)
    blocks: Any = engine.parser
    blocks.blockprocessors = tuple(blocks.blockprocessors)
