"""Train the reader of claim and source (``rag.support.reader``): hidden characters first, then claims made by rule, then written ones.

The written claims are learned six times from the same start: in five folds, no source on both sides, whose readings ``ingest.train_support`` weighs
and whose ROC-AUC is printed; and once whole, for the reader that is kept. Minutes on one graphics card, many hours without.

``python -m ingest.train_reader --laws DIR [--corpus corpus/] [--questions FILE] [--device cuda] [--steps-scale X]``
"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ingest.claims import LabelledClaim
from ingest.reader_data import Material, Numbered, as_read, characters_of, halves, material, numbered, vocabulary
from ingest.reader_network import Network, Shape, as_arrays, fresh
from ingest.train_support import OUTSIDE, key_of
from rag.support.model import LABELS
from rag.support.reader import FIRST_CHARACTER, MODEL_PATH

if TYPE_CHECKING:
    import torch

SHAPE = Shape()
HIDDEN = 4
"""The number that stands in place of a character to be guessed."""
FOLDS = 5
_HIDDEN_STARTS, _HIDDEN_GOES_ON = 0.09, 0.7
_CLIPPED = 1.0
_WARM = 0.05
_READ_AT_ONCE = 512

Floats = npt.NDArray[np.float32]
Loss = Callable[[Network], "torch.Tensor"]


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that the weights depend on, besides the data and the network's shape: steps, rates at their highest, pairs in one step."""

    hidden_steps: int = 3_300
    made_steps: int = 1_230
    written_steps: int = 620
    hidden_rate: float = 1.2e-3
    made_rate: float = 6e-4
    written_rate: float = 4e-4
    batch: int = 384
    hidden_beside: int = 96
    hidden_beside_weight: float = 0.2
    written: int = 64
    turned: int = 24
    made: int = 64
    not_written_weight: float = 0.4
    supported_weight: float = 1.2
    seed: int = 1

    def scaled(self, scale: float) -> Recipe:
        """The same with ``scale`` times the steps, one of each part at least."""
        parts = ("hidden_steps", "made_steps", "written_steps")
        return replace(self, **{part: max(1, round(getattr(self, part) * scale)) for part in parts})


@dataclass(frozen=True, slots=True)
class Trained:
    """Weights and characters of the reader, and what the five others say of the written claims: log-probabilities, shape ``(written, 4)``."""

    network: Network
    characters: str
    outside: Floats


@dataclass(frozen=True, slots=True)
class Pairs:
    """``reader_data.Numbered`` on the device, with the numbers of the labels where they are claims."""

    ids: torch.Tensor
    borders: torch.Tensor
    labels: torch.Tensor

    def at(self, rows: Any) -> Pairs:
        return Pairs(self.ids[rows], self.borders[rows], self.labels[rows])

    def drawn(self, count: int) -> Pairs:
        import torch

        return self.at(torch.randint(len(self.ids), (count,), device=self.ids.device))

    def joined(self, other: Pairs) -> Pairs:
        import torch

        parts = ((self.ids, other.ids), (self.borders, other.borders), (self.labels, other.labels))
        return Pairs(*(torch.cat(both) for both in parts))

    def read(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Ids and borders as the network takes them, no longer than the longest pair."""
        longest = int((self.ids != 0).sum(1).max())
        return self.ids[:, : math.ceil(longest / 16) * 16].long(), self.borders.long()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m ingest.train_reader", description=__doc__.split("\n")[0])
    parser.add_argument("--laws", type=Path, required=True, help="folder of statutes as Markdown")
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    parser.add_argument("--questions", type=Path, help="real lay questions with answers, JSON lines")
    parser.add_argument("--steps-scale", type=float, default=1.0, help="so many times the steps of the recipe")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    arguments = parser.parse_args()
    data = material(arguments.laws, arguments.corpus, arguments.questions)
    print(
        f"{len(data.texts)} texts, {len(data.pairs)} pairs, {len(data.made)} claims made by rule, {len(data.written)} written",
        flush=True,
    )
    store(trained(data, Recipe().scaled(arguments.steps_scale), arguments.device), data.written)


def trained(data: Material, recipe: Recipe, device: str = "cpu", shape: Shape = SHAPE) -> Trained:
    """The reader and the readings of the written claims."""
    import torch

    torch.manual_seed(recipe.seed)
    torch.backends.cuda.matmul.allow_tf32 = True
    claims = [*data.written, *data.turned, *data.made]
    read = [as_read(claim.claim, claim.sources) for claim in claims]
    known = vocabulary(data.texts, [*data.pairs, *read[: len(data.written) + len(data.turned)]])
    numbers = characters_of(known)
    pairs = on_device(numbered(read, numbers), device, [LABELS.index(claim.label) for claim in claims])
    texts = on_device(numbered([half for text in data.texts for half in halves(text)], numbers), device)
    asked = on_device(numbered(data.pairs, numbers), device)
    made = pairs.at(slice(len(data.written) + len(data.turned), None))
    network = fresh(replace(shape, numbers=FIRST_CHARACTER + len(known)), device)

    def guess(network: Network, count: int) -> torch.Tensor:
        return hidden_loss(network, texts.drawn(count // 2).joined(asked.drawn(count // 2)))

    fit(network, recipe.hidden_steps, recipe.hidden_rate, lambda n: guess(n, recipe.batch), "hidden")

    def made_loss(network: Network) -> torch.Tensor:
        beside = recipe.hidden_beside_weight * guess(network, recipe.hidden_beside)
        return claim_loss(network, [(made, recipe.batch, 1.0)], recipe.supported_weight) + beside

    fit(network, recipe.made_steps, recipe.made_rate, made_loss, "made")
    kept, outside = by_fold(network, pairs, data, recipe)
    return Trained(kept, known, outside)


def by_fold(network: Network, pairs: Pairs, data: Material, recipe: Recipe) -> tuple[Network, Floats]:
    """The network trained on all written claims, and what those trained on four folds say of the fifth, shape ``(written, 4)``."""
    count = len(data.written)
    own = [*data.written, *data.turned]
    made, labels = pairs.at(slice(len(own), None)), pairs.labels[:count].cpu().numpy()
    report("made claims alone", readings(network, pairs.at(slice(count))), labels)
    fold = folds([claim.group for claim in own])
    outside = np.zeros((count, len(LABELS)), dtype=np.float32)
    kept = network
    for left_out in [*range(FOLDS), FOLDS]:
        inside = fold != left_out
        written = pairs.at(np.flatnonzero(inside[:count]))
        turned = pairs.at(count + np.flatnonzero(inside[count:]))
        sets = [
            (written, recipe.written, 1.0),
            (turned, recipe.turned, recipe.not_written_weight),
            (made, recipe.made, recipe.not_written_weight),
        ]
        kept = network.copy()
        name = "all" if left_out == FOLDS else f"fold {left_out + 1}"
        fit(
            kept,
            recipe.written_steps,
            recipe.written_rate,
            partial(claim_loss, sets=sets, supported=recipe.supported_weight),
            name,
        )
        rows = np.flatnonzero(~inside[:count])
        if len(rows):
            outside[rows] = readings(kept, pairs.at(rows))
            report(name, outside[rows], labels[rows])
    report("out of fold", outside, labels)
    return kept, outside


def folds(groups: Sequence[str]) -> npt.NDArray[np.int64]:
    """The fold of every claim, by its group alone."""
    names = sorted(set(groups))
    fold = {name: number % FOLDS for number, name in enumerate(random.Random(0).sample(names, len(names)))}
    return np.asarray([fold[group] for group in groups], dtype=np.int64)


def on_device(pairs: Numbered, device: str, labels: Sequence[int] | None = None) -> Pairs:
    import torch

    known = torch.zeros(len(pairs.ids), dtype=torch.long) if labels is None else torch.tensor(labels)
    return Pairs(torch.from_numpy(pairs.ids).to(device), torch.from_numpy(pairs.borders).to(device), known.to(device))


def fit(network: Network, steps: int, rate: float, loss_of: Loss, name: str) -> None:
    """Adam with weight decay, its rate risen in the first twentieth and falling with a cosine to 0."""
    import torch

    weights = list(network.weights.values())
    device = weights[0].device.type
    optimiser = torch.optim.AdamW(weights, lr=rate, weight_decay=0.01, betas=(0.9, 0.98), fused=device == "cuda")
    network.training = True
    for step in range(steps):
        done = step / steps
        optimiser.param_groups[0]["lr"] = (
            rate * min(1.0, (done + 0.002) / _WARM) * (0.5 + 0.5 * math.cos(math.pi * done))
        )
        with torch.autocast(device, dtype=torch.bfloat16, enabled=device == "cuda"):
            loss = loss_of(network)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(weights, _CLIPPED)
        optimiser.step()
        if step + 1 == steps or (step + 1) % 200 == 0:
            print(f"{name}: step {step + 1} of {steps}, loss {loss.item():.3f}", flush=True)
    network.training = False


def hidden_loss(network: Network, pairs: Pairs) -> torch.Tensor:
    """Cross-entropy of characters that are hidden, singly and in runs: four in five by a mark, one in ten by another character, one in ten not."""
    import torch
    from torch.nn import functional as F

    ids, borders = pairs.read()
    starts = torch.rand(ids.shape, device=ids.device) < _HIDDEN_STARTS
    goes_on = F.pad(starts[:, :-1], (1, 0)) & (torch.rand(ids.shape, device=ids.device) < _HIDDEN_GOES_ON)
    hidden = (starts | goes_on) & (ids >= FIRST_CHARACTER)
    chance = torch.rand(ids.shape, device=ids.device)
    others = torch.randint(FIRST_CHARACTER, network.shape.numbers, ids.shape, device=ids.device)
    shown = torch.where(hidden & (chance < 0.8), HIDDEN, torch.where(hidden & (chance > 0.9), others, ids))
    return F.cross_entropy(network.guessed(shown, borders, hidden), ids[hidden])


def claim_loss(network: Network, sets: Sequence[tuple[Pairs, int, float]], supported: float) -> torch.Tensor:
    """Cross-entropy of the labels of so many pairs drawn from each set, whose mean counts so much; ``supported`` claims weigh that much more."""
    import torch
    from torch.nn import functional as F

    drawn = [(pairs.drawn(count), weight / count) for pairs, count, weight in sets if len(pairs.ids)]
    batch = reduce(Pairs.joined, (pairs for pairs, _ in drawn))
    weights = torch.cat([torch.full_like(pairs.labels, weight, dtype=torch.float32) for pairs, weight in drawn])
    weights = weights * torch.where(batch.labels == 0, supported, 1.0)
    return (weights * F.cross_entropy(network.judged(*batch.read()), batch.labels, reduction="none")).sum()


def readings(network: Network, pairs: Pairs) -> Floats:
    """Log-probabilities of ``LABELS``, shape ``(pairs, 4)``."""
    import torch

    with torch.no_grad():
        parts = [
            torch.log_softmax(network.judged(*pairs.at(slice(start, start + _READ_AT_ONCE)).read()), dim=1)
            for start in range(0, len(pairs.ids), _READ_AT_ONCE)
        ]
    found: Floats = torch.cat(parts).cpu().numpy()
    return found


def report(name: str, said: Floats, labels: npt.NDArray[np.int64]) -> None:
    """ROC-AUC of supported against the rest and against contradicted."""
    from sklearn.metrics import roc_auc_score

    figures = []
    for which in (labels >= 0, (labels == 0) | (labels == 3)):
        both = 0 < (labels[which] == 0).sum() < which.sum()
        figures.append(f"{roc_auc_score(labels[which] == 0, said[which, 0]):.3f}" if both else "–")
    print(f"{name}: n={len(labels)}, AUC {figures[0]}, against contradicted {figures[1]}", flush=True)


def store(found: Trained, written: Sequence[LabelledClaim], model: Path = MODEL_PATH, outside: Path = OUTSIDE) -> None:
    """Write the reader and the readings that ``ingest.train_support`` needs; both are whole before either is put in place."""
    keys = np.asarray([key_of(claim) for claim in written])
    contents: dict[Path, dict[str, npt.NDArray[Any]]] = {
        model: {
            "vocabulary": np.asarray(found.characters),
            "heads": np.asarray(found.network.shape.heads),
            **as_arrays(found.network),
        },
        outside: {"claims": keys, "readings": found.outside.astype(np.float16)},
    }
    for path, arrays in contents.items():
        with path.with_name(f".{path.name}").open("wb") as file:
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    for path in contents:
        path.with_name(f".{path.name}").replace(path)


if __name__ == "__main__":
    main()
