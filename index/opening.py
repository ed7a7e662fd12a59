"""The models that a question needs: loaded when first needed, or ahead and aside."""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from index.embedding import Embedder, QueryEncoding, open_embedder
from index.errors import ModelError
from index.reading import Reader
from index.store import Store
from index.types import Progress

REMEMBERED = 64  # questions: those of a conversation are looked back at with every further one


class Models:
    """The model that an index was made with, and a reader; may be used from several threads."""

    def __init__(
        self, store: Store, embedder: Embedder | None = None, reader: Reader | None = None
    ) -> None:
        """Take the model that `store` names, or `embedder`, which must be the same."""
        self.reader = reader
        self.ready = False  # what was begun to be loaded is there
        self._store = store
        self._embedder = embedder
        self._encodings: dict[str, QueryEncoding] = {}
        self._lock = threading.Lock()  # its own: words are matched while the model loads
        self._aside: Sequence[Future[object]] = ()

    @property
    def embedder(self) -> Embedder:
        """The index's model.

        Raises:
            ModelError: the model is not on this machine, or not the one the index was made with.
        """
        return self._opened(self._store.meta("model") or "", self._store.fingerprint)

    def _open(self, name: str) -> Embedder:
        # The store's lock is never taken within this one: who asks holds the store and waits here.
        with self._lock:
            if self._embedder is None:
                self._embedder = open_embedder(name)
            return self._embedder

    def _opened(self, name: str, fingerprint: str) -> Embedder:
        embedder = self._open(name)
        if embedder.fingerprint != fingerprint:
            raise ModelError(
                f"The index was made with another version of {name} than is installed; run `quoth "
                "index rebuild` to embed the documents anew."
            )
        return embedder

    def encode(self, text: str) -> QueryEncoding:
        """Embed a question; those asked last are remembered."""
        known = self._encodings.get(text)
        if known is None:
            known = self.embedder.encode_query(text)
            if len(self._encodings) >= REMEMBERED:
                self._encodings.clear()
            self._encodings[text] = known
        return known

    def prepare(self, text: str) -> Generator[Progress, None, None]:
        """Do what is done once on a machine, and begin to load the models, aside, for `text`.

        Each begins as soon as that is done for it; `wait` waits for them. Nothing is done where
        they are there, or being loaded.

        Raises:
            ModelError: a model is not on this machine.
        """
        if self.ready or self._aside:
            return
        with self._store.snapshot():
            named = self._store.meta("model") or "", self._store.fingerprint
        aside = ThreadPoolExecutor(2)
        loading: list[Future[object]] = []
        try:
            yield from self._open(named[0]).prepare()
            loading.append(aside.submit(lambda: self._opened(*named).encode_query(text)))
            if self.reader is not None:
                yield from self.reader.prepare()
                loading.append(aside.submit(self.reader.load, text))
            self._aside = loading  # not before: who stops half-way has not prepared the reader
        finally:
            aside.shutdown(wait=False)

    def wait(self) -> None:
        """Wait until what is being loaded is there.

        Raises:
            ModelError: a model is not on this machine, or not the one the index was made with.
        """
        aside, self._aside = self._aside, ()  # what fails can be tried again
        for model in aside:
            model.result()
        self.ready = True
