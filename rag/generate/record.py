"""What a run of a chat model leaves behind: its cost for the answer, prompt and words for the trace."""

from __future__ import annotations

from rag.generate.generate import Run
from rag.settings import Settings
from rag.trace import Generation, JudgedSentence, Said
from rag.types import ModelUse


def use_of(run: Run, name: str, settings: Settings, removed: int) -> ModelUse:
    usage, first = run.usage, run.replies[0] if run.replies else None
    kept = run.kept
    return ModelUse(
        name=name,
        calls=usage.calls,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        latency_ms=round(usage.seconds * 1000, 2),
        first_sentence_ms=run.first_sentence_ms,
        passages=len(run.passages),
        failed=len(first.failing) if first else 0,
        failed_kept=len(kept.failing) if kept else 0,
        repaired=run.repaired,
        removed=removed,
        mended=sum(bool(s.judgement and s.judgement.mended) for s in kept.sentences) if kept else 0,
        unknown_keys=sum(s.unknown for s in kept.sentences) if kept else 0,
        settings=settings.fingerprint,
    )


def generation_of(run: Run, claims: int) -> Generation:
    judged = [
        JudgedSentence(
            text=sentence.text,
            support=judgement.weighed.support,
            score=judgement.weighed.score,
            why=judgement.weighed.why,
            mended=judgement.mended,
        )
        for sentence in (run.kept.sentences if run.kept else ())
        if (judgement := sentence.judgement)
    ]
    return Generation(
        prompt=tuple(Said(role=message.role, content=message.content) for message in run.messages),
        keys={key: hit.passage.id for key, hit in run.passages.items()},
        replies=tuple(reply.raw for reply in run.replies),
        sentences=tuple(judged),
        claims=claims,
        completed=run.completed,
        failure=run.failure.message if run.failure else None,
    )
