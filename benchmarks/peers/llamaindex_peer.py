"""LlamaIndex: a vector store index over nodes, persisted to a folder."""

from __future__ import annotations

import json
import sys

from llama_index.core import StorageContext, VectorStoreIndex, load_index_from_storage
from llama_index.core.schema import TextNode
from llama_index.embeddings.huggingface import HuggingFaceEmbedding


def main(action: str, what: str, folder: str, model: str) -> list[str]:
    """Build the index, or search it."""
    embed = HuggingFaceEmbedding(model_name=model)
    if action == "build":
        with open(what, encoding="utf-8") as lines:  # noqa: PTH123
            rows = [json.loads(line) for line in lines]
        nodes = [TextNode(id_=row["_id"], text=row["text"]) for row in rows]
        index = VectorStoreIndex(nodes, embed_model=embed)
        index.storage_context.persist(folder)
        return []
    storage = StorageContext.from_defaults(persist_dir=folder)
    index = load_index_from_storage(storage, embed_model=embed)
    return [found.node_id for found in index.as_retriever(similarity_top_k=10).retrieve(what)]


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
