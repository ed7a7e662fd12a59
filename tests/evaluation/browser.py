"""A page opened from disk in headless Chromium, with a server beside it that hears any request."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

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
    "--allow-file-access-from-files",
    "--enable-logging=stderr",
    "--virtual-time-budget=20000",
    "--dump-dom",
)
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
