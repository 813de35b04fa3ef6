"""Conversations of one owner: kept, renamed, searched, deleted so that nothing of them is left in the file."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from pydantic import ValidationError

from rag import Answer
from rag.errors import InvalidInput
from rag.text import plain, printable
from rag.types import WITH_CODES
from ui.keep.database import Database, conversations, owner_key, turns

MAX_TITLE = 60
_AROUND = 30
"""Characters of a turn shown on each side of what was searched for."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """``used``: when something was last asked in it; both times are in UTC."""

    id: str
    title: str
    created: dt.datetime
    used: dt.datetime
    turns: int


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """A question and its answer; ``answer`` is None where a later version of this program cannot read what an earlier one kept: ``text`` remains."""

    question: str
    text: str
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class Found:
    """A conversation that a search found, and a piece of it around the words; empty where its title has them."""

    conversation: Conversation
    excerpt: str


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Conversations:
    """What one owner kept. ``owner`` is a secret of the browser; nobody else's conversations can be seen, changed or deleted with it.

    Every method raises KeepUnavailable where the file cannot be used.
    """

    def __init__(self, database: Database, owner: str, *, now: Callable[[], dt.datetime] = _now) -> None:
        self._database, self._owner, self._now = database, owner_key(owner), now

    def create(self, title: str) -> str:
        """A new conversation; returns its id. The first question makes a good title."""
        identifier, now, name = str(uuid.uuid4()), self._now().isoformat(), _title(title)
        row = {"id": identifier, "owner": self._owner, "title": name, "searchable": plain(name)}
        with self._database.writing() as connection:
            connection.execute(conversations.insert().values(**row, created=now, used=now))
        return identifier

    def append(self, identifier: str, answer: Answer) -> int:
        """Keep an answer with its question as the last turn; returns its position, from 0.

        Raises:
            InvalidInput: there is no such conversation.
        """
        question, text = printable(answer.question), printable(answer.answer)
        row = {
            "question": question,
            "text": text,
            "answer": printable(json.dumps(answer.model_dump(mode="json", context=WITH_CODES), ensure_ascii=False)),
        }
        with self._database.writing() as connection:
            self._touch(connection, identifier, used=self._now().isoformat())
            last = sa.select(sa.func.max(turns.c.position)).where(turns.c.conversation == identifier)
            position = int(connection.scalar(last) if connection.scalar(last) is not None else -1) + 1
            searchable = plain(f"{question}\n{text}")
            connection.execute(
                turns.insert().values(**row, conversation=identifier, position=position, searchable=searchable)
            )
        return position

    def cut(self, identifier: str, position: int) -> int:
        """Delete the turns from a position (from 0) on and overwrite what was stored of them; returns how many.

        Raises:
            InvalidInput: there is no such conversation.
        """
        with self._database.writing() as connection:
            self._touch(connection, identifier, used=self._now().isoformat())
            later = (turns.c.conversation == identifier, turns.c.position >= position)
            gone = connection.execute(turns.delete().where(*later)).rowcount
        if gone:
            self._database.forget()
        return gone

    def rename(self, identifier: str, title: str) -> None:
        """
        Raises:
            InvalidInput: there is no such conversation, or no title.
        """
        if not title.strip():
            raise InvalidInput("对话的名称不能为空。", next_step="写一个名称。", code="conversation_unnamed")
        name = _title(title)
        with self._database.writing() as connection:
            self._touch(connection, identifier, title=name, searchable=plain(name))

    def delete(self, identifier: str) -> bool:
        """Delete a conversation and overwrite what was stored of it; False where there is none of that id."""
        with self._database.writing() as connection:
            gone = connection.execute(conversations.delete().where(*self._is(identifier))).rowcount > 0
        if gone:
            self._database.forget()
        return gone

    def delete_all(self) -> int:
        """Delete all of this owner's conversations; returns how many."""
        with self._database.writing() as connection:
            count = connection.execute(conversations.delete().where(conversations.c.owner == self._owner)).rowcount
        if count:
            self._database.forget()
        return count

    def all(self) -> list[Conversation]:
        """Those last used first."""
        with self._database.reading() as connection:
            return [_conversation(row) for row in connection.execute(self._select())]

    def has(self, identifier: str) -> bool:
        """Whether there is a conversation of that id."""
        with self._database.reading() as connection:
            return connection.execute(sa.select(conversations.c.id).where(*self._is(identifier))).first() is not None

    def turns(self, identifier: str) -> list[KeptTurn]:
        """
        Raises:
            InvalidInput: there is no such conversation.
        """
        with self._database.reading() as connection:
            if connection.execute(sa.select(conversations.c.id).where(*self._is(identifier))).first() is None:
                raise _no_such(identifier)
            rows = connection.execute(
                sa.select(turns.c.question, turns.c.text, turns.c.answer)
                .where(turns.c.conversation == identifier)
                .order_by(turns.c.position)
            ).all()
        return [KeptTurn(question, text, _answer(stored)) for question, text, stored in rows]

    def search(self, words: str) -> list[Found]:
        """Conversations with all these words in one turn or the title, those last used first; all of them where there are no words."""
        terms = plain(printable(words)).split()
        if not terms:
            return [Found(conversation, "") for conversation in self.all()]
        in_title = sa.and_(*(conversations.c.searchable.contains(term, autoescape=True) for term in terms))
        in_turn = sa.and_(*(turns.c.searchable.contains(term, autoescape=True) for term in terms))
        best = (
            sa.select(turns.c.question + "\n" + turns.c.text)
            .where(turns.c.conversation == conversations.c.id, in_turn)
            .order_by(turns.c.position)
            .limit(1)
            .scalar_subquery()
        )
        wanted = self._select(best.label("found")).where(sa.or_(in_title, best.is_not(None)))
        with self._database.reading() as connection:
            return [
                Found(_conversation(row), _excerpt(row.found or "", terms[0])) for row in connection.execute(wanted)
            ]

    def _select(self, *more: sa.ColumnElement[str]) -> sa.Select[tuple[str, ...]]:
        count = (
            sa.select(sa.func.count())
            .select_from(turns)
            .where(turns.c.conversation == conversations.c.id)
            .scalar_subquery()
        )
        columns = (conversations.c.id, conversations.c.title, conversations.c.created, conversations.c.used)
        mine = conversations.c.owner == self._owner
        order = (conversations.c.used.desc(), conversations.c.id)
        return sa.select(*columns, count.label("turns"), *more).where(mine).order_by(*order)

    def _is(self, identifier: str) -> tuple[sa.ColumnElement[bool], ...]:
        return conversations.c.id == identifier, conversations.c.owner == self._owner

    def _touch(self, connection: sa.Connection, identifier: str, **values: str) -> None:
        changed = connection.execute(conversations.update().where(*self._is(identifier)).values(**values)).rowcount
        if not changed:
            raise _no_such(identifier)


def _no_such(identifier: str) -> InvalidInput:
    return InvalidInput(
        f"没有这个对话：{identifier!r}。",
        why="已被删除，或属于另一个使用者",
        next_step="开始一个新对话。",
        code="conversation_gone",
    )


def _title(title: str) -> str:
    name = " ".join(printable(title).split())
    return (f"{name[: MAX_TITLE - 1]}…" if len(name) > MAX_TITLE else name) or "未命名的对话"


def _conversation(row: sa.Row[tuple[str, ...]]) -> Conversation:
    created, used = dt.datetime.fromisoformat(row.created), dt.datetime.fromisoformat(row.used)
    return Conversation(row.id, row.title, created, used, int(row.turns))


def _answer(stored: str) -> Answer | None:
    try:
        return Answer.model_validate_json(stored)
    except ValidationError:
        return None


def _excerpt(text: str, term: str) -> str:
    """What stands around a term on one line; folding may change lengths, then the beginning is shown."""
    line = " ".join(text.split())
    at = max(plain(line).find(term), 0)
    start, end = max(at - _AROUND, 0), at + len(term) + _AROUND
    return f"{'…' if start else ''}{line[start:end]}{'…' if end < len(line) else ''}"
