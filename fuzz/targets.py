"""What must hold whatever the bytes are: one function for each kind of input, which raises when something does not.

`run.py` feeds them from a fuzzer; `tests/unit/test_fuzz_cases.py` feeds them all inputs that once broke something. What
feeds them is not known here.
"""

from __future__ import annotations

import posixpath
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from site_builder import build, load_config
from site_builder.attachments import FILE_MARK
from site_builder.errors import ConfigError, Problem, SiteBuilderError
from site_builder.hyperlinks import find_target, scan_page
from site_builder.model import LINK_MARK, PARTS
from site_builder.readers import Pack, Reading, ReadOptions, Sidecar, reader_for
from site_builder.readers.front_matter import add_sidecar, read_front_matter
from site_builder.readers.header import MAX_NODES
from site_builder.readers.rules import check_examples, compile_packs
from site_builder.readers.sanitise import ATTRIBUTES, GIVEN, ID_PREFIX, SCHEMES, TAGS, Sanitiser
from site_builder.readers.text import read_text
from site_builder.store import dump_article, parse_article
from site_builder.urls import MAX_SLUG, check_path, find_page_path, is_slug, make_slug, page_path

_RULES = Path(__file__).parents[1] / "site_builder" / "rules"
_TAG = re.compile(r'</?([a-z0-9]+)((?: [a-z]+="[^"<>]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
_KNOWN = {name for names in ATTRIBUTES.values() for name in names} | {"class"}


@cache
def _options() -> ReadOptions:
    packs = tuple(Pack(path.name, path.read_text("utf-8")) for path in sorted(_RULES.glob("*.toml")))
    return ReadOptions(packs=packs, home="https://archive.example/papers/", megabytes=1.0)


# --- sources ---------------------------------------------------------------------------------------------------------


def check_text(data: bytes) -> None:
    """Read bytes as plain text, or where they begin with a small letter, as Markdown."""
    name = "kota/a.md" if data[:1].islower() else "kota/a.txt"
    _check_reading(name, data[1:])


def check_html(data: bytes) -> None:
    """Read bytes as a page of HTML."""
    _check_reading("kota/a.html", data)


def check_front_matter(data: bytes) -> None:
    """Read bytes as front matter, as what stands above a text, and as a file beside one."""
    text = data.decode("utf-8", "replace")
    for name in ("a.md", "a.txt"):
        front = read_front_matter(name, text)
        assert 0 <= front.end <= len(text)
        _check_fields({**front.fields, **front.extra})
        _check_problems(front.problems)
    front = add_sidecar("a.md", read_front_matter("a.md", ""), Sidecar("a.meta", data), ())
    _check_fields(front.fields)
    _check_problems(front.problems)
    _check_reading("a.md", data + b"\n\nAir naik.\n")


def _check_fields(fields: Mapping[str, object]) -> None:
    waiting: list[object] = list(fields.values())
    count = 0
    while waiting:
        value = waiting.pop()
        count += 1
        assert count <= 3 * MAX_NODES
        if isinstance(value, Mapping):
            waiting += [*value.keys(), *value.values()]
        elif isinstance(value, list | tuple):
            waiting += value
        else:
            assert value is None or isinstance(value, str | bool | int), repr(value)


def _check_problems(problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        assert problem.message
        assert str(problem).replace("\n", "").isprintable(), repr(str(problem))


def _check_reading(name: str, data: bytes) -> None:
    reader = reader_for(name)
    assert reader is not None
    reading: Reading = reader(name, data, _options())
    _check_problems(reading.problems)
    article = reading.article
    if article is None:
        assert reading.problems, "left out without a word"
        return
    position = 0
    for part in article.parts:
        assert part.start == position < part.end, part
        assert part.part in PARTS, part
        position = part.end
    assert position == len(reading.text)
    assert article.title
    assert article.title.isprintable() or "\n" not in article.title
    for block in article.blocks:
        if block.kind == "html":
            _check_safe(block.text)
    _check_fields(article.extra)
    text = dump_article(article)
    assert dump_article(parse_article(text)) == text


def _check_safe(markup: str) -> None:
    """Raise for HTML that holds anything but the tags, attributes and addresses of the allow-lists."""
    rest = _TAG.sub("", markup)
    assert "<" not in rest, rest[max(0, rest.find("<") - 40) :][:120]
    for tag, written in _TAG.findall(markup):
        assert tag in TAGS, tag
        for name, value in _ATTRIBUTE.findall(written):
            if GIVEN.get(tag, {}).get(name) == value:
                continue
            assert name in _KNOWN, name
            if name == "id":
                assert value.startswith((ID_PREFIX, "text")), value
    for reference in scan_page(markup).references:
        _check_address(reference.url)


def _check_address(address: str) -> None:
    """Raise for an address that a browser would take for code: judged as browsers do, after they strip it."""
    seen = re.sub(r"[\t\n\r]", "", address.strip("".join(map(chr, range(33)))))
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", seen)
    marks = (LINK_MARK.rstrip(":"), FILE_MARK.rstrip(":"))
    assert scheme is None or scheme[1].lower() in (*SCHEMES, *marks), address


# --- addresses -------------------------------------------------------------------------------------------------------


def check_addresses(data: bytes) -> None:
    """Take bytes as a title, a slug, a former address, a link and a picture."""
    text = data.decode("utf-8", "replace")
    slug = make_slug(text)
    assert len(slug) <= MAX_SLUG
    assert not slug or is_slug(slug) or re.fullmatch(r"[a-z0-9_-]+", slug), slug
    if is_slug(text):
        assert check_path(f"articles/{text}.html") == ""
    for path in (text, page_path(text), find_page_path(text), f"articles/{text}.html"):
        if check_path(path) == "":
            assert posixpath.normpath(path) == path, path
            assert not path.startswith("/")
            assert ".." not in path.split("/")
            assert path.isprintable() or all(ord(c) >= 32 for c in path)
    target = find_target("articles/a.html", text, "https://archive.example/papers/")
    assert target is None or isinstance(target[0], str)
    attribute = text.replace("&", "&amp;").replace('"', "&quot;")
    for base, origin in (("", ""), ("https://old.example/2001/a.html", ""), ("", "https://old.example/2001/a.html")):
        page = Sanitiser("kota/a.md", base, "https://archive.example/papers/", origin)
        cleaned = page.clean(f'<a href="{attribute}">a</a><img src="{attribute}" alt="b"><q cite="{attribute}">c</q>')
        _check_safe(cleaned)
        for id_ in page.files:
            assert ".." not in id_.split("/"), id_
        for link in page.links:
            assert "\0" not in link or link, link


# --- rules -----------------------------------------------------------------------------------------------------------

_SAMPLE = "Judul | Kota\n\nKOTA - Air naik (ab).\nBaca juga: Air\n"


def check_rules(data: bytes) -> None:
    """Take bytes as a rule pack, and read a short text by it."""
    pack = Pack("rules/a.toml", data.decode("utf-8", "replace"))
    try:
        book = compile_packs.__wrapped__((pack,))
    except ConfigError as exc:
        _check_problems(exc.problems)
        return
    _check_problems(check_examples(book))
    article = read_text("a.txt", _SAMPLE.encode(), ReadOptions(packs=(pack,))).article
    assert article is not None
    assert "".join(_SAMPLE[part.start : part.end] for part in article.parts) == _SAMPLE


# --- the state -------------------------------------------------------------------------------------------------------

_TABLES = ("facts", "sources", "listings", "files", "articles", "codes", "outputs", "texts")


@cache
def _site() -> tuple[Path, bytes]:
    """Return a small site that was built once, and its state."""
    root = Path(tempfile.mkdtemp(prefix="fuzz-"))
    (root / "content").mkdir()
    (root / "site.toml").write_text('title = "Arsip"\n[search]\nengine = "titles"\n')
    for number in (1, 2):
        text = f"---\ntitle: Air {number}\ndate: 2020-01-0{number}\ntags: [air]\n---\n\nAir *naik*.\n"
        (root / "content" / f"{number}.md").write_text(text)
    build(replace(load_config(root), jobs=1))
    (state,) = (root / ".site-builder-cache").glob("*.sqlite")
    return root, state.read_bytes()


def _list_files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def check_state(data: bytes) -> None:
    """Put bytes into the state of a site and build it: the site stands, whatever is in the cache.

    The first byte says where they go: over the file as it lies, or as a value into one of its tables.
    """
    root, state = _site()
    (file,) = (root / ".site-builder-cache").glob("state-*.sqlite")
    expected = _list_files(root / "output")
    file.with_name(file.name + "-journal").unlink(missing_ok=True)
    where, rest = data[:1] or b"\0", data[1:]
    if where[0] < 128:
        start = int.from_bytes(rest[:3], "big") % len(state)
        file.write_bytes(state[:start] + rest[3:] + state[start + len(rest[3:]) :])
    else:
        file.write_bytes(state)
        _put(file, where[0] - 128, rest)
    try:
        build(replace(load_config(root), jobs=1))
    except SiteBuilderError as exc:
        _check_problems(exc.problems)
        shutil.rmtree(root / ".site-builder-cache")
        raise AssertionError(f"a damaged cache kept the site from being built: {exc}") from exc
    found = _list_files(root / "output")
    if where[0] < 128:
        assert found.keys() == expected.keys()
    if found != expected:
        build(replace(load_config(root, clean=True), jobs=1))
        assert _list_files(root / "output") == expected
    file.write_bytes(state)


def _put(file: Path, place: int, value: bytes) -> None:
    """Put a value into one column of all rows of a table."""
    text = value.decode("utf-8", "replace")
    database = sqlite3.connect(file)
    try:
        table = _TABLES[place % len(_TABLES)]
        columns = [row[1] for row in database.execute(f"pragma table_info({table})")]
        column = columns[place // len(_TABLES) % len(columns)]
        database.execute(f"update or ignore {table} set {column} = ?", (text,))
        database.commit()
    finally:
        database.close()


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "text": check_text,
    "front_matter": check_front_matter,
    "html": check_html,
    "rules": check_rules,
    "addresses": check_addresses,
    "state": check_state,
}
"""The kinds of input, by the names of their folders of cases."""
