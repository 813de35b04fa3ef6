"""Systems under test: baselines over real Chroma and BM25, answers of others by file and by HTTP."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from evals.__main__ import main
from evals.questions import Question
from evals.run import run
from evals.systems import Ours, named, page
from evals.systems.baselines import Quickstart
from evals.systems.chunks import Chunk, Places, article_chunks, recursive_chunks
from evals.systems.compare import RESULTS, compare
from evals.systems.endpoint import BadReply, Endpoint
from evals.systems.ours import OurSearch
from evals.systems.outside import OutsideCitation, Resolver
from evals.systems.recorded import NotAnswered, Recorded
from evals.systems.registry import BY_NAME, ENTRIES, quickstart
from rag.errors import InvalidInput, ModelUnavailable
from rag.pipeline import Assistant
from rag.settings import Settings
from rag.types import Answer, Citation, Fingerprints, Timings
from tests.scripted_model import Reply, scripted

FAIR_USE = Question(
    id="t1",
    category="statute_lookup",
    question="课堂教学可以复印别人的文章吗",
    gold=(("copyright-law-2020/art-24/p1/i6",),),
    facts=(("课堂教学",),),
)
WEATHER = Question(id="t2", category="refusal", question="明天北京天气怎么样", refusal="out_of_scope")
COMPLAINTS = Question(
    id="t3",
    category="statute_lookup",
    question="生成式人工智能服务要不要设投诉入口",
    gold=(("aigc-interim-measures-2023/art-15",),),
)


def test_our_system_answers_as_the_assistant_does(assistant: Assistant) -> None:
    system = Ours(assistant)
    own = assistant.answer(FAIR_USE.question, identifier="t1")
    assert system.name == "aigc-law-qa extractive"
    assert system.answer(FAIR_USE).model_copy(update={"timings_ms": own.timings_ms}) == own
    assert system.retrieve(FAIR_USE, 3) == [h.passage_id for h in assistant.search(FAIR_USE.question, k=3).hits]


def test_an_unknown_system_and_one_without_its_model_say_what_to_do(settings: Settings) -> None:
    with pytest.raises(InvalidInput, match="langchain-quickstart"):
        named("quickstart", settings)
    for name in ("model", "no-retrieval"):
        with pytest.raises(ModelUnavailable, match="AIGC_LAW_MODEL"):
            named(name, settings)


def test_every_chunk_stands_where_it_says(assistant: Assistant) -> None:
    pytest.importorskip("langchain_text_splitters")
    catalog = assistant.index.catalog
    chunks = list(recursive_chunks(catalog))
    assert max(len(chunk.text) for chunk in chunks) <= 1000
    for chunk in chunks:
        document = catalog.document(chunk.document_id)
        assert document is not None
        assert document.text[chunk.start : chunk.end] == chunk.text
    assert len(list(article_chunks(catalog))) == sum(len(catalog.passages_of(name)) for name in catalog.metas)


def test_a_chunk_cites_what_it_holds_at_least_half_of(assistant: Assistant) -> None:
    catalog = assistant.index.catalog
    one, two, three = catalog.passages_of("copyright-law-2020")[:3]
    assert [p.id for p in (one, two, three)] == [f"copyright-law-2020/art-{n}" for n in (1, 2, 3)]
    places = Places(catalog)

    def cited(start: int, end: int) -> list[tuple[str, int, int]]:
        found = places.citations(Chunk("", "copyright-law-2020", start, end), 1, _today())
        return [(c.passage_id, c.start, c.end) for c in found]

    assert cited(one.start, one.end) == [(one.id, one.start, one.end)]
    # All of 1, all of 2, a little of 3.
    assert [name for name, _, _ in cited(one.start, three.start + 10)] == [one.id, two.id]
    # A piece out of the middle of a long article is that article's.
    middle = (two.start + 20, two.start + 60)
    assert cited(*middle) == [(two.id, *middle)]
    # Less than half of 1, which is most of the chunk.
    assert [name for name, _, _ in cited(one.start + 5, one.start + 25)] == [one.id]
    # What lies between two articles is nobody's.
    assert cited(one.end, one.end + 2) == []


@pytest.fixture(scope="module")
def searched(assistant: Assistant) -> Quickstart:
    return Quickstart("retrieval", OurSearch(assistant), assistant.index.catalog, assistant.fingerprints)


def test_without_a_model_a_baseline_shows_what_it_found(searched: Quickstart, assistant: Assistant) -> None:
    answer = searched.answer(FAIR_USE)
    hits = assistant.search(FAIR_USE.question, k=4).hits
    assert answer.answer == "\n\n".join(f"{hit.text}[{n}]" for n, hit in enumerate(hits, 1))
    assert [(c.n, c.quote) for c in answer.citations] == [(n, hit.text) for n, hit in enumerate(hits, 1)]
    assert [claim.text for claim in answer.claims] == [hit.text for hit in hits]
    assert not searched.answer(WEATHER).refused


def test_chroma_is_built_once_and_finds_again(settings: Settings, tmp_path: Path) -> None:
    pytest.importorskip("langchain_chroma")
    pytest.importorskip("langchain_text_splitters")
    from evals.systems.embeddings import BuiltinEmbeddings

    system = quickstart("q", article_chunks, settings, BuiltinEmbeddings(), stores=tmp_path)
    found = system.retrieve(COMPLAINTS, 5)
    assert found is not None
    assert "aigc-interim-measures-2023/art-15" in found
    answer = system.answer(COMPLAINTS)
    for citation in answer.citations:
        document = system.document(citation.document_id)
        assert document is not None
        assert document.text[citation.start : citation.end] == citation.quote
    cut: list[int] = []

    def counted(catalog: Any) -> Iterator[Chunk]:
        cut.append(1)
        return article_chunks(catalog)

    again = quickstart("q", counted, settings, BuiltinEmbeddings(), stores=tmp_path)
    assert again.retrieve(COMPLAINTS, 5) == found
    assert cut == []


def test_bm25_finds_by_words(settings: Settings) -> None:
    pytest.importorskip("langchain_community")
    pytest.importorskip("rank_bm25")
    pytest.importorskip("jieba")
    found = named("bm25", settings).retrieve(Question(id="x", category="c", question="投诉、举报机制的反馈时限"), 3)
    assert found is not None
    assert "aigc-interim-measures-2023/art-15" in found


@pytest.fixture
def modelled(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, Settings]]:
    with scripted(Reply("学校课堂教学可以少量复制已经发表的作品。月亮归用户所有。")) as model:
        monkeypatch.setenv("OPENAI_BASE_URL", model.url)
        monkeypatch.setenv("OPENAI_API_KEY", "k")
        yield model, settings.model_copy(update={"model": "openai:scripted"})


def test_with_a_model_a_baseline_writes_with_the_tutorials_prompt(
    modelled: tuple[Any, Settings], assistant: Assistant
) -> None:
    from rag.generate.chat_models import load_chat_model

    model, settings = modelled
    chat = load_chat_model(settings)
    system = Quickstart("q", OurSearch(assistant), assistant.index.catalog, assistant.fingerprints, model=chat)
    answer = system.answer(FAIR_USE)
    (request,) = model.requests
    prompt = request["messages"][0]["content"]
    assert prompt.startswith("You are an assistant for question-answering tasks.")
    assert FAIR_USE.question in prompt
    assert assistant.search(FAIR_USE.question, k=4).hits[0].text in prompt
    assert answer.mode == "model"
    assert [claim.text for claim in answer.claims] == ["学校课堂教学可以少量复制已经发表的作品。", "月亮归用户所有。"]
    assert answer.claims[1].support == "unsupported"
    assert all(claim.citations == tuple(c.n for c in answer.citations) for claim in answer.claims)
    model.script(Reply("我不知道。"))
    declined = system.answer(WEATHER)
    assert (declined.refused, declined.claims, declined.citations) == (True, (), ())


def test_what_cannot_be_run_is_no_score_of_zero(settings: Settings) -> None:
    result = compare([FAIR_USE, WEATHER], [BY_NAME["extractive"], BY_NAME["no-retrieval"]], settings)
    ours, alone = result["rows"]
    assert ours["summary"]["citation_recall"]["mean"] == 1.0
    assert ours["refusals"]["recall"] == 1.0
    assert alone["summary"] is None
    assert "AIGC_LAW_MODEL" in alone["note"]
    assert result["n"] == 2


def test_the_page_is_what_the_results_say(settings: Settings, tmp_path: Path) -> None:
    pytest.importorskip("rank_bm25")
    pytest.importorskip("jieba")
    result = compare([FAIR_USE, WEATHER], [BY_NAME[name] for name in ("extractive", "bm25", "no-retrieval")], settings)
    (tmp_path / page.FILE).write_text(json.dumps(result, ensure_ascii=False), "utf-8")
    text = page.write(tmp_path).read_text("utf-8")
    ours = result["rows"][0]
    recall = ours["summary"]["citation_recall"]
    assert f"| aigc-law-qa extractive | {ours['summary']['recall@5']['mean']:.3f} [" in text
    assert f"cites {recall['mean']:.0%} of what is needed, the best baseline (BM25 + jieba)" in text
    assert "- no-retrieval: 没有测" in text
    page.check(tmp_path)
    (tmp_path / page.PAGE).write_text(text.replace("1.000", "0.999"), "utf-8")
    with pytest.raises(InvalidInput, match="不一致"):
        page.check(tmp_path)


def test_the_committed_page_is_what_the_committed_results_say() -> None:
    page.check(RESULTS.parent)


def test_every_entry_is_described() -> None:
    assert [entry.name for entry in ENTRIES if not entry.description] == []
    assert len(BY_NAME) == len(ENTRIES)


def _today() -> Any:
    import datetime as dt

    return dt.date(2026, 11, 22)


class Crashing:
    name = "crashing"

    def __init__(self, found: list[str] | None) -> None:
        self.found = found

    def answer(self, question: Question) -> Answer:
        raise RuntimeError(f"no {question.id}")

    def retrieve(self, question: Question, k: int) -> list[str] | None:
        del question
        return self.found[:k] if self.found is not None else None

    def document(self, identifier: str) -> None:
        del identifier


def test_a_crash_scores_nothing_and_is_listed() -> None:
    result = run([FAIR_USE], Crashing(["copyright-law-2020/art-24"]), quiet=True, workers=2)
    (question,) = result["questions"]
    assert question["error"] == "RuntimeError: no t1"
    nothing = dict.fromkeys(
        ("citation_recall", "pinpoint_recall", "alce_recall", "fact_recall", "answered_rightly"), 0.0
    )
    nothing |= {"accurate": 0.0, "incomplete": 1.0, "hallucinated": 0.0}
    found = dict.fromkeys(("recall@1", "recall@5", "recall@10", "rr@10", "ndcg@10"), 1.0)
    assert question["values"] == nothing | found
    (unranked,) = run([FAIR_USE], Crashing(None), quiet=True)["questions"]
    assert unranked["values"] == nothing


def test_questions_are_asked_at_the_same_time() -> None:
    met = threading.Barrier(2, timeout=20)

    class Meeting(Crashing):
        def answer(self, question: Question) -> Answer:
            met.wait()
            return _plain_answer(question)

    result = run([FAIR_USE, WEATHER], Meeting(None), quiet=True, workers=2)
    assert [question["error"] for question in result["questions"]] == [None, None]


def _plain_answer(question: Question) -> Answer:
    return Answer(
        question=question.question,
        as_of=_today(),
        answer="好",
        timings_ms=Timings(),
        fingerprints=Fingerprints(corpus="", index="", settings=""),
    )


@pytest.fixture(scope="module")
def resolver(assistant: Assistant) -> Resolver:
    return Resolver(assistant.index.catalog, assistant.names)


ART_24 = "copyright-law-2020/art-24"


@pytest.mark.parametrize(
    ("given", "passage", "paragraph", "item"),
    [
        ({"passage_id": ART_24}, ART_24, None, None),
        ({"passage_id": f"{ART_24}/p1/i6"}, ART_24, None, None),
        (
            {"document_id": "copyright-law-2020", "article": "第二十四条", "paragraph": "第一款", "item": "第（六）项"},
            ART_24,
            "第一款",
            "第（六）项",
        ),
        (
            {"title": "中华人民共和国著作权法", "article": 24, "paragraph": 1, "item": "6"},
            ART_24,
            "第一款",
            "第（六）项",
        ),
        ({"title": "《著作权法》", "article": "第24条"}, ART_24, None, None),
        (
            {"number": "（2024）粤0192民初113号", "section": "法院认为"},
            "guangzhou-ultraman-2024/court-view",
            None,
            None,
        ),
        ({"title": "广州奥特曼案", "section": "裁判结果"}, "guangzhou-ultraman-2024/disposition", None, None),
    ],
)
def test_a_citation_is_found_however_it_is_written(
    resolver: Resolver, given: dict[str, Any], passage: str, paragraph: str | None, item: str | None
) -> None:
    found = resolver.citation(OutsideCitation.model_validate(given), 1, _today())
    assert (found.passage_id, found.paragraph, found.item) == (passage, paragraph, item)


@pytest.mark.parametrize(
    "given",
    [
        {"document_id": "copyright-law-2020", "article": "第九百条"},
        {"title": "人工智能法", "article": "第一条"},
        {"passage_id": f"{ART_24}0"},
        {},
    ],
)
def test_a_place_that_does_not_exist_is_no_place_of_ours(resolver: Resolver, given: dict[str, Any]) -> None:
    found = resolver.citation(OutsideCitation.model_validate(given), 1, _today())
    assert found.document_id.startswith("?")
    assert found.passage_id.startswith("?")


def test_a_quote_is_looked_up_where_no_span_is_given(resolver: Resolver, assistant: Assistant) -> None:
    def cited(quote: str) -> Citation:
        return resolver.citation(OutsideCitation(passage_id=ART_24, quote=quote), 1, _today())

    document = assistant.document("copyright-law-2020")
    assert document is not None
    found = cited("不得影响该作品的正常使用")
    assert document.text[found.start : found.end] == found.quote
    invented = cited("可以随便使用任何作品")
    assert document.text[invented.start : invented.end] != invented.quote


def _written(path: Path, *rows: Any) -> Path:
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), "utf-8")
    return path


def test_answers_of_others_are_scored(assistant: Assistant, tmp_path: Path) -> None:
    quote = "不得影响该作品的正常使用"
    answers = _written(
        tmp_path / "theirs.jsonl",
        {
            "id": "t1",
            "answer": f"用于课堂教学的少量复制，{quote}。[1]月亮归用户所有。[1]",
            "citations": [{"title": "著作权法", "article": 24, "item": 6, "quote": quote}],
        },
        "",
        {"id": "t2", "refused": True},
        {"id": "nobody", "answer": "好"},
    )
    system = Recorded(answers, assistant)
    questions = [FAIR_USE, WEATHER, COMPLAINTS]
    assert (system.name, system.missing(questions), system.unknown(questions)) == ("theirs", ["t3"], ["nobody"])
    assert [claim.support for claim in system.answer(FAIR_USE).claims][1] == "unsupported"
    with pytest.raises(NotAnswered):
        system.answer(COMPLAINTS)
    result = run(questions, system, quiet=True)
    first, second, third = (question["values"] for question in result["questions"])
    measured = ("citation_recall", "pinpoint_recall", "citation_precision", "verbatim", "existence", "fact_recall")
    assert {name: first[name] for name in measured} == dict.fromkeys(measured, 1.0)
    assert first["latency_ms"] is None
    assert "recall@5" not in first
    assert second["latency_ms"] is None
    assert third["citation_recall"] == 0.0
    counted = {name: result["refusals"][name] for name in ("precision", "recall", "refused", "expected")}
    assert counted == {"precision": 1.0, "recall": 1.0, "refused": 1, "expected": 1}


def test_an_invented_quote_carries_no_sentence(assistant: Assistant, tmp_path: Path) -> None:
    lie = "任何人都可以随便使用任何作品而不受限制"
    answers = _written(
        tmp_path / "a.jsonl",
        {
            "id": "t1",
            "answer": f"{lie}。",
            "claims": [{"text": f"{lie}。", "citations": [1], "support": "supported", "score": 1}],
            "citations": [{"n": 1, "passage_id": ART_24, "quote": lie}],
        },
    )
    answer = Recorded(answers, assistant).answer(FAIR_USE)
    assert answer.claims[0].support != "supported"
    (question,) = run([FAIR_USE], Recorded(answers, assistant), quiet=True)["questions"]
    assert question["values"]["verbatim"] == 0.0


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "不是 JSON"),
        ("[]", "不是 JSON 对象"),
        ('{"id": "b"}', "answer"),
        ('{"answer": "好"}', "id"),
        ('{"id": "a", "answer": "好"}', "重复"),
        ('{"id": "b", "answer": 3}', "answer"),
        ('{"id": "b", "answer": "好", "citations": [{"start": -1}]}', "citations.0.start"),
        ('{"id": "b", "refusal": {"reason": "tired"}}', "refusal.reason"),
    ],
)
def test_a_bad_line_is_refused_with_its_number(assistant: Assistant, tmp_path: Path, line: str, why: str) -> None:
    answers = _written(tmp_path / "a.jsonl", {"id": "a", "answer": "好"}, line)
    with pytest.raises(InvalidInput, match="第 2 行") as caught:
        Recorded(answers, assistant)
    assert why in caught.value.why


def test_score_lists_what_is_missing(index_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    questions = _written(tmp_path / "q.jsonl", FAIR_USE.model_dump_json(), WEATHER.model_dump_json())
    answers = _written(tmp_path / "a.jsonl", {"id": "t2", "refused": True})
    out = tmp_path / "out.json"
    command = [
        "score",
        str(answers),
        "--questions",
        str(questions),
        "--index",
        str(index_dir),
        "--out",
        str(out),
    ]
    assert main(command) == 0
    assert "没有答的 1 题按 0 分计：t1" in capsys.readouterr().out
    result = json.loads(out.read_text("utf-8"))
    assert (result["missing"], result["unknown"]) == (["t1"], [])
    assert result["summary"]["citation_recall"]["mean"] == 0.0
    assert main(["score", str(tmp_path / "none.jsonl"), "--index", str(index_dir)]) == 2


Responder = Callable[[dict[str, Any], int], tuple[int, dict[str, str], bytes]]


@contextmanager
def served(respond: Responder) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A real server that is given each request and how many came before it."""
    requests: list[dict[str, Any]] = []
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            del args

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["content-length"])))
            with lock:
                before = len(requests)
                requests.append(request)
            status, headers, body = respond(request, before)
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(BrokenPipeError):  # who gave up waiting is gone
                self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/ask", requests
    finally:
        server.shutdown()
        server.server_close()


def _says(answer: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    return 200, {"content-type": "application/json"}, json.dumps(answer).encode()


def test_an_endpoint_is_asked_and_scored(index_dir: Path, tmp_path: Path) -> None:
    def respond(request: dict[str, Any], before: int) -> tuple[int, dict[str, str], bytes]:
        del before
        if request["id"] == "t2":
            return _says({"refused": True, "refusal": {"reason": "out_of_scope"}})
        return _says({"answer": "课堂教学可以少量复制。[1]", "citations": [{"passage_id": ART_24, "item": "6"}]})

    asked = FAIR_USE.model_copy(update={"history": (("你好", "您好"),), "as_of": _today()})
    questions = _written(tmp_path / "q.jsonl", asked.model_dump_json(), WEATHER.model_dump_json())
    out = tmp_path / "out.json"
    with served(respond) as (url, requests):
        common = ["--questions", str(questions), "--index", str(index_dir), "--out", str(out)]
        assert main(["run", "--endpoint", url, *common]) == 0
    assert sorted(requests, key=lambda request: str(request["id"])) == [
        {"id": "t1", "question": FAIR_USE.question, "as_of": "2026-11-22", "history": [["你好", "您好"]]},
        {"id": "t2", "question": WEATHER.question, "as_of": None, "history": []},
    ]
    result = json.loads(out.read_text("utf-8"))
    assert result["system"] == "127.0.0.1/ask"
    assert result["summary"]["citation_recall"]["mean"] == 1.0
    assert result["summary"]["latency_ms"]["n"] == 2
    assert result["refusals"]["recall"] == 1.0


def test_a_busy_endpoint_is_asked_again_when_it_says(assistant: Assistant) -> None:
    def respond(request: dict[str, Any], before: int) -> tuple[int, dict[str, str], bytes]:
        del request
        return (503, {"retry-after": "0"}, b"") if before < 2 else _says({"answer": "好"})

    with served(respond) as (url, requests):
        assert Endpoint(url, assistant).answer(FAIR_USE).answer == "好"
        assert len(requests) == 3


@pytest.mark.parametrize(
    ("status", "body", "error", "tries"),
    [
        (400, b"", httpx.HTTPStatusError, 1),
        (200, b"<html>", BadReply, 1),
        (200, b'{"answer": 1}', BadReply, 1),
        (500, b"", httpx.HTTPStatusError, 3),
    ],
)
def test_an_endpoint_that_fails_crashes_its_question(
    assistant: Assistant, status: int, body: bytes, error: type[Exception], tries: int
) -> None:
    with served(lambda *_: (status, {"retry-after": "0"}, body)) as (url, requests):
        with pytest.raises(error):
            Endpoint(url, assistant).answer(FAIR_USE)
        assert len(requests) == tries


def test_an_endpoint_that_hangs_is_given_up(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evals.systems.endpoint._backoff", lambda _: 0.0)
    release = threading.Event()

    def respond(*_: Any) -> tuple[int, dict[str, str], bytes]:
        release.wait(20)
        return _says({"answer": "好"})

    with served(respond) as (url, requests):
        with pytest.raises(httpx.ReadTimeout):
            Endpoint(url, assistant, timeout=0.2).answer(FAIR_USE)
        release.set()
        assert len(requests) == 3


def test_requests_keep_their_distance(assistant: Assistant) -> None:
    with served(lambda *_: _says({"answer": "好"})) as (url, requests):
        system = Endpoint(url, assistant, per_minute=300)
        began = time.monotonic()
        result = run([FAIR_USE, WEATHER, COMPLAINTS], system, workers=3, quiet=True)
        assert time.monotonic() - began >= 0.4
        assert len(requests) == 3
    assert [question["error"] for question in result["questions"]] == [None] * 3


@pytest.mark.parametrize("address", ["127.0.0.1:8000", "ftp://x/y", "http://", "x://y", "http://h:99999/"])
def test_what_is_no_address_is_refused(assistant: Assistant, address: str) -> None:
    with pytest.raises(InvalidInput, match="不是 HTTP 地址"):
        Endpoint(address, assistant)
