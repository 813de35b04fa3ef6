"""The visitor's own documents: handed in, looked at, asked, deleted."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from ingest.own import Report
from ingest.upload import MAX_BYTES, SUFFIXES, Understood, Upload
from rag import AigcLawError
from ui import own, screens, state
from ui.markup import literal
from ui.own_report import facts, refusals
from ui.own_scope import show_scope_choice
from ui.source import show_source
from ui.told import error_told, message_of
from ui.words import language, say


def show() -> None:
    place = state.opened()
    if place and place.own:
        page, source = st.columns([3, 2], gap="large")
        with source:
            show_source(place)
    else:
        page = st.container()
    with page, st.container(key="documents"):
        _show_page()


def _show_page() -> None:
    st.title(say("shell.documents"))
    st.markdown(say("documents.intro"))
    _take_in()
    _show_report()
    documents = own.documents()
    if not documents:
        st.caption(say("documents.none"))
    else:
        _choose_scope()
        _show_list(documents)
    st.caption(say("documents.privacy"))


def _take_in() -> None:
    """The uploader begins anew after each upload, so that the files stay nowhere but in the collection."""
    turn = st.session_state.setdefault("own_upload", 0)
    with st.container(key=f"own-upload-{language()}"):  # Streamlit's own words are English; the style puts ours there
        files = st.file_uploader(
            say("documents.upload", mb=MAX_BYTES // 2**20),
            type=[suffix.removeprefix(".") for suffix in SUFFIXES],
            accept_multiple_files=True,
            key=f"own-files-{turn}",
            max_upload_size=MAX_BYTES // 2**20,
        )
    if not files:
        return
    st.session_state.own_report = _add(files)
    st.session_state.own_upload = turn + 1
    st.rerun()


def _add(files: Sequence[UploadedFile]) -> Report | AigcLawError:
    bar = st.progress(0.0, text=say("documents.reading", n=len(files)))

    def progress(done: int, total: int) -> None:
        bar.progress(min(done / max(total, 1), 1.0), text=say("documents.indexing", done=done, total=total))

    try:
        return own.add([Upload(file.name, file.getvalue()) for file in files], progress)
    except AigcLawError as error:
        return error
    finally:
        bar.empty()


def _show_report() -> None:
    """What became of the last upload, or that something was deleted."""
    report = st.session_state.get("own_report")
    if isinstance(report, AigcLawError):
        with st.container(key="failure-own"):
            st.markdown(f"**{say('documents.failed')}** {literal(str(error_told(report)))}")
    elif isinstance(report, Report):
        if report.understood:
            st.success(say("documents.taken", n=len(report.understood)), icon=":material/check:")
        for n, (name, reason) in enumerate(refusals(report)):
            with st.container(key=f"refusal-own-{n}"):
                st.markdown(f"**{say('documents.refused', name=literal(name))}**  \n{literal(reason)}")
    elif report == "deleted":
        st.success(say("documents.deleted"), icon=":material/check:")


def _choose_scope() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="own-ask"):
        show_scope_choice()
        if st.button(say("documents.ask"), icon=":material/chat:", key="own-go"):
            screens.go_to("chat")


def _show_list(documents: Sequence[Understood]) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="own-head"):
        st.subheader(say("documents.list", n=len(documents)), anchor=False)
        st.button(say("documents.delete_all"), icon=":material/delete_sweep:", key="own-delete-all", on_click=_clear)
    for n, document in enumerate(documents):
        with st.container(key=f"own-document-{n}", border=True, gap="small"):
            _show_document(n, document)


def _show_document(n: int, document: Understood) -> None:
    st.markdown(f"**{literal(document.title)}**  \n{literal(document.name)} · {facts(document)}")
    for warning in document.warnings:
        st.caption(literal(message_of(warning)))
    with st.container(horizontal=True):
        place = state.Place(document.id, own=True)
        st.button(say("documents.open"), key=f"own-open-{n}", on_click=state.open_place, args=(place,))
        st.button(
            say("documents.delete"),
            key=f"own-delete-{n}",
            help=say("documents.delete_named", name=literal(document.name)),
            on_click=_remove,
            args=(document.id,),
        )


def _remove(identifier: str) -> None:
    own.remove(identifier)
    _deleted()


def _clear() -> None:
    own.clear()
    _deleted()


def _deleted() -> None:
    st.session_state.own_report = "deleted"
    place = state.opened()
    if place and place.own:
        state.close_place()
