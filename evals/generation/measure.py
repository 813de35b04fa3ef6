"""Ask every question of a model that says what is scripted, and see which of its sentences reach the reader without a mark."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from evals.generation.outputs import UNKNOWN_KEY, Output, Planted
from rag.catalog import Catalog
from rag.generate.keys import KeyRing
from rag.types import Answer

_GIVEN = re.compile(r'<passage key="(?P<key>\w+)"[^>]*>\n(?P<text>.*?)\n</passage>', re.DOTALL)

Ask = Callable[[Output], Answer]


@dataclass(frozen=True, slots=True)
class Seen:
    """A sentence and whether the reader is warned of it: marked, given another source, or left out."""

    output: Output
    sentence: Planted
    warned: bool


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    caught: int
    total: int

    @property
    def share(self) -> float:
        return self.caught / self.total if self.total else 0.0


def script(output: Output, prompt: str, catalog: Catalog) -> str:
    """What the model writes, with the keys that the prompt gives for the passages it cites.

    Raises:
        LookupError: the prompt does not have a passage that the output cites.
    """
    keys = {found["text"]: found["key"] for found in _GIVEN.finditer(prompt)}
    return "".join(_written(sentence, keys, catalog, output) for sentence in output.sentences)


def _written(sentence: Planted, keys: dict[str, str], catalog: Catalog, output: Output) -> str:
    cited = []
    for identifier in sentence.cites:
        passage = catalog.passage(identifier)
        key = "z9zz" if identifier == UNKNOWN_KEY else keys.get(passage.text if passage else "")
        if key is None:
            raise LookupError(f"{output.id}: {identifier} is not in the prompt for {output.question!r}")
        cited.append(f"[{key}]")
    return sentence.text + "".join(cited)


def seen(outputs: Sequence[Output], ask: Ask) -> Iterator[Seen]:
    for output in outputs:
        answer = ask(output)
        for sentence in output.sentences:
            yield Seen(output, sentence, _is_warned(sentence, answer))


def _is_warned(sentence: Planted, answer: Answer) -> bool:
    """Whether the sentence is missing from the answer, or stands there with a mark behind it."""
    text = KeyRing([]).resolve(sentence.text).text
    claims = [claim for claim in answer.claims if claim.text == text]
    if answer.mode != "model" or not claims:
        return text not in answer.answer
    place = answer.answer.find(text) + len(text)
    mark = re.match(r"(?:\[\d+\])*(〔)?", answer.answer[place:])
    return claims[0].support != "supported" or bool(mark and mark[1])


def by_kind(found: Sequence[Seen]) -> dict[str, Share]:
    """For every kind of error the share that the reader is warned of, all kinds together, and the share of true sentences (``true``) that are marked."""
    kinds = sorted({entry.sentence.error for entry in found if entry.sentence.error})
    shares = {kind: _share([e for e in found if e.sentence.error == kind]) for kind in kinds}
    shares["planted"] = _share([e for e in found if e.sentence.error])
    shares["true"] = _share([e for e in found if not e.sentence.error])
    return shares


def _share(found: Sequence[Seen]) -> Share:
    return Share(sum(entry.warned for entry in found), len(found))


def as_table(found: Sequence[Seen]) -> str:
    """Markdown: a row for each kind, for all outputs and for each part."""
    parts = {
        "all": list(found),
        **{part: [e for e in found if e.output.part == part] for part in ("develop", "held_out")},
    }
    shares = {name: by_kind(entries) for name, entries in parts.items() if entries}
    lines = ["| kind | " + " | ".join(shares) + " |", "|---|" + "---|" * len(shares)]
    for kind in by_kind(found):
        cells = (_cell(table[kind]) if kind in table else "" for table in shares.values())
        lines.append(f"| {kind} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(share: Share) -> str:
    return f"{share.caught}/{share.total} ({share.share:.1%})"
