"""Passages by their words: BM25 in tantivy, a cache of the store."""

from __future__ import annotations

import errno
import json
import os
import shutil
import weakref
import zlib
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.digests import crc32_of
from index.errors import IndexDamagedError

if TYPE_CHECKING:
    import tantivy

Ids = NDArray[np.int64]

TITLE_WEIGHT = 0.3  # of a match in title or heading, beside 1 for one in the text
STAMP = "stamp.json"
PAGE = 50_000  # ids asked for at once: each is a Python object on the way
SUMMED = 16_000_000  # bytes of a folder that is summed whenever it is opened, in about 16 ms
_HEAP = 64_000_000  # bytes that tantivy may fill before it writes a segment
_TOKENIZER = "quoth"
_BETWEEN = " qzxbetweenxzq "  # no word of any text, and its own stem

STOP_WORDS = frozenset(
    """a about above after again against all also am an and any are as at be because been before
    being below between both but by can could did do does doing down during each either else ever
    few for from further had has have having he her here hers herself him himself his how i if in
    into is it its itself just let me might mine more most much must my myself neither no nor not
    now of off on once only or other our ours ourselves out over own please quite rather same shall
    she should so some such than that the their theirs them themselves then there these they this
    those through to too under until up upon us very was we were what when where which while who
    whom whose why will with would you your yours yourself yourselves s t d ll m re ve don didn
    doesn isn wasn weren won""".split()  # noqa: SIM905 - 170 lines otherwise
)


class Entry(NamedTuple):
    """A passage as its words are found: `title` is the document's, with the heading above."""

    id: int
    text: str
    title: str


@cache
def _analyzer(*, stops: bool) -> tantivy.TextAnalyzer:
    """Words, lowercase, without accents, stemmed; with `stops`, stop words are left out."""
    import tantivy

    kept = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    kept = kept.filter(tantivy.Filter.remove_long(100)).filter(tantivy.Filter.lowercase())
    kept = kept.filter(tantivy.Filter.ascii_fold())
    if stops:
        kept = kept.filter(tantivy.Filter.custom_stopword(sorted(STOP_WORDS)))
    return kept.filter(tantivy.Filter.stemmer("english")).build()


def analyze(text: str, *, stops: bool = True) -> list[str]:
    """The stems of a text's words, in order; with `stops`, stop words are left out."""
    stems: list[str] = _analyzer(stops=stops).analyze(text)
    return stems


def analyze_each(texts: Sequence[str]) -> list[frozenset[str]]:
    """The stems of each text, stop words left out; one pass for all, as each costs 15 us."""
    stems: list[set[str]] = [set()]
    for stem in analyze(_BETWEEN.join(texts)):
        if stem == _BETWEEN.strip():
            stems.append(set())
        else:
            stems[-1].add(stem)
    return [frozenset(found) for found in stems] if texts else []


def analyze_spans(text: str) -> list[tuple[str, int, int]]:
    """The stems of a text's words, stop words left out, each with its span in code points."""
    tokens = _analyzer(stops=True).pre_tokenize(text).tokens
    return [(token.text, token.char_offset_from, token.char_offset_to) for token in tokens]


def query_terms(text: str) -> list[str]:
    """The distinct stems to look for: stop words count only where there is nothing else."""
    return list(dict.fromkeys(analyze(text) or analyze(text, stops=False)))


class LexicalIndex:
    """BM25 over passages, on disk in a folder, or in memory where there is none."""

    def __init__(
        self, folder: Path | None = None, *, create: bool = True, whole: bool = False
    ) -> None:
        """Open the index in `folder`, or make an empty one there.

        `whole` reads every byte of it to be sure.

        Raises:
            IndexDamagedError: what lies there cannot be opened.
        """
        import tantivy

        schema = (
            tantivy.SchemaBuilder()
            .add_unsigned_field("id", indexed=True, fast=True)
            .add_text_field("text", tokenizer_name=_TOKENIZER)
            .add_text_field("title", tokenizer_name=_TOKENIZER, index_option="freq")
            .build()
        )
        self._folder = folder
        self.generation, self.removed = 0, 0
        if folder is None:
            self._index = tantivy.Index(schema)
        else:
            if create:
                folder.mkdir(mode=0o700)
            else:
                self.generation, self.removed = _read_stamp(folder, whole=whole)
            try:
                self._index = tantivy.Index(schema, str(self._place(folder)))
            except (OSError, ValueError) as error:
                raise IndexDamagedError(f"{folder} cannot be read; it is made anew.") from error
        self._schema = schema
        self._index.register_tokenizer(_TOKENIZER, _analyzer(stops=False))
        self._index.config_reader("manual")
        self._searcher = self._index.searcher()

    def _place(self, folder: Path) -> Path:
        """The folder, or a copy of it where Tantivy cannot make the lock that it reads under."""
        if os.access(folder, os.W_OK):
            return folder
        copy = TemporaryDirectory(prefix="quoth-")
        weakref.finalize(self, copy.cleanup)
        place = Path(copy.name) / folder.name
        shutil.copytree(folder, place, copy_function=shutil.copyfile)
        place.chmod(0o700)
        return place

    @property
    def count(self) -> int:
        """The number of passages."""
        return self._searcher.num_docs

    def ids(self) -> Ids:
        """The ids it holds, int64 (n,)."""
        import tantivy

        query = tantivy.Query.all_query()
        pages = [self._ids(query, PAGE, first)[0] for first in range(0, self.count, PAGE)]
        return np.concatenate([np.empty(0, np.int64), *pages])

    def search(self, text: str, k: int, allowed: Ids | None = None) -> list[tuple[int, float]]:
        """The best k passages for the words of `text`: (id, BM25 score > 0), best first.

        The text is never parsed as a query. `allowed` limits the choice to these ids.
        """
        from tantivy import Occur, Query

        terms = []
        for stem in query_terms(text):
            terms.append((Occur.Should, Query.term_query(self._schema, "text", stem)))
            title = Query.term_query(self._schema, "title", stem, index_option="freq")
            terms.append((Occur.Should, Query.boost_query(title, TITLE_WEIGHT)))
        return self._search(Query.boolean_query(terms), k, allowed) if terms else []

    def holding(self, phrase: str) -> Ids:
        """Ids, int64 (n,) ascending, of passages with all these words side by side (stemmed)."""
        from tantivy import Query

        stems = analyze(phrase, stops=False)
        if len(stems) < 2:
            return self._all([Query.term_query(self._schema, "text", stem) for stem in stems])
        return self._all([Query.phrase_query(self._schema, "text", [*stems])])

    def titled(self, text: str) -> Ids:
        """Ids, int64 (n,) ascending, of the passages with these words in title or heading."""
        from tantivy import Query

        return self._all(
            [
                Query.term_query(self._schema, "title", stem, index_option="freq")
                for stem in analyze(text, stops=False)
            ]
        )

    def document_frequency(self, stem: str) -> int:
        """The number of passages whose text has this stem (as `analyze` gives it)."""
        return self._searcher.doc_freq("text", stem)

    def apply(self, removed: Iterable[int], added: Iterable[Entry], generation: int) -> None:
        """Take out `removed`, put in `added`, commit, and stamp with the store's generation.

        Killed before the stamp is written anew, the index has none, and is made anew.

        Raises:
            OSError: the folder cannot be written, or there is no room.
        """
        if self._folder is not None:
            (self._folder / STAMP).unlink(missing_ok=True)
        try:
            self._write(removed, added)
        except ValueError as error:  # what Tantivy makes of every error of the disk
            raise OSError(errno.EIO, f"the word index: {error}") from error
        self._index.reload()
        self._searcher = self._index.searcher()
        self.generation = generation
        if self._folder is not None:
            _write_stamp(self._folder, self.generation, self.removed)

    def _write(self, removed: Iterable[int], added: Iterable[Entry]) -> None:
        import tantivy

        with self._index.writer(_HEAP, num_threads=1) as writer:
            for number in removed:
                # By query: a term made of a Python integer never equals that of an unsigned field.
                term = tantivy.Query.term_query(self._schema, "id", int(number))
                writer.delete_documents_by_query(term)
                self.removed += 1
            for entry in added:
                document = tantivy.Document()
                document.add_unsigned("id", entry.id)
                document.add_text("text", entry.text)
                document.add_text("title", entry.title)
                writer.add_document(document)
            writer.commit()
            writer.wait_merging_threads()

    def _search(self, query: tantivy.Query, k: int, allowed: Ids | None) -> list[tuple[int, float]]:
        from tantivy import Occur, Query

        if k < 1 or (allowed is not None and not len(allowed)):
            return []
        if allowed is not None:
            among = Query.term_set_query(self._schema, "id", allowed.tolist())
            must = [(Occur.Must, query), (Occur.Must, Query.const_score_query(among, 0.0))]
            query = Query.boolean_query(must)
        ids, scores = self._ids(query, k)
        return [(int(i), score) for i, score in zip(ids, scores, strict=True)]

    def _all(self, queries: list[tantivy.Query]) -> Ids:
        """What meets all these queries, of which there must be one; int64 (n,) ascending."""
        from tantivy import Occur, Query

        if not queries:
            return np.empty(0, np.int64)
        query = Query.boolean_query([(Occur.Must, query) for query in queries])
        return np.sort(self._ids(Query.const_score_query(query, 0.0), max(1, self.count))[0])

    def _ids(self, query: tantivy.Query, k: int, first: int = 0) -> tuple[Ids, list[float]]:
        hits = self._searcher.search(query, k, count=False, offset=first).hits
        ids = self._searcher.fast_field_values("id", [address for _, address in hits])
        return np.array(ids, np.int64), [float(score) for score, _ in hits]


def _write_stamp(folder: Path, generation: int, removed: int) -> None:
    beside = folder / f"{STAMP}.new"
    stamp = {"generation": generation, "removed": removed, **_sums(folder)}
    for path in (*folder.iterdir(), beside):  # tantivy makes them for everybody
        path.touch(0o600)
        path.chmod(0o600)
    with beside.open("w", encoding="utf-8") as file:
        json.dump(stamp, file)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(folder / STAMP)


def _read_stamp(folder: Path, *, whole: bool) -> tuple[int, int]:
    """The generation, and how many passages were ever removed, if the folder is as it was left."""
    try:
        stamp = json.loads((folder / STAMP).read_text(encoding="utf-8"))
        generation, removed = int(stamp["generation"]), int(stamp["removed"])
        found = _sums(folder, SUMMED if not whole else None)
        same = all(stamp[name] == value for name, value in found.items())
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexDamagedError(f"{folder} cannot be read; it is made anew.") from error
    if not same:
        raise IndexDamagedError(f"{folder} is not what was saved; it is made anew.")
    return generation, removed


def _sums(folder: Path, most: int | None = None) -> dict[str, int]:
    """CRC-32 of the names and sizes of all that tantivy wrote, and of what stands in it.

    Tantivy does not check that itself; it takes 1 ms a megabyte, and is left out for folders of
    more than `most` bytes.
    """
    paths = sorted(
        path
        for path in folder.iterdir()
        if not path.name.startswith(STAMP) and path.suffix != ".lock"
    )
    sizes = [path.stat().st_size for path in paths]
    names = json.dumps([[path.name, size] for path, size in zip(paths, sizes, strict=True)])
    sums = {"names": zlib.crc32(names.encode())}
    if most is None or sum(sizes) <= most:
        crc = 0
        for path in paths:
            crc = crc32_of(path, crc)
        sums["crc"] = crc
    return sums
