"""Finding words in a document: from the place one reads at onwards, and round to it again."""

from __future__ import annotations

from bisect import bisect_left
from itertools import chain

from qa.ui.wrapping import Span, occurrences

MOST = 20_000  # places: nobody steps through more
AT_ONCE = 2_000  # places, or a few more, found before others get their turn: 2 ms


class Finding:
    """Where words stand in a text, found a little at a time so that nobody waits for the end."""

    def __init__(self, text: str, words: str, start: int = 0) -> None:
        """Look for `words` from `start` on, then in what stands before it."""
        self.words = " ".join(words.split())
        self.current: Span | None = None
        self.complete = not self.words
        self._before: list[Span] = []
        self._after: list[Span] = []
        self._windows = chain(
            ((False, found) for found in occurrences(text, words, start)),
            ((True, found) for found in occurrences(text, words, 0, start)),
        )

    @property
    def found(self) -> list[Span]:
        """The places found so far, in the order of the text."""
        return self._before + self._after

    @property
    def count(self) -> int:
        """How many places were found so far."""
        return len(self._before) + len(self._after)

    @property
    def place(self) -> int:
        """The number, from 0, of the current place among those found so far."""
        return bisect_left(self.found, self.current) if self.current else 0

    @property
    def capped(self) -> bool:
        """Whether there may be more places than were looked for."""
        return self.count >= MOST

    def advance(self, windows: int) -> None:
        """Look on through some windows of the text, fewer where there is much to find.

        The first place found becomes current.
        """
        enough = self.count + AT_ONCE
        for _ in range(windows):
            window = None if self.complete or self.capped else next(self._windows, None)
            if window is None:
                self.complete = True
                return
            earlier, found = window
            (self._before if earlier else self._after).extend(found)
            if self.current is None and found:
                self.current = found[0]
            if self.count >= enough:
                return

    def step(self, by: int) -> None:
        """Make the next or the previous place the current one, round and round."""
        if self.count:
            self.current = self.found[(self.place + by) % self.count]
