"""Rendering: an output of the plan becomes bytes.

Templates for pages, formatters for the rest. The same output and the same recipe give the same bytes, in any process.
What a page is for, and what becomes of the bytes, is not known here.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from site_builder.data import format_data
from site_builder.digest import digest
from site_builder.errors import ConfigError, MachineError, SourceChangedError, error
from site_builder.feeds import FeedView, format_feed
from site_builder.guide import GuideView, format_guide
from site_builder.headlines import set_apart
from site_builder.marking import mark_lines
from site_builder.model import Article, Output
from site_builder.readers import decode_source
from site_builder.scaling import BrokenPictureError, make_copy
from site_builder.sitemap import SitemapView, format_sitemap
from site_builder.social import SocialView, paint_social
from site_builder.sources import read_source
from site_builder.store import parse_article
from site_builder.theme import Templates
from site_builder.title_index import (
    ShardListView,
    TitleShardView,
    WordFileView,
    format_shard_list,
    format_titles,
    format_words,
)
from site_builder.values import dataclass
from site_builder.views import (
    AboutView,
    ArticleView,
    AssetView,
    CopyView,
    DataView,
    FileView,
    Frame,
    MarkedView,
    PlainView,
    SourceView,
    TextFileView,
    View,
)

if TYPE_CHECKING:
    from site_builder.templating import Press


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What all outputs of a build share: a value that any worker can be sent."""

    frame: Frame
    templates: Templates
    content: Path
    encodings: tuple[str, ...]
    """Those of the settings, by which sources were read."""
    assets: Mapping[str, Path]
    texts: Path
    """Where those files of the full-text index lie that were made in this build."""
    look: str = field(init=False)
    """Digest of the frame and the templates: by it a worker knows those that it has compiled."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "look", name_look(self.frame, self.templates))


def name_look(frame: Frame, templates: Templates) -> str:
    """Return the name of the look of a site: of what is the same on all pages, and of the templates."""
    return digest((frame, templates.digest))


def render(output: Output, recipe: Recipe, articles: Mapping[str, str]) -> bytes:
    """Return the bytes of an output; `articles` holds the stored text of those that it shows, by digest.

    Raises ConfigError for an error in a template, at its line; SourceChangedError for a source that changed or went
    away since it was read.
    """
    page = output.page
    match page:
        case View():
            return _render_template(output.template, page, recipe, articles)
        case DataView():
            return format_data(set_apart(parse_article(articles[page.article]), page.apart), page.url, page.files)
        case SourceView():
            return _read_unchanged(page, recipe)
        case FileView():
            return _read_unchanged(page, recipe)
        case CopyView():
            return _scale(page, recipe)
        case FeedView():
            return format_feed(page)
        case SitemapView():
            return format_sitemap(page)
        case GuideView():
            return format_guide(page)
        case SocialView():
            return paint_social(page)
        case PlainView():
            return page.text.encode("utf-8")
        case TitleShardView():
            return format_titles(page)
        case WordFileView():
            return format_words(page)
        case ShardListView():
            return format_shard_list(page)
        case TextFileView():
            return (recipe.texts / page.path).read_bytes()
        case AssetView():
            return recipe.assets[page.name].read_bytes() + page.rules.encode("utf-8")
    raise TypeError(f"nothing here renders a {type(page).__name__}")


def _render_template(name: str, page: View, recipe: Recipe, articles: Mapping[str, str]) -> bytes:
    if isinstance(page, ArticleView | MarkedView) and isinstance(page.article, str):
        page = replace(page, article=set_apart(parse_article(articles[page.article]), page.apart))
    if isinstance(page, AboutView) and page.text and isinstance(page.text.article, str):
        page = replace(page, text=replace(page.text, article=parse_article(articles[page.text.article])))
    if isinstance(page, MarkedView) and isinstance(page.article, Article):
        text = decode_source(page.source.id, _read_unchanged(page.source, recipe), recipe.encodings)
        page = replace(page, lines=mark_lines(text, page.article.parts))
    try:
        return _find_press(recipe).render(name, page).encode("utf-8")
    except Exception as exc:
        # A template is the user's program: whatever it raises is told at its line, never as a traceback of ours.
        place = _find_line(exc, recipe.templates)
        if place is None:
            raise
        raise ConfigError(error(place, f"{type(exc).__name__}: {exc}", f"while rendering {page.path}")) from exc


_PRESSES: dict[str, Press] = {}
"""By `Recipe.look`: a worker compiles a template once for all its batches."""

_CODES: dict[str, bytes] = {}
"""By `Recipe.look`: templates that need not be compiled."""


def _find_press(recipe: Recipe) -> Press:
    press = _PRESSES.get(recipe.look)
    if press is None:
        _PRESSES.clear()  # a server renders with one after the other
        codes = _CODES.get(recipe.look, b"")
        press = _PRESSES[recipe.look] = _make_press(recipe.frame, recipe.templates, codes)
    return press


def use_codes(recipe: Recipe, codes: bytes) -> None:
    """Render with templates that were compiled for this look before, as `dump_codes` gave them, if there are any.

    That holds for this process, and for those that are copied from it afterwards: to send them with every batch of
    pages takes long, as it does to compile them in every process.
    """
    _CODES.clear()
    _CODES[recipe.look] = codes


def _make_press(frame: Frame, templates: Templates, codes: bytes = b"") -> Press:
    from site_builder.templating import Press

    return Press(templates.texts, templates.files, frame.text, frame, codes)


def compile_templates(frame: Frame, templates: Templates, names: Iterable[str]) -> bytes:
    """Return the templates of these names, compiled for a site of this frame, as `dump_codes` gives them.

    One that cannot be compiled is left out: that is told where it is rendered, if it ever is.
    """
    press = _make_press(frame, templates)
    press.compile(names)
    return press.dump_codes()


def dump_codes(recipe: Recipe) -> bytes:
    """Return the templates of a recipe, when this process compiled any that it was not given; else nothing."""
    press = _PRESSES.get(recipe.look)
    return press.dump_codes() if press else b""


def _find_line(exc: Exception, templates: Templates) -> str | None:
    """Return `templates/name.html:line` of the innermost template in a traceback, or None when there is none."""
    from jinja2 import TemplateError, TemplateSyntaxError

    if isinstance(exc, TemplateSyntaxError):
        return f"{templates.files.get(exc.name or '', exc.name)}:{exc.lineno}"
    files = set(templates.files.values())
    frames = [frame for frame in traceback.extract_tb(exc.__traceback__) if frame.filename in files]
    if frames:
        return f"{frames[-1].filename}:{frames[-1].lineno}"
    return "templates" if isinstance(exc, TemplateError) else None


def _scale(page: CopyView, recipe: Recipe) -> bytes:
    data = _read_unchanged(page, recipe)
    try:
        return make_copy(data, page.width)
    except BrokenPictureError as exc:
        raise MachineError(error(page.id, f"cannot be scaled any more: it {exc}", "build again")) from exc


def _read_unchanged(page: SourceView | FileView | CopyView, recipe: Recipe) -> bytes:
    try:
        data = read_source(recipe.content, page.id, 2**33)
    except OSError as exc:
        raise SourceChangedError(error(page.id, f"cannot be read any more: {exc.strerror}", "build again")) from exc
    if sha256(data).hexdigest() != page.sha256:
        raise SourceChangedError(error(page.id, "changed while the site was being built", "build again"))
    return data
