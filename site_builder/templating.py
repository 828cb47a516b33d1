"""Jinja for the theme: the environment with its filters, and what of a page is worked out before it is rendered.

An archive has many pages that differ little, so two things are done once instead of on every page: what depends on
`site` alone is written into the compiled template, and a card that stands in many lists is drawn once. Neither changes
a byte, and templates are written as if there were neither. Where their texts come from and what they are used for is
not known here.
"""

from __future__ import annotations

import marshal
import re
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from contextlib import suppress
from functools import lru_cache
from types import CodeType
from typing import Any, NamedTuple

from jinja2 import BaseLoader, Environment, StrictUndefined, Template, TemplateNotFound, Undefined, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from site_builder.citation import Citation, cite_as_bibtex, cite_as_ris, cite_as_text
from site_builder.digest import DIGEST_BYTES, digest_bytes
from site_builder.localize import choose_plural, find_direction, format_date, format_number, format_time
from site_builder.model import Article
from site_builder.structured_data import (
    Place,
    Whole,
    describe_article,
    describe_crumbs,
    describe_site,
    format_script,
)

CARDS_KEPT = 20_000
"""How many drawn cards are kept, of about 700 bytes: those of a large archive would fill the memory."""

DAYS_KEPT = 16_384
"""How many days are kept in words, of about 200 bytes: those of some forty years."""

DRAW_CARD = "draw a card"
"""Name of a filter that no template can write: what stands in the place of including a card."""

ROOT_MARK = "\ue000root\ue001"
"""Stands for `page.root` in a card that is kept."""


class _Anywhere(NamedTuple):
    """A page as a card sees it, wherever it is."""

    root: str = ROOT_MARK


class _Environment(Environment):
    """Gives a template that it has given before by its name alone.

    Jinja asks its cache by the loader too, to which it makes a weak reference each time, and a page asks four times.
    """

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - those of Jinja
        super().__init__(**options)
        self._given: dict[str, Template] = {}

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,
    ) -> Template:
        """Return a template. Raises what Jinja raises."""
        if type(name) is not str or globals:
            return super().get_template(name, parent, globals)
        if name not in self._given:
            self._given[name] = super().get_template(name, parent)
        return self._given[name]


def make_environment(
    texts: Mapping[str, str], files: Mapping[str, str], words: Mapping[str, Any] | None = None
) -> Environment:
    """Return a Jinja environment over templates: autoescaped, strict, blind to the disk.

    `texts` and `files` are by name: the text of each template, and what it is called in messages. `words` are those
    that the filters write with; to look for mistakes, none are needed.
    """
    environment = _Environment(
        loader=_Loader(texts, files),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    environment.filters.update(_make_filters(words or {}))
    return environment


def _make_filters(words: Mapping[str, Any]) -> dict[str, Callable[..., str]]:
    # `typed`, because 1, 1.0 and True are equal and are not written alike.
    @lru_cache(maxsize=DAYS_KEPT, typed=True)
    def write_day(day: str, short: bool) -> str:
        return format_date(day, words, short=short)

    # Kept by the day: most articles have a time of their own, which is not written.
    def date(value: str) -> str:
        """Write a date (`YYYY[-MM[-DD]]`) in words, only as exactly as it is known; not for an empty text."""
        return write_day(value[:10], False)

    def date_short(value: str) -> str:
        """Write a date with a short name of the month."""
        return write_day(value[:10], True)

    def time(value: str) -> str:
        """Write the time of day of a date with its offset, or nothing."""
        return format_time(value)

    @lru_cache(maxsize=4096, typed=True)
    def number(value: int) -> str:
        """Write a whole number with the language's mark between thousands."""
        return format_number(value, words)

    def plural(forms: object, value: int) -> str:
        """Choose the phrase for a number, by the language's plural rules."""
        return choose_plural(forms, value, words)

    @lru_cache(maxsize=256)
    def direction(lang: str | None) -> str:
        """Give the direction of a language by its code, for `dir`: `ltr` or `rtl`, and `auto` for no code."""
        return find_direction(lang)

    def cite(article: Article, archive: str, url: str) -> str:
        """Cite an article in one line; `archive` is the title of the site, `url` the address of the page."""
        day = date(article.date) if article.date else str(words["no_date"])
        line = cite_as_text(article, Citation(archive, url), day)
        # An address is written from left to right: with names from right to left, each part must keep to itself.
        if line.isascii() or not _find_rtl(line):
            return line
        return Markup(cite_as_text(article, Citation(archive, url), day, _isolate))  # noqa: S704 - all is escaped

    def bibtex(article: Article, archive: str, url: str) -> str:
        """Cite it as an entry of BibTeX."""
        return cite_as_bibtex(article, Citation(archive, url))

    def ris(article: Article, archive: str, url: str) -> str:
        """Cite it as a record of RIS."""
        return cite_as_ris(article, Citation(archive, url))

    formats = (date, date_short, time, number, plural, direction, cite, bibtex, ris)
    filters = (*formats, article_data, crumbs_data, site_data)
    return {function.__name__: function for function in filters}


_find_rtl = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]").search
"""The scripts that are written from right to left: Hebrew to Arabic Extended-A, and the presentation forms."""


def _isolate(name: str) -> str:
    return f"<bdi>{escape(name)}</bdi>"


# The views are known here by their fields alone (see `site_builder.views`), as they are to templates.


def article_data(page: Any, site: Any, crumbs: Sequence[Sequence[str]] = ()) -> Markup:  # noqa: ANN401
    """Tell machines of an article, as JSON-LD: what is known, and crumbs where the site knows its address.

    A crumb is a title with a path.
    """
    article, whole, image = page.article, Whole(site.title, site.base_url), page.social or site.social
    place = Place(
        url=site.base_url + page.canonical if site.base_url else "",
        section=page.sections[-1].title if page.sections else "",
        topics=[topic.title for topic in page.topics],
        publisher=page.publisher.title if page.publisher else "",
        image=site.base_url + image.url if image else "",
    )
    things = [describe_article(article, place, whole)]
    if site.base_url and crumbs:
        things.append(describe_crumbs(crumbs, article.title, whole))
    return format_script(*things)


def crumbs_data(crumbs: Sequence[Sequence[str]], title: str, site: Any) -> Markup:  # noqa: ANN401
    """Tell machines the way to a page of a title by crumbs, as JSON-LD."""
    return format_script(describe_crumbs(crumbs, title, Whole(site.title, site.base_url)))


def site_data(site: Any, search: str = "") -> Markup:  # noqa: ANN401
    """Tell machines of the archive, as JSON-LD; `search` is the path of a page that takes `?q=`, if there is one."""
    whole = Whole(site.title, site.base_url)
    return format_script(describe_site(whole, site.description, site.language, search))


class _Loader(BaseLoader):
    """Compiles templates from texts; `prepare` may change what was parsed. `codes` are those that are compiled."""

    def __init__(
        self,
        texts: Mapping[str, str],
        files: Mapping[str, str],
        prepare: Callable[[nodes.Template], object] | None = None,
        codes: Mapping[str, CodeType] | None = None,
    ) -> None:
        self._texts = texts
        self._files = files
        self._prepare = prepare
        self.codes = dict(codes or {})
        self.has_compiled = False

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, None]:  # noqa: ARG002
        if template not in self._texts:
            raise TemplateNotFound(template)
        return self._texts[template], self._files[template], None

    def load(self, environment: Environment, name: str, globals: Any = None) -> Template:  # noqa: ANN401
        code = self.codes.get(name)
        if code is None:
            source, file, _ = self.get_source(environment, name)
            tree = environment.parse(source, name, file)
            if self._prepare is not None:
                self._prepare(tree)
            code = self.codes[name] = environment.compile(tree, name, file)
            self.has_compiled = True
        # A plain dict: Jinja lists the globals at every include, and that is slow with the map that it made of them.
        template = environment.template_class.from_code(environment, code, dict(globals or ()))
        # What a compiled template calls for each value that it writes; most have nothing to escape.
        template.root_render_func.__globals__["escape"] = _escape
        return template


_find_special = re.compile("[&<>'\"]").search
_SHORT = 100
"""Characters up to which looking for something to escape is quicker than escaping."""


def _escape(value: object) -> str:
    """Return what `markupsafe.escape` returns, but a short text with nothing to escape as it is."""
    if type(value) is Markup:
        return value
    if type(value) is str and len(value) < _SHORT and _find_special(value) is None:
        return value
    return escape(value)


# --- the press ---------------------------------------------------------------------------------------------------


class Press:
    """Renders the pages of one site: compiles each template once, and keeps what does not differ between pages."""

    def __init__(
        self,
        texts: Mapping[str, str],
        files: Mapping[str, str],
        words: Mapping[str, Any],
        site: object,
        codes: bytes = b"",
    ) -> None:
        """Take templates and the site that they are rendered for; `codes` is what `dump_codes` gave for the same."""
        self._site = site
        self._environment = make_environment(texts, files, words)
        self._environment.filters[DRAW_CARD] = self._draw_card
        self._cards: dict[tuple[object, ...], tuple[str, ...]] = {}
        prepare: Callable[[nodes.Template], object] | None = None
        known = _load_codes(codes)
        # A name that is given to something else is seen by what is included, so all templates are asked.
        if known[0] if known else not self._is_site_renamed(texts):
            prepare = _ShortCuts(self._environment, texts, site).visit
        self._has_short_cuts = prepare is not None
        self._loader = _Loader(texts, files, prepare, known[1] if known else None)
        self._environment.loader = self._loader

    def _is_site_renamed(self, texts: Mapping[str, str]) -> bool:
        # Each text once: a template that the site has not overlaid goes by two names.
        return any(_renames_site(text, self._environment) for text in {*texts.values()})

    def compile(self, names: Iterable[str]) -> None:
        """Compile the templates of these names, but for those that cannot be."""
        for name in names:
            with suppress(Exception):  # whatever it is, it will be raised, and told, where a page is rendered with it
                self._environment.get_template(name)

    def dump_codes(self) -> bytes:
        """Return the templates that were compiled, for a press of the same texts, site and version of the program.

        Nothing, when none was compiled besides those that were given.
        They are Python's own byte code, good for the Python that made it, after a digest that tells them from garbage.
        """
        if not self._loader.has_compiled:
            return b""
        data = marshal.dumps((self._has_short_cuts, self._loader.codes))
        return digest_bytes(data).encode("ascii") + data

    def render(self, name: str, page: object) -> str:
        """Return `page` in the template of this name.

        Raises what a template raises, with its file and line in the traceback.
        """
        return self._environment.get_template(name).render(site=self._site, page=page)

    def _draw_card(self, card: object, name: str, page: object) -> Markup:
        """Return what the template `name` makes of a card; it looks at nothing else but the site, and writes the root.

        It is kept as the pieces between the roots.
        """
        root = getattr(page, "root", None)
        # Only plain texts: values of other kinds may be equal and yet written differently (1 and True).
        if not isinstance(card, tuple) or set(map(type, (root, *card))) != {str}:
            return Markup(self._draw(card, name, page))  # noqa: S704 - drawn by an environment that escapes
        key = (name, type(card), card)
        pieces = self._cards.get(key)
        if pieces is None:
            if any(ROOT_MARK in text for text in card):
                return Markup(self._draw(card, name, page))  # noqa: S704
            if len(self._cards) >= CARDS_KEPT:
                self._cards.clear()
            pieces = self._cards[key] = tuple(self._draw(card, name, _Anywhere()).split(ROOT_MARK))
        return Markup(str(escape(root)).join(pieces))  # noqa: S704

    def _draw(self, card: object, name: str, page: object) -> str:
        # Not by `render`, which would tell a mistake as if the page had not asked for the card.
        template = self._environment.get_template(name)
        context = template.new_context({"site": self._site, "page": page, "card": card})
        return "".join(template.root_render_func(context))


def _load_codes(data: bytes) -> tuple[bool, Mapping[str, CodeType]] | None:
    """Return what `dump_codes` wrote, or None for anything else."""
    size = 2 * DIGEST_BYTES
    if len(data) <= size or digest_bytes(data[size:]).encode("ascii") != data[:size]:
        return None
    found: tuple[bool, Mapping[str, CodeType]] = marshal.loads(data[size:])  # noqa: S302 - the digest says it is ours
    return found


def _renames_site(text: str, environment: Environment) -> bool:
    """Return whether a template gives the name `site` to anything else."""
    if not re.search(r"\bsite\b(?![.\[])", text):
        return False
    tree = environment.parse(text)
    bound = {macro.name for macro in tree.find_all(nodes.Macro)} | {
        module.target for module in tree.find_all(nodes.Import)
    }
    for members in tree.find_all(nodes.FromImport):
        bound |= {member if isinstance(member, str) else member[1] for member in members.names}
    return "site" in bound or any(node.name == "site" and node.ctx != "load" for node in tree.find_all(nodes.Name))


class _ShortCuts(NodeTransformer):
    """Writes texts in the place of `site.title` or `site.text.home`, and the filter in the place of including a card.

    All else that a template may do is left to be done when it is rendered, and so are mistakes.
    """

    def __init__(self, environment: Environment, texts: Mapping[str, str], site: object) -> None:
        self._environment = environment
        self._texts = texts
        self._site = site

    def visit_Macro(self, node: nodes.Macro) -> nodes.Node:  # noqa: N802 - these are named by Jinja
        return node  # one that is imported has no `site`, and to ask for it is a mistake

    def visit_Getattr(self, node: nodes.Getattr) -> nodes.Node:  # noqa: N802
        return self._write(node)

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:  # noqa: N802
        return self._write(node)

    def _write(self, node: nodes.Getattr | nodes.Getitem) -> nodes.Node:
        value = self._find(node)
        if type(value) is str:
            return nodes.Const(value, lineno=node.lineno, environment=node.environment)
        return self.generic_visit(node)

    def _find(self, node: nodes.Node) -> object:
        """Return the value of an expression on `site`; None for any other, and for one that fails."""
        value: object = None
        match node:
            case nodes.Name(name="site", ctx="load"):
                value = self._site
            case nodes.Getattr(node=inner, attr=str(name)) if (whole := self._find(inner)) is not None:
                value = self._environment.getattr(whole, name)
            case nodes.Getitem(node=inner, arg=nodes.Const(value=str(name))) if (
                whole := self._find(inner)
            ) is not None:
                value = self._environment.getitem(whole, name)
        return None if isinstance(value, Undefined) else value

    def visit_Include(self, node: nodes.Include) -> nodes.Node:  # noqa: N802
        match node:
            case nodes.Include(template=nodes.Const(value=str(name)), with_context=True) if self._is_card(name):
                place = {"lineno": node.lineno, "environment": node.environment}
                card, page = (nodes.Name(variable, "load", **place) for variable in ("card", "page"))
                drawn = nodes.Filter(card, DRAW_CARD, [node.template, page], [], None, None, **place)
                return nodes.Output([drawn], **place)
        return self.generic_visit(node)

    def _is_card(self, name: str) -> bool:
        return name in self._texts and _looks_only_at_a_card(self._environment.parse(self._texts[name], name))


def _looks_only_at_a_card(tree: nodes.Template) -> bool:
    """Return whether a template draws a `card` from nothing but itself and `site`, and writes `page.root` as it is."""
    names = [node.name for node in tree.find_all(nodes.Name)]
    outputs = (written for output in tree.find_all(nodes.Output) for written in output.nodes)
    return (
        "card" in names
        and set(names) <= {"card", "page", "site"}
        and names.count("page") == sum(_is_root(written) for written in outputs)
        and all(isinstance(node, nodes.Output | nodes.If) for node in tree.find_all(nodes.Stmt))
        and not any(node.name == "random" for node in tree.find_all(nodes.Filter))
    )


def _is_root(node: nodes.Node) -> bool:
    match node:
        case nodes.Getattr(node=nodes.Name(name="page"), attr="root"):
            return True
    return False
