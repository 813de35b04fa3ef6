"""One index on a real Chroma server, read by processes that keep nothing of their own."""

from __future__ import annotations

import datetime as dt
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from ingest.build import ingest
from rag.errors import IndexUnavailable, InvalidInput
from rag.index import open_index, store_of
from rag.pipeline import Assistant, open_assistant
from rag.settings import Settings, load_settings
from rag.types import Passage
from tests.conftest import ROOT
from tests.test_build import corpus as corpus
from tests.test_build import law

QUESTIONS = (
    "广州奥特曼案里，平台为什么要承担赔偿责任？",
    "训练数据要满足什么要求",
    "著作权法第二十四条",
    "is a voice protected",
)


class ChromaServer:
    """``chroma run`` on loopback; stopped and started again on the same data and port."""

    def __init__(self, data: Path) -> None:
        self._data, self.port = data, _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [Path(sys.executable).with_name("chroma"), "run", "--path", self._data, "--host", "127.0.0.1", "--port", str(self.port)]  # fmt: skip
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{self.url}/api/v2/heartbeat", timeout=1)
                return
            except OSError:
                time.sleep(0.2)
        raise RuntimeError("chroma run did not come up")

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(timeout=20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaServer]:
    running = ChromaServer(tmp_path_factory.mktemp("chroma"))
    running.start()
    yield running
    running.stop()


def on_server(server: ChromaServer, folder: Path, name: str, **fields: object) -> Settings:
    """Settings of a machine of its own: its folder is where it keeps what it derives."""
    return Settings(index=folder, chroma_url=server.url, chroma_collection=name, chroma_refresh=0, **fields)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def shared(server: ChromaServer, small_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = on_server(server, tmp_path_factory.mktemp("writer"), "shared")
    assert ingest([small_corpus], settings).refused == []
    return settings


def passages(assistant: Assistant) -> list[Passage]:
    catalog = assistant.index.catalog
    return catalog.passages(sorted(catalog.positions.values()))


@pytest.mark.usefixtures("shared")
def test_a_machine_with_an_empty_folder_finds_and_answers_as_the_local_index_does(
    server: ChromaServer, assistant: Assistant, tmp_path: Path
) -> None:
    elsewhere = open_assistant(on_server(server, tmp_path, "shared"))
    assert passages(elsewhere) == passages(assistant)
    assert elsewhere.index.catalog.metas == assistant.index.catalog.metas
    np.testing.assert_allclose(elsewhere.index.prior, assistant.index.prior, atol=1e-6)
    assert elsewhere.fingerprints == assistant.fingerprints
    for question in QUESTIONS:
        here, there = (a.search(question, k=20).hits for a in (assistant, elsewhere))
        assert [hit.passage_id for hit in there] == [hit.passage_id for hit in here], question
        np.testing.assert_allclose([hit.score for hit in there], [hit.score for hit in here], atol=2e-4)
        as_of = dt.date(2024, 1, 1)
        kept = {"timings_ms"}
        one, other = (a.answer(question, as_of=as_of).model_dump(exclude=kept) for a in (assistant, elsewhere))
        assert one == other


@pytest.mark.usefixtures("shared")
def test_what_was_derived_is_kept_and_derived_once(server: ChromaServer, tmp_path: Path) -> None:
    settings = on_server(server, tmp_path, "shared")
    store = store_of(settings)
    manifest = store.manifest()
    assert manifest
    files = store.files(manifest)
    marked = (files / "catalog.sqlite3").stat()
    assert store.files(manifest) == files
    assert (files / "catalog.sqlite3").stat().st_mtime_ns == marked.st_mtime_ns
    assert sorted(path.name for path in files.parent.iterdir()) == [manifest.generation]


def test_a_change_reaches_a_running_app_and_embeds_only_what_changed(
    server: ChromaServer, corpus: Path, tmp_path: Path
) -> None:
    writer, reader = (on_server(server, tmp_path / name, "changing") for name in ("writer", "reader"))
    ingest([corpus], writer)
    before = open_assistant(reader)
    assert "复制件" not in passages(before)[0].text
    (corpus / "a.md").write_text(law("a", "任何人不得出售复制件。"), "utf-8")
    embedded: list[int] = []
    summary = ingest([corpus], writer, progress=lambda _done, total: embedded.append(total))
    assert (summary.changed, summary.unchanged, embedded[-1]) == (["a"], 1, 5)
    after = open_assistant(reader)
    assert passages(after)[0].text == "第一条 任何人不得出售复制件。"
    assert after.search("出售复制件", k=1).hits[0].passage_id == "a/art-1"
    assert len(list((reader.index / "server" / "generations").iterdir())) == 2
    # A question that was being answered when the index changed is still answered from the generation before.
    assert before.search("谁有版权", k=1).hits[0].passage_id in ("a/art-1", "b/art-1")
    local = Settings(index=tmp_path / "local")
    ingest([corpus], local)
    assert passages(open_assistant(local)) == passages(after)


def test_only_the_generation_in_use_and_the_one_before_stay_and_nothing_of_others_is_touched(
    server: ChromaServer, corpus: Path, tmp_path: Path
) -> None:
    mine, neighbour = (on_server(server, tmp_path / name, name) for name in ("kept", "kept-2x"))
    ingest([corpus], neighbour)
    generations = []
    for number in range(3):
        (corpus / "a.md").write_text(law("a", f"第{number}次修改的条文。"), "utf-8")
        ingest([corpus], mine)
        manifest = store_of(mine).manifest()
        assert manifest
        generations.append(manifest.generation)
    from chromadb import HttpClient

    names = {c.name for c in HttpClient(host="127.0.0.1", port=server.port).list_collections()}
    ours = {name for name in names if name.startswith("kept-") and not name.startswith("kept-2x")}
    assert ours == {f"kept-{g}{part}" for g in generations[1:] for part in ("", "-sources")}
    assert len({name for name in names if name.startswith("kept-2x")}) == 3
    assert len(passages(open_assistant(neighbour))) == 4


def test_a_local_index_in_the_same_folder_stays_as_it_is(server: ChromaServer, corpus: Path, tmp_path: Path) -> None:
    local = Settings(index=tmp_path / "both")
    ingest([corpus], local)
    found = open_assistant(local).search("谁有版权", k=4).hits
    beside = on_server(server, tmp_path / "both", "beside")
    for number in range(3):
        (corpus / "a.md").write_text(law("a", f"第{number}次改过的条文。"), "utf-8")
        ingest([corpus], beside)
        assert passages(open_assistant(beside))[0].text.endswith(f"第{number}次改过的条文。")
    # Opened by a process that has nothing of it in memory.
    code = (
        "import sys; from pathlib import Path; from rag import search; from rag.settings import Settings;"
        "print([h.passage_id for h in search('谁有版权', k=4, settings=Settings(index=Path(sys.argv[1])))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, local.index], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str([hit.passage_id for hit in found])


def test_an_interrupted_build_is_continued(
    server: ChromaServer, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.build._EMBED_BATCH", 2)
    settings = on_server(server, tmp_path / "writer", "interrupted")

    def stop_after_four(done: int, _total: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ingest([corpus], settings, progress=stop_after_four)
    with pytest.raises(IndexUnavailable, match="索引不存在"):
        open_assistant(settings)
    done: list[int] = []
    ingest([corpus], settings, progress=lambda count, _total: done.append(count))
    assert done == [6, 8, 10]
    assert len(passages(open_assistant(settings))) == 4


def test_a_restarted_server_is_found_again_and_a_stopped_one_is_named(corpus: Path, tmp_path: Path) -> None:
    server = ChromaServer(tmp_path / "data")
    server.start()
    try:
        settings = on_server(server, tmp_path / "reader", "restarted")
        ingest([corpus], settings)
        assistant = open_assistant(settings)
        found = assistant.search("谁有版权", k=2).hits
        server.stop()
        with pytest.raises(IndexUnavailable) as searching:
            assistant.search("谁有版权", k=2)
        with pytest.raises(IndexUnavailable) as opening:
            open_assistant(settings)
        assert searching.value.what == "向量检索失败。"
        assert opening.value.what == f"Chroma 服务器 {server.url} 无法使用。"
        assert "AIGC_LAW_CHROMA_URL" in opening.value.next_step
        server.start()
        assert assistant.search("谁有版权", k=2).hits == found
        assert open_assistant(settings) is assistant
    finally:
        server.stop()


def test_a_server_that_is_not_there_is_named_at_once(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path, chroma_url=f"http://127.0.0.1:{_free_port()}")
    with pytest.raises(IndexUnavailable, match=r"Chroma 服务器 http://127.0.0.1:\d+ 无法使用"):
        open_index(settings)


class Refusing(BaseHTTPRequestHandler):
    """Turns everybody away, and remembers what key they showed."""

    keys: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        self.keys.append(self.headers.get("X-Chroma-Token"))
        status = 200 if self.path.endswith("heartbeat") else 403
        self.send_response(status)
        self.end_headers()
        self.wfile.write(b'{"error": "Forbidden", "message": "wrong key"}')

    def log_message(self, *_: object) -> None:
        pass


def test_the_key_is_sent_and_a_refusal_is_told_without_it(tmp_path: Path) -> None:
    fake = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    threading.Thread(target=fake.serve_forever, daemon=True).start()
    try:
        url = f"http://127.0.0.1:{fake.server_address[1]}"
        settings = Settings(index=tmp_path, chroma_url=url, chroma_token="geheim-123")  # type: ignore[arg-type]
        with pytest.raises(IndexUnavailable) as caught:
            open_index(settings)
    finally:
        fake.shutdown()
    assert "geheim-123" in Refusing.keys
    assert "geheim-123" not in f"{caught.value}{settings!r}{settings.fingerprint}"


def test_a_silent_server_is_given_up_after_the_time_set(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        started = time.monotonic()
        with pytest.raises(IndexUnavailable, match="Timeout"):
            open_index(Settings(index=tmp_path, chroma_url=url, chroma_timeout=0.5))
        assert time.monotonic() - started < 10


def test_where_the_index_lies_changes_no_answer_and_so_no_fingerprint(server: ChromaServer, tmp_path: Path) -> None:
    assert on_server(server, tmp_path, "shared").fingerprint == Settings().fingerprint


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://x", "http://", "http://x/y/z"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput, match="AIGC_LAW_CHROMA_URL"):
        load_settings(chroma_url=url)


@pytest.mark.usefixtures("shared")
def test_the_command_line_asks_the_server(server: ChromaServer, tmp_path: Path) -> None:
    environment = {**os.environ, "AIGC_LAW_CHROMA_URL": server.url, "AIGC_LAW_CHROMA_COLLECTION": "shared"}
    command = [sys.executable, "-m", "rag", "ask", "著作权法第二十四条规定了什么？", "--index", str(tmp_path / "empty")]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "《著作权法》第二十四条" in done.stdout
