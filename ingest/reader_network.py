"""The network of ``rag.support.reader`` in PyTorch: the same weights by the same names, the same arithmetic on many pairs at a time, and dropout.

Products are written ``x @ weight``, as they are run, so that nothing is turned when weights are stored.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from rag.support.model import LABELS
from rag.support.reader import FIRST_CHARACTER, LONGEST

if TYPE_CHECKING:
    import torch

HIDDEN_BIAS = "hidden.bias"
"""Of the guess at hidden characters: needed in pre-training alone."""


@dataclass(frozen=True, slots=True)
class Shape:
    """``numbers`` counts the characters known and those before them."""

    numbers: int = FIRST_CHARACTER
    dimension: int = 128
    layers: int = 4
    heads: int = 4
    inner: int = 384
    dropout: float = 0.15


@dataclass
class Network:
    """Weights by name; ``training`` says whether some are dropped at random."""

    shape: Shape
    weights: dict[str, torch.Tensor]
    training: bool = field(default=False)

    def encoded(self, ids: torch.Tensor, borders: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """The vectors of all characters, shape ``(pairs, length, dimension)``, and which are of the first and of the second text, ``(pairs, length)``;
        ``ids`` has shape ``(pairs, length)``, ``borders`` ``(pairs,)``."""
        import torch

        w = self.weights
        place = torch.arange(ids.shape[1], device=ids.device)[None].expand_as(ids)
        second = place >= borders[:, None]
        x = w["tok.weight"][ids] + w["pos.weight"][torch.where(second, place - borders[:, None], place)]
        x = x + w["seg.weight"][second.long()] + w["flag.weight"][shared(ids, second)]
        real = ids != 0
        for layer in range(self.shape.layers):
            x = self._block(x, real, f"blocks.{layer}.")
        return self._normed(x, "n"), ~second, second & real

    def _block(self, x: torch.Tensor, real: torch.Tensor, name: str) -> torch.Tensor:
        from torch.nn import functional as F

        pairs, length, size = x.shape
        mixed = self._product(self._normed(x, f"{name}n1"), f"{name}qkv")
        query, key, value = mixed.view(pairs, length, 3, self.shape.heads, -1).permute(2, 0, 3, 1, 4)
        found = F.scaled_dot_product_attention(query, key, value, attn_mask=real[:, None, None, :])
        x = x + self._dropped(self._product(found.transpose(1, 2).reshape(pairs, length, size), f"{name}o"))
        inner = F.relu(self._product(self._normed(x, f"{name}n2"), f"{name}f1"))
        return x + self._dropped(self._product(inner, f"{name}f2"))

    def judged(self, ids: torch.Tensor, borders: torch.Tensor) -> torch.Tensor:
        """Logits of ``LABELS``, shape ``(pairs, 4)``."""
        import torch
        from torch.nn import functional as F

        x, first, second = self.encoded(ids, borders)
        means = [(x * part.unsqueeze(-1)).sum(1) / part.sum(1, keepdim=True).clamp(min=1) for part in (first, second)]
        return self._product(F.relu(self._product(torch.cat([x[:, 0], *means], dim=1), "h1")), "h2").float()

    def guessed(self, ids: torch.Tensor, borders: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
        """Logits of all numbers at the places that are ``hidden``, shape ``(hidden, numbers)``."""
        x, _, _ = self.encoded(ids, borders)
        return (x[hidden] @ self.weights["tok.weight"].T + self.weights[HIDDEN_BIAS]).float()

    def _product(self, x: torch.Tensor, name: str) -> torch.Tensor:
        from torch.nn import functional as F

        return F.linear(x, self.weights[f"{name}.weight"].T, self.weights[f"{name}.bias"])

    def _normed(self, x: torch.Tensor, name: str) -> torch.Tensor:
        from torch.nn import functional as F

        return F.layer_norm(x, x.shape[-1:], self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])

    def _dropped(self, x: torch.Tensor) -> torch.Tensor:
        from torch.nn import functional as F

        return F.dropout(x, self.shape.dropout, self.training)

    def copy(self) -> Network:
        return Network(self.shape, {name: w.detach().clone().requires_grad_() for name, w in self.weights.items()})


def shared(ids: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """``rag.support.reader.shared_characters`` of many pairs, shape ``(pairs, length)``."""
    from torch.nn import functional as F

    same = (ids[:, :, None] == ids[:, None, :]) & (second[:, :, None] != second[:, None, :])
    same &= (ids >= FIRST_CHARACTER)[:, :, None]
    begins = (same & F.pad(same[:, 1:, 1:], (0, 1, 0, 1))).any(2)
    single = same.any(2)
    ends = F.pad(begins[:, :-1], (1, 0))
    return single.long() + (single & (begins | ends))


def fresh(shape: Shape, device: str = "cpu") -> Network:
    """Random weights, of the generator as it is seeded: embeddings normal, products uniform by the number of what goes in, as PyTorch draws them."""
    import torch

    weights: dict[str, torch.Tensor] = {}
    size = shape.dimension
    for name, count in (("tok", shape.numbers), ("pos", LONGEST), ("seg", 2), ("flag", 3)):
        weights[f"{name}.weight"] = torch.randn(count, size) * 0.05
    products = [("h1", 3 * size, size), ("h2", size, len(LABELS))]
    norms = ["n"]
    for block in (f"blocks.{layer}." for layer in range(shape.layers)):
        norms += [f"{block}n1", f"{block}n2"]
        products += [(f"{block}qkv", size, 3 * size), (f"{block}o", size, size)]
        products += [(f"{block}f1", size, shape.inner), (f"{block}f2", shape.inner, size)]
    for name, into, out in products:
        bound = 1 / math.sqrt(into)
        weights[f"{name}.weight"] = torch.empty(into, out).uniform_(-bound, bound)
        weights[f"{name}.bias"] = torch.empty(out).uniform_(-bound, bound)
    for name in norms:
        weights[f"{name}.weight"], weights[f"{name}.bias"] = torch.ones(size), torch.zeros(size)
    weights[HIDDEN_BIAS] = torch.zeros(shape.numbers)
    return Network(shape, {name: weight.to(device).requires_grad_() for name, weight in weights.items()})


def as_arrays(network: Network) -> dict[str, npt.NDArray[np.float16]]:
    """The weights that ``rag.support.reader`` needs, in the precision in which they are shipped."""
    return {
        name: weight.detach().half().cpu().numpy() for name, weight in network.weights.items() if name != HIDDEN_BIAS
    }
