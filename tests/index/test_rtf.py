"""RTF texts are read as they are seen, in any of their encodings."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.index.packages import headings, only, reason

HEAD = (
    r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss\fcharset0 Arial;}"
    r"{\f1\fswiss\fcharset204 Arial;}{\f2\fnil\fcharset77 Geneva;}}"
    r"{\stylesheet{\s0 Normal;}{\s1\sbasedon0\b heading 1;}{\s5\outlinelevel1 Own;}}"
    r"{\info{\title Of Ferries}{\author Ada Ash}{\revtim\yr2020\mo3\dy9}}"
    "\n"
)


def rtf(path: Path, body: str, head: str = HEAD) -> Path:
    path.write_bytes((head + body + "}").encode("cp1252"))
    return path


def test_structure_survives_and_nothing_hidden_or_deleted_is_quoted(tmp_path: Path) -> None:
    body = r"""\pard\s1 Winter\par
\pard\s5 Lamps\par
\pard\s0 Boats {\v secretly }must{\deleted  may} be lit{\b\v0 .}{\*\footnote\chftn\pard By the
 lamp.}\v hidden\v0\par
{\header Page head\par}{\*\annotation Why?}
\pard See {\field{\*\fldinst{HYPERLINK "http://quay.example"}}{\fldrslt the chart}}.\par
\pard{\listtext\pard 1.\tab}\ilvl0 Board\par
{\listtext\pard a)\tab}\ilvl1 early\par
\pard{\pntext\'b7\tab}Pay\par
\trowd\trhdr\cellx100\cellx200\cellx300\pard\intbl Port\cell Winter\cell Summer\cell\row
\trowd\clvmgf\cellx100\cellx200\cellx300\intbl Amble\cell 12 | 13\cell 20\cell\row
\trowd\clvmrg\cellx100\cellx200\cellx300\intbl\cell 14\cell two\par lines\cell\row
\pard{\shp{\*\shpinst{\sp{\sn n}{\sv 1}}{\shptxt In a box.\par}}}After.\par"""
    document = only(rtf(tmp_path / "a.rtf", body))
    assert document.text.split("\n\n") == [
        "Winter",
        "Lamps",
        "Boats must be lit.[1]",
        "[1] By the lamp.",
        "See the chart.",
        "1. Board\n  a) early\n- Pay",
        "Port: Amble; Winter: 12 | 13; Summer: 20\nPort: Amble; Winter: 14; Summer: two lines",
        "After.",
        "In a box.",
    ]
    assert headings(document) == [("Winter", 1), ("Lamps", 2)]
    assert (document.title, document.authors, document.published) == (
        "Of Ferries",
        ("Ada Ash",),
        "2020-03-09",
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (r"Caf\'e9 \u8364?5 \ldblquote so\rdblquote", "Café €5 “so”"),
        (r"{\f1 \'cf\'ee\'f0\'f2}", "Порт"),
        ("Café – 5", "Café – 5"),
        (r"{\uc0\u1055\u1086 }{\uc2\u1090 xx}", "Пот"),
        (r"{\f2 Quay}", "Quay"),
        (r"a\~b\_c \{d\} \\e", "a b‑c {d} \\e"),
        ("{\\pict\\bin9 }}}{{{\\\\\\}Seen", "Seen"),
        ("\\b bold\n\\b0\nplain", "boldplain"),
    ],
)
def test_letters_of_all_encodings(tmp_path: Path, body: str, expected: str) -> None:
    assert only(rtf(tmp_path / "a.rtf", body)).text == expected


def test_what_is_no_rtf_is_told_in_a_sentence(tmp_path: Path) -> None:
    whole = rtf(tmp_path / "a.rtf", r"{\b Words.}\par").read_bytes()
    cases = {
        "cut": (whole[:200], "cut short"),
        "empty": (b"", "is empty"),
        "none": (b"{\\rtf1 }", "has no text"),
        "deep": (b"{\\rtf1 " + b"{" * 300_000, "cut short"),
    }
    for name, (data, said) in cases.items():
        path = tmp_path / f"{name}.rtf"
        path.write_bytes(data)
        assert said in reason(path), name
