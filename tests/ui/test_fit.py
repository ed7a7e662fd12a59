"""Every screen at every size: nothing is cut off, and what has the focus is in view."""

from __future__ import annotations

import pytest

from tests.ui.fake import DOCUMENTS, FakeBackend
from tests.ui.fit import cut, ends, out_of_sight, without_room, words
from tests.ui.screen import seen
from tests.ui.test_layout import SCENES, SMALL, TINY, staged
from tui import QuothApp

LARGER = ((99, 60), (160, 60))  # without room for the sources beside the conversation, and with


@pytest.mark.parametrize("size", [TINY, SMALL], ids=["40x15", "80x24"])
@pytest.mark.parametrize("scene", SCENES)
async def test_nothing_is_cut_and_the_focus_is_in_view(scene: str, size: tuple[int, int]) -> None:
    app = QuothApp(FakeBackend)
    async with app.run_test(size=size, notifications=True) as pilot:
        await staged(*SCENES[scene])(pilot)
        shown, found = seen(app), list(ends(app))
        assert out_of_sight(app) is None, shown
        assert without_room(app) == [], shown
        known = set[str]().union(*(document.text.split() for document in DOCUMENTS))
        for larger in LARGER:
            await pilot.resize_terminal(*larger)
            await pilot.pause()
            known |= words(app)
        assert cut(found, known) == set(), shown
