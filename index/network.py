"""The reader as a PyTorch module: the packaged encoder, and two small heads on it.

It is loaded where there is no compiled reader, to compile one, and to train one.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor, nn
from transformers import AutoModel


class Network(nn.Module):
    """Question and passage in one pass, which goes both ways between them (a cross-encoder).

    The embeddings are the packaged encoder's, never trained, and so need not be shipped again.
    """

    def __init__(self, folder: Path, layers: int | None = 6) -> None:
        """Start from the first `layers` layers of the encoder in `folder`, or from all (None)."""
        super().__init__()
        # Dropout halves the speed of training on a processor, and little more than one pass over
        # the examples leaves it little to prevent.
        self.bert = AutoModel.from_pretrained(
            folder,
            attn_implementation="sdpa",
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        )
        self.bert.pooler = None
        self.bert.encoder.layer = self.bert.encoder.layer[:layers]
        self.bert.embeddings.requires_grad_(requires_grad=False)
        size = self.bert.config.hidden_size
        self.judge = nn.Linear(size, 2)
        self.point = nn.Linear(size, 2)

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Judge pairs, int64 (n, t) each.

        Returns:
            float32 (n, 2): logits that the passage is about what is asked, and that it holds the
            answer; and float32 (n, t, 2): logits that the answer starts or ends at a token.
        """
        words = self.bert.embeddings.word_embeddings(input_ids)
        return self.judged(words, attention_mask, token_type_ids)

    def judged(
        self, inputs_embeds: Tensor, attention_mask: Tensor, token_type_ids: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The same from the embeddings of the words, float32 (n, t, dim), in place of their ids."""
        states = self.bert(
            inputs_embeds=inputs_embeds,
            attention_mask=attention_mask,
            token_type_ids=token_type_ids,
        ).last_hidden_state.float()
        mask = attention_mask.unsqueeze(-1).float()
        mean = (states * mask).sum(1) / mask.sum(1)
        return self.judge(mean), self.point(states)

    def learned(self) -> dict[str, Tensor]:
        """The weights that training may change."""
        trained = {name for name, value in self.named_parameters() if value.requires_grad}
        return {name: value for name, value in self.state_dict().items() if name in trained}

    def load(self, weights: Mapping[str, Tensor]) -> None:
        """Take over learned weights.

        Raises:
            RuntimeError: they are of another network.
        """
        if strange := sorted(self.learned().keys() ^ weights.keys()):
            raise RuntimeError(f"The weights are of another network ({strange[0]}).")
        self.load_state_dict(dict(weights), strict=False)
