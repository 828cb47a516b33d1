"""Addresses of files cannot clash or lead astray, and no text can name a file outside of the content folder."""

from __future__ import annotations

import posixpath
import re

from hypothesis import example, given, settings
from hypothesis import strategies as st

from site_builder.attachments import make_address, name_scaled
from site_builder.model import FILE_MARK
from site_builder.readers.sanitise import Sanitiser
from site_builder.urls import check_path

STEMS = st.one_of(
    st.text(max_size=12), st.sampled_from(["a", "A", "foto 1", "foto-1", "x.480", "x.jpg.480", "é", "e\u0301", "con"])
)
NAMES = st.builds("{}.{}".format, STEMS, st.sampled_from(["jpg", "JPG", "png", "webp", "480.webp", "pdf"]))
FOLDERS = st.lists(st.one_of(st.text(max_size=6), st.sampled_from(["a", "A", "a.jpg", "2019.03"])), max_size=3)
PATHS = st.builds(lambda folders, name: "/".join([*filter(None, folders), name]), FOLDERS, NAMES)
WIDTHS = (480, 960)


def list_outputs(path: str) -> list[str]:
    address = make_address(path)
    return [address, *(name_scaled(address, width) for width in WIDTHS)]


@settings(max_examples=300)
@given(PATHS)
@example("a" * 4000 + ".jpg")
@example("/".join("b" * 200 for _ in range(15)) + "/ü.jpg")
def test_an_address_is_one_on_every_file_system(path):
    for address in list_outputs(path):
        assert not check_path(address)
        assert re.fullmatch(r"files/[a-z0-9._/-]+\.[a-z0-9]{1,10}", address)
        assert len(address) <= 300


@settings(max_examples=300)
@given(PATHS, PATHS)
@example("a.jpg", "a.jpg.480.webp")
@example("a.jpg", "A.jpg")
@example("a/b.jpg", "a.jpg/b.jpg")
def test_two_files_never_meet(one, other):
    if one == other:
        return
    ours, theirs = ({address.casefold() for address in list_outputs(path)} for path in (one, other))
    assert not ours & theirs
    folders = {posixpath.dirname(address) for address in theirs}
    assert not ours & {"/".join(folder.split("/")[:n]) for folder in folders for n in range(1, 9)}


STEPS = [
    "..",
    ".",
    "",
    "/",
    "a",
    "%2e%2e",
    "%2E%2E%2F",
    ".git",
    "b c",
    "//",
    "\\",
    "@",
    "{static}",
    "|attach|",
    "%00",
    "\n",
    "é",
]
ADDRESSES = st.builds(
    lambda steps, glue, end: glue.join(steps) + end,
    st.lists(st.one_of(st.sampled_from(STEPS), st.text(max_size=3)), max_size=6),
    st.sampled_from(["/", "", "%2F"]),
    st.sampled_from(["x.jpg", "/x.pdf", "/.x.png", "x.md", "x", "/x.jpg?v=1#y", "/..%2Fx.jpg"]),
)


@settings(max_examples=500)
@given(ADDRESSES, st.sampled_from(["a.md", "a/b/c.md", "pages/x.md"]))
def test_no_address_leads_out_of_the_content_folder(address, source_id):
    page = Sanitiser(source_id)
    quoted = address.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    shown = page.clean(f'<p><img src="{quoted}"> <a href="{quoted}">x</a></p>')
    assert {int(n) for n in re.findall(rf"{FILE_MARK}(\d+)", shown)} == set(range(len(page.files)))
    for id_ in page.files:
        names = id_.removeprefix("/").split("/")
        assert not any(name in ("", "..") or name.startswith(".") for name in names)
        assert "\0" not in id_
        assert not id_.lower().endswith((".md", ".txt", ".html"))
