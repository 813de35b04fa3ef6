"""Train the built-in embedder: a Unigram tokenizer and one vector per token, from statutes and lay questions.

A text's vector is the mean of its tokens' vectors, so a contrastive loss over (query → article) pairs learns both what a token
means and, through the length of its vector, how much it counts. Pairs:

* law and headings → article;
* one sentence → law, headings and the rest of its article;
* real lay question → the articles that answer it, and the lawyer's answer; the answer → those articles (repeated, as they are few);
* our own lay questions on articles of all statutes → the article (repeated);
* 问法 of the corpus → the passage they stand under, and → one another (repeated);
* our own tuning questions → the passages that answer them, and → the 问法 there (repeated).

Negatives are the other texts of the batch and articles drawn from all statutes: without these the model never learns that nobody asks
about most of them. A share of each text's tokens is left out at random, so that no single word decides.

``python -m ingest.train_embedder --laws DIR --questions FILE --corpus corpus/ --out rag/model/static``
"""

from __future__ import annotations

import argparse
import json
import random
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

from ingest.training_pairs import (
    ArticleQuestion,
    LayQuestion,
    Pair,
    Statutes,
    corpus_pairs,
    lay_pairs,
    read_article_questions,
    read_own,
    read_questions,
    statute_pairs,
)
from rag.embed import unit_length
from rag.text import normalise

OWN = Path(__file__).parent / "training"


@dataclass(frozen=True)
class Recipe:
    """Everything that the weights depend on, besides the data."""

    vocabulary: int = 32_000
    max_piece: int = 6
    dimension: int = 384
    scale: float = 20.0
    learning_rate: float = 0.005
    batch: int = 1024
    random_negatives: int = 1024
    token_dropout: float = 0.2
    epochs: int = 3
    question_repeats: int = 10
    article_question_repeats: int = 3
    corpus_repeats: int = 6
    max_tokens: int = 256
    seed: int = 20261122


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


def training_data(
    statutes: Statutes,
    questions: list[LayQuestion],
    articles: list[ArticleQuestion],
    corpus: list[Pair],
    recipe: Recipe,
) -> list[Pair]:
    """Every pair, as often as the recipe wants it."""
    data = list(statute_pairs(statutes, random.Random(recipe.seed)))
    for pair, weight in lay_pairs(statutes, questions):
        data.extend([pair] * round(recipe.question_repeats * weight))
    for asked in articles:
        if not asked.held_out:
            data.extend([(asked.question, statutes.text(asked.number), asked.number)] * recipe.article_question_repeats)
    return data + corpus * recipe.corpus_repeats


def train(data: list[Pair], articles: list[str], tokenizer: Tokenizer, recipe: Recipe) -> np.ndarray:
    """Token vectors, shape ``(vocabulary, dimension)``, in float32; ``articles`` by their numbers, to draw negatives from."""
    import torch
    from torch.nn.functional import cross_entropy, embedding_bag, normalize

    torch.manual_seed(recipe.seed)
    texts = sorted({text for query, answer, _ in data for text in (query, answer)} | set(articles))
    rows = {text: row for row, text in enumerate(texts)}
    encodings = tokenizer.encode_batch([normalise(text) for text in texts], add_special_tokens=False)
    ids = [np.asarray(encoding.ids[: recipe.max_tokens] or [0]) for encoding in encodings]
    left = np.asarray([rows[query] for query, _, _ in data])
    right = np.asarray([rows[answer] for _, answer, _ in data])
    article = np.asarray([number for _, _, number in data])
    drawn_from = np.asarray([rows[text] for text in articles])
    rng = np.random.default_rng(recipe.seed)

    size = tokenizer.get_vocab_size()
    frequency = np.bincount(np.concatenate(ids), minlength=size) / sum(map(len, ids))
    vectors = torch.nn.Parameter(torch.randn(size, recipe.dimension) * 0.1)
    importance = torch.nn.Parameter(torch.log(torch.tensor(1e-3 / (1e-3 + frequency), dtype=torch.float32)))
    optimiser = torch.optim.Adam([{"params": [vectors]}, {"params": [importance]}], lr=recipe.learning_rate)
    steps = recipe.epochs * (len(data) // recipe.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: max(0.02, 1 - step / steps))

    def thinned(tokens: np.ndarray) -> np.ndarray:
        kept = tokens[rng.random(len(tokens)) >= recipe.token_dropout]
        return kept if len(kept) else tokens

    def embed(which: np.ndarray) -> torch.Tensor:
        chosen = [thinned(ids[row]) for row in which]
        flat = torch.from_numpy(np.concatenate(chosen))
        offsets = torch.from_numpy(np.cumsum([0, *map(len, chosen[:-1])]))
        bag = embedding_bag(flat, vectors, offsets, mode="sum", per_sample_weights=importance.exp()[flat])
        return normalize(bag, dim=1)

    for epoch in range(recipe.epochs):
        order = rng.permutation(len(data))
        started, total = time.monotonic(), 0.0
        for batch in np.array_split(order, max(1, len(data) // recipe.batch)):
            queries = embed(left[batch])
            scores = recipe.scale * queries @ embed(right[batch]).T
            same = (article[batch, None] == article[None, batch]) | (left[batch, None] == left[None, batch])
            same |= right[batch, None] == right[None, batch]
            np.fill_diagonal(same, False)
            scores = scores.masked_fill(torch.from_numpy(same), -1e4)
            drawn = rng.integers(0, len(articles), recipe.random_negatives)
            against = recipe.scale * queries @ embed(drawn_from[drawn]).T
            against = against.masked_fill(torch.from_numpy(article[batch, None] == drawn[None, :]), -1e4)
            target = torch.arange(len(batch))
            loss = (cross_entropy(torch.cat([scores, against], dim=1), target) + cross_entropy(scores.T, target)) / 2
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
    vectors: np.ndarray, tokenizer: Tokenizer, passages: np.ndarray, questions: list[tuple[str, set[int]]]
) -> dict[str, float]:
    """Share of the gold articles of questions found in the top k of all ``passages`` (mean over questions)."""
    asked = embedded([question for question, _ in questions], vectors, tokenizer)
    ranked = np.argsort(-(asked @ passages.T), axis=1)[:, :100]
    figures = {"n": float(len(questions))}
    for k in (5, 10, 100):
        found = [
            len(gold & set(row[:k].tolist())) / len(gold) for (_, gold), row in zip(questions, ranked, strict=True)
        ]
        figures[f"recall@{k}"] = round(float(np.mean(found)), 4)
    return figures


def embedded(texts: list[str], vectors: np.ndarray, tokenizer: Tokenizer) -> np.ndarray:
    """Unit vectors of texts, shape ``(len(texts), dimension)``."""
    encoded = tokenizer.encode_batch([normalise(text) for text in texts], add_special_tokens=False)
    return unit_length(np.stack([vectors[e.ids or [0]].mean(axis=0) for e in encoded]).astype(np.float32))


def held_out_questions(
    statutes: Statutes, questions: list[LayQuestion], articles: list[ArticleQuestion]
) -> dict[str, list[tuple[str, set[int]]]]:
    """The questions that no weight has seen, with their articles: real ones, and our own."""
    real = [(q.question, {n for s in q.statutes for n in statutes.find(s)}) for q in questions if q.held_out]
    own = [(a.question, {a.number}) for a in articles if a.held_out]
    return {"real": [(question, gold) for question, gold in real if gold], "own": own}


_CARD = """# The built-in embedder

A text's vector is the mean of its tokens' vectors: {vocabulary:,} Unigram pieces of Chinese legal text, {dimension} dimensions, int8 with one scale
a token. No network, no torch: numpy and `tokenizers` suffice; `SentenceTransformer("rag/model/static")` loads the same files.

| trained on | |
|---|---|
| articles of statutes, regulations and judicial interpretations (law and headings → article, sentence → rest of its article) | {articles:,} |
| questions under the passages of our corpus (问法), our own training questions, and the passages that answer them | {lay_questions:,} pairs |
| our own lay questions on articles of all statutes (`ingest/training/articles.jsonl`), one article in twenty held out | {article_questions:,} |
| real lay questions with articles and lawyers' answers (STARD/LeCoQA, MIT), one in five held out | {questions:,} |

Is the right article found among all {articles:,}, by this model alone?

| held-out questions | n | recall@5 | recall@10 | recall@100 |
|---|---|---|---|---|
| real lay questions (the development split: recipes were chosen on it) | {real[n]:.0f} | {real[recall@5]:.3f} | {real[recall@10]:.3f} | {real[recall@100]:.3f} |
| our own, one article each | {own[n]:.0f} | {own[recall@5]:.3f} | {own[recall@10]:.3f} | {own[recall@100]:.3f} |

Reading: mean share of the gold articles among the first k. With {real[n]:.0f} real questions a difference under 0.03 is noise. Our own name one article
where twins in other versions of a law would do as well. In the product the model is one part of the score, BM25 on character n-grams the other.

{ablations}

`static/prior.safetensors`, trained by `python -m ingest.train_prior`, is what is known of a passage before any question is asked: how likely
people are to ask for it, by logistic regression over its vector and that of its title and headings. A share of its log probability is
added to the score.

`scope.json`, trained by `python -m ingest.train_scope`, is the gate that tells questions the corpus can answer from all others: logistic
regression over retrieval and vocabulary features and the question's vector.

Recipe (seed {seed}): contrastive loss at scale {scale} against the batch ({batch}) and {random_negatives} articles drawn from all, {token_dropout:.0%} of the
tokens left out, Adam at {learning_rate} falling, {epochs} epochs, a learned weight per token that starts from its frequency. Reproduced by

```sh
python -m ingest.train_embedder --laws DIR --questions FILE.jsonl --corpus corpus/ \\
  --tokenizer rag/model/static/0_StaticEmbedding/tokenizer.json --out rag/model/static
```

which keeps the tokenizer (one trained anew moves the figures by chance); DIR holds statutes as Markdown (LawRefBook/Laws) and FILE the lay questions; neither is part of this repository.

Limits: a mean of token vectors knows no word order and no negation; rare paraphrases of everyday life are missed. It is made for retrieval in
Chinese law, not as a general sentence embedder.
"""


def write_card(report: dict[str, Any], path: Path) -> None:
    """The model card, from the figures of the training that wrote the weights and ``ablations.md``, measured when recipes were compared."""
    counts = {key: report[key] for key in ("articles", "article_questions", "lay_questions", "questions")}
    ablations = path.with_name("ablations.md").read_text("utf-8").strip()
    path.write_text(_CARD.format(**report["recipe"], **counts, **report["held_out"], ablations=ablations), "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m ingest.train_embedder", description=__doc__.split("\n")[0])
    parser.add_argument("--laws", type=Path, required=True, help="folder of statutes in Markdown")
    parser.add_argument("--questions", type=Path, required=True, help="lay questions, JSON lines")
    parser.add_argument("--corpus", type=Path, required=True, help="corpus folder whose 问法 are trained on too")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the model to")
    parser.add_argument(
        "--tokenizer", type=Path, help="a tokenizer.json to keep; without it one is trained, which takes minutes"
    )
    arguments = parser.parse_args()
    recipe = Recipe()
    statutes = Statutes(arguments.laws)
    questions = read_questions(arguments.questions)
    articles = read_article_questions(OWN / "articles.jsonl", statutes)
    own = read_own(OWN / "in_scope.jsonl")
    corpus = corpus_pairs(arguments.corpus, own, len(statutes.passages), random.Random(recipe.seed))
    data = training_data(statutes, questions, articles, corpus, recipe)
    print(
        f"{len(statutes.passages)} articles, {len(questions)} real and {len(articles)} own questions, {len(corpus)} 问法, "
        f"{len(data)} pairs",
        flush=True,
    )
    texts = [statutes.text(number) for number in range(len(statutes.passages))]
    if arguments.tokenizer:
        tokenizer = Tokenizer.from_file(str(arguments.tokenizer))
    else:
        asked = [q.question for q in questions if not q.held_out] + [a.question for a in articles if not a.held_out]
        tokenizer = train_tokenizer(
            texts + asked + [text for query, text, _ in corpus for text in (query, text)], recipe
        )
    vectors = train(data, texts, tokenizer, recipe)
    save(vectors, tokenizer, arguments.out)
    passages = embedded(texts, vectors, tokenizer)
    held_out = held_out_questions(statutes, questions, articles)
    figures = {name: dense_recall(vectors, tokenizer, passages, group) for name, group in held_out.items()}
    report = {
        "recipe": asdict(recipe),
        "articles": len(statutes.passages),
        "questions": len(questions),
        "article_questions": len(articles),
        "lay_questions": len(corpus),
        "held_out": figures,
    }
    (arguments.out / "training.json").write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", "utf-8")
    write_card(report, arguments.out.parent / "README.md")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
