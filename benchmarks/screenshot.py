"""Draw the README's picture: a question to the shipped documents, as the terminal shows it."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from pathlib import Path

from index.build import build
from qa.assistant import Assistant
from qa.commands.open import SEEDS
from qa.config import Settings
from qa.ui.messages import Submitted
from tui import QuothApp

QUESTION = "What did Hunt announce in December 2016?"
PICTURE = Path(__file__).with_name("screenshot.svg")
SIZE = (120, 34)


async def draw(settings: Settings) -> str:
    """Ask in the UI, wait for the answer, and export what is shown as SVG."""
    app = QuothApp(lambda: Assistant.open(settings.index, settings))
    async with app.run_test(size=SIZE) as pilot:
        app.post_message(Submitted(QUESTION))
        while app.working or not any(turn.answer for turn in app.conversation.turns):
            await pilot.pause(0.1)
        await pilot.pause(0.5)
        return app.export_screenshot(title="Quoth")


def main() -> int:
    """Index the shipped documents in a folder of its own and write the picture."""
    os.environ.pop("NO_COLOR", None)
    with tempfile.TemporaryDirectory() as room:
        settings = Settings(index=Path(room) / "index")
        for _ in build([SEEDS], settings.index, settings.model):
            pass
        picture = asyncio.run(draw(settings))
    # Fonts from elsewhere would be fetched by whoever looks at the picture.
    picture = re.sub(r"@font-face\s*{[^}]*}", "", picture)
    PICTURE.write_text(picture, encoding="utf-8")
    print(f"Wrote {PICTURE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
