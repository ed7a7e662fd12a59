"""PDF: the words of each page as people read them, with the page that each stands on.

Pages are read one after the other, a few dozen at a time in memory: letters become words, words
lines, lines columns and tables, and these paragraphs in the order of reading.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from index.digests import sha256_of
from index.errors import SourceError
from index.metadata import describe
from index.sources.blocks import About, assemble, document
from index.sources.files import SourceFile
from index.sources.pdf.about import about
from index.sources.pdf.flow import Flow
from index.sources.pdf.glyphs import sheet
from index.sources.pdf.headings import bare
from index.sources.pdf.layout import Leaf, laid_out, leaf
from index.sources.pdf.running import AROUND, Running
from index.types import Document, Skipped

_LOCK = threading.RLock()  # PDFium works for one thread at a time
_OCR = "run OCR on it, e.g. with ocrmypdf, and build again"
_PASSWORD, _SECURITY = 4, 5  # FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY
_MOST_PAGES = 50_000


def read(source: SourceFile) -> Iterator[Document | Skipped]:
    """Yield the file as one document, and the pages of it that have no text to read.

    Raises:
        SourceError: it is damaged, needs a password, or has no text.
    """
    digest = sha256_of(source.path)
    text = _Text(source.path)
    body = assemble(text.flow.blocks(text.labels, text.outline))
    if not body.text or text.strange:
        raise SourceError(text.fault())
    found = describe(body.text, source.path.name)
    said = text.about
    # The day that a file was made on may be long after the one that its text names.
    published = "" if found.published else said.published
    metadata = {"pages": f"{len(text.labels):,}", **text.notes()}
    known = About(said.title, said.authors, published, metadata=metadata)
    yield document(source, digest, body, known, found)
    if text.damaged:
        pages = _listed(text.damaged, text.labels)
        yield Skipped(f"{source.shown}, {pages}", "damaged; save the file anew")
    if text.scanned:
        pages = _listed(text.scanned, text.labels)
        yield Skipped(f"{source.shown}, {pages}", f"page images without text; {_OCR}")


def page_labels(path: Path) -> list[str]:
    """What the pages of a file are called, in order; nothing where it cannot be read."""
    try:
        pdf = _opened(path)
    except SourceError:
        return []
    with _LOCK:
        try:
            return _labels(pdf)
        finally:
            pdf.close()


class _Text:
    """All that is read of a file, page by page."""

    def __init__(self, path: Path) -> None:
        self.flow = Flow()
        self.scanned: list[int] = []
        self.damaged: list[int] = []
        self._hidden: list[int] = []
        self._letters = self._strange = 0
        pdf = _opened(path)
        try:
            with _LOCK:
                self.labels = _labels(pdf)
                self.outline = _outline(pdf)
                self._titles = {bare(title) for _, title, _ in self.outline}
                self.about = about(path, pdf.get_metadata_dict())
            self._read(pdf)
        finally:
            with _LOCK:
                pdf.close()

    def _read(self, pdf: Any) -> None:
        running = Running()
        waiting: deque[Leaf] = deque()
        for number in range(len(self.labels)):
            if (page := _leaf(pdf, number)) is None:
                self.damaged.append(number)
            else:
                running.add(page)
                waiting.append(page)
            if len(waiting) > AROUND:
                self._take(waiting.popleft(), running)
        while waiting:
            self._take(waiting.popleft(), running)

    def _take(self, page: Leaf, running: Running) -> None:
        running.strip(page, self.labels[page.number].removeprefix("page "), self._titles)
        self._letters += page.letters
        self._strange += page.strange
        if page.hidden:
            self._hidden.append(page.number)
        parts = laid_out(page)
        if page.pictured and not parts:
            self.scanned.append(page.number)
        for part in parts:
            self.flow.add(part)

    @property
    def strange(self) -> bool:
        """Whether the file does not tell what most of its letters are."""
        return 2 * self._strange > self._letters > 0

    def fault(self) -> str:
        """Why there is no text to read."""
        if self.strange:
            return (
                "shows letters without saying which they are; run OCR on it, e.g. with "
                "ocrmypdf --force-ocr, and build again"
            )
        if self.scanned:
            return f"page images without text; {_OCR}"
        return f"has no text; if it shows words, they are drawn: {_OCR}"

    def notes(self) -> dict[str, str]:
        """What is to be known of the text, by name."""
        found = {}
        if self._hidden:
            pages = _listed(self._hidden, self.labels)
            found["left out"] = f"text that cannot be seen, on {pages}"
        return found


def _opened(path: Path) -> Any:
    import pypdfium2

    with _LOCK:
        try:
            pdf = pypdfium2.PdfDocument(path)
            count = len(pdf)
        except pypdfium2.PdfiumError as error:
            if getattr(error, "err_code", 0) in (_PASSWORD, _SECURITY):
                raise SourceError(
                    "needs a password; save a copy without one, e.g. with qpdf --decrypt, and "
                    "build again"
                ) from None
            raise SourceError(
                "is damaged, or no PDF; open it in a viewer, save it anew and build again"
            ) from None
        if pdf.get_formtype() != pypdfium2.raw.FORMTYPE_NONE:
            pdf.init_forms()
        if not 0 < count <= _MOST_PAGES:
            pdf.close()
            raise SourceError(f"has {count:,} pages; Quoth reads 1 to {_MOST_PAGES:,}")
        return pdf


def _leaf(pdf: Any, number: int) -> Leaf | None:
    """A page; None for one that is damaged, which the others need not suffer for."""
    import pypdfium2

    with _LOCK:
        try:
            page = pdf[number]
            if pdf.formenv is not None and pypdfium2.raw.FPDFPage_GetAnnotCount(page.raw):
                page.flatten()  # what was filled in becomes text
                page.close()
                page = pdf[number]
        except pypdfium2.PdfiumError:
            return None
        try:
            return leaf(sheet(page), number)
        finally:
            page.close()


def _labels(pdf: Any) -> list[str]:
    """What each page is called: the file's own labels if they tell all pages apart."""
    own = [" ".join(pdf.get_page_label(number).split()) for number in range(len(pdf))]
    unique = all(own) and len(set(own)) == len(own) and max(map(len, own)) <= 20
    return [f"page {name}" for name in (own if unique else map(str, range(1, len(pdf) + 1)))]


def _outline(pdf: Any) -> list[tuple[int, str, int]]:
    """The page, the title and the depth (from 1) of each entry of the file's outline."""
    found: list[tuple[int, str, int]] = []
    for mark in pdf.get_toc(max_depth=6):
        target = mark.get_dest()
        page = target.get_index() if target else None
        if page is not None and len(found) < 10_000:
            found.append((page, mark.get_title(), mark.level + 1))
    return found


def _listed(numbers: Sequence[int], labels: Sequence[str]) -> str:
    """Pages in words: "page 3", "pages 3-5, 9"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    names = [labels[number].removeprefix("page ") for number in range(len(labels))]
    told = [names[run[0]] if len(run) == 1 else f"{names[run[0]]}-{names[run[-1]]}" for run in runs]
    more = f" and {len(told) - 10} more" if len(told) > 10 else ""
    return f"page{'s' if len(numbers) > 1 else ''} {', '.join(told[:10])}{more}"
