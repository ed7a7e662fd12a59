"""How a build comes along, while everything else goes on."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.style import Style
from textual.widgets import ProgressBar

from qa.types import Skipped
from qa.ui import wording
from qa.ui.building import BuildState
from qa.ui.desk import desk
from qa.ui.words import Words

NAMED = 3  # files left out that are named in the panel itself
STOP = Style.from_meta({"@click": "app.rebuild"})
CLOSE = Style.from_meta({"@click": "app.close_panel"})
ALL = Style.from_meta({"@click": "app.left_out"})


def steps(state: BuildState) -> Content:
    """The stages: done, under way and to come, told by signs as well."""
    parts: list[Content | str | tuple[str, str]] = []
    present = state.steps.index(state.event.stage) if state.event else -1
    for place, stage in enumerate(state.steps):
        name = wording.STEPS.get(stage, wording.flow(stage))
        sign, style = ("✓", "$dim") if place < present else ("·", "$dim")
        if place == present:
            sign, style = "▶", "bold $accent"
        parts += ["  " if parts else "", (f"{sign} {name}", style)]
    return Content.assemble(*parts)


def detail(state: BuildState, stop: str) -> Content:
    """What is being done, how fast, how long it takes, and the key that stops it."""
    if state.event is None:
        facts = ["Bringing the index up to date"]
    else:
        said = wording.progress(state.event)
        facts = [said[:1].upper() + said[1:]]
        if state.rate is not None:
            facts.append(wording.rate(state.event.stage, state.rate))
        if state.left is not None:
            facts.append(f"about {wording.duration(state.left)} left")
    parts: list[Content | str | tuple[str, str]] = [" · ".join(facts), " · "]
    parts.append(Content(f"{stop} stops").stylize(STOP))
    if state.event is not None and state.event.detail:
        parts += [" · ", (wording.flow(state.event.detail), "$dim")]
    return Content.assemble(*parts)


def outcome(state: BuildState, close: str) -> Content:
    """What came of it, and the key that puts it away."""
    said = wording.report(state.report) if state.report else wording.flow(state.sentence)
    return Content.assemble(said, " · ", Content(f"{close} closes this").stylize(CLOSE))


def left_out(skipped: tuple[Skipped, ...], everything: str) -> Content:
    """The first of the files that were left out, and the key that shows all of them."""
    lines: list[Content | str] = [
        f"! {wording.flow(item.path)}: {wording.flow(item.reason)}\n" for item in skipped[:NAMED]
    ]
    more = len(skipped) - NAMED
    offer = f"{everything} lists them " + (f"all, {more:,} more" if more > 0 else "by themselves")
    lines.append(Content(offer).stylize(ALL).stylize("$accent"))
    return Content.assemble(*lines)


class BuildPanel(Vertical):
    """Stages, bar, pace and time left; afterwards what came of it, and what was left out."""

    def compose(self) -> ComposeResult:
        """Lay out."""
        with Horizontal():
            yield Words(classes="steps")
            yield ProgressBar(total=None, show_percentage=False, show_eta=False)
        yield Words(classes="detail")
        yield Words(classes="skipped")

    def on_mount(self) -> None:
        """Show how the build stands, now and whenever it has come farther."""
        builds = desk(self).builds
        builds.changed.subscribe(self, self.show)
        self.show(builds.state)

    def show(self, state: BuildState) -> None:
        """Show how it stands."""
        key = desk(self).key
        self.display = state.shown
        self.set_class(not state.works, "-done")
        bar, said = self.query_one(ProgressBar), self.query_one(".detail", Words)
        skipped = state.report.skipped if state.report else ()
        if state.works:
            self.query_one(".steps", Words).update(steps(state))
            event = state.event
            bar.update(
                total=(event.total or None) if event else None, progress=event.done if event else 0
            )
            said.update(detail(state, key("rebuild")))
        elif state.shown:
            said.update(outcome(state, key("cancel")))
        below = self.query_one(".skipped", Words)
        below.display = bool(skipped)
        if skipped:
            below.update(left_out(skipped, key("left-out")))
