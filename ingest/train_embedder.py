"""Train the built-in embedder: a Unigram tokenizer and one vector per token, from statutes and lay questions.

A text's vector is the mean of its tokens' vectors, so a contrastive loss over (query → article) pairs learns both what a token
means and, through the length of its vector, how much it counts. Pairs:

* law and headings → article;
* one sentence → law, headings and the rest of its article;
* lay question → the articles that answer it, and the lawyer's answer (repeated, as they are few);
* the lawyer's answer → those articles;
* 问法 of the corpus → the passage they stand under, and → one another (repeated);
* our own tuning questions → the passages that answer them, and → the 问法 there (repeated).

``python -m ingest.train_embedder --laws DIR --questions FILE --corpus corpus/ --own ingest/training/in_scope.jsonl \
        --out rag/model/static``
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

from ingest.read import load
from ingest.sources import IGNORED_NAMES
from ingest.split import passage_text, split
from rag.embed import unit_length
from rag.text import normalise
from rag.types import Passage

Pair = tuple[str, str, int]
"""Query, text that answers it, and the number of the article behind the text (equal numbers are never negatives)."""


@dataclass(frozen=True)
class Recipe:
    """Everything that the weights depend on, besides the data."""

    vocabulary: int = 32_000
    max_piece: int = 6
    dimension: int = 256
    scale: float = 20.0
    learning_rate: float = 0.02
    batch: int = 1024
    epochs: int = 4
    question_repeats: int = 10
    lay_repeats: int = 6
    max_tokens: int = 256
    seed: int = 20261122


@dataclass(frozen=True)
class LayQuestion:
    id: int
    question: str
    statutes: tuple[str, ...]
    answer: str

    @property
    def held_out(self) -> bool:
        """One in five, by a hash of the id: never trained on, the development split of every figure."""
        return int(hashlib.sha256(f"lay-{self.id}".encode()).hexdigest(), 16) % 5 == 0


def read_questions(path: Path) -> list[LayQuestion]:
    rows = (json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip())
    return [LayQuestion(row["id"], row["question"], tuple(row["statutes"]), row["answer"]) for row in rows]


class Statutes:
    """All articles of a folder of statutes, found by names such as ``著作权法第二十四条``."""

    def __init__(self, folder: Path) -> None:
        self.titles: list[str] = []
        self.passages: list[Passage] = []
        self._by_name: dict[str, list[int]] = defaultdict(list)
        for path in sorted(folder.rglob("*.md")):
            document = load(path, root=folder)
            title = document.meta.title
            for passage in split(document):
                number = len(self.passages)
                self.passages.append(passage)
                self.titles.append(title)
                if passage.article:
                    self._by_name[short_name(title) + passage.article].append(number)

    def find(self, statute: str) -> list[int]:
        name, article = re.fullmatch(r"(.+?)(第[^第]+条(?:之[一二三四五六七八九十]+)?)", statute).groups()  # type: ignore[union-attr]
        return self._by_name.get(short_name(name) + article, [])

    def text(self, number: int) -> str:
        return passage_text(self.titles[number], self.passages[number])

    def context(self, number: int) -> str:
        return " ".join((self.titles[number], *self.passages[number].headings))


def short_name(title: str) -> str:
    return re.sub(r"《中华人民共和国|〈中华人民共和国", "《", title).removeprefix("中华人民共和国")


def pairs(statutes: Statutes, questions: list[LayQuestion], lay: list[Pair], recipe: Recipe) -> Iterator[Pair]:
    rng = random.Random(recipe.seed)
    for number, passage in enumerate(statutes.passages):
        body = passage.text
        yield statutes.context(number), body, number
        sentences = [piece for piece in re.split(r"(?<=[。；])", body) if len(piece) > 8]
        if len(sentences) > 1:
            chosen = rng.choice(sentences)
            yield chosen, statutes.context(number) + " " + body.replace(chosen, " ", 1), number
    for question in questions:
        if question.held_out:
            continue
        for statute in question.statutes:
            for number in statutes.find(statute):
                for _ in range(recipe.question_repeats):
                    yield question.question, statutes.text(number), number
                for _ in range(recipe.question_repeats // 3):
                    yield question.answer, statutes.text(number), number
        for _ in range(recipe.question_repeats):
            yield question.question, question.answer, -1 - question.id
    for query, text, number in lay:
        for _ in range(recipe.lay_repeats):
            yield query, text, number


@dataclass(frozen=True)
class OwnQuestion:
    """A question of our own with the ids of the passages that answer it; one in four is held out for tuning."""

    question: str
    gold: tuple[str, ...]

    @property
    def held_out(self) -> bool:
        return int(hashlib.sha256(self.question.encode()).hexdigest(), 16) % 4 == 0


def read_own(path: Path) -> list[OwnQuestion]:
    rows = (json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip())
    return [OwnQuestion(row["question"], tuple(row["gold"])) for row in rows]


def corpus_pairs(folder: Path, own: list[OwnQuestion], first_number: int, rng: random.Random) -> list[Pair]:
    """Lay and own questions → the passages that answer them, and → other questions that these answer."""
    found: list[Pair] = []
    asked: dict[str, list[str]] = defaultdict(list)
    for question in own:
        if not question.held_out:
            for identifier in question.gold:
                asked[identifier].append(question.question)
    number = first_number
    for path in sorted(folder.rglob("*.md")):
        if path.name in IGNORED_NAMES:
            continue
        document = load(path, root=folder)
        for passage in split(document):
            text = passage_text(document.meta.title, passage)
            own_here = [
                q
                for key, questions in asked.items()
                if passage.id == key or passage.id.startswith(key + "/")
                for q in questions
            ]
            queries = [*passage.lay_questions, *own_here]
            found.extend((query, text, number) for query in queries)
            found.extend(
                (query, rng.choice(passage.lay_questions), number) for query in own_here if passage.lay_questions
            )
            if len(passage.lay_questions) > 1:
                found.append((*rng.sample(passage.lay_questions, 2), number))  # type: ignore[arg-type]
            number += 1
    return found


def train_tokenizer(texts: list[str], recipe: Recipe) -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram())
    # The same as rag.embed.normalise, for those who load the files with sentence-transformers.
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    # Punctuation and space bound pieces; Latin words and numbers stay whole enough for English questions.
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[^\p{Han}\p{Latin}\p{N}]+|\d+|\p{Latin}+"), "isolated")
    trainer = trainers.UnigramTrainer(
        vocab_size=recipe.vocabulary,
        max_piece_length=recipe.max_piece,
        unk_token="<unk>",
        special_tokens=["<unk>"],
    )
    tokenizer.train_from_iterator((normalise(text) for text in texts), trainer)
    return tokenizer


def train(data: list[Pair], tokenizer: Tokenizer, recipe: Recipe) -> np.ndarray:
    """Token vectors, shape ``(vocabulary, dimension)``, in float32."""
    import torch
    from torch.nn.functional import cross_entropy, embedding_bag, normalize

    torch.manual_seed(recipe.seed)
    texts = sorted({text for query, answer, _ in data for text in (query, answer)})
    rows = {text: row for row, text in enumerate(texts)}
    encodings = tokenizer.encode_batch([normalise(text) for text in texts], add_special_tokens=False)
    ids = [np.asarray(encoding.ids[: recipe.max_tokens] or [0]) for encoding in encodings]
    left = np.asarray([rows[query] for query, _, _ in data])
    right = np.asarray([rows[answer] for _, answer, _ in data])
    article = np.asarray([number for _, _, number in data])

    size = tokenizer.get_vocab_size()
    frequency = np.bincount(np.concatenate(ids), minlength=size) / sum(map(len, ids))
    vectors = torch.nn.Parameter(torch.randn(size, recipe.dimension) * 0.1)
    importance = torch.nn.Parameter(torch.log(torch.tensor(1e-3 / (1e-3 + frequency), dtype=torch.float32)))
    optimiser = torch.optim.Adam([{"params": [vectors]}, {"params": [importance]}], lr=recipe.learning_rate)
    steps = recipe.epochs * (len(data) // recipe.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: max(0.02, 1 - step / steps))

    def embed(which: np.ndarray) -> torch.Tensor:
        chosen = [ids[row] for row in which]
        flat = torch.from_numpy(np.concatenate(chosen))
        offsets = torch.from_numpy(np.cumsum([0, *map(len, chosen[:-1])]))
        bag = embedding_bag(flat, vectors, offsets, mode="sum", per_sample_weights=importance.exp()[flat])
        return normalize(bag, dim=1)

    rng = np.random.default_rng(recipe.seed)
    for epoch in range(recipe.epochs):
        order = rng.permutation(len(data))
        started, total = time.monotonic(), 0.0
        for batch in np.array_split(order, max(1, len(data) // recipe.batch)):
            scores = recipe.scale * embed(left[batch]) @ embed(right[batch]).T
            same = (article[batch, None] == article[None, batch]) | (left[batch, None] == left[None, batch])
            same |= right[batch, None] == right[None, batch]
            np.fill_diagonal(same, False)
            scores = scores.masked_fill(torch.from_numpy(same), -1e4)
            target = torch.arange(len(batch))
            loss = (cross_entropy(scores, target) + cross_entropy(scores.T, target)) / 2
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
            total += loss.item() * len(batch)
        print(f"epoch {epoch + 1}: loss {total / len(data):.3f}, {time.monotonic() - started:.0f} s", flush=True)
    with torch.no_grad():
        folded: np.ndarray = (vectors * importance.exp()[:, None]).numpy()
    return folded


def save(vectors: np.ndarray, tokenizer: Tokenizer, folder: Path) -> None:
    """Write int8 rows with one scale each, in the layout that sentence-transformers loads."""
    from safetensors.numpy import save_file

    inner = folder / "0_StaticEmbedding"
    inner.mkdir(parents=True, exist_ok=True)
    scales = np.abs(vectors).max(axis=1) / 127
    quantised = np.round(vectors / np.maximum(scales, 1e-12)[:, None]).astype(np.int8)
    scales = (scales / scales.max()).astype(np.float32)
    save_file({"embeddings": quantised, "weights": scales}, inner / "model.safetensors")
    tokenizer.save(str(inner / "tokenizer.json"), pretty=False)
    modules = [
        {
            "idx": 0,
            "name": "0",
            "path": "0_StaticEmbedding",
            "type": "sentence_transformers.models.StaticEmbedding",
        },
        {"idx": 1, "name": "1", "path": "1_Normalize", "type": "sentence_transformers.models.Normalize"},
    ]
    (folder / "modules.json").write_text(json.dumps(modules, indent=2) + "\n", "utf-8")
    (folder / "1_Normalize").mkdir(exist_ok=True)
    (folder / "1_Normalize" / "config.json").write_text("{}\n", "utf-8")
    config: dict[str, object] = {
        "model_type": "SentenceTransformer",
        "similarity_fn_name": "cosine",
        "prompts": {},
        "default_prompt_name": None,
    }
    (folder / "config_sentence_transformers.json").write_text(json.dumps(config, indent=2) + "\n", "utf-8")


def dense_recall(
    vectors: np.ndarray, tokenizer: Tokenizer, statutes: Statutes, questions: list[LayQuestion]
) -> dict[str, float]:
    """Share of the gold articles of held-out questions found in the top k of all articles (mean over questions)."""

    def embed(texts: list[str]) -> np.ndarray:
        encoded = tokenizer.encode_batch([normalise(text) for text in texts], add_special_tokens=False)
        return unit_length(np.stack([vectors[e.ids or [0]].mean(axis=0) for e in encoded]).astype(np.float32))

    passages = embed([statutes.text(number) for number in range(len(statutes.passages))])
    held_out = [(q, {n for s in q.statutes for n in statutes.find(s)}) for q in questions if q.held_out]
    held_out = [(question, gold) for question, gold in held_out if gold]
    ranked = np.argsort(-(embed([q.question for q, _ in held_out]) @ passages.T), axis=1)[:, :100]
    figures = {"n": float(len(held_out))}
    for k in (5, 10, 100):
        found = [len(gold & set(row[:k].tolist())) / len(gold) for (_, gold), row in zip(held_out, ranked, strict=True)]
        figures[f"recall@{k}"] = round(float(np.mean(found)), 4)
    return figures


_CARD = """# The built-in embedder

A text's vector is the mean of its tokens' vectors: {vocabulary:,} Unigram pieces of Chinese legal text, {dimension} dimensions, int8 with one scale
a token. No network, no torch: numpy and `tokenizers` suffice; `SentenceTransformer("rag/model/static")` loads the same files.

| trained on | |
|---|---|
| articles of statutes, regulations and judicial interpretations (law and headings → article, sentence → rest of its article) | {articles:,} |
| questions under the passages of our corpus (问法), our own training questions, and the passages that answer them | {lay_questions:,} pairs |
| real lay questions with articles and lawyers' answers (STARD/LeCoQA, MIT), one in five held out | {questions:,} |

Is the right article found among all {articles:,}, for the {n:.0f} held-out lay questions, by this model alone?

| recall@5 | recall@10 | recall@100 |
|---|---|---|
| {r5:.3f} | {r10:.3f} | {r100:.3f} |

Reading: mean share of the gold articles among the first k; with {n:.0f} questions a difference under 0.03 is noise. In the product the model is
one half of the score, BM25 on character n-grams the other.

`scope.json`, trained by `python -m ingest.train_scope`, is the gate that tells questions the corpus can answer from all others: logistic
regression over retrieval and vocabulary features and the question's vector.

Recipe (seed {seed}): in-batch contrastive loss at scale {scale}, Adam at {learning_rate} falling, batches of {batch}, {epochs} epochs, a learned
weight per token that starts from its frequency. Reproduced by

```sh
python -m ingest.train_embedder --laws DIR --questions FILE.jsonl --corpus corpus/ --own ingest/training/in_scope.jsonl --out rag/model/static
```

where DIR holds statutes as Markdown (LawRefBook/Laws) and FILE the lay questions; neither is part of this repository.

Limits: a mean of token vectors knows no word order and no negation; rare paraphrases of everyday life are missed. It is made for retrieval in
Chinese law, not as a general sentence embedder.
"""


def write_card(report: dict[str, Any], path: Path) -> None:
    """The model card, from the figures of the training that wrote the weights."""
    held_out, recipe = report["held_out"], report["recipe"]
    figures = {
        "n": held_out["n"],
        "r5": held_out["recall@5"],
        "r10": held_out["recall@10"],
        "r100": held_out["recall@100"],
    }
    counts = {key: report[key] for key in ("articles", "lay_questions", "questions")}
    path.write_text(_CARD.format(**recipe, **counts, **figures), "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m ingest.train_embedder", description=__doc__.split("\n")[0])
    parser.add_argument("--laws", type=Path, required=True, help="folder of statutes in Markdown")
    parser.add_argument("--questions", type=Path, required=True, help="lay questions, JSON lines")
    parser.add_argument("--corpus", type=Path, help="corpus folder whose 问法 are trained on too")
    parser.add_argument("--own", type=Path, help="our own questions with the passages that answer them, JSON lines")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the model to")
    arguments = parser.parse_args()
    recipe = Recipe()
    statutes = Statutes(arguments.laws)
    questions = read_questions(arguments.questions)
    own = read_own(arguments.own) if arguments.own else []
    first = len(statutes.passages)
    lay = corpus_pairs(arguments.corpus, own, first, random.Random(recipe.seed)) if arguments.corpus else []
    data = list(pairs(statutes, questions, lay, recipe))
    print(
        f"{len(statutes.passages)} articles, {len(questions)} questions, {len(lay)} 问法, {len(data)} pairs",
        flush=True,
    )
    texts = [statutes.text(number) for number in range(len(statutes.passages))] + [
        q.question for q in questions if not q.held_out
    ]
    tokenizer = train_tokenizer(texts + [text for query, text, _ in lay for text in (query, text)], recipe)
    vectors = train(data, tokenizer, recipe)
    save(vectors, tokenizer, arguments.out)
    figures = dense_recall(vectors, tokenizer, statutes, questions)
    report = {
        "recipe": asdict(recipe),
        "articles": len(statutes.passages),
        "questions": len(questions),
        "lay_questions": len(lay),
        "held_out": figures,
    }
    (arguments.out / "training.json").write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", "utf-8")
    write_card(report, arguments.out.parent / "README.md")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
