"""Near-duplicates: what is found, against similarities worked out in full."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest

from index.duplicates import ALIKE, FIELD, PLACES, SHINGLE, alike, signature

WORDS = [f"{a}{b}" for a in ("ford", "mill", "reed", "tern", "bell") for b in range(80)]


def similarity(one: str, other: str) -> float:
    """Jaccard similarity of the runs of words, without any hashing."""
    sets = []
    for text in (one, other):
        words = re.findall(r"\w+", text.casefold())
        runs = range(max(1, len(words) - SHINGLE + 1))
        sets.append({tuple(words[place : place + SHINGLE]) for place in runs})
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


def text(seed: int, length: int = 400) -> str:
    chance = random.Random(seed)  # noqa: S311
    return " ".join(chance.choice(WORDS) for _ in range(length))


def edited(original: str, share: float, seed: int = 0) -> str:
    """A text with about this share of its words replaced."""
    chance = random.Random(seed)  # noqa: S311
    return " ".join("new" if chance.random() < share else word for word in original.split())


def pairs(*texts: str) -> dict[tuple[int, int], float]:
    signatures = np.stack([signature(each)[1] for each in texts])
    return {(one, other): share for one, other, share in alike(signatures)}


@pytest.mark.parametrize("share", [0.0, 0.01, 0.03, 0.1, 0.3])
def test_similarity_is_estimated_as_it_is(share: float) -> None:
    original = text(1)
    other = edited(original, share)
    ones, others = signature(original)[1], signature(other)[1]
    # Five standard errors of a share among so many places.
    assert float((ones == others).mean()) == pytest.approx(
        similarity(original, other), abs=5 * 0.5 / PLACES**0.5
    )


def test_what_is_nearly_the_same_is_found_among_much_else() -> None:
    texts = [text(seed) for seed in range(200)]
    texts += [edited(texts[7], 0.01), texts[30].upper(), edited(texts[90], 0.25)]
    found = pairs(*texts)
    assert set(found) == {(7, 200), (30, 201)}
    assert found[30, 201] == 1
    assert found[7, 200] == pytest.approx(similarity(texts[7], texts[200]), abs=0.15)
    assert similarity(texts[90], texts[202]) < ALIKE


def test_short_and_empty_texts_have_signatures() -> None:
    assert signature("")[0] == signature(" … ")[0] == 0
    assert signature("Only two")[0] == 2
    assert pairs("Only two", "only TWO.", "Only three") == {(0, 1): 1.0}


def test_a_long_text_is_cut_into_words_as_a_whole() -> None:
    long = text(3, 30_000)
    words, found = signature(long)
    assert words == 30_000
    assert np.array_equal(found, signature(f"\n{long.replace(' ', '  ')}")[1])


def test_each_of_very_many_that_are_alike_is_paired_but_not_with_all() -> None:
    count = 20 * FIELD
    found = alike(np.repeat(signature(text(5))[1][None], count, axis=0))
    assert {place for one, other, _ in found for place in (one, other)} == set(range(count))
    assert len(found) <= FIELD * count


def test_nothing_is_like_nothing() -> None:
    assert alike(np.empty((0, PLACES), np.uint32)) == []
    assert alike(signature("A single text.")[1][None]) == []
