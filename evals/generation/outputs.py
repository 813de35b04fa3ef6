"""The scripted outputs of language models: every sentence true to its source, or with one error planted in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from rag.errors import InvalidInput
from rag.types import Frozen

FILE = Path(__file__).parent / "outputs.jsonl"
UNKNOWN_KEY = "?"
"""Cited in place of a passage: a key that was never given."""
Part = Literal["develop", "held_out"]


class Planted(Frozen):
    """A sentence as the model writes it; ``cites``: ids of passages; ``error``: the kind of error planted in it, None where it is true."""

    text: str
    cites: tuple[str, ...] = ()
    error: str | None = None


class Output(Frozen):
    """What a model writes to one question. Guards were made with the part ``develop`` in view, never with ``held_out``."""

    id: str
    part: Part
    question: str
    sentences: tuple[Planted, ...]


def read_outputs(path: Path = FILE) -> list[Output]:
    """
    Raises:
        InvalidInput: the file cannot be read, or a line is no output.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
        return [Output.model_validate(json.loads(line)) for line in lines if line.strip()]
    except (OSError, ValueError) as error:
        raise InvalidInput(f"无法读取 {path}。", why=str(error)) from error
