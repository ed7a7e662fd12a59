"""What was of use last is kept."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from index.recent import Recent

BATCHES = st.lists(st.lists(st.integers(0, 8), unique=True, max_size=6), max_size=12)


@given(batches=BATCHES, most=st.integers(1, 5))
def test_each_value_is_its_keys_and_made_only_when_it_is_not_among_the_last(
    batches: list[list[int]], most: int
) -> None:
    recent: Recent[int, str] = Recent(most)
    order: list[int] = []  # of the last use, the latest last
    for keys in batches:
        made: list[int] = []

        def make(
            places: list[int], keys: list[int] = keys, made: list[int] = made
        ) -> Iterator[str]:
            made += [keys[place] for place in places]
            return (str(keys[place]) for place in places)

        assert recent.of(keys, make) == [str(key) for key in keys]
        assert made == [key for key in keys if key not in order]
        order = [*(key for key in order if key not in keys), *keys][-max(most, len(keys)) :]


def test_nothing_is_known_once_it_is_cleared() -> None:
    recent: Recent[str, int] = Recent(3)
    counts = iter(range(10))
    assert recent.of(["a"], lambda places: [next(counts) for _ in places]) == [0]
    recent.clear()
    assert recent.of(["a"], lambda places: [next(counts) for _ in places]) == [1]
