"""Articles that nobody has read: whatever they hold, the site stands, and everything that is left out is named.

What is looked at is the published files as a browser's parser sees them (html5lib); `test_hostile_browser.py` runs
them.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import html5lib
import pytest

from tests.crawling import find_dead_links
from tests.hostile.conftest import SECRET, Built, run
from tests.hostile.files import NAMES, RUN
from tests.sites import NO_SHARED, SHARED, list_files

ALLOWED = {"http", "https", "mailto"}
ADDRESSES = "href src action formaction data poster cite ping srcset background xlink:href".split()
OURS = {"nav", "header", "footer", "main", "article", "section", "aside"}
FORBIDDEN = {"iframe", "frame", "frameset", "object", "embed", "applet", "base", "style", "template", "svg", "math"}
Element = ElementTree.Element


@pytest.fixture(scope="session")
def pages(built: Built) -> dict[str, Element]:
    """Every page of the site as a browser would parse it, by its path."""
    found = {}
    for path in sorted(built.output.rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        found[path.relative_to(built.output).as_posix()] = html5lib.parse(text, namespaceHTMLElements=False)
    assert len(found) > 400
    return found


def list_attributes(page: Element) -> Iterator[tuple[Element, str, str]]:
    for element in page.iter():
        if isinstance(element.tag, str):
            yield from ((element, name, value) for name, value in element.attrib.items())


def find_scheme(address: str) -> str:
    """Return the scheme of an address as browsers see it: after they have stripped it."""
    seen = re.sub(r"[\t\n\r]", "", address.strip("".join(map(chr, range(33)))))
    match = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", seen)
    return match[1].lower() if match else ""


def test_the_end_is_told_by_the_status_and_nothing_was_written_elsewhere(built: Built) -> None:
    assert built.status == 1
    assert "Traceback" not in built.told
    about = {path.name for path in built.root.iterdir()}
    assert about == {"site", "secret.txt", "secret.md", "folder"}
    assert {path.name for path in (built.root / "site").iterdir()} == {
        *("content", "site.toml", "output", "secret.txt", ".site-builder-cache")
    }


def test_every_message_has_a_place_and_no_control_character(built: Built) -> None:
    lines = [line for line in built.told.splitlines() if not re.match(r"(read|render|plan|publish):", line)]
    assert len(lines) > 100
    for line in lines:
        assert re.match(r"(error|warning): (content/|[\w-]+\.toml|\d+ )", line), line
        assert line.isprintable(), ascii(line)
        assert len(line) < 1000, line[:200]


def test_every_refusal_says_what_to_do(built: Built) -> None:
    bare = [line for line in built.told.splitlines() if line.startswith("error: ") and not line.endswith(")")]
    assert bare == []


def test_each_file_is_published_or_named(built: Built, pages: dict[str, Element]) -> None:
    texts = {path: "".join(page.itertext()) for path, page in pages.items() if not path.endswith(".marked.html")}
    seen = Counter(word for text in texts.values() for word in set(re.findall(r"kata\d{3}x", text)))
    refused = set(re.findall(r"^error: content/(.+?)(?::\d+){0,2}: ", built.told, re.M))
    for path, word in built.words.items():
        if path.endswith(".meta") or path == "names/..md":  # a sidecar; and what is hidden is left out by rule
            continue
        shown = path.encode("unicode_escape").decode("ascii") if not path.isprintable() else path
        assert seen[word] or path in refused or shown in refused, path
    assert {f"names/{name}" for name in NAMES} & refused == set()


def test_the_words_behind_an_unclosed_tag_are_read_as_the_rest(pages: dict[str, Element]) -> None:
    page = pages["articles/judul-unclosed-title.html"]
    text = page.find(".//div[@class='text']")
    assert text is not None
    assert [element.text for element in text.iter("h2")] == ["Bagian"]
    assert "Habis." in "".join(text.itertext())


def test_the_page_around_an_article_stands(pages: dict[str, Element]) -> None:
    for path, page in pages.items():
        body = page.find("body")
        assert body is not None, path
        assert [(child.tag, child.get("class")) for child in body if isinstance(child.tag, str)] == [
            *(("a", "skip"), ("header", "masthead"), ("main", None), ("footer", "colophon"))
        ], path
        main = body.find("main")
        assert main is not None, path
        inside = Counter(e.tag for text in main.iter("div") if text.get("class") == "text" for e in text.iter())
        assert not OURS & set(inside), path
        assert len(list(page.iter("h1"))) == 1, path


def test_nothing_is_active(pages: dict[str, Element]) -> None:
    for path, page in pages.items():
        assert not FORBIDDEN & {element.tag for element in page.iter() if isinstance(element.tag, str)}, path
        scripts = [(e.get("src"), e.get("type")) for e in page.iter("script")]
        for source, kind in scripts:
            assert (source is None and kind == "application/ld+json") or (
                source and re.fullmatch(r"(\.\./)*(assets/search\.\w+\.js|search/[\w/.-]+\.js)", source)
            ), (path, source)
        for element, name, value in list_attributes(page):
            assert not name.startswith("on"), (path, name)
            assert name not in ("style", "srcdoc", "ping", "autofocus", "is", "popover", "slot"), (path, name)
            if name in ADDRESSES:
                assert find_scheme(value) in {"", *ALLOWED}, (path, value)
            if element.tag == "meta" and (element.get("http-equiv") or "").lower() == "refresh":
                assert re.fullmatch(r"0; url=(\.\./)*[\w/.%-]+", element.get("content") or ""), path


def test_nothing_is_fetched_from_elsewhere_but_pictures_that_the_policy_names(pages: dict[str, Element]) -> None:
    for path, page in pages.items():
        for element, name, value in list_attributes(page):
            if name in ("src", "srcset", "data", "poster") and find_scheme(value):
                assert element.tag == "img", (path, value)
            if element.tag == "link" and element.get("rel") not in ("canonical", "prev", "next"):
                assert not find_scheme(element.get("href") or ""), (path, value)


def test_no_id_is_there_twice_nor_one_of_the_page_s_from_an_article(pages: dict[str, Element]) -> None:
    for path, page in pages.items():
        ids = Counter(value for _, name, value in list_attributes(page) if name == "id")
        assert max(ids.values()) == 1, (path, ids.most_common(2))
        for text in page.iter("div"):
            if text.get("class") == "text":
                inner = [e.get("id") for e in text.iter() if e.get("id") is not None]
                assert all(id_.startswith("text-") for id_ in inner if id_), (path, inner)


def test_feeds_and_sitemaps_and_data_are_well_formed(built: Built, pages: dict[str, Element]) -> None:
    for path in built.output.rglob("*.xml"):
        root = ElementTree.parse(path).getroot()
        for element in root.iter():
            for value in element.attrib.values():
                assert find_scheme(value) in {"", *ALLOWED, "tag", "urn"}, (path, value)
            if element.tag.endswith("}content"):
                fragment = html5lib.parseFragment(element.text or "", namespaceHTMLElements=False)
                for _, name, value in list_attributes(fragment):
                    assert not name.startswith("on"), path
                    assert name not in ADDRESSES or find_scheme(value) in {"", *ALLOWED}, (path, value)
    count = 0
    for path in built.output.rglob("*.json"):
        json.loads(path.read_text(encoding="utf-8"))
        count += 1
    assert count > 100
    for path, page in pages.items():
        for script in page.iter("script"):
            if script.get("type") == "application/ld+json":
                data = json.loads(script.text or "")
                assert "<" not in (script.text or ""), path
                assert data


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("heads/title-script.md", f"</title><script>{RUN}</script> KATA"),
        ("heads/title-entities.md", "KATA &amp; &lt;b&gt; & <C> &nbsp;"),
        ("heads/title-attribute.md", f'KATA " onload="{RUN}" x="'),
        ("heads/title-template.md", "{{ 7*7 }}{% raw %} KATA"),
    ],
)
def test_a_title_is_a_text_everywhere(built: Built, pages: dict[str, Element], path: str, title: str) -> None:
    title = title.replace("KATA", built.words[path])
    ((where, page),) = [
        (where, page)
        for where, page in pages.items()
        if where.startswith("articles/") and ".marked." not in where and (page.findtext(".//h1") or "") == title
    ]
    assert (page.findtext(".//title") or "").startswith(title)
    meta = {e.get("property"): e.get("content") for e in page.iter("meta")}
    assert meta["og:title"] == title
    (data,) = [json.loads(e.text or "") for e in page.iter("script") if e.get("type") == "application/ld+json"]
    assert title in json.dumps(data, ensure_ascii=False).replace('\\"', '"')
    assert json.loads((built.output / where).with_suffix(".json").read_text())["title"] == title


def test_templates_in_articles_are_text(built: Built, pages: dict[str, Element]) -> None:
    page = pages["articles/judul-templates.html"]
    text = "".join(page.itertext())
    assert "{{ 7+7 }} {% include 'site.toml' %} {{ config }} {# a #}" in text
    assert "14" not in text.replace(built.words["markdown/templates.md"], "").replace("2014", "")


def test_nothing_from_outside_the_content_folder_is_in_the_site(built: Built) -> None:
    for path in built.output.rglob("*"):
        assert not path.is_symlink(), path
        if path.is_file():
            assert SECRET.encode() not in path.read_bytes(), path
    for name in ("link.md", "dangling.md", "folder", "loop", "pipe.md", "pipe.meta", "socket.md"):
        assert f"content/special/{name}: is " in built.told, name


def test_names_in_the_site_can_be_stored_and_asked_for_everywhere(built: Built) -> None:
    folded: dict[str, str] = {}
    for path in built.output.rglob("*"):
        name = path.relative_to(built.output).as_posix()
        assert folded.setdefault(name.casefold(), name) == name
        assert len(path.name.encode()) <= 255
        assert re.fullmatch(r"[A-Za-z0-9_./-]+", name), name
        assert path.name.split(".")[0].lower() not in {"con", "nul", "aux", "prn"}


def test_no_link_of_a_page_leads_out_of_the_site_or_nowhere(built: Built, pages: dict[str, Element]) -> None:
    for path, page in pages.items():
        if path == "404.html":
            continue
        for element, name, value in list_attributes(page):
            if name not in ("href", "src") or find_scheme(value) or value.startswith("#"):
                continue
            place = Path(os.path.normpath(built.output / Path(path).parent / unquote(urlsplit(value).path)))
            assert place.is_relative_to(built.output), (path, value)
            assert place.is_file(), (path, element.tag, value)


def test_the_cases_of_the_workplace_end_as_a_great_tool_would_have_them(built: Built) -> None:
    cases = SHARED / "cases" / "hostile" / "cases.json"
    if not cases.is_file():
        pytest.skip(NO_SHARED)
    refused = set(re.findall(r"^error: content/cases/(.+?)(?::\d+){0,2}: ", built.told, re.M))
    named = set(re.findall(r"^(?:error|warning): content/cases/(.+?)(?::\d+){0,2}: ", built.told, re.M))
    sources = json.loads((built.output / ".site-builder.json").read_text())
    assert sources
    for name, case in json.loads(cases.read_text()).items():
        want = case["want"]
        if want == "publish":
            assert name not in refused, name
        elif want.startswith("error") and " or " not in want:
            assert name in refused, name
        elif want.startswith("warn"):
            assert name in named, name
        for text in case.get("no", []):
            for path in built.output.rglob("*.html"):
                assert text not in path.read_text(encoding="utf-8"), (name, path)


def test_the_next_build_does_nothing_and_one_from_nothing_gives_the_same_bytes(built: Built, tmp_path: Path) -> None:
    before = list_files(built.output)
    again = run("build", "--keep-going", "--quiet", cwd=built.root / "site")
    assert (again.returncode, list_files(built.output)) == (1, before)
    clean = ["--clean", "--jobs", "2", "--output", str(tmp_path / "again" / "output")]
    run("build", "--keep-going", "--quiet", *clean, cwd=built.root / "site")
    after = list_files(tmp_path / "again" / "output")
    assert {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)} <= {
        ".site-builder.json"
    }


def test_no_link_of_any_page_is_dead(built):
    dead = find_dead_links(built.output)
    # The way back from a footnote whose name is markup stays within the page.
    assert [link for link in dead if ": #text-fnref:" not in link] == []
