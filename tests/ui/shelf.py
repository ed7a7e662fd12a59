"""Conversations kept in memory, with a few that were held before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qa.bundle import make
from qa.errors import SessionError
from qa.types import Answer, Kept, Session

WHEN = "2026-01-02T12:04:05.000+00:00"


class FakeSessions:
    """Keeps what it is given, or raises `fail`; `lost` are quotes that stand no more."""

    path = "/home/reader/sessions.sqlite"
    keeps = True

    def __init__(self) -> None:
        """Start with none."""
        self.kept: dict[str, dict[int, Kept]] = {}
        self.titles: dict[str, str] = {}
        self.indexes: dict[str, str] = {}
        self.deleted: list[tuple[str, dict[int, Kept]]] = []
        self.lost: tuple[str, ...] = ()
        self.fail: str = ""

    def _check(self) -> None:
        if self.fail:
            raise SessionError(self.fail)

    def keep(self, session: str, place: int, answer: Answer) -> Kept:
        self._check()
        kept = Kept(answer, WHEN, "f" * 64)
        self.kept.setdefault(session, {})[place] = kept
        return kept

    def listed(self, words: str = "") -> Sequence[Session]:
        self._check()
        found = []
        for name, turns in reversed(self.kept.items()):
            said = " ".join(f"{kept.answer.question} {kept.answer.text}" for kept in turns.values())
            title = self.titles.get(name) or next(iter(turns.values())).answer.question
            if words.casefold() in f"{title} {said}".casefold():
                excerpt = f"…for \ue000{words}\ue001 [/x] it…" if words else ""
                over = self.indexes.get(name, "/index")
                found.append(Session(name, title, WHEN, WHEN, len(turns), over, excerpt))
        return found

    def turns(self, session: str) -> Sequence[Kept]:
        self._check()
        return [kept for _, kept in sorted(self.kept[session].items())]

    def checked(self, turns: Sequence[Kept]) -> Sequence[Kept]:
        return [
            replace(
                kept,
                answer=replace(
                    kept.answer,
                    citations=tuple(
                        replace(citation, stands=citation.quote.text not in self.lost)
                        for citation in kept.answer.citations
                    ),
                ),
            )
            for kept in turns
        ]

    def rename(self, session: str, title: str) -> None:
        self._check()
        self.titles[session] = title

    def delete(self, session: str) -> None:
        self._check()
        self.deleted.append((session, self.kept.pop(session)))

    def restore(self) -> str:
        if not self.deleted:
            return ""
        name, turns = self.deleted.pop()
        self.kept[name] = turns
        return name

    def questions(self, most: int = 200) -> Sequence[str]:
        self._check()
        asked = [kept.answer.question for t in self.kept.values() for kept in t.values()]
        return list(dict.fromkeys(asked))[-most:]

    def bundle(self, title: str, turns: Sequence[Kept]) -> str:
        return make(title, turns)
