"""Text to vectors: the built-in model, sentence-transformers, and an OpenAI-compatible endpoint."""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.embed import (
    BUILTIN_PATH,
    LEAST_LIKELY,
    PRIOR_FILE,
    Embedder,
    Prompts,
    StaticEmbedder,
    load_embedder,
    normalise,
    unit_length,
)
from rag.errors import ModelUnavailable

TEXTS = [
    "著作权法第二十四条规定的合理使用有哪些情形？",
    "ai 生成的图片有著作权吗",
    "is an ai platform liable for what its users generate?",
    "10,000元 (2024)粤0192民初113号",
    "著",
]
needs_sentence_transformers = pytest.mark.skipif(
    find_spec("sentence_transformers") is None, reason="sentence-transformers is not installed (extra: sbert)"
)
needs_langchain_openai = pytest.mark.skipif(
    find_spec("langchain_openai") is None, reason="langchain-openai is not installed (extra: openai)"
)


@pytest.fixture(scope="module")
def builtin() -> StaticEmbedder:
    return StaticEmbedder()


def test_builtin_vectors_have_unit_length_and_empty_text_is_zero(builtin: StaticEmbedder) -> None:
    vectors = builtin.embed_passages([*TEXTS, ""])
    assert (vectors.shape, vectors.dtype) == ((len(TEXTS) + 1, builtin.dimension), np.float32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), [1.0] * len(TEXTS) + [0.0], atol=1e-6)


def test_no_texts_give_no_vectors(builtin: StaticEmbedder) -> None:
    assert builtin.embed_passages([]).shape == (0, builtin.dimension)


def test_query_and_passage_of_the_same_text_have_the_same_vector(builtin: StaticEmbedder) -> None:
    vectors = builtin.embed_passages(TEXTS)
    for text, vector in zip(TEXTS, vectors, strict=True):
        np.testing.assert_array_equal(builtin.embed_query(text), vector)


def test_width_and_case_of_letters_do_not_change_a_vector(builtin: StaticEmbedder) -> None:
    plain, *others = builtin.embed_passages(["ai法案 24", "AI法案 24", "ＡＩ法案　２４"])
    for other in others:
        np.testing.assert_array_equal(other, plain)


def test_same_question_in_other_words_is_nearer_than_another_question(builtin: StaticEmbedder) -> None:
    asked, same, other = builtin.embed_passages(
        ["AI画的图有版权吗", "人工智能生成的图片是否受著作权保护", "平台没有设置投诉举报入口会被处罚吗"]
    )
    assert float(asked @ same) > float(asked @ other)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=5))
def test_every_text_has_a_vector_of_its_own_of_length_0_or_1(texts: list[str]) -> None:
    embedder = load_embedder("builtin")
    together = embedder.embed_passages(texts)
    lengths = np.linalg.norm(together, axis=1)
    assert np.all(np.isclose(lengths, 0.0) | np.isclose(lengths, 1.0, atol=1e-5))
    np.testing.assert_allclose(together, [embedder.embed_query(text) for text in texts], atol=1e-6)


def test_unit_length_by_hand() -> None:
    vectors = np.asarray([[3.0, 4.0], [0.0, 0.0], [0.0, -2.0]], dtype=np.float32)
    np.testing.assert_allclose(unit_length(vectors), [[0.6, 0.8], [0.0, 0.0], [0.0, -1.0]], atol=1e-7)


def test_fingerprint_changes_with_the_weights_alone(builtin: StaticEmbedder, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    copy = shutil.copytree(BUILTIN_PATH, tmp_path / "static")
    assert StaticEmbedder(copy).fingerprint == builtin.fingerprint
    weights = copy / "0_StaticEmbedding" / "model.safetensors"
    tensors = load_file(weights)
    tensors["embeddings"] = tensors["embeddings"].copy()
    tensors["embeddings"][0, 0] ^= 1
    save_file(tensors, weights)
    assert StaticEmbedder(copy).fingerprint != builtin.fingerprint


def test_prior_prefers_what_people_ask_about(builtin: StaticEmbedder) -> None:
    """A log probability, higher for an article on leaving a job than for one on the filing of customs forms."""
    assert builtin.prior
    contexts = ["中华人民共和国劳动合同法 劳动合同的解除和终止", "海关稽查条例实施办法 附则"]
    texts = [
        "劳动者提前三十日以书面形式通知用人单位，可以解除劳动合同。",
        "本办法所列文书的格式由海关总署另行制定并对外公告。",
    ]
    full = [f"{context} {text}" for context, text in zip(contexts, texts, strict=True)]
    asked, filed = builtin.prior.of(builtin.embed_passages(full), builtin.embed_passages(contexts))
    assert LEAST_LIKELY <= filed < asked < 0


def test_model_without_a_prior_has_none(builtin: StaticEmbedder, tmp_path: Path) -> None:
    copy = tmp_path / "static"
    shutil.copytree(BUILTIN_PATH, copy)
    (copy / PRIOR_FILE).unlink()
    bare = StaticEmbedder(copy)
    assert bare.prior is None
    assert bare.fingerprint != builtin.fingerprint


@pytest.mark.parametrize("broken", ["model.safetensors", "tokenizer.json"])
def test_builtin_model_with_a_damaged_file_says_which_folder_and_what_to_do(tmp_path: Path, broken: str) -> None:
    copy = shutil.copytree(BUILTIN_PATH, tmp_path / "static")
    (copy / "0_StaticEmbedding" / broken).write_bytes(b"cut")
    with pytest.raises(ModelUnavailable) as caught:
        StaticEmbedder(copy)
    assert str(copy) in caught.value.what
    assert "AIGC_LAW_EMBEDDER" in caught.value.next_step


@needs_sentence_transformers
def test_builtin_vectors_are_those_of_sentence_transformers(builtin: StaticEmbedder) -> None:
    from sentence_transformers import SentenceTransformer

    reference = SentenceTransformer(str(BUILTIN_PATH)).encode([normalise(text) for text in TEXTS])
    np.testing.assert_allclose(builtin.embed_passages(TEXTS), reference, atol=1e-6)


@needs_sentence_transformers
def test_capital_letters_have_the_same_vector_in_sentence_transformers(builtin: StaticEmbedder) -> None:
    other = load_embedder(str(BUILTIN_PATH))
    np.testing.assert_allclose(builtin.embed_query("AI 生成"), other.embed_query("AI 生成"), atol=1e-6)


@needs_sentence_transformers
def test_model_by_local_path_answers_like_the_builtin_one(builtin: StaticEmbedder) -> None:
    other = load_embedder(str(BUILTIN_PATH))
    assert re.fullmatch(rf"sentence-transformers:{BUILTIN_PATH}:[0-9a-f]{{8}}", other.fingerprint)
    texts = [normalise(text) for text in TEXTS]
    np.testing.assert_allclose(other.embed_passages(texts), builtin.embed_passages(texts), atol=1e-6)
    np.testing.assert_allclose(other.embed_query(texts[0]), builtin.embed_query(texts[0]), atol=1e-6)


@needs_sentence_transformers
def test_other_weights_under_the_same_name_have_another_fingerprint(tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    model = shutil.copytree(BUILTIN_PATH, tmp_path / "model")
    before = load_embedder(str(model)).fingerprint
    weights = model / "0_StaticEmbedding" / "model.safetensors"
    tensors = load_file(weights)
    save_file(tensors | {"embeddings": np.roll(tensors["embeddings"], 1, axis=0)}, weights)
    load_embedder.cache_clear()
    assert load_embedder(str(model)).fingerprint != before


@needs_sentence_transformers
def test_prompts_of_the_settings_and_of_the_model_are_put_before_texts(tmp_path: Path) -> None:
    plain = load_embedder(str(BUILTIN_PATH))
    given = load_embedder(str(BUILTIN_PATH), Prompts(query="问题：", passage="条文："))
    np.testing.assert_allclose(given.embed_query("谁有版权"), plain.embed_query("问题：谁有版权"), atol=1e-6)
    np.testing.assert_allclose(given.embed_passages(["谁有版权"]), plain.embed_passages(["条文：谁有版权"]), atol=1e-6)
    assert given.fingerprint != plain.fingerprint
    own = shutil.copytree(BUILTIN_PATH, tmp_path / "own-prompts")
    config = own / "config_sentence_transformers.json"
    stored = json.loads(config.read_text("utf-8")) | {"prompts": {"query": "查询：", "document": "文献："}}
    config.write_text(json.dumps(stored), "utf-8")
    brought = load_embedder(str(own))
    np.testing.assert_allclose(brought.embed_query("谁有版权"), plain.embed_query("查询：谁有版权"), atol=1e-6)
    np.testing.assert_allclose(brought.embed_passages(["谁"]), plain.embed_passages(["文献：谁"]), atol=1e-6)


def test_unknown_model_is_unavailable_and_named(tmp_path: Path) -> None:
    name = str(tmp_path / "no-such-model")
    with pytest.raises(ModelUnavailable) as caught:
        load_embedder(name)
    assert repr(name) in caught.value.what
    assert "aigc-law-qa[sbert]" in caught.value.next_step


@dataclass
class Endpoint:
    """A real local server that speaks /v1/embeddings, and what it was asked."""

    url: str
    reply: str = "vectors"
    asked: list[tuple[str, str | None, dict[str, object]]] = field(default_factory=list)


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    state = Endpoint("")

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            del format, args

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.asked.append((self.path, self.headers["Authorization"], body))
            status, payload = _reply(state.reply, body["input"])
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/v1"
    for name in ("OPENAI_API_BASE", "OPENAI_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "test-key")
    monkeypatch.setenv("OPENAI_BASE_URL", state.url)
    load_embedder.cache_clear()
    yield state
    load_embedder.cache_clear()
    server.shutdown()
    server.server_close()
    thread.join()


def _reply(kind: str, inputs: list[str]) -> tuple[int, bytes]:
    """Each text's vector is (3, 4, its length) before anyone makes it a unit vector."""
    if kind == "error":
        return 401, json.dumps({"error": {"message": "key rejected", "code": "invalid_api_key"}}).encode()
    if kind == "not json":
        return 200, b"<html>gateway</html>"
    vectors = [[3.0, 4.0, 12.0 * (len(text) - 1)] for text in inputs][: 1 if kind == "too few" else None]
    data = [{"object": "embedding", "index": i, "embedding": vector} for i, vector in enumerate(vectors)]
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    return 200, json.dumps({"object": "list", "model": "m", "data": data, "usage": usage}).encode()


def remote() -> Embedder:
    return load_embedder("openai:bge-m3")


@needs_langchain_openai
def test_endpoint_is_asked_for_the_named_model_and_its_vectors_are_made_unit_length(endpoint: Endpoint) -> None:
    embedder = remote()
    vectors = embedder.embed_passages(["一", "两个"])
    query = embedder.embed_query("一")
    assert embedder.fingerprint == "openai:bge-m3"
    np.testing.assert_allclose(vectors, [[0.6, 0.8, 0.0], [3 / 13, 4 / 13, 12 / 13]], atol=1e-6)
    np.testing.assert_allclose(query, [0.6, 0.8, 0.0], atol=1e-6)
    sent = [(path, key, body["model"], body["input"]) for path, key, body in endpoint.asked]
    assert sent == [
        ("/v1/embeddings", "Bearer test-key", "bge-m3", ["一", "两个"]),
        ("/v1/embeddings", "Bearer test-key", "bge-m3", ["一"]),
    ]


@needs_langchain_openai
def test_endpoint_gets_the_prompts_of_the_settings(endpoint: Endpoint) -> None:
    embedder = load_embedder("openai:bge-m3", Prompts(query="query: ", passage="passage: "))
    embedder.embed_passages(["一"])
    embedder.embed_query("一")
    assert [body["input"] for _, _, body in endpoint.asked] == [["passage: 一"], ["query: 一"]]
    assert embedder.fingerprint != remote().fingerprint


@needs_langchain_openai
@pytest.mark.parametrize(
    ("reply", "why"),
    [
        ("error", "key rejected"),
        ("not json", "JSONDecodeError"),
        pytest.param("too few", ""),
    ],
)
def test_endpoint_that_answers_wrongly_is_unavailable_with_the_cause(endpoint: Endpoint, reply: str, why: str) -> None:
    endpoint.reply = reply
    with pytest.raises(ModelUnavailable) as caught:
        remote().embed_passages(["一", "两个"])
    assert "'openai:bge-m3'" in caught.value.what
    assert why in caught.value.why
    assert "AIGC_LAW_EMBEDDER" in caught.value.next_step


@needs_langchain_openai
def test_no_texts_ask_the_endpoint_nothing(endpoint: Endpoint) -> None:
    assert len(remote().embed_passages([])) == 0
    assert endpoint.asked == []


@needs_langchain_openai
def test_endpoint_without_a_key_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY"):
        monkeypatch.delenv(name, raising=False)
    load_embedder.cache_clear()
    with pytest.raises(ModelUnavailable) as caught:
        remote()
    assert "OPENAI_API_KEY" in caught.value.next_step
