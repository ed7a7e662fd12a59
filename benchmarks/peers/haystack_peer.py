"""Haystack: an in-memory document store, saved to disk, with sentence-transformers embedders."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from haystack import Document
from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)


def main(action: str, what: str, folder: str, model: str) -> list[str]:
    """Build the index, or search it."""
    kept = str(Path(folder) / "store.json")
    if action == "build":
        with open(what, encoding="utf-8") as lines:  # noqa: PTH123
            rows = [json.loads(line) for line in lines]
        embed = SentenceTransformersDocumentEmbedder(model=model)
        embed.warm_up()
        documents = [Document(id=row["_id"], content=row["text"]) for row in rows]
        store = InMemoryDocumentStore()
        store.write_documents(embed.run(documents)["documents"])
        Path(folder).mkdir(parents=True, exist_ok=True)
        store.save_to_disk(kept)
        return []
    store = InMemoryDocumentStore.load_from_disk(kept)
    embed = SentenceTransformersTextEmbedder(model=model)
    embed.warm_up()
    vector = embed.run(what)["embedding"]
    found = InMemoryEmbeddingRetriever(store, top_k=10).run(query_embedding=vector)["documents"]
    return [document.id for document in found]


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
