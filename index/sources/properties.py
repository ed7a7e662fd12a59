"""What office files say of themselves: a title and authors that somebody gave, and when."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from index.metadata import describe
from index.sources.blocks import About, Body, document
from index.sources.files import SourceFile, names, one_line
from index.types import Document

# What programs put where nobody wrote anything.
_NO_TITLE = re.compile(
    r"(?:microsoft )?(?:word|powerpoint|excel) - .*|power ?point[- ]pr\S+|title of .*|click to .*"
    r"|.*\.(?:do[ct][xm]?|pp[ts][xm]?|xl[st][xmb]?|od[tsp]|rtf|pdf|txt|html?|qxp|indd|wpd)"
    r"|(?:(?:word )?document|untitled|unnamed|no title|title|presentation|slides?|(?:work)?book"
    r"|spreadsheet|sheet|dokument|präsentation|folie|mappe|classeur|document sans titre|unbenannt"
    r"|template|default|normal|\W*|\[[^\]]*\]) ?\d{0,4}",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"(?:microsoft(?: office)?|windows|office|default)? ?(?:user|utilisateur|benutzer)\d*|admin"
    r"|administrator|owner|author|unknown|anonymous|none|no name|un-?named|pc|hp|dell|acer|lenovo"
    r"|asus|(?P<library>python-docx|openpyxl|xlsxwriter|apache poi|aspose\S*|docx4j|steve canny)",
    re.IGNORECASE,
)


def about(
    title: str | None = "",
    authors: str | Iterable[str] | None = (),
    days: Iterable[date | str | None] = (),
    saved_by: str | None = "",
    **others: str | None,
) -> About:
    """What there is of it that means something; the first day that is known is its date.

    A file whose author is a library carries the date of that library's template, which is none.
    """
    given = names([authors] if isinstance(authors, str) else list(authors or ()))
    written = [name for entry in given for name in names(re.split(r"\s*;\s*", entry))]
    by = [*written, one_line(saved_by or "")]
    made = any((match := _NOBODY.fullmatch(name)) and match["library"] for name in by)
    known = (day if isinstance(day, str) else day.isoformat() for day in days if day)
    line = one_line(title or "")
    return About(
        title="" if _NO_TITLE.fullmatch(line) else line,
        authors=tuple(name for name in written if not _NOBODY.fullmatch(name)),
        published="" if made else next(known, "")[:10],
        metadata={name: text for name, value in others.items() if (text := one_line(value or ""))},
    )


def of_core(core: Any) -> About:
    """What the core properties of python-docx and python-pptx tell."""
    return about(
        core.title,
        core.author,
        (core.modified, core.created),
        core.last_modified_by,
        subject=core.subject,
        keywords=core.keywords,
        category=core.category,
    )


def placed(source: SourceFile, digest: str, body: Body, told: About) -> Document:
    """The document; a date that stands in its text comes before the day it was saved.

    Raises:
        SourceError: there is no text.
    """
    found = describe(body.text, source.path.name)
    if found.published:
        told = replace(told, published=found.published)
    return document(source, digest, body, told, found)


def merged(told: About, more: Mapping[str, str]) -> About:
    """The same with more to show about it."""
    return replace(told, metadata={**(told.metadata or {}), **{k: v for k, v in more.items() if v}})
