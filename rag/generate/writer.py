"""A language model at work on one question: what the pipeline asks of it, from completing a follow-up to the cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rag.cite import Citations
from rag.compose import Sentence
from rag.evidence import Evidence
from rag.generate.chat_models import load_chat_model
from rag.generate.complete import complete
from rag.generate.failure import Failure, failure_of
from rag.generate.generate import Run, generate
from rag.generate.marks import REPLACED, REWRITTEN
from rag.generate.record import generation_of, use_of
from rag.generate.write import Body, body, core_fails, warnings_of
from rag.names import Names
from rag.settings import Settings
from rag.trace import Generation
from rag.types import Answer, Hit, ModelUse, Refusal, Warning, values_of
from rag.understand import History, Query
from rag.verify import Removed

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.runnables import RunnableConfig

_SAID_NO = Refusal(
    reason="not_in_corpus", message="找到的来源不足以回答这个问题，因此不作答。", code="sources_too_little"
)
_CORE_FAILS = Refusal(
    reason="not_in_corpus", message="语言模型写出的主要内容没有来源支持，因此不作答。", code="core_unsupported"
)
_NONE_CARRIED = Warning(
    kind="model_unsupported",
    message="语言模型写出的句子没有一句得到来源支持，已全部略去；以下是直接取自来源的回答。",
    code="model_none_supported",
)


@dataclass(slots=True)
class Writer:
    """One question's model, with what it has done so far."""

    settings: Settings
    names: Names
    model: BaseChatModel | None
    config: RunnableConfig | None
    run: Run = field(default_factory=Run)

    @classmethod
    def of(
        cls, settings: Settings, model: BaseChatModel | None, names: Names, config: RunnableConfig | None
    ) -> Writer | None:
        """None where no model is set; one that cannot be loaded is a failure of the run, not an error."""
        if model is None and not settings.model:
            return None
        writer = cls(settings, names, model, config)
        if model is None:
            try:
                writer.model = load_chat_model(settings)
            except Exception as error:  # whatever a provider's package raises, the reader gets an answer
                writer.run.failure = failure_of(error)
        return writer

    @property
    def called(self) -> bool:
        return self.run.usage.calls > 0

    @property
    def name(self) -> str:
        return self.settings.model or str(getattr(self.model, "model_name", "") or type(self.model).__name__)

    def completed(self, question: str, history: History) -> str | None:
        """The follow-up as a question of its own; None where it is one, or the model gives none."""
        if self.model is None:
            return None
        left = self.run.left(self.settings)
        self.run.completed = complete(question, history, self.model, self.names, self.run.usage, left, self.config)
        return self.run.completed

    def sentences(self, query: Query, hits: Sequence[Hit]) -> Iterator[str]:
        if self.model is not None:
            yield from generate(self.run, query, hits, self.model, self.names, self.settings, self.config)

    def outcome(self) -> Refusal | Warning | None:
        """A refusal, or the reason why the extractive answer has to do; None where the model's answer stands."""
        run, kept = self.run, self.run.kept
        if run.failure or kept is None:
            failure = run.failure or Failure("empty")
            return failure.warning
        if kept.is_refusal:
            return _SAID_NO
        if self.settings.strictness == "refuse" and core_fails(kept):
            return _CORE_FAILS
        carried = any(s.judgement and s.judgement.weighed.support in ("supported", "partial") for s in kept.claims)
        return None if carried else _NONE_CARRIED

    def body(self, citations: Citations) -> Body:
        return body(self.run.kept.sentences if self.run.kept else (), citations, self.settings.strictness)

    def tail(self, answer: Answer) -> Iterator[str]:
        """What has to be streamed after the sentences for the reader to have seen the answer."""
        if not self.run.streamed:
            yield answer.answer
        elif answer.mode != "model":
            yield REPLACED + answer.answer
        elif self.run.repaired:
            yield REWRITTEN + answer.answer
        else:
            _, _, rest = answer.answer.partition(self.body(Citations(answer.as_of)).text)
            basis = answer.answer.partition("\n\n")[0]
            yield f"\n\n{basis}{rest}"

    def warnings(self, written: Body) -> list[Warning]:
        completed = self.run.completed
        told = (
            [
                Warning(
                    kind="completed_question",
                    message=f"追问按“{completed}”理解。",
                    code="completed_question",
                    values=values_of(question=completed),
                )
            ]
            if completed
            else []
        )
        return told + (warnings_of(self.run.kept, written) if self.run.kept else [])

    def removed(self, written: Body) -> list[Removed]:
        return [Removed(Sentence("", s.text, (), ""), s.judgement.weighed.why) for s in written.removed if s.judgement]

    def evidence(self, written: Body) -> list[Evidence]:
        """The units that the body cites."""
        kept = self.run.kept.sentences if self.run.kept else ()
        shown = [s.judgement for s in kept if s.judgement and s not in written.removed]
        return [Evidence(source.hit, source.unit, 1.0) for judgement in shown for source in judgement.sources]

    def use(self, removed: int) -> ModelUse:
        return use_of(self.run, self.name, self.settings, removed)

    def generation(self, claims: int) -> Generation:
        return generation_of(self.run, claims)
