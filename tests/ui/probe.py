"""How long the event loop is kept by each thing that runs on it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any, NamedTuple

SCRIPT = "script"


class Held(NamedTuple):
    """So many milliseconds of the processor, and who took them."""

    ms: float
    who: str


def _name(callback: Callable[..., object]) -> str:
    """A task by its name, which for Textual is that of the widget; else the function."""
    owner = getattr(callback, "__self__", None)
    if isinstance(owner, asyncio.Task):
        return owner.get_name()
    return getattr(callback, "__qualname__", repr(callback))


class Probe(asyncio.SelectorEventLoop):
    """A loop that measures every callback in the time of its own thread.

    That counts neither what other threads do meanwhile nor what other programs do.
    """

    def __init__(self) -> None:
        """Begin with nothing measured."""
        super().__init__()
        self._most = Held(0.0, "")

    def longest(self) -> Held:
        """What held it longest since this was asked before."""
        most, self._most = self._most, Held(0.0, "")
        return most

    def _timed(self, callback: Callable[..., object]) -> Callable[..., object]:
        def run(*arguments: object) -> object:
            started = time.thread_time()
            try:
                return callback(*arguments)
            finally:
                ms, who = (time.thread_time() - started) * 1_000, _name(callback)
                if ms > self._most.ms and who != SCRIPT:
                    self._most = Held(ms, who)

        return run

    def call_soon(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """Measure it when it runs."""
        return super().call_soon(self._timed(callback), *args, context=context)

    def call_at(
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Measure it when it runs."""
        return super().call_at(when, self._timed(callback), *args, context=context)

    def call_soon_threadsafe(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """Measure it when it runs."""
        return super().call_soon_threadsafe(self._timed(callback), *args, context=context)


def probed(script: Callable[[Probe], Coroutine[Any, Any, None]]) -> None:
    """Run a script, which itself is not measured."""
    with asyncio.Runner(loop_factory=Probe) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, Probe)

        async def named() -> None:
            task = asyncio.current_task()
            assert task is not None
            task.set_name(SCRIPT)
            await script(loop)

        runner.run(named())
