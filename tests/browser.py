"""Headless Chromium: a page opened from disk, or a tab that is typed into as a person would.

Beside a page from disk stands a server that hears any request; a tab speaks the DevTools protocol
over a pipe.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--no-first-run",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
)
FROM_DISK = (
    "--allow-file-access-from-files",
    "--enable-logging=stderr",
    "--virtual-time-budget=20000",
    "--dump-dom",
)
# The browser is told things on descriptor 3, and tells on 4.
AS_3_AND_4 = """import os, sys
for have, wanted in zip(sys.argv[1:3], (3, 4)):
    os.dup2(int(have), wanted)
os.execv(sys.argv[3], sys.argv[3:])"""
HERE_ONLY = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost"
# The page stands in a frame: from outside it a script may press what a person would press.
HARNESS = """<!DOCTYPE html><meta charset="utf-8"><pre id="told"></pre>
<iframe id="frame" src="page.html" style="width: 1200px; height: 900px"></iframe>
<script>
const frame = document.querySelector("#frame");
const load = (url) => new Promise((done) => {
  const image = new Image();
  image.onload = image.onerror = done;
  image.src = url;
});
frame.addEventListener("load", async () => {
  let told;
  try {
    const page = frame.contentDocument;
    told = { value: await (async () => { SCRIPT })() };
    await load("SERVER/control");
  } catch (error) {
    told = { error: String(error) };
  }
  document.querySelector("#told").textContent = JSON.stringify(told);
});
</script>"""


def chromium() -> str:
    """Find the browser: the one that CHROMIUM names, or else the first there is."""
    found = shutil.which(os.environ.get("CHROMIUM") or next(filter(shutil.which, NAMES), ""))
    if found is None:
        pytest.fail("These tests need Chromium: apt-get install chromium, or set CHROMIUM.")
    return found


@contextmanager
def listening() -> Iterator[tuple[str, list[str]]]:
    """A server on this machine: its address, and the paths that it was asked for."""
    heard: list[str] = []

    class Ear(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            self.send_error(404)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Ear) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", heard
        finally:
            server.shutdown()
            thread.join()


def visit(folder: Path, source: str, script: str, server: str, *, dark: bool) -> tuple[Any, str]:
    """Open a page, run a script on it from outside, and return its result and the console."""
    (folder / "page.html").write_text(source, encoding="utf-8")
    harness = HARNESS.replace("SCRIPT", script).replace("SERVER", server)
    (folder / "harness.html").write_text(harness, encoding="utf-8")
    done = subprocess.run(
        [
            chromium(),
            *FLAGS,
            *FROM_DISK,
            f"--blink-settings=preferredColorScheme={0 if dark else 1}",
            f"--user-data-dir={folder / 'profile'}",
            (folder / "harness.html").as_uri(),
        ],
        capture_output=True,
        timeout=120,
        check=True,
    )
    told = re.search(r'<pre id="told">(.*?)</pre>', done.stdout.decode(), re.DOTALL)
    assert told, done.stderr.decode()[-2000:]
    result = json.loads(unescape(told[1]))
    assert "error" not in result, result
    console = [line for line in done.stderr.decode().splitlines() if "CONSOLE" in line]
    return result["value"], "\n".join(console)


def _pipe() -> tuple[int, int]:
    """A pipe whose ends are none of the numbers that the browser has for its own."""
    ends = os.pipe()
    read, write = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends)
    for end in ends:
        os.close(end)
    return read, write


class Browser:
    """A browser that runs on: its tabs open pages of this machine, and of no other.

    What it is told and tells are JSON objects, each with a NUL after it.
    """

    def __init__(self, folder: Path) -> None:
        """Start it, with a profile of its own below `folder`, where its downloads go as well."""
        self.downloads = folder / "downloads"
        self.downloads.mkdir()
        heard, self._told = _pipe()
        self._heard, told = _pipe()
        flags = [*FLAGS, "--remote-debugging-pipe", HERE_ONLY, "--window-size=1280,800"]
        flags += [f"--user-data-dir={folder / 'profile'}", "about:blank"]
        self._process = subprocess.Popen(
            [sys.executable, "-c", AS_3_AND_4, str(heard), str(told), chromium(), *flags],
            pass_fds=(heard, told),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(heard)
        os.close(told)
        self._rest = b""
        self._number = 0
        folder_for = {"behavior": "allow", "downloadPath": str(self.downloads)}
        self.call("Browser.setDownloadBehavior", **folder_for)
        allowed = ["clipboardReadWrite", "clipboardSanitizedWrite"]
        self.call("Browser.grantPermissions", permissions=allowed)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave."""
        os.write(self._told, b'{"id": 0, "method": "Browser.close"}\0')
        self._process.wait(20)
        os.close(self._told)
        os.close(self._heard)

    def call(self, method: str, session: str = "", **parameters: object) -> dict[str, Any]:
        """Have something done, and return what comes of it."""
        self._number += 1
        message: dict[str, object] = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._told, json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self._rest:
                chunk = os.read(self._heard, 1 << 20)
                assert chunk, "the browser has gone"
                self._rest += chunk
            line, _, self._rest = self._rest.partition(b"\0")
            reply = json.loads(line)
            if reply.get("id") == self._number:
                assert "error" not in reply, (method, reply["error"])
                result: dict[str, Any] = reply["result"]
                return result

    def open(self, address: str, before: str = "") -> Tab:
        """Open a page in a tab of its own, once the script `before` has run in it."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        tab = Tab(self, target, session)
        tab.call("Page.enable")
        tab.call("Emulation.setFocusEmulationEnabled", enabled=True)  # as the tab in front
        tab.call("Page.addScriptToEvaluateOnNewDocument", source=before)
        tab.call("Page.navigate", url=address)
        return tab


class Tab:
    """A page as a person has it: seen, typed into, resized."""

    def __init__(self, browser: Browser, target: str, session: str) -> None:
        """Know where it is."""
        self._browser, self._target, self._session = browser, target, session

    def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """Have something done in it."""
        return self._browser.call(method, self._session, **parameters)

    def value(self, script: str) -> Any:
        """What an expression comes to, once that is settled."""
        done = self.call(
            "Runtime.evaluate",
            expression=script,
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,
        )
        assert "exceptionDetails" not in done, done
        return done["result"].get("value")

    def until(self, met: Callable[[], object], told: Callable[[], str]) -> None:
        """Wait for something to be so; `told` says how it is instead."""
        end = time.monotonic() + 30
        while not met():
            assert time.monotonic() < end, told()
            time.sleep(0.02)

    def type(self, text: str) -> None:
        """Type."""
        for character in text:
            self.call("Input.dispatchKeyEvent", type="keyDown", key=character, text=character)
            self.call("Input.dispatchKeyEvent", type="keyUp", key=character)

    def press(self, key: str, code: int, *, ctrl: bool = False, text: str = "") -> None:
        """Press a key that is no letter, or one with Control held; `code` is the DOM's keyCode."""
        told = {"key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": 2 * ctrl}
        down = {"type": "keyDown" if text else "rawKeyDown", "text": text}
        self.call("Input.dispatchKeyEvent", **told, **down)
        self.call("Input.dispatchKeyEvent", type="keyUp", **told)

    def resize(self, width: int, height: int) -> None:
        """Make the window so many pixels wide and high."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def picture(self) -> bytes:
        """What it shows, as PNG."""
        return b64decode(self.call("Page.captureScreenshot", format="png")["data"])

    def close(self) -> None:
        """Close it, as by its cross."""
        self._browser.call("Target.closeTarget", targetId=self._target)
