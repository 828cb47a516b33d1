"""Smaller copies of pictures, and what there can be no copy of."""

from __future__ import annotations

from io import BytesIO

import pytest

from site_builder import scaling
from site_builder.scaling import BrokenPictureError, find_widths, make_copy
from tests.pictures import make_photo

Image = pytest.importorskip("PIL.Image")


def widths(data: bytes) -> tuple[int, ...]:
    return find_widths(BytesIO(data))


@pytest.mark.parametrize(
    ("width", "expected"),
    [(300, ()), (530, ()), (534, (480,)), (1066, (480,)), (1067, (480, 960)), (3000, (480, 960, 1440))],
)
def test_no_copy_is_as_wide_as_its_picture(width, expected):
    assert widths(make_photo(width, 10)) == expected


def test_a_copy_is_as_wide_as_it_says_and_in_proportion():
    copy = Image.open(BytesIO(make_copy(make_photo(1200, 800), 480)))
    assert (copy.format, copy.size) == ("WEBP", (480, 320))


def test_the_same_picture_gives_the_same_copy():
    photo = make_photo(700, 500)
    assert make_copy(photo, 480) == make_copy(photo, 480)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_copy_tells_nothing_of_the_camera(kind):
    photo = make_photo(600, 400, kind)
    assert b"Kamera Sungai" in photo
    copy = make_copy(photo, 480)
    assert b"Kamera" not in copy
    assert not Image.open(BytesIO(copy)).getexif()


def test_a_picture_taken_sideways_stands_upright():
    photo = make_photo(1200, 600, orientation=6)
    assert widths(photo) == (480,)
    assert Image.open(BytesIO(make_copy(photo, 480))).size == (480, 960)


def test_what_was_lossless_or_clear_stays_so():
    picture = Image.new("RGBA", (600, 100), (10, 20, 30, 0))
    picture.paste((255, 0, 0, 255), (0, 0, 600, 50))
    written = BytesIO()
    picture.save(written, "PNG")
    copy = Image.open(BytesIO(make_copy(written.getvalue(), 480))).convert("RGBA")
    assert copy.getpixel((240, 10)) == (255, 0, 0, 255)
    assert copy.getpixel((240, 75))[3] == 0


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK"])
def test_pictures_of_all_common_kinds_have_copies(mode):
    written = BytesIO()
    Image.new(mode, (600, 60)).save(written, "JPEG" if mode == "CMYK" else "PNG")
    assert widths(written.getvalue()) == (480,)
    assert Image.open(BytesIO(make_copy(written.getvalue(), 480))).width == 480


def test_what_moves_or_has_colours_to_be_guessed_has_none():
    written = BytesIO()
    frames = [Image.new("RGB", (600, 60), shade) for shade in ("red", "blue")]
    frames[0].save(written, "WEBP", save_all=True, append_images=frames[1:])
    assert widths(written.getvalue()) == ()
    written = BytesIO()
    Image.new("I;16", (600, 60)).save(written, "PNG")
    assert widths(written.getvalue()) == ()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        b"<svg/>",
        b"\xff\xd8\xff\xe0" + bytes(50),
        make_photo(600, 400)[:2000],
        make_photo(600, 400, "PNG")[:-90],
    ],
    ids=["empty", "another kind", "drawing", "header", "JPEG cut off", "PNG cut off"],
)
def test_what_is_no_whole_picture_is_told(data):
    with pytest.raises(BrokenPictureError, match=r"is (no picture|damaged)"):
        widths(data)


def test_a_picture_that_would_fill_the_memory_is_not_unpacked(monkeypatch):
    photo = make_photo(600, 400)
    for limit in (200_000, 100_000):  # Pillow warns of the first, and refuses the second
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
        with pytest.raises(BrokenPictureError, match="more pixels"):
            widths(photo)


def test_no_width_is_there_twice():
    assert tuple(sorted(set(scaling.WIDTHS))) == scaling.WIDTHS
