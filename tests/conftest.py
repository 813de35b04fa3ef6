"""One real index of the shipped corpus for the whole session."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.build import ingest
from rag.pipeline import Assistant, open_assistant
from rag.settings import Settings

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "corpus"
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def index_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("index")
    summary = ingest([CORPUS], Settings(index=folder))
    assert summary.refused == []
    return folder


@pytest.fixture(scope="session")
def settings(index_dir: Path) -> Settings:
    return Settings(index=index_dir)


@pytest.fixture(scope="session")
def assistant(settings: Settings) -> Assistant:
    return open_assistant(settings)
