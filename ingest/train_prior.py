"""Train what is known of passages before a question is asked: how likely people are to ask for them.

Positives are the articles that answer real lay questions (those not held out) and the passages of our corpus that answer our own training
questions; negatives are articles drawn from all statutes, and the corpus's passages.

``python -m ingest.train_prior --laws DIR --questions FILE --corpus corpus/``
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from ingest.read import load
from ingest.sources import corpus_files
from ingest.split import split
from ingest.training_pairs import Statutes, read_own, read_questions
from rag.embed import BUILTIN_PATH, PRIOR_FILE, StaticEmbedder
from rag.indexed import passage_context, passage_text

OWN = Path(__file__).parent / "training" / "in_scope.jsonl"
NEGATIVES = 20_000
SEED = 20261122


def main() -> None:
    from safetensors.numpy import save_file
    from sklearn.linear_model import LogisticRegression

    parser = argparse.ArgumentParser(prog="python -m ingest.train_prior", description=__doc__.split("\n")[0])
    parser.add_argument("--laws", type=Path, required=True, help="folder of statutes in Markdown")
    parser.add_argument("--questions", type=Path, required=True, help="lay questions, JSON lines")
    parser.add_argument("--corpus", type=Path, required=True, help="corpus folder")
    arguments = parser.parse_args()
    embedder = StaticEmbedder()
    statutes = Statutes(arguments.laws)
    numbers = range(len(statutes.passages))
    texts, contexts = [statutes.text(n) for n in numbers], [statutes.context(n) for n in numbers]
    asked = [
        number
        for question in read_questions(arguments.questions)
        if not question.held_out
        for statute in question.statutes
        for number in statutes.find(statute)
    ]
    drawn = np.random.default_rng(SEED).choice(len(texts), NEGATIVES, replace=False).tolist()

    ours: dict[str, int] = {}
    for path in corpus_files(arguments.corpus):
        document = load(path, root=arguments.corpus)
        if document.meta.text_status != "official":
            for passage in split(document):
                ours[passage.id] = len(texts)
                texts.append(passage_text(document.meta.title, passage))
                contexts.append(passage_context(document.meta.title, passage))
    own = [question for question in read_own(OWN) if not question.held_out]
    asked += [ours[identifier] for question in own for identifier in question.gold if identifier in ours]
    drawn += list(ours.values())

    rows = asked + drawn
    vectors = np.hstack([embedder.embed_passages([source[n] for n in rows]) for source in (texts, contexts)])
    labels = np.r_[np.ones(len(asked)), np.zeros(len(drawn))]
    model = LogisticRegression(C=1, max_iter=1000).fit(vectors, labels)
    weights = np.r_[model.coef_[0], model.intercept_].astype(np.float32)
    save_file({"weights": weights}, BUILTIN_PATH / PRIOR_FILE)
    print(f"{len(asked)} positives, {len(drawn)} negatives")


if __name__ == "__main__":
    main()
