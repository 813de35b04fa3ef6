"""What is asked, as a session chose it: the corpus, its own documents, or both; and what is said of them."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ingest.own import OwnDocuments
from ingest.upload import Understood, Upload
from rag.settings import Settings
from rag.types import Answer, Kind
from tests.test_own import is_gone
from ui.own_report import facts

AppTest = pytest.importorskip("streamlit.testing.v1", reason="the ui extra is not installed").AppTest

CONTRACT = "# 海报设计合同\n\n第一条 乙方为甲方设计海报十张。\n\n第二条 报酬为人民币三万七千元，交付后十日内付清。\n"
PAY = "海报设计合同里报酬是多少？"


def asking() -> None:
    import streamlit as st

    from ui import own

    st.session_state.answer = list(own.stream(st.session_state.question, kinds=st.session_state.get("kinds")))[-1]
    st.session_state.scope = own.scope()


def emptying() -> None:
    import streamlit as st

    from ui import own

    for document in own.documents():
        own.remove(document.id)
    st.session_state.scope = own.scope()


def chatting() -> None:
    from ui.screens import chat

    chat.show()


def looking_at_documents() -> None:
    from ui.screens import documents

    documents.show()


def keeping() -> None:
    import streamlit as st

    from ui import kept, state
    from ui.state import Turn

    answer = st.session_state.answer
    for scope in ("own", "both"):
        state.answered(Turn(answer.question, answer=answer, scope=scope))
        kept.keep_up()
    st.session_state.kept_own = [c.title for c in kept.conversations().all()]
    state.answered(Turn(answer.question, answer=answer))
    kept.keep_up()
    kept.keep_up()  # once is enough
    st.session_state.kept_corpus = [c.title for c in kept.conversations().all()]


@pytest.fixture
def documents(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnDocuments]:
    """A collection that holds one contract; the page finds the same index as it does."""
    monkeypatch.setenv("AIGC_LAW_INDEX", str(settings.index))
    collection = OwnDocuments(settings)
    assert collection.add([Upload("合同.md", CONTRACT.encode())]).refused == []
    yield collection
    collection.close()


def asked(question: str, documents: OwnDocuments | None, **state: object) -> AppTest:
    page = AppTest.from_function(asking, default_timeout=60)
    page.session_state["question"] = question
    if documents:
        page.session_state["own_documents"] = documents
    for name, value in state.items():
        page.session_state[name] = value
    page.run()
    assert not page.exception
    return page


def kinds_of(page: AppTest) -> set[Kind]:
    answer: Answer = page.session_state["answer"]
    return {citation.kind for citation in answer.citations}


def test_the_corpus_is_asked_unless_something_else_was_chosen(documents: OwnDocuments) -> None:
    for held, chosen in ((None, {}), (None, {"own_scope": "own"}), (documents, {})):
        page = asked("著作权法第三条规定了什么？", held, **chosen)
        assert page.session_state["scope"] == "corpus"
        assert kinds_of(page) == {Kind.LAW}
        assert ("own_documents" in page.session_state) == bool(held)  # no collection is made by asking


def test_own_documents_alone(documents: OwnDocuments) -> None:
    page = asked(PAY, documents, own_scope="own")
    assert kinds_of(page) == {Kind.OWN}
    assert "三万七千元" in page.session_state["answer"].answer


def test_together_with_the_kinds_that_were_chosen_of_the_corpus(documents: OwnDocuments) -> None:
    page = asked(PAY, documents, own_scope="both", kinds=(Kind.LAW,))
    assert Kind.OWN in kinds_of(page)
    law = asked("著作权法第三条规定了什么？", documents, own_scope="both", kinds=(Kind.LAW,))
    assert kinds_of(law) == {Kind.LAW}


def test_with_the_last_document_gone_questions_go_to_the_corpus(documents: OwnDocuments) -> None:
    page = AppTest.from_function(emptying, default_timeout=60)
    page.session_state["own_documents"] = documents
    page.session_state["own_scope"] = "own"
    page.run()
    assert documents.documents == ()
    assert page.session_state["own_scope"] == page.session_state["scope"] == "corpus"


def test_what_quotes_own_documents_is_not_kept(
    documents: OwnDocuments, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIGC_LAW_KEEP", str(tmp_path))
    answer = asked(PAY, documents, own_scope="own").session_state["answer"]
    page = AppTest.from_function(keeping, default_timeout=60)
    page.session_state["answer"] = answer
    page.session_state["visitor"] = "a" * 43
    page.run()
    assert not page.exception
    assert page.session_state["kept_own"] == []
    assert page.session_state["kept_corpus"] == [PAY]


def opened(page: Callable[[], None], documents: OwnDocuments | None, language: str = "zh") -> AppTest:
    found = AppTest.from_function(page, default_timeout=60)
    found.session_state["read_notice"] = True
    found.session_state["language"] = language
    if documents:
        found.session_state["own_documents"] = documents
    found.run()
    assert not found.exception
    return found


def choices(page: AppTest) -> list[list[str]]:
    return [group.options for group in page.button_group if group.key == "own-scope"]


def test_where_a_question_is_asked_its_scope_is_chosen(documents: OwnDocuments) -> None:
    assert choices(opened(chatting, None)) == []
    page = opened(chatting, documents)
    assert choices(page) == [["只用资料库", "一起问", "只问我的文档"]]
    page.button_group(key="own-scope").select("own").run()
    assert page.session_state["own_scope"] == "own"
    page.chat_input[0].set_value(PAY).run()
    assert not page.exception
    (turn,) = page.session_state["turns"]
    assert (turn.scope, {citation.kind for citation in turn.answer.citations}) == ("own", {Kind.OWN})


def test_both_pages_show_the_one_choice(documents: OwnDocuments) -> None:
    for page in (chatting, looking_at_documents):
        shown = AppTest.from_function(page, default_timeout=60)
        shown.session_state["read_notice"] = True
        shown.session_state["own_documents"] = documents
        shown.session_state["own_scope"] = "both"
        shown.run()
        assert not shown.exception
        assert shown.button_group(key="own-scope").value == "both"
    assert choices(opened(chatting, documents, "en")) == [["the library", "both", "my documents"]]


def test_a_collection_goes_with_its_session(settings: Settings) -> None:
    session = {"own_documents": OwnDocuments(settings)}
    folder = session["own_documents"]._folder
    session["own_documents"].add([Upload("合同.md", CONTRACT.encode())])
    assert (folder / "texts").is_dir()
    session.clear()
    gc.collect()
    assert is_gone(folder)


def test_a_report_leaves_out_what_there_is_none_of() -> None:
    understood = Understood("own-a", "a.pdf", "甲", 3, 12345, 0, 2, 14, ())
    assert facts(understood) == "3 页 · 12,345 字 · 2 节 · 可引用的段落 14 个"
