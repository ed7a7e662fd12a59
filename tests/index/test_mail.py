"""Mails and mailboxes: who wrote what, whose words are quoted, and what is attached."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import EmailMessage
from pathlib import Path

import pytest

from index.chunking import chunk
from index.sources import SourceFile, find, locate, read, state
from index.types import Document, Skipped

OWN = "The boiler will be mended on Tuesday by the plumber from Harrow."
QUESTION = "When will the boiler be mended? The kitchen is as cold as the river."
REPLY = f"""Hello Bo,

{OWN}

On Sun, 2 May 2021 at 18:40, Bo Oak
<bo@weir.example> wrote:
> {QUESTION}
>
> Cy Elm wrote:
> > The boiler broke on Saturday night.

Yours
Ada
--\x20
Ada Ash, warden of the weir, telephone 5550199
"""
HTML = """<p>The tides are in the table, and do not moor at the north wall.</p>
<table><tr><th>Day<th>High<tr><td>Monday<td>06:12</table>
<div class="gmail_quote"><div class="gmail_attr">On Mon, 3 May 2021, Ada Ash
&lt;ada@weir.example&gt; wrote:<br></div><blockquote><p>Which tides are there?</p></blockquote>
</div>"""
PLAIN = b"Content-Type: text/plain; charset=utf-8\n"
PASSED_ON = b"""From: Cy Elm <cy@weir.example>
To: =?koi8-r?B?8NLJ18XU?= <x@y.example>
Subject: FW: Keys
Date: Wed, 5 May 2021 10:00:00 +0000
Content-Type: text/plain; charset=windows-1252

See below \x96 and keep it to yourself.

-----Original Message-----
From: Ada Ash [mailto:ada@weir.example]
Sent: 1 May 2021 08:00
To: Cy Elm
Subject: Keys

The keys hang behind the clock in the customs house.
"""


def mail(subject: str, text: str, name: str = "Ada Ash", **heads: str) -> EmailMessage:
    made = EmailMessage()
    made["From"] = f"{name} <{name[:2].lower()}@weir.example>"
    made["Subject"] = subject
    made["Date"] = "Mon, 3 May 2021 09:12:00 +0100"
    for head, value in heads.items():
        made[head.replace("_", "-")] = value
    made.set_content(text)
    return made


def mailbox(path: Path, mails: Sequence[EmailMessage]) -> None:
    parts = []
    for each in mails:
        body = each.as_bytes().replace(b"\nFrom ", b"\n>From ")
        parts.append(b"From x@weir.example Mon May  3 09:12:00 2021\n" + body + b"\n")
    path.write_bytes(b"".join(parts))


def everything(path: Path) -> list[Document | Skipped]:
    found: list[Document | Skipped] = []
    for source in find([path]):
        assert isinstance(source, SourceFile)
        found += read(source)
    return found


def saved(folder: Path, data: EmailMessage | bytes) -> list[Document]:
    path = folder / "note.eml"
    path.write_bytes(data if isinstance(data, bytes) else data.as_bytes())
    found = everything(path)
    assert all(isinstance(each, Document) for each in found), found
    return [each for each in found if isinstance(each, Document)]


def quotable(document: Document) -> str:
    passages = chunk(document, lambda texts: [len(text.split()) for text in texts], 200)
    return "\n".join(passage.text for passage in passages)


def test_a_mail_tells_who_wrote_it_when_and_to_whom(tmp_path: Path) -> None:
    [found] = saved(tmp_path, mail("Börse", OWN, To="Bo Oak <bo@weir.example>"))
    assert (found.id, found.title, found.authors) == ("note.eml", "Börse", ("Ada Ash",))
    assert (found.published, found.metadata["to"]) == ("2021-05-03", "Bo Oak <bo@weir.example>")
    assert found.text == (
        "Börse\n\nFrom: Ada Ash <ad@weir.example>\nTo: Bo Oak <bo@weir.example>\n"
        f"Date: Mon, 03 May 2021 09:12:00 +0100\n\n{OWN}"
    )
    assert state(found) == "current"


def test_quoted_words_are_shown_and_are_quoted_under_their_own_authors(tmp_path: Path) -> None:
    own, quoted, inner = saved(tmp_path, mail("Re: Boiler", REPLY))
    assert f"> {QUESTION}" in own.text
    assert OWN in quotable(own)
    assert "telephone 5550199" in quotable(own)
    assert QUESTION not in quotable(own)
    assert "wrote" not in quotable(own)
    assert (quoted.id, quoted.authors, quoted.published) == (
        "note.eml/quoted",
        ("Bo Oak",),
        "2021-05-02",
    )
    assert quotable(quoted) == QUESTION
    assert (inner.authors, inner.text) == (("Cy Elm",), "The boiler broke on Saturday night.")
    assert [state(each) for each in (own, quoted, inner)] == ["current"] * 3


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("Am 3. Mai 2021 um 09:12 schrieb Ada Ash <ada@weir.example>:", "Ada Ash"),
        ("Le lun. 3 mai 2021 à 09:12, Ada Ash <ada@weir.example> a écrit :", "Ada Ash"),
        ("On 3/5/2021 9:12 AM, Ada Ash wrote:", "Ada Ash"),
        ("ada@weir.example wrote:", "ada@weir.example"),
        ("The following is from the manual:", ""),
    ],
)
def test_the_line_over_a_quote_names_its_author(tmp_path: Path, line: str, author: str) -> None:
    own, quoted = saved(tmp_path, mail("Re: Tea", f"Yes.\n\n{line}\n> Is there tea?\n"))
    assert quoted.authors == ((author,) if author else ())
    assert (line in quotable(own)) == (not author)


def test_what_is_passed_on_is_by_whoever_wrote_it(tmp_path: Path) -> None:
    own, passed = saved(tmp_path, PASSED_ON)
    assert quotable(own).endswith("See below – and keep it to yourself.")
    assert own.metadata["to"] == "Привет <x@y.example>"
    assert (passed.authors, passed.published) == (("Ada Ash",), "2021-05-01")
    assert passed.text == "The keys hang behind the clock in the customs house."


PASSED = {
    "a page of Gmail": """<div>See below.</div><div class="gmail_quote"><div class="gmail_attr">
---------- Forwarded message ---------<br>From: <b>Ada Ash</b> &lt;ada@weir.example&gt;<br>
Date: Sat, 1 May 2021 at 08:00<br>Subject: Keys<br></div><br><div>They hang there.</div></div>""",
    "a page of Thunderbird": """<p>See below.</p><div class="moz-cite-prefix">On 2021-05-01 08:00,
Ada Ash wrote:<br></div><blockquote type="cite" cite="mid:x"><p>They hang there.</blockquote>""",
    "a page of Outlook": """<p>See below.</p><hr><div id="divRplyFwdMsg"><b>From:</b> Ada Ash
&lt;ada@weir.example&gt;<br><b>Sent:</b> 01 May 2021 08:00<br><b>Subject:</b> Keys</div>
<div>They hang there.</div>""",
    "Apple Mail": """See below.

Begin forwarded message:

> From: Ada Ash <ada@weir.example>
> Subject: Keys
> Date: 1 May 2021 at 08:00:00 BST
>\x20
> They hang there.
""",
    "Outlook": """See below.

________________________________
From: Ada Ash <ada@weir.example>
Sent: Saturday, May 1, 2021 8:00 AM
Subject: Keys

They hang there.
""",
}


@pytest.mark.parametrize("program", PASSED)
def test_programs_each_pass_mails_on_in_their_own_way(tmp_path: Path, program: str) -> None:
    text = PASSED[program]
    note = mail("Fwd: Keys", "x", "Bo Oak")
    note.set_content(text, subtype="html" if text.startswith("<") else "plain")
    own, passed = saved(tmp_path, note)
    assert (passed.id, passed.text, passed.authors) == (
        "note.eml/quoted",
        "They hang there.",
        ("Ada Ash",),
    )
    assert passed.published == "2021-05-01"
    assert quotable(own).endswith("\nSee below.")


def test_html_is_read_where_the_plain_text_only_points_to_it(tmp_path: Path) -> None:
    note = mail("Tides", "See the page.", "Bo Oak")
    note.add_alternative(HTML, subtype="html")
    own, quoted = saved(tmp_path, note)
    assert "north wall.\n\nDay: Monday; High: 06:12\n\nOn Mon" in own.text
    assert "Which tides" not in quotable(own)
    assert (quoted.authors, quoted.text) == (("Ada Ash",), "Which tides are there?")


def test_what_is_attached_is_a_document_by_its_own_reader(tmp_path: Path) -> None:
    note = mail("Van", "Two things.")
    note.add_attachment("Length;6 m", filename="../van größe.txt")
    note.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="van.png")
    note.add_attachment(mail("Coal", "Coal is cheaper in Otterton.", "Di Fir"))
    note.add_attachment("<p>It is a page.", subtype="html", filename="page.html")
    own, van, coal, page = saved(tmp_path, note)
    assert (van.id, van.text) == ("note.eml/van größe.txt", "Length;6 m")
    assert (coal.authors, coal.title) == (("Di Fir",), "Coal")
    assert page.text == "It is a page."
    assert [state(each) for each in (own, van, coal, page)] == ["current"] * 4
    assert van.file == str(tmp_path / "note.eml")


def test_messages_of_a_mailbox_keep_their_states_when_others_come_and_go(tmp_path: Path) -> None:
    path = tmp_path / "all.mbox"
    asked = mail("Boiler", QUESTION + "\n\nFrom here on it is cold.", "Bo Oak", Message_ID="<b@w>")
    told = mail("Re: Boiler", REPLY, Message_ID="<a@w>", In_Reply_To="<b@w>")
    told.add_attachment("Ninety pounds.", filename="bill.txt")
    mailbox(path, [asked, told])
    found = [each for each in everything(path) if isinstance(each, Document)]
    assert [each.id for each in found] == [
        "all.mbox/b@w",
        "all.mbox/a@w",  # what it quotes is there already
        "all.mbox/a@w/bill.txt",
    ]
    assert found[0].text.endswith("\n\nFrom here on it is cold.")
    assert [state(each) for each in found] == ["current"] * 3
    mailbox(path, [mail("New", "A letter before the others."), asked, told])
    assert [state(each) for each in found] == ["current"] * 3
    start = found[1].text.index("mended on Tuesday")
    where = locate(found[1], start, start + 17)
    line = path.read_text().split("\n")[where.line - 1]
    assert (where.path, where.held, "mended on Tuesday" in line) == (str(path), "whole", True)
    mailbox(path, [told])
    assert [state(each) for each in found] == ["changed", "current", "current"]
    path.write_bytes(b"")
    assert [state(each) for each in found] == ["missing"] * 3


def test_a_message_that_is_none_is_listed_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "all.mbox"
    mailbox(path, [mail("One", "First."), mail("One", "Second.")])
    path.write_bytes(path.read_bytes() + b"From x Mon May  3 09:12:00 2021\nno heads at all\n")
    found = everything(path)
    assert [each.id for each in found if isinstance(each, Document)] == ["all.mbox/1", "all.mbox/2"]
    [skipped] = [each for each in found if isinstance(each, Skipped)]
    assert (skipped.path, "is no mail" in skipped.reason) == (f"{path}:3", True)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.eml", b"", "is no mail"),
        ("a.eml", b"\x00\xff\x00" * 50, "is no mail"),
        ("a.mbox", b"Some prose.\n", "is no mailbox"),
    ],
)
def test_what_is_no_mail_is_a_sentence(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    (tmp_path / name).write_bytes(data)
    [skipped] = everything(tmp_path / name)
    assert isinstance(skipped, Skipped)
    assert reason in skipped.reason


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Type: text/plain; charset=no-such-set\n\nThe caf\xc3\xa9 is shut.",
        b"Content-Type: text/plain; charset=us-ascii\n\nThe caf\xe9 is shut.",
        PLAIN + b"Content-Transfer-Encoding: base64\n\nVGhlIGNhZsOpIGlzIHNodXQu",
        PLAIN + b"Content-Transfer-Encoding: quoted-printable\n\nThe caf=C3=A9 is=\n shut.",
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\n"
        + PLAIN
        + b"\nThe caf\xc3\xa9 is shut.",
    ],
)
def test_bodies_are_decoded_whatever_they_say(tmp_path: Path, body: bytes) -> None:
    [found] = saved(tmp_path, b"Subject: Caf\xc3\xa9\n" + body)
    assert found.title == "Café"
    assert found.text.endswith("The café is shut.")
