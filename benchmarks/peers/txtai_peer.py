"""txtai: an embeddings index with content, saved to a folder."""

from __future__ import annotations

import json
import sys

from txtai import Embeddings


def main(action: str, what: str, folder: str, model: str) -> list[str]:
    """Build the index, or search it."""
    if action == "build":
        embeddings = Embeddings(path=model, content=True)
        with open(what, encoding="utf-8") as lines:  # noqa: PTH123
            rows = [json.loads(line) for line in lines]
        embeddings.index((row["_id"], row["text"], None) for row in rows)
        embeddings.save(folder)
        return []
    embeddings = Embeddings()
    embeddings.load(folder)
    return [found["id"] for found in embeddings.search(what, 10)]


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
