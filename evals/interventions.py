"""Faithfulness by intervention: an answer that rests on its source changes when the source goes, or says something else.

* removal: the question is asked again of the same index without any passage that the answer cites. What the answer said may then come from
  another source that says it word for word, or not at all; a sentence that is still there and stands nowhere in what is cited now, or is still
  cited to what is gone, was not grounded.
* swap: a figure or a negation in the passage that the answer rests on first is changed, in many documents at once, the index is built again of
  the changed documents, and the question is asked again. A grounded answer carries the changed sentence, and never the old one.

An answer that was put together from sentences of its sources passes by construction, unless something is kept from before; the same measurement
of an answer that a language model wrote is a real one.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from tqdm import tqdm

from evals.bootstrap import interval
from evals.probe_command import add_probe, opened, resumed, write
from evals.probed import asked
from evals.questions import Question
from evals.report import FOLDER
from evals.resume import Keep, anew
from evals.views import withheld
from ingest.build import ingest
from ingest.perturb import negation, number
from rag.catalog import read_sources
from rag.errors import InvalidInput
from rag.pipeline import Assistant, open_assistant
from rag.types import Answer, Citation

FILE = FOLDER / "interventions.json"
SEED = 20261122
CORPUS = Path(__file__).parents[1] / "corpus"
SHIPPED = ("papers", "judgments", "regulations")
_LEAST = 12
"""Characters of a sentence that can be recognised in another answer."""

Removal = Literal["refused", "moved", "unchanged"]
Swap = Literal["followed", "refused", "not_chosen", "unchanged"]


@dataclass(frozen=True, slots=True)
class Change:
    """A sentence of a source, and what stands there instead."""

    document_id: str
    passage_id: str
    old: str
    new: str


def add_arguments(command: argparse.ArgumentParser) -> None:
    add_probe(command, FILE, _run)
    command.add_argument("--corpus", type=Path, default=CORPUS, metavar="DIR", help="语料，改动后另建临时索引")


def _run(arguments: argparse.Namespace) -> int:
    questions, assistant = opened(arguments)
    with resumed(arguments, questions, assistant, corpus=str(arguments.corpus)) as keep:
        result = interventions(questions, assistant, arguments.corpus, keep=keep)
        write(result, arguments.out)
    for name in ("removal", "swap"):
        counted = "  ".join(f"{outcome} {n}" for outcome, n in result[name]["outcomes"].items())
        rate = result[name]["ungrounded"]
        print(
            f"{name:8} {counted}  n={result[name]['n']}  没有依据 {rate['mean']:.3f} [{rate['low']:.3f}, {rate['high']:.3f}]"
        )
    print(f"结果：{arguments.out}")
    return 0


def interventions(
    questions: Sequence[Question],
    assistant: Assistant,
    corpus: Path,
    *,
    quiet: bool = False,
    keep: Keep = anew,
) -> dict[str, Any]:
    """Both interventions over the questions with gold that are answered with a citation; every question of each is a part to ``keep``."""

    def as_it_is(question: Question) -> dict[str, Any]:
        return asked(question, assistant).model_dump(mode="json")

    bar = tqdm([q for q in questions if q.gold], unit="题", desc="原样作答", disable=quiet or None)
    given = [(q, Answer.model_validate(keep(f"原样 {q.id}", partial(as_it_is, q)))) for q in bar]
    answers = [(question, answer) for question, answer in given if answer.claims]
    bar = tqdm(answers, unit="题", desc="拿掉来源", disable=quiet or None)
    removed = {q.id: keep(f"拿掉 {q.id}", partial(removal, q, a, assistant)) for q, a in bar}
    found = {"removal": _summed(removed), "swap": _swapped(answers, assistant, corpus, quiet=quiet, keep=keep)}
    return {"fingerprints": assistant.fingerprints.model_dump(), "seed": SEED, **found, "rows": rows(found)}


def rows(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Both interventions as ``evals.results_file.Comparison`` has them: the rate of answers that were not grounded, and what became of all."""
    return [
        {
            "name": name,
            "summary": {"ungrounded": found[name]["ungrounded"]},
            "reading": f"{about} {', '.join(f'{n} {outcome}' for outcome, n in found[name]['outcomes'].items())} of {found[name]['n']}.",
        }
        for name, about in (("removal", "With the cited sources gone:"), ("swap", "With the cited sentence changed:"))
    ]


def removal(question: Question, before: Answer, assistant: Assistant) -> Removal:
    """What becomes of an answer whose cited passages are all withheld."""
    gone = frozenset(c.passage_id for c in before.citations)
    after = asked(question, assistant.over(withheld(assistant.index, gone)))
    if after.refused:
        return "refused"
    if any(c.passage_id in gone for c in after.citations):
        return "unchanged"
    old = {quote for c in before.citations if len(quote := c.quote.strip()) >= _LEAST}
    now = "\n".join(c.quote for c in after.citations)
    stated = "\n".join(claim.text for claim in after.claims)
    return "unchanged" if any(quote in stated and quote not in now for quote in old) else "moved"


def _swapped(
    answers: Sequence[tuple[Question, Answer]], assistant: Assistant, corpus: Path, *, quiet: bool, keep: Keep
) -> dict[str, Any]:
    """Every sentence that an answer cites first and that can be changed, changed in one copy of the corpus; then all asked again."""
    asked_of = [(q, change) for q, a in answers if (change := _change(a, assistant))]
    with TemporaryDirectory() as folder:
        made = _written(corpus, Path(folder) / "corpus", {change for _, change in asked_of}, assistant)
        changed = _assistant_of(Path(folder), assistant)

        def outcome(question: Question, change: Change) -> Swap:
            return swap(asked(question, changed), change)

        bar = tqdm(asked_of, unit="题", desc="改动来源", disable=quiet or None)
        outcomes = {q.id: keep(f"改动 {q.id}", partial(outcome, q, change)) for q, change in bar if change in made}
    shown = [{"id": q.id, "old": c.old, "new": c.new} for q, c in asked_of if outcomes.get(q.id) == "unchanged"]
    return {"changes": len(made), **_summed(outcomes), "not_followed": shown}


def _change(answer: Answer, assistant: Assistant) -> Change | None:
    """The first cited sentence with a figure or a negation, made false; seeded by the sentence, so that all questions share one change."""
    for citation in answer.citations:
        rng = random.Random(f"{SEED}/{citation.document_id}/{citation.start}")
        new = number(citation.quote, rng) or negation(citation.quote, rng)
        if new and _is_alone(citation, assistant):
            return Change(citation.document_id, citation.passage_id, citation.quote, new)
    return None


def _is_alone(citation: Citation, assistant: Assistant) -> bool:
    """Whether the sentence stands once in its document: else the answer may well be grounded in the other place."""
    document = assistant.document(citation.document_id)
    return len(citation.quote) >= _LEAST and document is not None and document.text.count(citation.quote) == 1


def swap(after: Answer, change: Change) -> Swap:
    """Whether an answer follows the changed sentence. The old one may stand inside the new one (构成 in 不构成), and only the rest counts."""
    if after.refused:
        return "refused"
    said = "\n".join((*(claim.text for claim in after.claims), *(c.quote for c in after.citations)))
    if change.old in said.replace(change.new, ""):
        return "unchanged"
    return "followed" if change.new in said else "not_chosen"


def _written(corpus: Path, target: Path, changes: set[Change], assistant: Assistant) -> set[Change]:
    """Copy the corpus with the changes made; those that could be made."""
    made: set[Change] = set()
    paths = {document.id: Path(path).name for path, _, document in _sources(assistant)}
    for source in sorted(path for kind in SHIPPED for path in (corpus / kind).glob("*.md")):
        text = source.read_text("utf-8")
        for change in sorted(changes, key=lambda change: change.old):
            if paths.get(change.document_id) == source.name and text.count(change.old) == 1:
                text = text.replace(change.old, change.new)
                made.add(change)
        (target / source.parent.name).mkdir(parents=True, exist_ok=True)
        (target / source.parent.name / source.name).write_text(text, "utf-8")
    return made


def _sources(assistant: Assistant) -> list[tuple[str, str, Any]]:
    from rag.index import store_of
    from rag.store import CATALOG

    return list(read_sources(store_of(assistant.settings).files(assistant.index.manifest) / CATALOG))


def _assistant_of(folder: Path, assistant: Assistant) -> Assistant:
    """The assistant over a new index of ``folder``/corpus, with the same settings."""
    settings = assistant.settings.model_copy(update={"index": folder / "index"})
    summary = ingest([folder / "corpus"], settings)
    if summary.refused:
        raise InvalidInput("改动后的语料有文件无法读入。", why="；".join(map(str, summary.refused)))
    return open_assistant(settings)


def _summed(outcomes: dict[str, Any]) -> dict[str, Any]:
    wrong = [float(outcome == "unchanged") for outcome in outcomes.values()]
    low, high = interval(wrong) if wrong else (0.0, 0.0)
    mean = sum(wrong) / len(wrong) if wrong else 0.0
    return {
        "n": len(wrong),
        "outcomes": dict(sorted(Counter(outcomes.values()).items())),
        "ungrounded": {"mean": round(mean, 4), "n": len(wrong), "low": low, "high": high},
        "questions": outcomes,
    }
