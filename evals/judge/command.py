"""``python -m evals judge``: measure the judge first, then let it judge."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from tqdm import tqdm

from evals.judge.agreement import Agreement, agreement
from evals.judge.ask import prefer, rate
from evals.judge.cases import LABELLED, Case, case_of, fingerprint, read_labelled
from evals.judge.verdicts import CORRECTNESS, GROUNDING, Failure
from evals.questions import DEFAULT_QUESTIONS, read_questions
from evals.systems.recorded import Recorded
from rag.errors import InvalidInput, ModelUnavailable
from rag.generate.chat_models import load_chat_model
from rag.pipeline import open_assistant
from rag.settings import Settings, load_settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

MEASURED = Path(".bench") / "judge.json"
"""Agreement of the judge last measured on this machine."""


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "answers",
        type=Path,
        nargs="*",
        metavar="ANSWERS.jsonl",
        help="不给：测一致性；一个文件：逐题评定；两个文件：逐题比较，前者为 A",
    )
    command.add_argument("--model", metavar="服务商:模型", help="当裁判的语言模型，默认 AIGC_LAW_MODEL")
    command.add_argument("--labelled", type=Path, default=LABELLED, metavar="FILE.jsonl", help="人工标注的答案")
    command.add_argument("--agreement", type=Path, default=MEASURED, metavar="FILE.json", help=f"默认 {MEASURED}")
    command.add_argument("--questions", type=Path, default=DEFAULT_QUESTIONS, metavar="FILE.jsonl", help="评测问题")
    command.add_argument("--out", type=Path, metavar="FILE.json", help="逐题结果；不给则只打印")
    command.add_argument("--index", type=Path, metavar="DIR", help="引文所指的索引文件夹")
    command.set_defaults(run=_command)


def _command(arguments: argparse.Namespace) -> int:
    settings = load_settings(index=arguments.index, model=arguments.model)
    if not settings.model:
        raise ModelUnavailable("没有设置当裁判的语言模型。", next_step="设置 AIGC_LAW_MODEL，例如 openai:模型名。")
    if len(arguments.answers) > 2:
        raise InvalidInput("最多给两个答案文件。", next_step="一个文件逐题评定，两个文件逐题比较。")
    model = load_chat_model(settings)
    labels = fingerprint(arguments.labelled) if arguments.labelled.is_file() else ""
    if not arguments.answers:
        found = agreement(model, settings.model, read_labelled(arguments.labelled), labels)
        arguments.agreement.parent.mkdir(parents=True, exist_ok=True)
        arguments.agreement.write_text(found.model_dump_json(indent=1) + "\n", "utf-8")
        print(told(found))
        return 0
    print(told(measured(arguments.agreement, settings.model, labels)))
    cases = [_cases(path, arguments.questions, settings) for path in arguments.answers]
    result = _rated(model, cases[0]) if len(cases) == 1 else _compared(model, *cases)
    print(result.pop("told"))
    if arguments.out:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", "utf-8")
        print(f"结果：{arguments.out}")
    return 0


def measured(path: Path, judge: str, labels: str) -> Agreement:
    """The agreement of this judge with these labels, as it was measured.

    Raises:
        InvalidInput: it was not: no score of a judge is shown before that.
    """
    ask_first = "先运行 python -m evals judge（不给答案文件），测它与人工标注的一致性。"
    try:
        found = Agreement.model_validate_json(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise InvalidInput(
            f"裁判 {judge} 还没有测过一致性，不给出评分。", why=type(error).__name__, next_step=ask_first
        ) from error
    if not found.is_of(judge, labels):
        raise InvalidInput(
            f"裁判 {judge} 还没有测过一致性，不给出评分。",
            why=f"{path} 测的是 {found.judge}，或提示词、标注集已经改过",
            next_step=ask_first,
        )
    return found


def told(found: Agreement) -> str:
    def figure(share: float | None, by_chance: float | None) -> str:
        return f"{_percent(share)}（κ={'–' if by_chance is None else f'{by_chance:.2f}'}）"

    return (
        f"裁判 {found.judge} 与人工标注的一致性（n={found.n}，裁判失败 {found.failures}）："
        f"对错 {figure(found.correctness, found.correctness_kappa)}，依据 {figure(found.grounding, found.grounding_kappa)}；"
        f"两两比较 {_percent(found.pairs)}（n={found.pairs_n}，裁判失败 {found.pairs_failures}）"
    )


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


def _cases(path: Path, questions: Path, settings: Settings) -> dict[str, Case]:
    """The answered questions of a file that ask for an answer; a refusal is right or wrong without a judge."""
    recorded = Recorded(path, open_assistant(settings.model_copy(update={"model": ""})))
    asked = read_questions(questions)
    absent = set(recorded.missing(asked))
    answers = [(q, recorded.answer(q)) for q in asked if q.id not in absent and q.refusal is None]
    return {question.id: case_of(question, answer) for question, answer in answers if not answer.refused}


def _rated(model: BaseChatModel, cases: dict[str, Case]) -> dict[str, Any]:
    verdicts = {case.id: rate(model, case) for case in tqdm(cases.values(), unit="题", desc="评定", disable=None)}
    given = [verdict for verdict in verdicts.values() if not isinstance(verdict, Failure)]
    counted = Counter((verdict.correctness, verdict.grounding) for verdict in given)
    lines = [f"评定 {len(given)} 题，裁判失败 {len(verdicts) - len(given)} 题"]
    for correctness in CORRECTNESS:
        shown = [f"{grounding} {counted[correctness, grounding]}" for grounding in GROUNDING]
        lines.append(f"{correctness:12}" + "  ".join(shown))
    return {"told": "\n".join(lines), "ratings": {key: _as_json(verdict) for key, verdict in verdicts.items()}}


def _compared(model: BaseChatModel, a: dict[str, Case], b: dict[str, Case]) -> dict[str, Any]:
    both = [key for key in a if key in b]
    found = {key: prefer(model, a[key], b[key]) for key in tqdm(both, unit="题", desc="比较", disable=None)}
    counted = Counter(verdict for verdict in found.values() if not isinstance(verdict, Failure))
    failed = sum(isinstance(verdict, Failure) for verdict in found.values())
    line = (
        f"两者都答了 {len(both)} 题：A 胜 {counted['A']}，B 胜 {counted['B']}，平 {counted['tie']}，裁判失败 {failed}"
    )
    return {"told": line, "preferences": {key: _as_json(verdict) for key, verdict in found.items()}}


def _as_json(verdict: Any) -> Any:
    if isinstance(verdict, Failure):
        return {"failure": verdict.why}
    return verdict if isinstance(verdict, str) else verdict.model_dump()
