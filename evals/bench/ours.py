"""This project, as its users run it."""

from __future__ import annotations

from pathlib import Path

from evals.bench.systems import Progress
from rag.pipeline import open_assistant
from rag.settings import load_settings


class ThisProject:
    def __init__(self, store: Path) -> None:
        self._settings = load_settings(index=store)

    def build(self, documents: Path, progress: Progress) -> None:
        from ingest.build import ingest

        ingest([documents], self._settings, progress=progress)

    def search(self, question: str, k: int) -> list[str]:
        return [hit.passage_id for hit in open_assistant(self._settings).search(question, k=k).hits]
