"""Complaints, corrections and feedback: told by a reader, kept with the answer and its audit bundle, handled and exported by the operator.

《生成式人工智能服务管理暂行办法》 art. 15 asks for an entry for complaints, for handling them and for telling the outcome. A report keeps its own
copy of the answer: it stays when the conversation is deleted, until its owner withdraws it.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import sqlalchemy as sa

from rag import Answer
from rag.bundle import AuditBundle
from rag.errors import InvalidInput
from rag.text import printable
from ui.keep.database import Database, owner_key, reports

ReportKind = Literal["complaint", "correction", "feedback"]
Vote = Literal["up", "down"]
TOPICS = ("回答有误", "引用不准确", "侵权或违法内容", "个人信息", "其他")
MAX_TEXT, MAX_CONTACT = 4000, 200


@dataclass(frozen=True, slots=True)
class Report:
    """``answer`` and ``bundle`` are their JSON as kept, so that an export has them whatever version wrote them; times are in UTC."""

    id: str
    at: dt.datetime
    kind: ReportKind
    topic: str | None
    vote: Vote | None
    text: str
    contact: str | None
    answer: dict[str, Any] | None
    bundle: dict[str, Any] | None
    handled: dt.datetime | None
    outcome: str | None


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Reports:
    """All reports of an installation. Every method raises KeepUnavailable where the file cannot be used."""

    def __init__(self, database: Database, *, now: Callable[[], dt.datetime] = _now) -> None:
        self._database, self._now = database, now

    def complain(
        self,
        owner: str,
        text: str,
        *,
        topic: str,
        kind: ReportKind = "complaint",
        contact: str = "",
        answer: Answer | None = None,
        bundle: AuditBundle | None = None,
    ) -> str:
        """Keep a complaint or a correction; returns its number, which its owner can ask after.

        Raises:
            InvalidInput: it says nothing, is too long, or its topic is none of ``TOPICS``.
        """
        if not text.strip():
            raise InvalidInput("请先写下内容。", next_step="写明哪一句、哪里不对。", code="report_empty")
        if topic not in TOPICS:
            raise InvalidInput(f"没有这一类：{topic!r}。", next_step=f"可选：{'、'.join(TOPICS)}。")
        return self._add(owner, kind, text, contact=contact, topic=topic, answer=answer, bundle=bundle)

    def vote(
        self, owner: str, vote: Vote, *, reason: str = "", answer: Answer, bundle: AuditBundle | None = None
    ) -> str:
        """Keep 👍 (up) or 👎 (down) on an answer, with a reason where there is one; returns its number.

        Raises:
            InvalidInput: the reason is too long, or it is neither up nor down.
        """
        if vote not in get_args(Vote):
            raise InvalidInput(f"评价只能是 up 或 down，不是 {vote!r}。")
        return self._add(owner, "feedback", reason, vote=vote, answer=answer, bundle=bundle)

    def of(self, owner: str) -> list[Report]:
        """What one owner reported, newest first, with the outcome where there is one."""
        return self._find(reports.c.owner == owner_key(owner))

    def all(self, *, unhandled: bool = False, kinds: Sequence[ReportKind] = ()) -> list[Report]:
        """For the operator: newest first."""
        wanted = [reports.c.handled.is_(None)] if unhandled else []
        return self._find(*wanted, *([reports.c.kind.in_(kinds)] if kinds else []))

    def handle(self, identifier: str, outcome: str) -> None:
        """Write down what came of a report, for its owner to read.

        Raises:
            InvalidInput: there is no such report, or no outcome.
        """
        if not outcome.strip():
            raise InvalidInput("处理结果不能为空。", next_step="写明怎样处理的。")
        values = {"handled": self._now().isoformat(), "outcome": _bounded("处理结果", outcome, MAX_TEXT)}
        with self._database.writing() as connection:
            changed = connection.execute(reports.update().where(reports.c.id == identifier).values(**values)).rowcount
        if not changed:
            raise InvalidInput(f"没有这条记录：{identifier!r}。", next_step="用 python -m ui complaints 查看编号。")

    def withdraw(self, owner: str, identifier: str) -> bool:
        """Delete one of an owner's reports and overwrite what was stored of it; False where there is none."""
        mine = (reports.c.id == identifier, reports.c.owner == owner_key(owner))
        with self._database.writing() as connection:
            gone = connection.execute(reports.delete().where(*mine)).rowcount > 0
        if gone:
            self._database.forget()
        return gone

    def _add(
        self, owner: str, kind: ReportKind, text: str, *, answer: Answer | None, bundle: AuditBundle | None,
        contact: str = "", topic: str | None = None, vote: Vote | None = None,
    ) -> str:  # fmt: skip
        identifier = str(uuid.uuid4())
        row = {
            "id": identifier,
            "owner": owner_key(owner),
            "at": self._now().isoformat(),
            "kind": kind,
            "topic": topic,
            "vote": vote,
            "text": _bounded("内容", text, MAX_TEXT),
            "contact": _bounded("联系方式", contact, MAX_CONTACT) or None,
            "answer": _json(answer.model_dump(mode="json")) if answer else None,
            "bundle": _json(bundle.model_dump(mode="json")) if bundle else None,
        }
        with self._database.writing() as connection:
            connection.execute(reports.insert().values(**row))
        return identifier

    def _find(self, *wanted: sa.ColumnElement[bool]) -> list[Report]:
        columns = [column for column in reports.c if column.name != "owner"]
        query = sa.select(*columns).where(*wanted).order_by(reports.c.at.desc(), reports.c.id)
        with self._database.reading() as connection:
            return [_report(dict(row)) for row in connection.execute(query).mappings()]


def write_jsonl(found: Sequence[Report], path: Path) -> None:
    """One report a line, oldest first, with its answer and its audit bundle; the file is written whole or not at all.

    Raises:
        InvalidInput: the file cannot be written.
    """
    temporary = path.parent / f".{path.name}.{os.getpid()}.new"
    lines = [json.dumps(asdict(report), ensure_ascii=False, default=_iso) + "\n" for report in reversed(found)]
    try:
        temporary.write_text("".join(lines), "utf-8")
        temporary.chmod(0o600)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise InvalidInput(
            f"无法写入 {path}。", why=error.strerror or str(error), next_step="检查文件夹是否存在、是否可写。"
        ) from error


def _iso(moment: dt.datetime) -> str:
    return moment.isoformat()


def _json(content: object) -> str:
    return printable(json.dumps(content, ensure_ascii=False))


def _bounded(name: str, text: str, most: int) -> str:
    stripped = printable(text).strip()
    if len(stripped) > most:
        raise InvalidInput(
            f"{name}太长。",
            why=f"{len(stripped)} 个字符，最多 {most} 个",
            next_step="缩短后重试。",
            code="report_too_long",
            n=len(stripped),
            most=most,
        )
    return stripped


def _report(row: dict[str, Any]) -> Report:
    for name in ("answer", "bundle"):
        row[name] = json.loads(row[name]) if row[name] else None
    for name in ("at", "handled"):
        row[name] = dt.datetime.fromisoformat(row[name]) if row[name] else None
    return Report(**row)
