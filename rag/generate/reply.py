"""One reply of a model, sentence by sentence: read, cut, checked; the reading runs on while a sentence is being checked."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from rag.generate.check import Checked, Checker
from rag.generate.failure import Failure
from rag.generate.read import Done, Piece, Reading
from rag.generate.sentences import SentenceReader
from rag.generate.thoughts import WithoutThoughts

_PAUSE = 0.04
"""Seconds without a new piece after which a sentence with its full stop and citation is taken to be finished."""
_REPEATED = 4
"""Times that one sentence may stand in a reply."""


@dataclass(slots=True)
class Reply:
    """What a model wrote: raw, and as checked sentences; ``failure`` where it came to no end."""

    raw: str = ""
    sentences: list[Checked] = field(default_factory=list)
    failure: Failure | None = None
    cut_short: bool = False

    @property
    def failing(self) -> list[Checked]:
        return [sentence for sentence in self.sentences if sentence.fails]

    @property
    def claims(self) -> list[Checked]:
        return [sentence for sentence in self.sentences if sentence.judgement]

    @property
    def is_refusal(self) -> bool:
        return bool(self.sentences) and self.sentences[0].is_refusal and not self.claims

    @property
    def worth(self) -> tuple[bool, int, int]:
        """Replies compare by this: any carried sentence, then the fewest that fail, then the most that are carried."""
        carried = len(self.claims) - len(self.failing)
        return (carried > 0, -len(self.failing), carried)


class Restart:
    """Everything read so far is void: the model was asked again."""


def follow(reading: Reading, checker: Checker, reply: Reply, seconds: float) -> Iterator[Checked | Restart]:
    """The sentences of a reply as they are finished; ``reply`` keeps them. The request ends with the iterator, whatever ends that."""
    until = time.monotonic() + seconds
    reader, thoughts, seen = SentenceReader(checker.ring), WithoutThoughts(), Counter[str]()
    try:
        while True:
            event = reading.next_event(_PAUSE)
            if event is None:
                raw = reader.cited()
                if time.monotonic() > until:
                    reply.failure = Failure("timeout")
                    return
            elif isinstance(event, Piece):
                if event.restarted:
                    reader, thoughts = SentenceReader(checker.ring), WithoutThoughts()
                    reply.raw, reply.sentences = "", []
                    yield Restart()
                reply.raw += event.text
                raw = reader.feed(thoughts.feed(event.text))
            elif isinstance(event, Done):
                raw, reply.cut_short = reader.rest(), event.cut_short
                if event.cut_short and raw and not raw[-1].rstrip().endswith(("。", ".", "！", "？", "]", "）", ")")):
                    raw.pop()  # half a sentence
            else:
                reply.failure = event
                return
            for sentence in raw:
                seen[sentence.strip()] += 1
                if seen[sentence.strip()] >= _REPEATED:
                    reply.failure = Failure("endless")
                    return
                if checked := checker.check(sentence):
                    reply.sentences.append(checked)
                    yield checked
            if isinstance(event, Done):
                return
    finally:
        reading.stop()
