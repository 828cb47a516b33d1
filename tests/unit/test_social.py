"""The picture by which a page is shared: its size, its bytes, and what it writes of a name."""

from __future__ import annotations

import io

import pytest

from site_builder.social import MARGIN, SIZE, SocialView, paint_social

Image = pytest.importorskip("PIL.Image")


def paint(site, section=""):
    return paint_social(SocialView(site=site, section=section, accent="#8c1c13"))


def find_ink(data):
    """Return the box of all that is drawn right of the band and above the rule, or None."""
    image = Image.open(io.BytesIO(data))
    assert image.format == "PNG"
    assert image.size == SIZE
    drawn = image.convert("RGB").convert("L").point(lambda value: 255 if value < 200 else 0)
    return drawn.crop((24, 0, SIZE[0], SIZE[1] - MARGIN)).getbbox()


NAMES = ["Arsip Muara Lembayung", "A", "The Harbour Courier and Advertiser of the Seven Lower Rivers " * 3, "m" * 300]


@pytest.mark.parametrize("name", NAMES, ids=len)
@pytest.mark.parametrize("section", ["", "Kota", "Berita dari semua kampung di hulu dan di hilir sungai " * 2])
def test_every_name_stays_within_the_margins_and_60_kilobytes(name, section):
    data = paint(name, section)
    assert len(data) <= 60_000
    left, top, right, bottom = find_ink(data)
    assert left + 24 >= MARGIN - 4
    assert right + 24 <= SIZE[0] - MARGIN + 4
    assert top > 40
    assert bottom < SIZE[1] - MARGIN


def test_equal_views_have_equal_bytes_and_names_differ():
    assert paint("Arsip", "Kota") == paint("Arsip", "Kota")
    assert paint("Arsip", "Kota") != paint("Arsip", "Desa") != paint("Arsip")


@pytest.mark.parametrize("name", ["أرشيف الميناء", "港の記録", "Архив порта"])
def test_a_name_that_the_font_cannot_write_leaves_no_boxes(name):
    assert paint("Arsip", name) == paint("Arsip")
    assert paint(name) == paint("")


@pytest.mark.parametrize(
    ("name", "written"),
    [("Café", "Cafe"), ("Cafe\u0301", "Cafe"), ("Straße", "Strasse"), ("Łódź", "Lodz"), ("Đà Nẵng", "Da Nang"),
     ("İstanbul – Iğdır", "Istanbul - Igdir"), ("Œuvre", "OEuvre")],
)  # fmt: skip
def test_latin_letters_that_the_font_lacks_lose_their_accents(name, written):
    assert paint(name) == paint(written) != paint("")


def test_without_a_name_nothing_is_written():
    assert find_ink(paint("港の記録")) is None


def test_dashes_that_the_font_lacks_are_hyphens():
    assert paint("Kota – Desa") == paint("Kota - Desa")


@pytest.mark.parametrize(("accent", "colour"), [("#0a4b87", (0x0A, 0x4B, 0x87)), ("#f00", (255, 0, 0))])
def test_the_band_has_the_accent_colour_of_the_site(accent, colour):
    data = paint_social(SocialView(site="Arsip", accent=accent))
    assert Image.open(io.BytesIO(data)).convert("RGB").getpixel((5, 5)) == colour
