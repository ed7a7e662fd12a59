"""The questions that wait, and the one that is being asked."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from qa.types import Answer, Progress
from qa.ui.exchange import Exchange
from qa.ui.jobs import Job
from qa.ui.messages import Answering


class Questions:
    """Asks one question at a time, in the order they came."""

    def __init__(self, ask: Callable[[Exchange], Job | None]) -> None:
        """Begin with none; `ask` starts the work, or returns None while nothing can be asked."""
        self._ask = ask
        self._waiting: deque[Exchange] = deque()
        self._turn: Exchange | None = None
        self._job: Job | None = None

    def add(self, turn: Exchange, why: str) -> None:
        """Ask this next but those that wait; say in its place why it has to wait."""
        turn.wait(why)
        self._waiting.append(turn)
        self.advance()

    def advance(self) -> None:
        """Ask the next one, if nothing is being asked."""
        if self._turn is None and self._waiting:
            self._job = self._ask(self._waiting[0])
            if self._job is not None:
                self._turn = self._waiting.popleft()
                self._turn.wait("searching")

    def hear(self, message: Answering) -> Exchange | None:
        """Show how far the answer has come; return the turn when there is more of it to see."""
        turn = self._turn
        if turn is None or turn.number != message.turn:
            return None
        if isinstance(message.event, Progress):
            turn.progress(message.event)
            return None
        turn.show(message.event)
        if isinstance(message.event, Answer):
            self._finish()
        return turn

    def fail(self, number: int, sentence: str) -> None:
        """Say why there is no answer, and go on."""
        if self._turn is not None and self._turn.number == number:
            self._turn.fail(sentence)
            self._finish()

    def fail_all(self, sentence: str) -> None:
        """Say why nothing can be asked."""
        while self._waiting:
            self._waiting.popleft().fail(sentence)

    def cancel(self) -> bool:
        """Stop what is being asked, or else the last that waits; false where there is neither."""
        if self._turn is not None and self._job is not None:
            self._job.cancelled = True
            self._turn.stop("stopped")
            self._finish()
        elif self._waiting:
            self._waiting.pop().stop("stopped")
        else:
            return False
        return True

    def clear(self) -> None:
        """Forget them all."""
        self._waiting.clear()
        self.cancel()

    def _finish(self) -> None:
        self._turn = self._job = None
        self.advance()
