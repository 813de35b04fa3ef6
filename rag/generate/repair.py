"""The second attempt: the model is told which sentences failed and why, and writes its answer again."""

from __future__ import annotations

from collections.abc import Sequence

from rag.generate import prompts
from rag.generate.messages import Message, fenced
from rag.generate.reply import Reply


def request_again(messages: Sequence[Message], reply: Reply) -> list[Message]:
    """The dialogue so far, and what is wrong with the reply."""
    failures = "\n".join(
        f"{position}. {fenced(sentence.text)}——{sentence.judgement.weighed.why}"
        for position, sentence in enumerate(reply.failing, 1)
        if sentence.judgement
    )
    template = prompts.REPAIR_EN if messages[0].content == prompts.RULES_EN else prompts.REPAIR
    return [*messages, Message("assistant", reply.raw), Message("user", template.format(failures=failures))]


def better(first: Reply, second: Reply) -> Reply:
    """The reply of which fewer sentences fail; the first of two that are as good, as the reader has seen it."""
    if second.failure or second.is_refusal or not second.claims:
        return first
    return second if second.worth > first.worth else first
