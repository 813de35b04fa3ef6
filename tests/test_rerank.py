"""A real cross-encoder, small and made here, in the place of the built-in order."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from rag.errors import ModelUnavailable
from rag.index import open_index
from rag.indexed import passage_text
from rag.pipeline import Assistant, open_assistant
from rag.rerank import load_reranker
from rag.settings import Settings
from tests.conftest import ROOT

needs_sentence_transformers = pytest.mark.skipif(
    find_spec("sentence_transformers") is None, reason="sentence-transformers is not installed (extra: sbert)"
)
QUESTION = "平台没有投诉渠道会怎么样"


def cross_encoder(folder: Path, labels: int = 1) -> str:
    """A one-layer BERT over characters with random weights: what it prefers is no matter, that it decides is."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    torch.manual_seed(7)
    folder.mkdir()
    characters = sorted({c for path in (ROOT / "corpus").rglob("*.md") for c in path.read_text("utf-8") if c.strip()})
    (folder / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters]), "utf-8")
    tokenizer = BertTokenizerFast(str(folder / "vocab.txt"), model_max_length=128)
    tokenizer.save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(characters) + 5, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=128, num_labels=labels, initializer_range=0.5,
    )  # fmt: skip
    BertForSequenceClassification(config).eval().save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="module")
def reranker(tmp_path_factory: pytest.TempPathFactory) -> str:
    return cross_encoder(tmp_path_factory.mktemp("models") / "cross-encoder")


@needs_sentence_transformers
def test_the_best_passages_come_in_the_order_of_the_cross_encoder(
    assistant: Assistant, settings: Settings, reranker: str
) -> None:
    plain = assistant.search(QUESTION, k=12).hits
    reranking = Settings(index=settings.index, reranker=reranker, rerank_candidates=8)
    found = open_assistant(reranking).search(QUESTION, k=12).hits
    index = open_index(settings)
    passages = [index.catalog.passage(hit.passage_id) for hit in plain[:8]]
    texts = [passage_text(index.catalog.metas[p.document_id].title, p) for p in passages if p]
    relevance = load_reranker(reranker).relevance(QUESTION, texts)
    wanted = [plain[i].passage_id for i in sorted(range(8), key=lambda i: -relevance[i])]
    assert wanted != [hit.passage_id for hit in plain[:8]]
    assert [hit.passage_id for hit in found[:8]] == wanted
    assert [hit.passage_id for hit in found[8:]] == [hit.passage_id for hit in plain[8:]]
    scores = [hit.score for hit in found]
    assert scores == sorted(scores, reverse=True)


@needs_sentence_transformers
def test_what_the_question_names_stays_first(settings: Settings, reranker: str) -> None:
    reranking = Settings(index=settings.index, reranker=reranker)
    hits = open_assistant(reranking).search("著作权法第五十三条和第二十四条", k=5).hits
    assert [hit.passage_id for hit in hits[:2]] == ["copyright-law-2020/art-53", "copyright-law-2020/art-24"]


@needs_sentence_transformers
def test_relevance_lies_between_0_and_1_and_of_nothing_is_nothing(reranker: str) -> None:
    model = load_reranker(reranker)
    values = model.relevance("谁有著作权", ["著作权属于作者。", "本法自公布之日起施行。"])
    assert values.shape == (2,)
    assert ((values > 0) & (values < 1)).all()


@needs_sentence_transformers
def test_a_model_of_several_labels_is_no_reranker(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="它输出 3 个"):
        load_reranker(cross_encoder(tmp_path / "classes", labels=3))


def test_an_unknown_model_is_named_with_what_to_do(tmp_path: Path, settings: Settings) -> None:
    missing = str(tmp_path / "no-such-model")
    with pytest.raises(ModelUnavailable) as caught:
        open_assistant(Settings(index=settings.index, reranker=missing)).search(QUESTION)
    assert repr(missing) in caught.value.what
    assert "AIGC_LAW_RERANKER" in caught.value.next_step


def test_without_a_reranker_no_torch_is_loaded(settings: Settings) -> None:
    code = (
        "import sys; from rag import search; from rag.settings import Settings; from pathlib import Path;"
        f"search({QUESTION!r}, settings=Settings(index=Path(sys.argv[1])));"
        "print([m for m in ('torch', 'sentence_transformers', 'transformers') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, settings.index], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
