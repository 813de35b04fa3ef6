"""Conversations and reports in a real SQLite file, by several processes, damaged, and deleted for good."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rag import Answer, Settings
from rag.errors import InvalidInput
from rag.pipeline import Assistant
from tests.conftest import ROOT
from tests.test_export import answer as an_answer
from tests.test_export import citation
from ui.complaints import main as complaints
from ui.keep import Conversations, Database, KeepUnavailable, Reports, keep_file, write_jsonl

SECRET = "绝密商业安排甲乙丙"


def clock() -> Callable[[], dt.datetime]:
    seconds = itertools.count()
    return lambda: dt.datetime(2026, 11, 27, 8, 0, tzinfo=dt.UTC) + dt.timedelta(seconds=next(seconds))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "数据 folder#1" / "kept.sqlite3"


@pytest.fixture
def database(file: Path) -> Database:
    return Database(file)


@pytest.fixture
def mine(database: Database) -> Conversations:
    return Conversations(database, "browser-1", now=clock())


@pytest.fixture
def reports(database: Database) -> Reports:
    return Reports(database, now=clock())


def said(question: str, text: str = "答。[1]") -> Answer:
    return an_answer(text, (citation(1),), question=question)


def test_a_conversation_is_kept_whole(mine: Conversations, file: Path) -> None:
    identifier = mine.create("  用 AI 画的图\n有著作权吗？ ")
    given = [said("用 AI 画的图有著作权吗？"), said("坏字符\ud800呢？")]
    assert [mine.append(identifier, answer) for answer in given] == [0, 1]
    again = Conversations(Database(file), "browser-1")
    (conversation,) = again.all()
    assert (conversation.id, conversation.title, conversation.turns) == (identifier, "用 AI 画的图 有著作权吗？", 2)
    assert (conversation.created.second, conversation.used.second) == (0, 2)
    turns = again.turns(identifier)
    assert [turn.question for turn in turns] == ["用 AI 画的图有著作权吗？", "坏字符?呢？"]
    assert turns[0].answer == given[0]


def test_answers_of_the_product_come_back_equal(mine: Conversations, assistant: Assistant) -> None:
    given = [assistant.answer("暂行办法第十五条规定了什么？"), assistant.answer("今天天气怎么样？")]
    identifier = mine.create("问")
    for answer in given:
        mine.append(identifier, answer)
    assert [turn.answer for turn in mine.turns(identifier)] == given


def test_the_last_used_comes_first(mine: Conversations) -> None:
    first, second = mine.create("一"), mine.create("二")
    assert [c.id for c in mine.all()] == [second, first]
    mine.append(first, said("问"))
    assert [c.id for c in mine.all()] == [first, second]


def test_renaming_keeps_the_place_and_refuses_an_empty_name(mine: Conversations) -> None:
    first, second = mine.create("一"), mine.create("二")
    mine.rename(first, "改过的名称" * 20)
    assert [(c.id, len(c.title)) for c in mine.all()] == [(second, 1), (first, 60)]
    with pytest.raises(InvalidInput, match="不能为空"):
        mine.rename(first, " \n")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("奥特曼", ["甲"]),
        ("ultraman", ["甲"]),
        ("ＵＬＴＲＡＭＡＮ 平台", ["甲"]),
        ("奥特曼 独创性", []),
        ("独创性", ["乙"]),
        ("乙", ["乙"]),
        ("100%", ["乙"]),
        ("1%0", []),
        ("_", []),
        ("'; DROP TABLE turns; --", []),
        ("", ["乙", "甲"]),
    ],
)
def test_search_finds_questions_answers_and_titles(mine: Conversations, words: str, found: list[str]) -> None:
    first, second = mine.create("甲"), mine.create("乙")
    mine.append(first, said("奥特曼案 Ultraman", "平台应当负责。"))
    mine.append(second, said("图片", "须有独创性，不是 100% 自动。"))
    assert [hit.conversation.title for hit in mine.search(words)] == found


def test_search_shows_the_words_it_found(mine: Conversations) -> None:
    identifier = mine.create("甲")
    mine.append(identifier, said("问", "前" * 50 + "独创性" + "后" * 50))
    (hit,) = mine.search("独创性")
    assert hit.excerpt == "…" + "前" * 30 + "独创性" + "后" * 30 + "…"


def test_owners_do_not_see_or_touch_each_other(mine: Conversations, database: Database) -> None:
    identifier = mine.create("我的")
    mine.append(identifier, said("我的问题"))
    other = Conversations(database, "browser-2")
    assert (other.all(), other.search("我的"), other.delete(identifier), other.delete_all()) == ([], [], False, 0)
    for attempt in (other.turns, lambda i: other.append(i, said("插入")), lambda i: other.rename(i, "改")):
        with pytest.raises(InvalidInput, match="没有这个对话"):
            attempt(identifier)
    assert [(c.title, c.turns) for c in mine.all()] == [("我的", 1)]


def test_the_secret_of_a_browser_is_not_stored(mine: Conversations, file: Path) -> None:
    mine.create("一")
    assert b"browser-1" not in file.read_bytes()


def stored(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


@pytest.mark.parametrize("everything", [True, False])
def test_what_is_deleted_is_gone_from_the_disk(mine: Conversations, file: Path, everything: bool) -> None:
    kept, gone = mine.create("留下"), mine.create(SECRET)
    for number in range(40):
        mine.append(gone, said(f"{SECRET}{number}", SECRET * 200))
        mine.append(kept, said(f"别的{number}", "别的" * 200))
    assert SECRET.encode() in stored(file.parent)
    size = file.stat().st_size
    assert (mine.delete_all() == 2) if everything else mine.delete(gone)
    assert SECRET.encode() not in stored(file.parent)
    assert file.stat().st_size < 0.8 * size
    assert [c.title for c in mine.all()] == ([] if everything else ["留下"])
    assert mine.delete(gone) is False


def test_deletion_overwrites_even_where_another_process_reads(
    mine: Conversations, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Database, "forget", lambda _: None)
    gone = mine.create("一")
    for number in range(5):
        mine.append(gone, said(f"问{number}", SECRET * 2000))
    mine.delete(gone)
    assert SECRET.encode() not in stored(file.parent)


WRITER = """
import sys
from pathlib import Path
from tests.test_keep import said
from ui.keep import Conversations, Database
file, identifier, name = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
for number in range(25):
    Conversations(Database(file), "browser-1").append(identifier, said(f"{name}{number}"))
"""


def test_two_processes_write_to_one_conversation(mine: Conversations, file: Path) -> None:
    identifier = mine.create("共用")
    running = [subprocess.Popen([sys.executable, "-c", WRITER, str(file), identifier, name], cwd=ROOT) for name in "ab"]
    assert [process.wait(timeout=120) for process in running] == [0, 0]
    questions = [turn.question for turn in mine.turns(identifier)]
    assert sorted(questions) == sorted(f"{name}{number}" for name in "ab" for number in range(25))
    for name in "ab":
        assert [q for q in questions if q[0] == name] == [f"{name}{number}" for number in range(25)]


OPENER = "import sys; from pathlib import Path; from ui.keep import Database; Database(Path(sys.argv[1]))"


def test_several_processes_make_one_file(file: Path) -> None:
    running = [subprocess.Popen([sys.executable, "-c", OPENER, str(file)], cwd=ROOT) for _ in range(6)]
    assert [process.wait(timeout=120) for process in running] == [0] * 6
    Conversations(Database(file), "browser-1").create("一")


def test_who_writes_holds_the_right_to_from_the_beginning(database: Database, file: Path) -> None:
    other = sqlite3.connect(file, timeout=0, isolation_level=None)
    with database.writing(), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    other.close()


def test_a_file_in_use_is_said_to_be(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.keep.database._WAIT", 0.1)
    impatient = Conversations(Database(file), "browser-1")
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(KeepUnavailable, match="另一个进程"):
        impatient.create("二")
    holder.close()
    impatient.create("二")


def damage_middle(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[4096 : 4096 * 3] = b"\x55" * (4096 * 2)
    file.write_bytes(content)


def no_database(file: Path) -> None:
    file.write_text("这不是数据库。" * 500)


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:6000])


@pytest.mark.parametrize("harm", [damage_middle, no_database, cut])
def test_a_damaged_file_is_said_to_be_and_left_as_it_is(
    mine: Conversations, file: Path, harm: Callable[[Path], None]
) -> None:
    identifier = mine.create("一")
    mine.append(identifier, said("问", "答" * 3000))
    harm(file)
    before = file.read_bytes()
    with pytest.raises(KeepUnavailable, match=r"已损坏.*未作改动"):
        Database(file)
    assert file.read_bytes() == before


def test_a_file_of_another_program_is_left_as_it_is(file: Path) -> None:
    file.parent.mkdir()
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE theirs (x)")
    connection.commit()
    connection.close()
    before = file.read_bytes()
    with pytest.raises(KeepUnavailable, match="不是本程序的文件"):
        Database(file)
    assert file.read_bytes() == before


def test_a_file_of_a_later_version_is_left_as_it_is(mine: Conversations, file: Path) -> None:
    mine.create("一")
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA user_version = 99")
    connection.commit()
    connection.close()
    with pytest.raises(KeepUnavailable, match="格式 99，本程序只认到格式 1"):
        Database(file)


def test_a_file_that_was_moved_away_is_no_new_empty_one(mine: Conversations, file: Path) -> None:
    mine.create("一")
    shutil.move(file, file.with_suffix(".moved"))
    with pytest.raises(KeepUnavailable, match="不能读写"):
        mine.all()
    assert not file.exists()
    shutil.move(file.with_suffix(".moved"), file)
    assert [c.title for c in mine.all()] == ["一"]


def test_an_answer_of_another_version_still_has_its_text(mine: Conversations, file: Path) -> None:
    identifier = mine.create("一")
    mine.append(identifier, said("问", "正文"))
    connection = sqlite3.connect(file)
    connection.execute("""UPDATE turns SET answer = '{"of": "another version"}'""")
    connection.commit()
    connection.close()
    (turn,) = mine.turns(identifier)
    assert (turn.question, turn.text, turn.answer) == ("问", "正文", None)


def test_only_this_user_may_read_the_file(database: Database, file: Path) -> None:
    del database
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(KeepUnavailable, match="AIGC_LAW_KEEP"):
        Database(tmp_path / "taken" / "kept.sqlite3")


def test_the_place_follows_the_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert keep_file(Settings(keep=tmp_path)) == tmp_path / "kept.sqlite3"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("AIGC_LAW_KEEP", raising=False)
    place = keep_file(Settings())
    assert (place.name, place.parent.name) == ("kept.sqlite3", "aigc-law-qa")
    assert ".index" not in place.parts


@pytest.mark.parametrize("name", ["keep", "provider"])
def test_where_things_are_kept_changes_no_answer(name: str) -> None:
    assert Settings(**{name: "elsewhere"}).fingerprint == Settings().fingerprint  # type: ignore[arg-type]


def test_a_complaint_has_its_answer_and_its_bundle_and_gets_an_outcome(reports: Reports, assistant: Assistant) -> None:
    bundle = assistant.audit_bundle("暂行办法第十五条规定了什么？")
    number = reports.complain(
        "u1", " 引用错了 ", topic="引用不准确", contact="a@b.example", answer=bundle.answer, bundle=bundle
    )
    reports.complain("u2", "另一条", topic="其他", kind="correction")
    (report,) = reports.of("u1")
    assert (report.id, report.text, report.topic, report.kind) == (number, "引用错了", "引用不准确", "complaint")
    assert (Answer.model_validate(report.answer), report.bundle) == (bundle.answer, bundle.model_dump(mode="json"))
    assert [r.text for r in reports.all(unhandled=True)] == ["另一条", "引用错了"]
    reports.handle(number, "已改正。")
    assert ([r.text for r in reports.all(unhandled=True)], reports.of("u1")[0].outcome) == (["另一条"], "已改正。")
    assert [r.text for r in reports.all(kinds=["correction"])] == ["另一条"]


def test_votes_are_kept_with_their_reason(reports: Reports) -> None:
    reports.vote("u1", "down", reason="没有答到点上", answer=said("问"))
    reports.vote("u1", "up", answer=said("问"))
    assert [(r.vote, r.text, r.kind) for r in reports.of("u1")] == [
        ("up", "", "feedback"),
        ("down", "没有答到点上", "feedback"),
    ]


@pytest.mark.parametrize(
    ("attempt", "why"),
    [
        (lambda r: r.complain("u", " ", topic="其他"), "请先写下内容"),
        (lambda r: r.complain("u", "x" * 4001, topic="其他"), "最多 4000"),
        (lambda r: r.complain("u", "x", topic="其他", contact="y" * 201), "最多 200"),
        (lambda r: r.complain("u", "x", topic="别的"), "没有这一类"),
        (lambda r: r.vote("u", "sideways", answer=said("问")), "up 或 down"),
        (lambda r: r.handle("nobody", "好"), "没有这条记录"),
        (lambda r: r.handle("nobody", " "), "不能为空"),
    ],
)
def test_reports_that_say_nothing_are_refused(reports: Reports, attempt: Callable[[Reports], object], why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        attempt(reports)
    assert reports.all() == []


def test_a_report_outlives_its_conversation_until_it_is_withdrawn(
    reports: Reports, mine: Conversations, file: Path
) -> None:
    identifier = mine.create("一")
    mine.append(identifier, said(SECRET))
    number = reports.complain("browser-1", "不对", topic="其他", answer=said(SECRET))
    mine.delete(identifier)
    assert reports.of("browser-1")[0].answer is not None
    assert (reports.withdraw("browser-2", number), reports.withdraw("browser-1", number)) == (False, True)
    assert SECRET.encode() not in stored(file.parent)


def test_jsonl_has_a_report_a_line_oldest_first(reports: Reports, tmp_path: Path) -> None:
    reports.complain("u1", "第一\n条", topic="其他")
    reports.vote("u2", "up", answer=said("问"))
    write_jsonl(reports.all(), tmp_path / "out.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert [(line["text"], line["vote"], line["at"]) for line in lines] == [
        ("第一\n条", None, "2026-11-27T08:00:00+00:00"),
        ("", "up", "2026-11-27T08:00:01+00:00"),
    ]
    assert lines[1]["answer"]["question"] == "问"
    assert "owner" not in lines[0]
    with pytest.raises(InvalidInput, match="无法写入"):
        write_jsonl([], tmp_path / "nowhere" / "out.jsonl")


def test_the_operator_reads_handles_and_exports(
    reports: Reports, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = reports.complain("u1", "引用错了", topic="引用不准确")
    keep = ["--keep", str(file.parent)]
    assert complaints(keep) == 0
    assert f"{number} 投诉 引用不准确｜引用错了｜未处理" in capsys.readouterr().out
    assert complaints([*keep, "--handle", number, "已改正"]) == 0
    assert complaints([*keep, "--open"]) == 0
    assert capsys.readouterr().out == "没有记录。\n"
    assert complaints([*keep, "--export", str(tmp_path / "c.jsonl")]) == 0
    assert json.loads((tmp_path / "c.jsonl").read_text("utf-8"))["outcome"] == "已改正"
    assert complaints([*keep, "--handle", "nobody", "x"]) == 2
    assert "没有这条记录" in capsys.readouterr().err


def test_python_m_ui_knows_complaints() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ui", "complaints", "--help"], capture_output=True, text=True, cwd=ROOT
    )
    assert (done.returncode, done.stdout.startswith("usage: python -m ui complaints")) == (0, True)
