"""Chroma: a persistent collection with the sentence-transformers embedding function."""

from __future__ import annotations

import json
import sys

import chromadb
from chromadb.config import Settings
from chromadb.utils.embedding_functions import SentenceTransformerEmbeddingFunction


def main(action: str, what: str, folder: str, model: str) -> list[str]:
    """Build the index, or search it."""
    client = chromadb.PersistentClient(path=folder, settings=Settings(anonymized_telemetry=False))
    embed = SentenceTransformerEmbeddingFunction(model_name=model)
    collection = client.get_or_create_collection("passages", embedding_function=embed)
    if action == "build":
        with open(what, encoding="utf-8") as lines:  # noqa: PTH123
            rows = [json.loads(line) for line in lines]
        for at in range(0, len(rows), 1_000):
            part = rows[at : at + 1_000]
            collection.add(ids=[r["_id"] for r in part], documents=[r["text"] for r in part])
        return []
    return collection.query(query_texts=[what], n_results=10)["ids"][0]


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
