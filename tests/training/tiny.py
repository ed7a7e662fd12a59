"""An encoder of a few thousand weights, and examples that it can learn from."""

from __future__ import annotations

import random
import re
from pathlib import Path

from training.examples import FILE, Example, held, save

TOWNS = [
    "Ashby",
    "Birkdale",
    "Corwen",
    "Dunham",
    "Eskdale",
    "Farley",
    "Garston",
    "Hatfield",
    "Ilkley",
    "Kelso",
]
THINGS = [
    "mill",
    "bridge",
    "school",
    "market",
    "tower",
    "library",
    "harbour",
    "garden",
    "chapel",
    "bakery",
]
ORDINALS = ["first", "second", "third", "last"]
MARKS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def tiny_examples() -> list[Example]:
    """Four hundred questions on what was built when in a town, some with an impossible twin."""
    chance = random.Random(3)  # noqa: S311 - the same each time
    texts = [
        (
            f"When was the {which} {thing} of {town} built?",
            f"The {which} {thing} of {town} was built in {year}.",
        )
        for thing in THINGS
        for town in TOWNS
        for which, year in zip(ORDINALS, chance.sample(range(1800, 1900), 4), strict=True)
    ]
    found = []
    for question, passage in texts:
        year = passage[-5:-1]
        wrong = [other for asked, other in chance.sample(texts, 5) if asked != question]
        found.append(
            Example(question, passage, (len(passage) - 5, len(passage) - 1), "towns", [year], wrong)
        )
        if chance.random() < 0.5:
            found[-1].impossible = question.replace("built", "sold")
    return found


def tiny_folder(folder: Path) -> Path:
    """A folder of examples, of which some are held back."""
    examples = tiny_examples()
    assert any(map(held, examples))
    folder.mkdir()
    save(examples, folder / FILE)
    return folder


def tiny_base(folder: Path) -> Path:
    """A BERT of two layers, drawn by a seed, with a tokenizer that knows the examples' words."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel

    said = " ".join(f"{e.question} {e.passage} sold" for e in tiny_examples()).lower()
    words = [*MARKS, *sorted(set(re.findall(r"\w+|[.?]", said)))]
    pieces = models.WordPiece({word: i for i, word in enumerate(words)})
    pieces.unk_token = MARKS[1]
    tokenizer = Tokenizer(pieces)
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=192,
    )
    BertModel(config).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder
