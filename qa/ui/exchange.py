"""A question and what came of it so far, whether it is on the screen or far above it."""

from __future__ import annotations

from collections.abc import Callable

from qa.types import Answer, Marks, Partial, Progress
from qa.ui import wording


class Exchange:
    """One turn of a conversation. It tells `changed` whenever there is something else to see."""

    def __init__(self, number: int, question: str, changed: Callable[[Exchange], None]) -> None:
        """Begin with a question."""
        self.number = number
        self.question = question
        self.answer: Answer | None = None
        self.early = False
        self.marks = Marks()
        self.stage = ""
        self.error = ""
        self.alone = False
        self.scope: frozenset[str] | None = None  # the documents that counted when it was sent
        self.height = 0  # rows it took when it was last on the screen
        self._shown_alone = False
        self._changed = changed

    @property
    def waits(self) -> bool:
        """Whether an answer, or a better one, is still to come."""
        return self.stage.startswith("…")

    @property
    def leans(self) -> bool:
        """Whether it was understood by what was asked before it."""
        answer = self.answer
        return answer is not None and (
            wording.flow(answer.resolved_question) != wording.flow(answer.question)
        )

    def again(self) -> None:
        """Be asked again, without what came before if it was asked with it, and back again."""
        self.alone = not self._shown_alone

    def wait(self, why: str) -> None:
        """Say quietly what is being done, or waited for."""
        self.stage, self.error = f"… {why}", ""
        self._changed(self)

    def progress(self, event: Progress) -> None:
        """Say which stage the answer is in."""
        self.wait(wording.progress(event))

    def show(self, event: Partial | Answer) -> None:
        """Show an answer, whether it may still be refined or not; a refusal only when final."""
        self.early = isinstance(event, Partial)
        self.answer = event.answer if isinstance(event, Partial) else event
        self._shown_alone = self.alone
        self.error = ""
        if not self.early:
            self.stop()
        elif self.answer.status == "answered":
            self.wait("by words alone; reading on for the meaning")
        else:
            self.wait("nothing by words alone; reading for the meaning")

    def show_marks(self, marks: Marks) -> None:
        """Show whether the question is marked as one that no document answers."""
        self.marks = marks
        self._changed(self)

    def fail(self, sentence: str) -> None:
        """Say what went wrong, in the answer's place."""
        self.error = f"! {wording.plain(sentence)}"
        self.stop()

    def stop(self, why: str = "") -> None:
        """No longer wait; say why, if there is more to say than the answer."""
        self.stage = why
        self.alone = self._shown_alone
        self._changed(self)
