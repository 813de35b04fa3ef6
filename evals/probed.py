"""One run for the probes: the suite's outcomes, with what only an open assistant can be asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace

from tqdm import tqdm

from evals.canary import canary_values
from evals.lookup import lookup_values
from evals.measures import Outcome
from evals.questions import Question
from evals.resume import Keep
from evals.run import outcome_of
from evals.systems.ours import Ours
from rag.pipeline import Assistant
from rag.types import Answer


def measured(
    questions: Sequence[Question],
    assistant: Assistant,
    *,
    canaries: bool = True,
    name: str = "评测",
    quiet: bool = False,
) -> list[Outcome]:
    """The outcomes of all questions, as ``evals.run`` has them; ``canaries``: with a false sentence planted, and articles looked up."""
    bar = tqdm(questions, unit="题", desc=name, disable=quiet or None, leave=False)
    return [_outcome(question, assistant, canaries) for question in bar]


def kept_outcomes(keep: Keep, name: str, run: Callable[[], list[Outcome]]) -> list[Outcome]:
    """The outcomes of a run as a part to ``keep``."""
    stored = keep(name, lambda: [asdict(outcome) for outcome in run()])
    return [Outcome(**{**values, "missed": tuple(values["missed"])}) for values in stored]


def asked(question: Question, assistant: Assistant) -> Answer:
    return Ours(assistant).answer(question)


def _outcome(question: Question, assistant: Assistant, canaries: bool) -> Outcome:
    outcome = outcome_of(question, Ours(assistant))
    if not canaries or outcome.error:
        return outcome
    more = canary_values(question, assistant) | lookup_values(question, assistant)
    return replace(outcome, values=outcome.values | more)
