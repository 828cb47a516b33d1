"""Files beside articles in the text: their addresses, and the HTML that shows them."""

from __future__ import annotations

import pytest

from site_builder.attachments import (
    SIZES,
    Attachment,
    keep_used,
    list_addresses,
    make_address,
    name_scaled,
    place_files,
)
from site_builder.model import FileFacts, Signature

NOWHERE = Signature(0, 0, 0, 0)


@pytest.mark.parametrize(
    "path", ["minutes.pdf", "img/ferry.jpg", "posts/2019-03-04-banjir/pic_2.png", "a/b/c/d.tar", "2019/x.webp"]
)
def test_a_plain_path_is_its_own_address(path):
    assert make_address(path) == f"files/{path}"


@pytest.mark.parametrize(
    ("path", "start", "end"),
    [
        ("Foto 1.JPG", "files/foto-1-", ".jpg"),
        ("foto/Ibu & anak.png", "files/foto/ibu-anak-", ".png"),
        ("2019.03/a.pdf", "files/2019-03/a-", ".pdf"),
        ("渡し船/写真.jpg", "files/du-sichuan/xie-zhen-", ".jpg"),
        ("con.png", "files/con-", ".png"),
        ("aux/a.png", "files/a-", ".png"),
        ("index.pdf", "files/index-", ".pdf"),
        ("a.jpg.480.webp", "files/a-jpg-480-", ".webp"),
        ("foto-0123abcd.jpg", "files/foto-0123abcd-", ".jpg"),
        ("???.gif", "files/", ".gif"),
        ("x" * 300 + ".pdf", "files/" + "x" * 60 + "-", ".pdf"),
        ("/".join(["map"] * 90) + "/a.pdf", "files/a-", ".pdf"),
    ],
)
def test_any_other_path_gets_a_slug_and_a_hash(path, start, end):
    address = make_address(path)
    assert address.startswith(start)
    assert address.endswith(end)
    assert len(address.removeprefix(start).removesuffix(end)) == 8


def test_a_file_has_its_address_and_those_of_its_copies():
    facts = FileFacts("a/b.jpg", NOWHERE, "0", 1000, 500, (480,))
    assert list_addresses(facts) == ["files/a/b.jpg", "files/a/b.jpg.480.webp"]
    assert name_scaled("files/a.png", 960) == "files/a.png.960.webp"
    assert list_addresses(facts._replace(path="")) == []


# --- what the page shows ----------------------------------------------------------------------------------------------

PHOTO = Attachment("files/a.jpg", 1000, 500)
MARK = "site-builder-file:"
LAZY = 'loading="lazy" decoding="async"'


def place(markup: str, *files: Attachment) -> str:
    return place_files(markup, "../", files)


def test_a_picture_has_its_size_and_waits_until_it_is_looked_at():
    shown = place(f'<p><img alt="Perahu &amp; air" src="{MARK}0"> tiba.</p>', PHOTO)
    assert shown == (f'<p><img src="../files/a.jpg" alt="Perahu &amp; air" width="1000" height="500" {LAZY}> tiba.</p>')


def test_a_picture_without_words_has_an_empty_alternative():
    assert place(f'<img src="{MARK}0">', Attachment("files/a.svg")) == f'<img src="../files/a.svg" alt="" {LAZY}>'


@pytest.mark.parametrize(
    ("given", "size"),
    [
        (' width="300"', 'width="300" height="150"'),
        (' height="50"', 'width="100" height="50"'),
        (' width="20" height="20"', 'width="20" height="20"'),
        (' width="50%"', 'width="1000" height="500"'),
        (' width="0"', 'width="1000" height="500"'),
    ],
)
def test_an_author_may_say_how_large_a_picture_is_shown(given, size):
    assert f" {size} " in place(f'<img src="{MARK}0"{given}>', PHOTO)


def test_copies_are_offered_with_the_picture_itself_as_the_largest():
    photo = PHOTO._replace(scaled=((480, "files/a.jpg.480.webp"),))
    shown = place(f'<img src="{MARK}0">', photo)
    assert ' srcset="../files/a.jpg.480.webp 480w, ../files/a.jpg 1000w" ' in shown
    assert f' sizes="{SIZES}" ' in shown


def test_a_picture_that_is_alone_and_has_a_title_is_a_figure():
    shown = place(f'<p><img src="{MARK}0" title="Air &lt; kata &quot;Bu&quot;"></p>', PHOTO)
    assert shown.startswith("<figure><img ")
    assert shown.endswith('><figcaption>Air &lt; kata "Bu"</figcaption></figure>')
    assert " title=" not in shown


def test_so_is_one_that_leads_somewhere_and_one_of_another_host():
    linked = place(f'<p><a href="{MARK}0"><img src="{MARK}0" title="Besar"></a></p>', PHOTO)
    assert linked.startswith('<figure><a href="../files/a.jpg"><img ')
    assert linked.endswith("></a><figcaption>Besar</figcaption></figure>")
    foreign = '<p><img src="https://example.org/a.jpg" title="Jauh"></p>'
    assert place(foreign) == '<figure><img src="https://example.org/a.jpg"><figcaption>Jauh</figcaption></figure>'


@pytest.mark.parametrize(
    "markup",
    [
        '<p><img src="https://example.org/a.jpg"></p>',
        '<p><img src="https://example.org/a.jpg" title=" "></p>',
        '<p>Kata <img src="https://example.org/a.jpg" title="T"></p>',
        '<p><a href="#x"><img src="https://example.org/a.jpg" title="T"> kata</a></p>',
    ],
)
def test_all_others_stay_in_their_paragraph(markup):
    assert place(markup) == markup


def test_what_is_not_there_leaves_its_words():
    assert (
        place(f'<p><img src="{MARK}0" alt="Perahu">!</p>', Attachment())
        == '<p><span class="picture">Perahu</span>!</p>'
    )
    assert place(f'<p><img src="{MARK}0"></p>', Attachment()) == "<p></p>"
    assert place(f'<a title="x" href="{MARK}0#page=2">notulen</a>', Attachment()) == '<a title="x">notulen</a>'


def test_a_link_keeps_its_place_in_the_file():
    file = Attachment("files/a.pdf")
    assert place(f'<a href="{MARK}0#page=2">x</a>', file) == '<a href="../files/a.pdf#page=2">x</a>'


def test_a_text_that_says_the_words_of_a_mark_is_a_text():
    text = f'<p>Tulis href="{MARK}9" dan src="{MARK}9".</p>'
    assert place(text, PHOTO) == text
    assert keep_used(text, 1) == (text, [])


def test_marks_are_counted_anew_when_some_are_not_used_any_more():
    markup = f'<a href="{MARK}2">x</a> <img alt="" src="{MARK}0"> <a href="{MARK}2">y</a>'
    changed, used = keep_used(markup, 3)
    assert used == [0, 2]
    assert changed == f'<a href="{MARK}1">x</a> <img alt="" src="{MARK}0"> <a href="{MARK}1">y</a>'
