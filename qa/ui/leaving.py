"""Leaving when told to by the system: as on ctrl+q, with the terminal as it was before."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from functools import partial
from types import FrameType

from textual.app import App

NAMES = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no hanging up
PATIENCE = 5.0  # seconds for leaving in good order: a terminal that is gone may take no goodbye


def leave_on_signals(app: App[None]) -> None:
    """Let a signal end the app; its exit code is what a shell expects, 128 and the signal.

    Call it in the event loop of the main thread. A signal that is ignored (under `nohup`) stays
    so. Not `loop.add_signal_handler`: a program in the foreground could not keep ctrl+c to itself.
    """
    loop = asyncio.get_running_loop()

    def heed(sign: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(_leave, app, 128 + sign)

    for name in NAMES:
        sign = getattr(signal, name, None)
        if sign is not None and signal.getsignal(sign) is not signal.SIG_IGN:
            signal.signal(sign, heed)


def _leave(app: App[None], code: int) -> None:
    app.exit(return_code=code)
    last = threading.Timer(PATIENCE, partial(os._exit, code))
    last.daemon = True
    last.start()
