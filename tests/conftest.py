"""Two real indexes for the whole session: a small fixed corpus to test behaviour on, and the corpus as shipped."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ingest.build import ingest
from rag.pipeline import Assistant, open_assistant
from rag.settings import Settings

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "corpus"
SHARED = ROOT.parent / "shared"
SMALL = (
    "papers/aigc-paper.md",
    "judgments/ai-voice-2024.md",
    "judgments/dreamwriter-2019.md",
    "judgments/guangzhou-ultraman-2024.md",
    "judgments/text-to-image-2023.md",
    "judgments/wolters-feilin-2019.md",
    "regulations/aigc-interim-measures-2023.md",
    "regulations/algorithm-recommendation-2022.md",
    "regulations/copyright-law-2020.md",
    "regulations/deep-synthesis-2022.md",
    "regulations/eu-ai-act-2024.md",
)
"""What tests of absent, missing and neighbouring sources rely on: it does not grow with the corpus."""


@pytest.fixture(scope="session")
def small_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    for name in SMALL:
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(CORPUS / name, folder / name)
    return folder


@pytest.fixture(scope="session")
def index_dir(small_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _index([small_corpus], tmp_path_factory.mktemp("index"))


@pytest.fixture(scope="session")
def settings(index_dir: Path) -> Settings:
    return Settings(index=index_dir)


@pytest.fixture(scope="session")
def assistant(settings: Settings) -> Assistant:
    return open_assistant(settings)


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """The assistant over the corpus as shipped."""
    shipped = [
        CORPUS / kind for kind in ("papers", "judgments", "regulations")
    ]  # without official texts of this machine
    return open_assistant(Settings(index=_index(shipped, tmp_path_factory.mktemp("product"))))


def _index(paths: list[Path], folder: Path) -> Path:
    summary = ingest(paths, Settings(index=folder))
    assert summary.refused == []
    return folder
