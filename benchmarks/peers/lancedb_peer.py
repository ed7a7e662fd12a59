"""LanceDB: a table whose schema embeds with sentence-transformers."""

from __future__ import annotations

import json
import sys

import lancedb
from lancedb.embeddings import get_registry
from lancedb.pydantic import LanceModel, Vector


def main(action: str, what: str, folder: str, model: str) -> list[str]:
    """Build the index, or search it."""
    database = lancedb.connect(folder)
    if action == "build":
        embed = get_registry().get("sentence-transformers").create(name=model)

        class Passage(LanceModel):
            id: str
            text: str = embed.SourceField()
            vector: Vector(embed.ndims()) = embed.VectorField()

        table = database.create_table("passages", schema=Passage)
        with open(what, encoding="utf-8") as lines:  # noqa: PTH123
            rows = [json.loads(line) for line in lines]
        table.add([{"id": row["_id"], "text": row["text"]} for row in rows])
        return []
    return [row["id"] for row in database.open_table("passages").search(what).limit(10).to_list()]


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
