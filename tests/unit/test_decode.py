"""Bytes to text: the ladder of encodings, mending, and what is no text."""

from __future__ import annotations

import codecs

import pytest

from site_builder.readers.decode import decode, find_binary

TEXT = "“Kami menanam di atap,” kata Bu Warsini – kadang lebih."


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "utf-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16"),
        (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), "utf-32"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("cp1252"), "windows-1252"),
    ],
)
def test_the_ladder_finds_the_encoding_and_gives_no_mark(data, encoding):
    decoded = decode(data)
    assert (decoded.text, decoded.encoding, decoded.mended) == (TEXT, encoding, False)
    assert find_binary(data, 8) is None


def test_plain_utf8_needs_no_remark_and_a_guess_does():
    assert decode(TEXT.encode()).remark is None
    assert decode(TEXT.encode("cp1252")).remark == (
        "is not UTF-8, and was read as windows-1252",
        "save it as UTF-8, or set [text] encodings",
    )


def test_encodings_of_the_site_come_before_windows_1252_and_unknown_ones_are_passed_over():
    data = "Зимний сад открыт".encode("koi8-r")
    assert decode(data, ("klingon", "ascii", "koi8-r")).text == "Зимний сад открыт"
    assert decode(data, ("koi8-r",)).encoding == "koi8-r"


OTHER_SCRIPTS = {
    "Рыбаки посёлка вернулись в гавань на рассвете, сообщил смотритель маяка.": ("cp1251", "koi8_r", "cp866"),
    "Οι ψαράδες του χωριού γύρισαν στο λιμάνι με την αυγή, είπε ο φύλακας του φάρου.": ("cp1253", "iso8859_7"),
    "הדייגים של הכפר חזרו לנמל עם שחר, אמר שומר המגדלור. הים היה שקט.": ("cp1255", "iso8859_8"),
    "عاد صيادو القرية إلى الميناء مع الفجر، وقال حارس المنارة إن البحر كان هادئا.": ("cp1256", "iso8859_6"),
    "ชาวประมงของหมู่บ้านกลับมาถึงท่าเรือตอนรุ่งสาง คนเฝ้าประภาคารกล่าวว่าทะเลสงบ": ("cp874",),
    "村の漁師たちは夜明けに港へ戻ったと灯台守が話した。海は穏やかだったという。": ("cp932",),
    "마을 어부들은 새벽에 항구로 돌아왔다고 등대지기가 말했다. 바다는 잔잔했다.": ("cp949",),
    "村里的渔民在黎明时分回到港口,灯塔看守人说。海面平静,捕到的鱼比平时多。": ("gb18030",),
    "村裡的漁民在黎明時分回到港口,燈塔看守人說。海面平靜,捕到的魚比平時多。": ("big5",),
}


@pytest.mark.parametrize(
    ("text", "encoding"), [(text, name) for text, names in OTHER_SCRIPTS.items() for name in names]
)
def test_an_encoding_of_another_script_is_found_out_and_told(text, encoding):
    decoded = decode(text.encode(encoding))
    assert decoded.text == text
    assert decoded.remark is not None and decoded.remark[0].startswith("is not UTF-8, and was read as ")
    mostly = decode(("Tajuk pendek\n\n" + text).encode(encoding))
    assert mostly.text == "Tajuk pendek\n\n" + text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Les pêcheurs du village sont rentrés à l'aube, et la pêche fut généreuse, même très généreuse.", "cp1252"),
        ("Die Fischer kehrten bei Tagesanbruch zurück, für größere Fänge müsse man früher aufstehen.", "latin-1"),
        ("ÄÖÜ äöü ß ÄÖÜ äöü ß", "latin-1"),
        ("é", "latin-1"),
        ("„Żółć”, „gęś” i „ćma” to słowa.", "cp1250"),
    ],
)
def test_text_in_a_latin_script_is_never_taken_for_another(text, encoding):
    assert decode(text.encode(encoding)).encoding == "windows-1252"


def test_the_encodings_of_the_site_go_before_the_detector():
    data = "Рыбаки посёлка вернулись в гавань на рассвете".encode("koi8_r")
    assert decode(data, ("iso8859_5",)).encoding == "iso8859_5"
    assert decode(data).encoding == "koi8_r"


def test_every_byte_has_a_character_in_windows_1252():
    data = bytes(range(0x80, 0x100)) + b"kata"
    text = decode(data).text
    assert len(text) == len(data)
    assert text[1] == "\x81" and text[0] == "€"


def test_a_stray_byte_does_not_turn_all_marks_of_a_text_into_odd_signs():
    decoded = decode(TEXT.encode() + b" caf\xe9")
    assert decoded.text == TEXT + " café"
    assert (decoded.encoding, decoded.damaged) == ("utf-8", 1)
    assert decoded.remark == ("is utf-8 with 1 odd bytes", "save it as UTF-8")


@pytest.mark.parametrize("wrong", ["latin-1", "cp1252"])
def test_text_that_was_encoded_twice_is_mended(wrong):
    text = "“Lahir” di atap – kadang"
    garbled = "".join(
        bytes([byte]).decode(wrong) if byte not in b"\x81\x8d\x8f\x90\x9d" else chr(byte) for byte in text.encode()
    )
    decoded = decode(garbled.encode())
    assert (decoded.text, decoded.mended) == (text, True)
    assert decoded.remark[0] == "was encoded twice, and was mended"


@pytest.mark.parametrize(
    "text",
    [
        "Satu tanda saja: Ã©",  # one odd pair proves nothing
        "Huruf Â dan Ã dipakai di São Paulo",
        "Ã© dan Ã¨, tetapi juga “tanda” yang benar",  # not the whole of it
        "São Tomé e Príncipe, Ílhavo, Évora",
    ],
)
def test_what_could_be_meant_is_not_mended(text):
    assert decode(text.encode()).text == text


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00", "a PNG picture"),
        (b"\xff\xd8\xff\xe0\x00", "a JPEG picture"),
        (b"%PDF-1.7 x", "a PDF document"),
        (b"PK\x03\x04 x", "a ZIP archive or an office document"),
        (b"\x00\x00\x00\x1cftypisom", "a film or a picture"),
        (b"abc\x00\x00\x00defgh\x00" * 9, "unknown binary data"),
        (b"\x01\x02\x03 text", "unknown binary data"),
    ],
)
def test_what_is_no_text_is_said_to_be_none(data, what):
    assert find_binary(data, 8) == (
        f"this is not text but {what}",
        "take it out of the articles, or save its text",
    )


def test_one_stray_nul_is_no_binary():
    assert find_binary(b"kata " * 30 + b"\x00", 8) is None


def test_too_large_a_source_is_refused_with_both_sizes():
    message, hint = find_binary(b"a" * 2_500_000, 2)
    assert message == "has 2.5 MB, more than the 2 MB of a source"
    assert "[limits] megabytes" in hint


def test_a_broken_utf16_file_is_read_as_far_as_it_goes():
    decoded = decode(codecs.BOM_UTF16_LE + "kata".encode("utf-16-le") + b"\x00")
    assert decoded.text.startswith("kata") and decoded.damaged == 1
