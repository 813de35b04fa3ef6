"""``python -m rag`` as users and scripts run it: output, order, exit codes, error texts, what is imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from rag.pipeline import Assistant
from rag.support import support
from rag.types import Answer

ROOT = Path(__file__).parents[1]
ARTICLE = "著作权法第24条第2款"


@dataclass(frozen=True)
class Run:
    code: int
    out: str
    err: str

    @property
    def records(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.out.split("\n") if line]


@dataclass(frozen=True)
class Shell:
    """Runs the command in an empty folder, without this machine's settings."""

    folder: Path

    def __call__(self, *arguments: str | bytes | Path, python: tuple[str, ...] = (), **variables: str) -> Run:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("AIGC_LAW_", "OPENAI_"))}
        environment = {**clean, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **variables}
        done = subprocess.run(
            [sys.executable, *python, "-m", "rag", *arguments],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            timeout=120,
        )
        return Run(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))

    def file(self, name: str, *lines: str | dict[str, object]) -> Path:
        path = self.folder / name
        written = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
        path.write_text("\n".join(written), "utf-8")
        return path


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def stable(record: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in record.items() if key != "timings_ms"}


def dumped(answer: Answer) -> dict[str, object]:
    return stable(answer.model_dump(mode="json"))


def test_one_question_is_answered_in_text_and_imports_nothing_heavy(
    shell: Shell, assistant: Assistant, index_dir: Path
) -> None:
    run = shell("ask", ARTICLE, "--index", index_dir, python=("-X", "importtime"))
    answer = assistant.answer(ARTICLE)
    (citation,) = answer.citations
    assert run.code == 0
    assert run.out.splitlines() == [
        *answer.answer.splitlines(),
        "",
        "出处",
        f"[1] {citation.label}（摘要，copyright-law-2020 {citation.start}–{citation.end}）",
    ]
    imported = {line.rsplit("|", 1)[1].strip().split(".")[0] for line in run.err.splitlines() if "|" in line}
    assert {"rag", "numpy"} <= imported
    heavy = {
        "torch",
        "streamlit",
        "langchain_core",
        "langchain_openai",
        "transformers",
        "sentence_transformers",
        "openai",
    }
    assert imported & heavy == set()


def test_json_of_one_question_is_the_answer_of_python(shell: Shell, assistant: Assistant, index_dir: Path) -> None:
    run = shell("ask", "广州奥特曼案赔了多少钱？", "--json", AIGC_LAW_INDEX=str(index_dir))
    assert run.code == 0
    assert [stable(record) for record in run.records] == [dumped(assistant.answer("广州奥特曼案赔了多少钱？"))]


def test_refusal_is_an_answer_and_no_failure(shell: Shell, assistant: Assistant, index_dir: Path) -> None:
    run = shell("ask", "著作权法第200条", "--as-of", "2024-05-06", "--index", index_dir)
    refusal = assistant.answer("著作权法第200条").refusal
    assert refusal is not None
    assert (run.code, run.out) == (0, f"不能回答。\n\n{refusal.message}\n")


def test_batch_is_answered_line_by_line_in_order_and_bad_lines_say_which_and_why(
    shell: Shell, assistant: Assistant, index_dir: Path
) -> None:
    history = [["著作权法第二十四条规定了什么？", "…"]]
    batch = shell.file(
        "questions.jsonl",
        {"id": "first", "question": ARTICLE},
        "not json",
        "",
        {"id": "then", "question": "那第五十二条呢？", "history": history},
        "[1]",
        {"id": "no-question"},
        {"id": "bad-day", "question": ARTICLE, "as_of": "2023-02-30"},
        {"id": "bad-history", "question": ARTICLE, "history": "x"},
        {"id": "emoji", "question": "😀"},
        {"id": "old", "question": "暂行办法第四条", "as_of": "2023-08-14"},
        {"id": "line\u2028separator", "question": "著作权法第67条"},
        {"question": "著作权法第67条", "history": None, "as_of": None},
    )
    run = shell("ask", "--batch", batch, "--index", index_dir, "--as-of", "2025-01-02")
    assert run.code == 2
    assert run.err == ""
    day = assistant.answer(ARTICLE).as_of.replace(2025, 1, 2)
    answered = {
        0: assistant.answer(ARTICLE, as_of=day, identifier="first"),
        2: assistant.answer(
            "那第五十二条呢？", as_of=day, history=[(user, reply) for user, reply in history], identifier="then"
        ),
        8: assistant.answer("暂行办法第四条", as_of=day.replace(2023, 8, 14), identifier="old"),
        9: assistant.answer("著作权法第67条", as_of=day, identifier="line\u2028separator"),
        10: assistant.answer("著作权法第67条", as_of=day),
    }
    assert len(run.records) == 11
    assert {n: stable(run.records[n]) for n in answered} == {n: dumped(answer) for n, answer in answered.items()}
    errors = [(record["id"], record["error"]) for record in run.records if "error" in record]
    assert [
        (identifier, error["type"], error["message"].partition("。")[0])  # type: ignore[index]
        for identifier, error in errors
    ] == [
        (None, "InvalidInput", "第 2 行：不是有效的 JSON"),
        (None, "InvalidInput", "第 5 行：每行应为一个 JSON 对象"),
        ("no-question", "InvalidInput", "第 6 行：缺少文本字段 question"),
        ("bad-day", "InvalidInput", "第 7 行：日期 as_of 有误：'2023-02-30'"),
        ("bad-history", "InvalidInput", "第 8 行：字段 history 必须形如 [[提问, 回答], …]"),
        ("emoji", "InvalidQuestion", "第 9 行：问题里没有文字"),
    ]


def test_batch_without_a_bad_line_succeeds(shell: Shell, assistant: Assistant, index_dir: Path) -> None:
    batch = shell.folder / "bom.jsonl"
    batch.write_bytes(b"\xef\xbb\xbf" + json.dumps({"id": 7, "question": "著作权法第67条"}).encode() + b"\r\n")
    run = shell("search", "--batch", batch, "-k", "2", "--index", index_dir)
    assert (run.code, run.err) == (0, "")
    (record,) = run.records
    expected = assistant.search("著作权法第67条", k=2).model_dump(mode="json")
    assert {**record, "id": None} == expected


def test_id_comes_back_as_it_was_given(shell: Shell, index_dir: Path) -> None:
    batch = shell.file("q.jsonl", {"id": 7, "question": "著作权法第67条"})
    assert [record["id"] for record in shell("ask", "--batch", batch, "--index", index_dir).records] == [7]


def test_search_lists_hits_for_reading(shell: Shell, assistant: Assistant, index_dir: Path) -> None:
    read = shell("search", ARTICLE, "-k", "2", "--index", index_dir)
    hits = assistant.search(ARTICLE, k=2).hits
    assert read.code == 0
    assert read.out.splitlines()[0::2] == [
        f"{hit.rank:>2}. {hit.score:.3f}  {hit.title} {hit.article}  [{hit.passage_id}]" for hit in hits
    ]


def test_claims_are_verified_without_an_index_in_order(shell: Shell) -> None:
    rule = "提供者应当建立健全投诉、举报机制。"
    batch = shell.file(
        "claims.jsonl",
        {"id": "same", "claim": rule, "sources": [rule]},
        {"id": 2, "claim": rule.replace("应当", "可以"), "sources": ["无关的来源。", rule]},
        {"id": "none", "claim": rule, "sources": []},
        {"id": "no-claim", "sources": [rule]},
        {"id": "text", "claim": rule, "sources": rule},
    )
    run = shell("verify", "--batch", batch)
    assert run.code == 2
    verdict = support(rule.replace("应当", "可以"), ["无关的来源。", rule])
    assert verdict.support == "contradicted"
    assert run.records[:3] == [
        {"id": "same", "support": "supported", "score": 1.0},
        {"id": 2, "support": verdict.support, "score": verdict.score},
        {"id": "none", "support": "unsupported", "score": 0.0},
    ]
    messages = [(record["id"], str(record["error"])) for record in run.records[3:]]
    assert [identifier for identifier, _ in messages] == ["no-claim", "text"]
    assert "第 4 行：缺少文本字段 claim。" in messages[0][1]
    assert "第 5 行：字段 sources 必须是字符串数组。" in messages[1][1]


WRONG: list[tuple[str, tuple[str, ...], str]] = [
    ("no command", (), "the following arguments are required: COMMAND"),
    ("no question", ("ask",), "请给出一个问题，或用 --batch FILE.jsonl 给出一批问题，二者取其一。"),
    ("impossible day", ("ask", "q", "--as-of", "2024-02-30"), "日期有误：'2024-02-30'，请写成 YYYY-MM-DD"),
    ("no hits wanted", ("search", "q", "-k", "0"), "-k 必须是正整数，收到 0。"),
    ("no batch file", ("verify", "--batch", "nowhere.jsonl"), "无法读取 nowhere.jsonl。"),
]


@pytest.mark.parametrize(("arguments", "message"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_wrong_use_ends_with_code_2_and_a_message_instead_of_a_traceback(
    shell: Shell, arguments: tuple[str, ...], message: str
) -> None:
    run = shell(*arguments)
    assert (run.code, run.out) == (2, "")
    assert message in run.err
    assert "Traceback" not in run.err


def test_missing_index_names_the_command_that_builds_it(shell: Shell) -> None:
    run = shell("ask", "AI图片有著作权吗", "--index", "here")
    assert (run.code, run.out) == (2, "")
    here = shell.folder / "here"
    assert run.err == f"错误：索引不存在：{here}。 原因：还没有建立 下一步：运行：python -m ingest --index here\n"


def test_batch_that_is_not_utf8_is_refused_by_name(shell: Shell) -> None:
    path = shell.folder / "gbk.jsonl"
    path.write_bytes('{"id":1,"claim":"著作权","sources":[]}'.encode("gbk"))
    run = shell("verify", "--batch", path)
    assert (run.code, run.out) == (2, "")
    assert f"无法读取 {path}。" in run.err
    assert "文件应为 UTF-8 的 JSON Lines" in run.err


def test_setting_out_of_range_is_named(shell: Shell, index_dir: Path) -> None:
    run = shell("ask", ARTICLE, "--index", index_dir, AIGC_LAW_DENSE_WEIGHT="7")
    assert (run.code, run.out) == (2, "")
    assert "AIGC_LAW_DENSE_WEIGHT: Input should be less than or equal to 1" in run.err


def test_index_of_another_embedder_is_refused_with_both_ways_out(shell: Shell, index_dir: Path) -> None:
    run = shell("ask", ARTICLE, "--index", index_dir, AIGC_LAW_EMBEDDER="openai:bge-m3")
    assert (run.code, run.out) == (2, "")
    assert "'builtin'，当前设置是 'openai:bge-m3'" in run.err
    assert "--rebuild" in run.err


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ((), ("ask", "search", "verify")),
        (("ask",), ("QUESTION", "--batch FILE.jsonl", "--as-of YYYY-MM-DD", "--index DIR", "--json")),
        (("search",), ("QUESTION", "--batch FILE.jsonl", "--as-of YYYY-MM-DD", "--index DIR", "--json", "-k N")),
        (("verify",), ("--batch FILE.jsonl", "claim", "sources")),
    ],
    ids=["rag", "ask", "search", "verify"],
)
def test_help_names_every_option_of_the_contract(
    shell: Shell, command: tuple[str, ...], options: tuple[str, ...]
) -> None:
    run = shell(*command, "--help")
    assert (run.code, run.err) == (0, "")
    assert [option for option in options if option not in run.out] == []


def test_text_that_no_encoding_can_write_is_an_error_of_its_line(shell: Shell) -> None:
    batch = shell.file(
        "s.jsonl", '{"id":"\\ud800","claim":"作者","sources":["作者"]}', {"id": 2, "claim": "", "sources": []}
    )
    run = shell("verify", "--batch", batch)
    assert "Traceback" not in run.err
    assert run.records[-1] == {"id": 2, "support": "unsupported", "score": 0.0}


def test_argument_that_is_not_utf8_ends_without_a_traceback(shell: Shell, index_dir: Path) -> None:
    run = shell("ask", ARTICLE.encode() + b"\xff", "--json", "--index", index_dir)
    assert "Traceback" not in run.err


def test_deeply_nested_line_is_an_error_of_its_line(shell: Shell) -> None:
    batch = shell.file("deep.jsonl", "[" * 100_000, {"id": 2, "claim": "", "sources": []})
    run = shell("verify", "--batch", batch)
    assert "Traceback" not in run.err
    assert run.records[-1] == {"id": 2, "support": "unsupported", "score": 0.0}


def test_key_of_another_program_in_the_settings_file_does_no_harm(shell: Shell, index_dir: Path) -> None:
    shell.file(".env", "OPENAI_API_KEY=sk-1", f"AIGC_LAW_INDEX={index_dir}")
    assert shell("ask", ARTICLE).code == 0


def test_unknown_setting_is_refused(shell: Shell, index_dir: Path) -> None:
    run = shell("ask", ARTICLE, "--index", index_dir, AIGC_LAW_DENSE_WEIGT="0.7")
    assert run.code == 2
    assert "DENSE_WEIGT" in run.err
