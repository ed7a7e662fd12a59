"""The conversation: its turns, of which only those near the view are widgets."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from rich.segment import Segment
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.strip import Strip
from textual.widget import Widget

from qa.types import Answer
from qa.ui.desk import desk
from qa.ui.exchange import Exchange
from qa.ui.turn import TurnView
from qa.ui.welcome import Welcome
from qa.ui.words import Words

__all__ = ["Conversation", "Exchange", "Gap", "TurnView", "Welcome", "Words"]

AT_ONCE = 30  # turns that are widgets, where there are more
SLACK = 10  # more of them before the farthest are let go of
NEAR = 10  # rows between the view and turns that are no widgets, at which they become some
GUESS = 8  # rows of a turn that was never on the screen
LEANT_ON = 50  # questions before one that it may lean on


class Gap(Widget):
    """Room for the turns that are no widgets now, so that the scroll bar tells the truth."""

    rows = 0

    def resize(self, rows: int) -> None:
        """Take up so many rows."""
        self.rows = rows
        self.styles.height = rows
        self.display = rows > 0

    def render_line(self, _y: int) -> Strip:
        """Nothing."""
        return Strip([Segment(" " * self.size.width, self.rich_style)])


class News(Words):
    """Tells of something new below; a click goes there."""

    def on_click(self) -> None:
        """Go there."""
        self.query_ancestor(Conversation).action_scroll_end()


class Conversation(VerticalScroll):
    """All turns, oldest first; follows the newest unless the reader has scrolled away.

    The turns stand in a box at least as high as the view: an anchored view shows less than a
    screenful at its bottom otherwise. Of a long conversation only a window of turns is mounted.
    """

    def __init__(self) -> None:
        """Start with no turns."""
        super().__init__()
        self.turns: list[Exchange] = []
        self._views: dict[int, TurnView] = {}  # by place among the turns: the window
        self._first = self._end = 0
        self._moving = False
        self._box = Vertical(classes="turns")
        self._above, self._below = Gap(classes="above"), Gap(classes="below")
        self._news = News(classes="news")

    def compose(self) -> ComposeResult:
        """Begin with the welcome."""
        with self._box:
            yield Welcome()
            yield self._above
            yield self._below
        yield self._news

    def on_mount(self) -> None:
        """Nothing is left out yet."""
        self._above.resize(0)
        self._below.resize(0)
        self._news.update(f"↓ something new below · {desk(self).key('asking.end')} goes there")

    # Turns

    async def ask(self, number: int, question: str) -> Exchange:
        """Begin a turn, and follow it."""
        self.query_one(Welcome).display = False
        turn = Exchange(number, question, self._changed)
        self.turns.append(turn)
        if self._end == len(self.turns) - 1:
            self._end += 1
            await self._mount(self._end - 1, self._end)
            if self._end - self._first > AT_ONCE + SLACK:
                self._leave(self._first, self._end - AT_ONCE)
        else:
            await self._move(len(self.turns))
        self.follow()
        return turn

    async def resume(self, answers: Iterable[tuple[int, Answer]]) -> None:
        """Go on with answers from before, by ascending turn number, however many there are."""
        self.query_one(Welcome).display = False
        for number, answer in answers:
            turn = Exchange(number, answer.question, self._changed)
            turn.show(answer)
            self.turns.append(turn)
        await self._move(len(self.turns))
        self.follow()

    def turn(self, number: int) -> Exchange | None:
        """The turn of a number, unless it is forgotten."""
        place = self._place(number)
        return None if place is None else self.turns[place]

    def before(self, turn: Exchange) -> list[str]:
        """The answered questions that one may lean on, oldest first."""
        place = self._place(turn.number) or 0
        former = self.turns[max(0, place - LEANT_ON) : place]
        return [other.question for other in former if other.answer is not None]

    def clear(self) -> None:
        """Forget all turns."""
        self._leave(self._first, self._end)
        self.turns.clear()
        self._first = self._end = 0
        self.on_mount()
        self.query_one(Welcome).display = True
        self._tell_news(there_is=False)
        self.scroll_home(animate=False, immediate=True)

    def _place(self, number: int) -> int | None:
        """Where a turn is: numbers ascend."""
        place = bisect_right(self.turns, number, key=lambda turn: turn.number) - 1
        return place if place >= 0 and self.turns[place].number == number else None

    def _changed(self, turn: Exchange) -> None:
        place = self._place(turn.number)
        if place is not None and (view := self._views.get(place)) is not None:
            view.draw()
        if not self.following and turn.answer is not None:
            self._tell_news(there_is=True)

    # Following

    @property
    def following(self) -> bool:
        """Whether the view stays at the newest as it comes."""
        return self.is_anchored and not self._anchor_released

    def follow(self) -> None:
        """Go to the newest, and stay there."""
        self._tell_news(there_is=False)
        self.anchor()

    async def newest(self) -> None:
        """Go to the newest turn, even where it is no widget, and stay there."""
        if self._end < len(self.turns):
            await self._move(len(self.turns))
        self.follow()

    def action_scroll_end(self) -> None:
        """Go to the newest turn, and stay there."""
        self.call_next(self.newest)

    def _tell_news(self, *, there_is: bool) -> None:
        self._news.display = there_is

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Mount what comes near the view, and forget the news where they are seen."""
        super().watch_scroll_y(old_value, new_value)
        if not self.is_mounted or self._moving:
            return
        if new_value >= self.max_scroll_y:
            self._tell_news(there_is=False)
        above, below = self._above, self._below
        height = self.size.height
        if (above.rows and new_value - NEAR < above.rows) or (
            below.rows and new_value + height + NEAR > self.virtual_size.height - below.rows
        ):
            self._moving = True
            self.call_next(self._catch_up)

    async def _catch_up(self) -> None:
        """Put the window where the view is."""
        await self._move(self._seen_at(self.scroll_offset.y)[0] + AT_ONCE // 2)

    # The window of turns that are widgets

    @property
    def _between(self) -> int:
        """Rows between turns."""
        return next((view.styles.margin.bottom for view in self._views.values()), 2)

    def _rows(self, first: int, end: int) -> int:
        between = self._between
        return sum((turn.height or GUESS) + between for turn in self.turns[first:end])

    def _seen_at(self, y: int) -> tuple[int, int]:
        """The place of the turn at a row, and how many rows above that it begins."""
        for place in range(self._first, self._end):
            top = self._top(place)
            if top <= y < top + self._views[place].outer_size.height + self._between:
                return place, y - top
        between = self._between
        heights = [(turn.height or GUESS) + between for turn in self.turns]
        tops = [0, *accumulate(heights)]
        below = self.virtual_size.height - self._below.rows
        if self._below.rows and y >= below:
            y += tops[self._end] - below
        place = min(max(0, bisect_right(tops, y) - 1), len(self.turns) - 1)
        return place, y - tops[place]

    def _top(self, place: int) -> int:
        """The row at which a turn begins, as one scrolls."""
        box = self._box
        return self._views[place].virtual_region.y + box.virtual_region.y + box.gutter.top

    async def _move(self, end: int) -> None:
        """Let the window end there; what the reader looks at stays where it is."""
        self._moving = True
        end = min(max(end, AT_ONCE), len(self.turns))
        first = max(0, end - AT_ONCE)
        seen, into = self._seen_at(self.scroll_offset.y)
        old = range(self._first, self._end)
        with self.app.batch_update():
            if first >= old.stop or end <= old.start:
                self._leave(old.start, old.stop)
                self._first, self._end = first, end
                await self._mount(first, end)
            else:
                self._leave(old.start, first)
                self._leave(end, old.stop)
                self._first, self._end = first, end
                await self._mount(first, old.start)
                await self._mount(old.stop, end)
            self._above.resize(self._rows(0, first))
            self._below.resize(self._rows(end, len(self.turns)))
        if not self.following:
            self.call_after_refresh(self._stay, seen, into)
        else:
            self._moving = False

    def _stay(self, seen: int, into: int) -> None:
        if seen in self._views and not self.following:
            self.scroll_to(y=self._top(seen) + into, animate=False, force=True, immediate=True)
        self._moving = False

    async def _mount(self, first: int, end: int) -> None:
        """Make widgets of turns that are none."""
        if first >= end:
            return
        views = {place: TurnView(self.turns[place]) for place in range(first, end)}
        after = self._views.get(first - 1) or self._above
        self._views |= views
        await self._box.mount(*views.values(), after=after)

    def _leave(self, first: int, end: int) -> None:
        """Let go of the widgets of turns, but not of how high they were."""
        leaving: Sequence[tuple[int, TurnView]] = [
            (place, self._views.pop(place)) for place in range(first, end) if place in self._views
        ]
        for place, view in leaving:
            self.turns[place].height = view.outer_size.height
            if view.has_focus_within:
                self.screen.query_one("Composer").focus(scroll_visible=False)
            view.remove()
        if first == self._first and leaving:
            self._first = end
            self._above.resize(self._above.rows + self._rows(first, end))
