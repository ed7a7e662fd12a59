"""Plain text is read whatever encoding it is in, marked or not."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from index.sources import SourceFile, find, locate, read
from index.sources.encodings import decode, encoding_in, encoding_of, is_binary, text_of
from index.types import Document

RUSSIAN = "Паром уходит от причала в девять утра и возвращается задолго до полудня."
POLISH = "Prom odpływa od nabrzeża o dziewiątej rano i wraca na długo przed południem."
CZECH = "Přívoz odplouvá od nábřeží v devět ráno a vrací se dlouho před polednem."
HUNGARIAN = "A komp reggel kilenckor indul, és jóval dél előtt visszatér, ha hűvös van."
GERMAN = "Die Fähre verläßt den Kai um neun Uhr früh und kehrt lange vor Mittag zurück."
FRENCH = "Le bac quitte le quai à neuf heures et rentre bien avant midi, près de l’été."
GREEK = "Το φέρι φεύγει από την αποβάθρα στις εννέα το πρωί και επιστρέφει νωρίς."
TURKISH = "Vapur sabah dokuzda iskeleden kalkar ve öğleden çok önce döner, şişman kaptanla."
HEBREW = "המעבורת עוזבת את המזח בתשע בבוקר וחוזרת הרבה לפני הצהריים."
JAPANESE = "渡し船は毎朝九時に岸を離れ、昼よりずっと前に戻ってくる。大工は舟を直す。"
CHINESE = "渡船每天早上九点离开码头，中午之前很早就回来。木匠修理小船。"
TAIWANESE = "渡船每天早上九點離開碼頭，中午之前很早就回來。木匠修理小船。"
KOREAN = "나룻배는 매일 아침 아홉 시에 부두를 떠나 정오 훨씬 전에 돌아온다."
WRITTEN = [
    (RUSSIAN, "cp1251 koi8-r iso8859-5 cp866"),
    (POLISH, "iso8859-2 cp1250"),
    (CZECH, "iso8859-2 cp1250"),
    (HUNGARIAN, "iso8859-2 cp1250"),
    (GERMAN, "cp1252"),
    (FRENCH, "cp1252"),
    (GREEK, "cp1253 iso8859-7"),
    (TURKISH, "cp1254"),
    (HEBREW, "cp1255"),
    (JAPANESE, "shift_jis euc_jp iso2022_jp"),
    (CHINESE, "gb18030"),
    (TAIWANESE, "big5"),
    (KOREAN, "euc_kr"),
]
WIDE = ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(text, encoding) for text, encodings in WRITTEN for encoding in encodings.split()],
)
def test_a_sentence_is_enough_to_guess_from(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text
    assert decode(f"A note:\n\n{text[:60]}".encode(encoding)) == f"A note:\n\n{text[:60]}"


@pytest.mark.parametrize("encoding", WIDE)
@pytest.mark.parametrize("text", [GERMAN, RUSSIAN, f"{CHINESE}\n", "plain words only"])
def test_several_bytes_a_letter_need_no_mark(text: str, encoding: str) -> None:
    assert decode((text * 3).encode(encoding)) == text * 3


def test_what_is_no_text_is_binary() -> None:
    chance = random.Random(5)  # noqa: S311
    for size in (16, 64, 1_000, 100_000):
        assert is_binary(b"\0" + chance.randbytes(size))
    assert is_binary(bytes(range(256)) * 40)
    assert is_binary(b"\0" * 1_000)


def test_lines_and_letters_in_other_encodings_among_utf8_are_mended() -> None:
    utf8, western = f"Größe: {FRENCH}\n".encode(), "Café “au lait”\n".encode("cp1252")
    assert decode(utf8 + western + utf8) == f"Größe: {FRENCH}\nCafé “au lait”\nGröße: {FRENCH}\n"
    assert decode("für ".encode() * 9 + "groß".encode("cp1252")) == "für " * 9 + "groß"
    cut = RUSSIAN.encode() * 40 + b"\xd0"
    assert decode(cut).startswith(RUSSIAN)


def test_a_file_of_any_size_is_told_from_all_of_it(tmp_path: Path) -> None:
    late = tmp_path / "late.csv"
    late.write_bytes(b"a,b\n" * 400_000 + "Größe,Fähre\n".encode("cp1252"))
    assert encoding_in(late) == "cp1252"
    late.write_bytes(b"a,b\n" * 400_000 + "Größe,Fähre\n".encode())
    assert encoding_in(late) == "utf-8"


def test_quotes_are_located_in_mixed_files(tmp_path: Path) -> None:
    path = tmp_path / "mixed.txt"
    path.write_bytes(f"{FRENCH}\n\n".encode() + "Ein Café in Würzburg.\n".encode("cp1252"))
    [source] = find([path])
    assert isinstance(source, SourceFile)
    [document] = read(source)
    assert isinstance(document, Document)
    start = document.text.index("Ein Café")
    found = locate(document, start, len(document.text))
    assert (found.line, found.held) == (3, "whole")
    assert encoding_of(path.read_bytes()) not in ("utf-8", "cp1252")
    assert text_of(path.read_bytes()) == f"{FRENCH}\n\nEin Café in Würzburg.\n"
