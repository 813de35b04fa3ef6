"""Errors planted in a model's outputs, over real sockets: how many reach the reader unmarked, and how many true sentences are marked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from evals.generation.measure import Seen, as_table, by_kind, script, seen
from evals.generation.outputs import FILE, UNKNOWN_KEY, Output, read_outputs
from rag.errors import InvalidInput
from rag.pipeline import Assistant, open_assistant
from rag.types import Answer
from tests.scripted_model import Reply, ScriptedModel

OUTPUTS = read_outputs()


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedModel]:
    scripted = ScriptedModel(Reply("好。"))
    monkeypatch.setenv("OPENAI_BASE_URL", scripted.url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    yield scripted
    scripted.close()


def test_the_set_is_as_large_and_as_varied_as_it_must_be(product: Assistant) -> None:
    errors = [sentence.error for output in OUTPUTS for sentence in output.sentences if sentence.error]
    assert len(OUTPUTS) >= 60
    assert len(errors) >= 120
    assert min(errors.count(kind) for kind in set(errors)) >= 7
    assert len(set(errors)) >= 16
    assert {output.part for output in OUTPUTS} == {"develop", "held_out"}
    cited = {i for output in OUTPUTS for sentence in output.sentences for i in sentence.cites} - {UNKNOWN_KEY}
    assert [identifier for identifier in cited if product.index.catalog.passage(identifier) is None] == []


def test_planted_errors_are_marked_and_true_sentences_are_not(model: ScriptedModel, product: Assistant) -> None:
    settings = product.settings.model_copy(
        update={"model": "openai:scripted", "model_repair": False, "model_timeout": 30}
    )
    writing = open_assistant(settings)

    def ask(output: Output) -> Answer:
        model.script(
            Reply(lambda request: script(output, request["messages"][-1]["content"], writing.index.catalog), size=9)
        )
        answer = writing.answer(output.question)
        assert answer.model is not None, (output.id, answer.warnings)
        assert answer.model.calls == 1, (output.id, answer.warnings)
        return answer

    found = list(seen(OUTPUTS, ask))
    table = as_table(found)
    shares = by_kind(found)
    assert shares["planted"].share >= 0.94, table
    assert shares["true"].share <= 0.05, table
    held_out = by_kind([entry for entry in found if entry.output.part == "held_out"])
    assert held_out["planted"].share >= 0.92, table
    assert held_out["true"].share <= 0.05, table


def test_the_count_tells_marks_from_silence() -> None:
    output = OUTPUTS[0]
    error = next(sentence for sentence in output.sentences if sentence.error)
    true = next(sentence for sentence in output.sentences if not sentence.error)
    found = [Seen(output, error, True), Seen(output, error, False), Seen(output, true, False)]
    assert by_kind(found)["planted"].share == 0.5
    assert by_kind(found)["true"].share == 0
    assert f"| {error.error} | 1/2 (50.0%) |" in as_table(found)


def test_a_file_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInput, match="无法读取"):
        read_outputs(FILE.parent / "nothing.jsonl")
