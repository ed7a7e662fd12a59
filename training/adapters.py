"""Training a few weights beside frozen ones: low-rank adapters.

Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", ICLR 2022.
"""

from __future__ import annotations

from torch import Tensor, nn

from index.network import Network

SCALE = 2  # of what adapters add: alpha / rank in the paper, here the same for every rank


class Adapted(nn.Module):
    """A frozen linear layer with a learned product of two thin matrices added."""

    def __init__(self, layer: nn.Linear, rank: int) -> None:
        """Begin as `layer` is: the second matrix is nought."""
        super().__init__()
        self.layer = layer.requires_grad_(requires_grad=False)
        self.down = nn.Linear(layer.in_features, rank, bias=False)
        self.up = nn.Linear(rank, layer.out_features, bias=False)
        nn.init.zeros_(self.up.weight)

    def forward(self, states: Tensor) -> Tensor:
        """float (..., in) to (..., out)."""
        found: Tensor = self.layer(states) + SCALE * self.up(self.down(states))
        return found


def adapt(network: Network, rank: int) -> None:
    """Freeze the layers of the encoder, and put an adapter of this rank on each linear one."""
    encoder = network.bert.encoder
    encoder.requires_grad_(requires_grad=False)
    for parent in list(encoder.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Linear):
                setattr(parent, name, Adapted(child, rank))
