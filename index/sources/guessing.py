"""Guessing the encoding of text that does not say it, from the letters that languages use.

The general detectors need more odd letters than a short text has; here every pair of an encoding
and a language that is written in it is scored by the letters that the bytes would be.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from itertools import pairwise

SAMPLE = 16_384  # bytes with odd letters that a guess is made from
_LEAST = 0.25  # score under which nothing is known
_CYRILLIC = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"
_UKRAINIAN = "оаинвіетрслкудмпзябьгчйхцжюїєфшщґ'"
_GREEK = "αοιετσνηυρπκμλςάίόέήύώγδχθωφβξζψϊϋ"
# Letters beyond ASCII by how often they come, and the encodings that have them, likeliest first.
_LANGUAGES = (
    ("éàèêçôûùîâœïëüæÿ", "cp1252"),
    ("äüößéá", "cp1252"),
    ("äåöéø", "cp1252"),
    ("åøæéöä", "cp1252"),
    ("áéíóúñü¿¡ç", "cp1252"),
    ("ãçáéíóõâêàúôü", "cp1252"),
    ("àèéìòùî", "cp1252"),
    ("íáðþóæéöúý", "cp1252"),
    ("ąęłóżśćńź", "cp1250 iso8859-2"),
    ("íáéěřčžýšůúťďňó", "cp1250 iso8859-2"),
    ("áíéčžýšúľťňôďäóŕĺ", "cp1250 iso8859-2"),
    ("éáőöóíüúű", "cp1250 iso8859-2"),
    ("ăîâţşțș", "cp1250 iso8859-2"),
    ("čžšćđ", "cp1250 iso8859-2"),
    ("ıüşçöğâîû", "cp1254"),
    ("āšēīžūņļčķģ", "cp1257"),
    ("ėųšįžąčūęū", "cp1257"),
    ("äõüöšž", "cp1257"),
    (_CYRILLIC, "cp1251 koi8-r cp866 iso8859-5 mac-cyrillic"),
    (_UKRAINIAN, "cp1251 koi8-u iso8859-5"),
    ("аоиенрјсткувдмлпзгбчћцшњљжђфхџ", "cp1251 iso8859-5"),
    (_GREEK, "cp1253 iso8859-7"),
    ("יולהתרבאםמנעשחדקפגכטזצסןךףץ", "cp1255"),
    ("اليمنرتبةعدسفهكقحجأشطصخذئزضغثىءإظآؤ", "cp1256"),
)
_MARKS = frozenset("“”‘’„‚–—…«»‹›•©®°§€£·№\xa0’")
_TABLES = ("cp932", "euc_jp", "gb18030", "cp949", "big5")  # two bytes and more a letter
_TWO_ALPHABETS = re.compile("[a-z][\u0370-\u07ff]|[\u0370-\u07ff][a-z]")
_AMONG_LATIN = re.compile("(?<=[a-z])[\u3041-\ud7a3]{1,2}(?=[a-z])")
_ODD = re.compile(rb"[\x80-\xff]")


def guess(data: bytes) -> str:
    """The likeliest encoding of bytes that are not UTF-8."""
    sample = b""
    for line in data[:4_000_000].splitlines(keepends=True):
        if first := _ODD.search(line):
            begin = max(0, first.start() - 100)
            sample += line[begin : begin + SAMPLE // 2]
        if len(sample) > SAMPLE:
            break
    singles = [
        (_score(text, letters), encoding)
        for letters, encodings in _LANGUAGES
        for encoding in encodings.split()
        if (text := _decoded(sample, encoding)) is not None
    ]
    several = [
        (_score_table(text, encoding), encoding)
        for encoding in _TABLES
        if (text := _decoded(sample, encoding, cut=True)) is not None
    ]
    best = max([*singles, *several], key=lambda pair: pair[0], default=(0.0, ""))
    return best[1] if best[0] >= _LEAST else _detected(data)


def _detected(data: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:262_144]).best()
    return best.encoding if best else "cp1252"


def _decoded(sample: bytes, encoding: str, *, cut: bool = False) -> str | None:
    """The sample as text; the end may be `cut` in the middle of a letter."""
    for end in range(len(sample), max(len(sample) - 4 * cut, 0) - 1, -1):
        try:
            return sample[:end].decode(encoding)
        except UnicodeDecodeError as error:
            if not cut or error.start < len(sample) - 8:
                return None
    return None


@lru_cache(maxsize=64)
def _weights(letters: str) -> dict[str, float]:
    """What letters tell for a language: the common ones most, capitals less, marks a little."""
    weights = dict.fromkeys(_MARKS, 0.6)
    for place, letter in enumerate(letters):
        weight = 1 - 0.6 * place / len(letters)
        weights.setdefault(letter.upper(), 0.6 * weight)
        weights[letter] = weight
    return weights


def _score(text: str, letters: str) -> float:
    """How much the odd letters of a text are those of a language, at most 1."""
    weights = _weights(letters)
    odd = Counter(c for c in text if c > "\x7f")
    known = sum(count * weights.get(c, -0.8 if c < "\xa0" else -0.3) for c, count in odd.items())
    jumps = sum(a.islower() and b.isupper() for a, b in pairwise(text) if b > "\x7f")
    # A mark between two letters is one more letter, read wrong.
    torn = len(re.findall(r"(?<=[^\W\d_])[“”„‚–—…«»‹›•©®°§€£·№](?=[^\W\d_])", text))
    # No word is of two alphabets.
    foreign = len(_TWO_ALPHABETS.findall(text))
    return (known - jumps - torn - foreign) / max(1, odd.total())


def _score_table(text: str, encoding: str) -> float:
    """How much a text is made of the common letters of an East Asian encoding, at most 1."""
    odd = [c for c in text if c > "\x7f"]
    kana = sum("\u3041" <= c <= "\u30ff" for c in odd)
    if encoding in ("cp932", "euc_jp") and kana < len(odd) / 8:
        return 0
    foreign = len(_AMONG_LATIN.findall(text))
    return (sum(_common(c, encoding) for c in odd) - foreign) / max(1, len(odd))


def _common(letter: str, encoding: str) -> float:
    if "\u3000" <= letter < "\u3040" or "\uff01" <= letter < "\uff5f":
        return 0.9
    if "\uac00" <= letter <= "\ud7a3":
        if encoding != "cp949":
            return -0.5
        return 1.0 if min(letter.encode("cp949")) >= 0xA1 else 0.0  # the others are rare
    if "\u3041" <= letter <= "\u30ff":
        return 1.0 if encoding in ("cp932", "euc_jp") else -0.5
    lead = letter.encode(encoding, "replace")[0] if "\u4e00" <= letter < "\ua000" else 0
    first, last = {
        "cp932": (0x88, 0x97),
        "euc_jp": (0xB0, 0xCF),
        "gb18030": (0xB0, 0xD7),
        "cp949": (0, 0),
        "big5": (0xA4, 0xC6),
    }[encoding]
    pair = letter.encode(encoding, "replace")[-1] if lead else 0
    common = first <= lead <= last and (encoding != "gb18030" or pair >= 0xA1)
    return 0.95 if common else 0.2 if lead else -0.5
