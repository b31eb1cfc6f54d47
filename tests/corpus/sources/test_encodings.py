"""Encodings: recognised by their bytes, and texts that went through a wrong one."""

import codecs

import pytest

from halo.corpus.sources.encodings import (
    binary_kind,
    count_mojibake,
    is_utf_8,
    likely_encoding,
    mark_of,
    name_for_iconv,
    repair_controls,
)

RUSSIAN = "Это простой русский текст о погоде и городе. "
JAPANESE = "これは日本語の文章です。猫が座っています。"
SAMPLES = [
    ("It’s “the cat sat on the mat” – café\n", "cp1252"),
    ("Déjà vu à l’école, «où êtes-vous?» œuvre ça. ", "cp1252"),
    ("¿Dónde está el niño? ¡Mañana! 20 €", "cp1252"),
    ("Der Bär läuft über die Straße und hört Vögel.", "cp1252"),
    ("The cafe was closed. " * 20 + "café", "cp1252"),
    ("It’s “the cat sat on the mat” – café naïve\n", "mac-roman"),
    ("Der Bär läuft über die Straße und hört Vögel.", "cp850"),
    (RUSSIAN, "koi8-r"),
    (RUSSIAN, "cp1251"),
    (RUSSIAN, "cp866"),
    (JAPANESE, "cp932"),
    (JAPANESE, "euc_jp"),
    ("这是一个简单的中文句子。猫坐在垫子上。", "gb18030"),
    ("這是一個簡單的中文句子。貓坐在墊子上。", "big5"),
    ("이것은 간단한 한국어 문장입니다. 고양이가 앉아 있다.", "cp949"),
    ("Příliš žluťoučký kůň úpěl ďábelské ódy. ", "cp1250"),
    ("Příliš žluťoučký kůň úpěl ďábelské ódy. ", "iso8859-2"),
    ("Zażółć gęślą jaźń. Dzień dobry, proszę się położyć. ", "cp1250"),
    ("Bugün hava çok güzel, şimdi dışarı çıkıyoruz ığdır. ", "cp1254"),
    ("Αυτό είναι ένα απλό ελληνικό κείμενο για τον καιρό. ", "cp1253"),
    ("هذه جملة بسيطة باللغة العربية عن الطقس. ", "cp1256"),
    ("the cat sat on the mat", "utf-16-le"),
    ("the cat sat on the mat", "utf-16-be"),
]


@pytest.mark.parametrize(("text", "encoding"), SAMPLES)
def test_the_likely_encoding_is_that_of_the_text(text: str, encoding: str) -> None:
    assert likely_encoding((text * 3).encode(encoding)) == encoding


@pytest.mark.parametrize("content", [bytes(range(256)), "naïve café über".encode() + b"\xff", b"\x00\x01\x02\xff" * 50])
def test_what_is_no_text_in_another_encoding_has_no_likely_one(content: bytes) -> None:
    assert likely_encoding(content) == ""


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (codecs.BOM_UTF8 + b"a", "utf-8"),
        ("a".encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + "a".encode("utf-16-be"), "utf-16"),
        ("a".encode("utf-32"), "utf-32"),
        (b"abc", ""),
        (b"", ""),
    ],
)
def test_byte_order_marks_name_an_encoding(content: bytes, encoding: str) -> None:
    mark, found = mark_of(content)
    assert found == encoding
    assert content.startswith(mark)


def test_binary_files_are_known_by_their_first_bytes() -> None:
    assert binary_kind(b"%PDF-1.7") == "a PDF file"
    assert binary_kind(b"PK\x03\x04...") == "a ZIP archive or office document"
    assert binary_kind(b"Plain text") == ""


def test_utf_8_is_told_from_encodings_that_fit_by_chance() -> None:
    assert is_utf_8("drei Größen, ähnlich".encode() * 2)
    assert not is_utf_8("ähnlich".encode("cp1252"))
    assert not is_utf_8(b"ascii only")
    assert not is_utf_8("联通".encode("gb18030"))


@pytest.mark.parametrize(
    ("text", "repaired", "number"),
    [
        ("It\x92s \x93well\x94 \x96 20 \x80", "It’s “well” – 20 €", 5),
        ("wait\x85 it\x92s", "wait… it’s", 2),
        ("old\x85line ends", "old\x85line ends", 0),
        ("naïve \x81", "naïve \x81", 0),
        ("plain", "plain", 0),
    ],
)
def test_control_characters_become_what_windows_has_there(text: str, repaired: str, number: int) -> None:
    assert repair_controls(text) == (repaired, number)


@pytest.mark.parametrize("text", ["It’s a café – naïve", "“Größe” • 20 €", "Ärger, Œuvre", "Привет, мир"])
@pytest.mark.parametrize("wrong", ["cp1252", "latin-1"])
def test_utf_8_decoded_as_another_encoding_is_noticed(text: str, wrong: str) -> None:
    spoiled = text.encode().decode(wrong, "replace")
    assert count_mojibake(spoiled) > 0
    assert count_mojibake(text) == 0


@pytest.mark.parametrize("text", ["SÃO PAULO, NÃO", "PÂTÉ, ÂGE", "Москва", "20 °C", "Ãé"])
def test_rare_letters_are_no_mojibake(text: str) -> None:
    assert count_mojibake(text) == 0


def test_iconv_has_names_of_its_own() -> None:
    assert [name_for_iconv(each) for each in ("cp1252", "mac-roman", "euc_jp", "utf-16-le")] == [
        *("CP1252", "MACINTOSH", "EUC-JP", "UTF-16LE")
    ]
