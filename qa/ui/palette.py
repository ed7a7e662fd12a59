"""The command palette: what can be done where one is, every command, and every document."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice

from rich.text import Text
from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.dom import DOMNode
from textual.markup import escape

from qa.types import Document
from qa.ui import wording
from qa.ui.bindings import EVERYWHERE, key_of, own, purpose, section, spoken
from qa.ui.commands import COMMANDS
from qa.ui.desk import desk
from qa.ui.jobs import result
from qa.ui.messages import Picked

DOCUMENTS = 20  # found ones to offer: more are found in the library

Offer = tuple[str, str, str, Callable[[], object]]  # title, more to match, help, what to run


class Palette(Provider):
    """Everything that can be done, in one order: first what the place has, then the rest."""

    async def discover(self) -> Hits:
        """Offer everything but the documents before anything is typed."""
        for title, _, about, run in self._offers():
            yield DiscoveryHit(title, run, help=about)

    async def search(self, query: str) -> Hits:
        """Offer what matches, documents last."""
        matcher = self.matcher(query)
        for title, more, about, run in self._offers():
            score = max(matcher.match(title), matcher.match(more))
            if score > 0:
                yield Hit(score, title, run, help=about)
        try:
            documents = await result(partial(self._titled, query))
        except Exception as error:  # Textual would but log it
            why = desk(self.screen).explain(error)
            say = partial(desk(self.screen).say, why, wrong=True)
            yield Hit(0.001, Text(f"! {wording.flow(why)}"), say, help="No document can be offered")
            return
        for document in documents:
            pick = partial(self.app.post_message, Picked(document))
            about = escape(wording.byline(document)) or "Document"  # the palette reads markup
            # Its place is below every command: a title that matches is a document, whatever else.
            yield Hit(0.001, Text(wording.title(document)), pick, help=about)

    def _offers(self) -> Iterator[Offer]:
        app = desk(self.screen)
        for node, binding in self._here():
            key = spoken(key_of(app, app.keymap, binding.id or binding.key))
            where = f"{section(type(node))} · {key}"
            yield purpose(binding), where, where, partial(app.run_action, binding.action, node)
        for command in COMMANDS:
            key = spoken(key_of(app, app.keymap, command.name)) if command.key else ""
            about = f"{command.purpose} · {key}" if key else command.purpose
            run = partial(app.run_action, command.action)
            yield command.title, f"{command.name} {command.purpose}", about, run

    def _here(self) -> Iterator[tuple[DOMNode, Binding]]:
        """What the keys do on the screen that the palette was opened over."""
        seen = set()
        for node in (self.focused or self.screen).ancestors_with_self:
            if section(type(node)) == EVERYWHERE:
                return
            for cls in type(node).__mro__:
                ours = cls.__module__.startswith("qa.ui.") and issubclass(cls, DOMNode)
                for binding in own(cls) if ours else ():
                    if binding.show and binding.id not in seen:
                        seen.add(binding.id)
                        yield node, binding

    def _titled(self, query: str) -> Sequence[Document]:
        """The first documents whose title has the words; called in the background."""
        backend = desk(self.screen).backend
        if backend is None:
            return ()
        words = query.casefold().split()
        titled = ((wording.title(each).casefold(), each) for each in backend.documents())
        found = (each for title, each in titled if all(word in title for word in words))
        return list(islice(found, DOCUMENTS))
