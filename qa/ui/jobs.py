"""Work in the background that the screen never waits for."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from typing import TypeVar, cast

from textual.message import Message
from textual.message_pump import MessagePump

T = TypeVar("T")


async def result(work: Callable[[], T]) -> T:
    """Work in a daemon thread, and wait for what comes of it without blocking anything.

    `asyncio.to_thread` would keep the program from quitting until the work is done.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(value: T | None, error: Exception | None) -> None:
        if future.done():
            return
        future.set_exception(error) if error else future.set_result(cast("T", value))

    def run() -> None:
        value, error = None, None
        try:
            value = work()
        except Exception as problem:
            error = problem
        with suppress(RuntimeError):  # the app has gone, and its event loop with it
            loop.call_soon_threadsafe(settle, value, error)

    threading.Thread(target=run, daemon=True).start()
    return await future


class Job:
    """Work in a daemon thread: quitting never waits for it, and cancelling silences it."""

    def __init__(
        self,
        to: MessagePump,
        work: Callable[[Job], None],
        failed: Callable[[Exception], Message],
    ) -> None:
        """Start working, telling `to`; an error becomes the message that `failed` makes of it."""
        self.cancelled = False
        self._to = to
        self._work = work
        self._failed = failed
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def working(self) -> bool:
        """Whether the thread still runs, cancelled or not."""
        return self._thread.is_alive()

    def wait(self, seconds: float) -> None:
        """Wait for the work to end, so long at most."""
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            self._work(self)
        except Exception as error:
            self.tell(self._failed(error))

    def tell(self, message: Message) -> None:
        """Post a message, unless nobody wants to hear it any more."""
        if self.cancelled:
            return
        try:
            self.cancelled = not self._to.post_message(message)
        except RuntimeError:  # the app has gone, and its event loop with it
            self.cancelled = True

    def follow(self, events: Iterable[T], wrap: Callable[[T], Message]) -> None:
        """Pass on events until they end or the job is cancelled, which closes their source."""
        for event in events:
            self.tell(wrap(event))
            if self.cancelled:
                break
        if isinstance(events, Generator):
            events.close()
