"""What was of use last is kept, so that it need not be made again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Values by key, of which those looked at last are kept; not safe for several threads."""

    def __init__(self, most: int) -> None:
        """Keep `most` values, or as many as were asked for at once, if these are more."""
        self._most = most
        self._known: OrderedDict[K, V] = OrderedDict()

    def of(self, keys: Sequence[K], make: Callable[[list[int]], Iterable[V]]) -> list[V]:
        """The value of each key; `make` gives those of the keys at these places, in their order."""
        missing = [place for place, key in enumerate(keys) if key not in self._known]
        for place, value in zip(missing, make(missing), strict=True):
            self._known[keys[place]] = value
        found = [self._known[key] for key in keys]
        for key in keys:
            self._known.move_to_end(key)
        while len(self._known) > max(self._most, len(keys)):
            self._known.popitem(last=False)
        return found

    def clear(self) -> None:
        """Keep nothing."""
        self._known.clear()
