"""Settings of the answers, a new conversation, the notice, and the complaint entry."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from rag import AigcLawError, Kind, load_settings
from rag.labels import KINDS
from ui import state
from ui.feedback import TOPICS, feedback_file, save_feedback
from ui.labels import EXAMPLES, NOTICE

_EARLIEST = dt.date(1991, 6, 1)  # the first Copyright Law enters into force
_TODAY, _OTHER_DAY = "按今天", "指定日期"


def show_sidebar() -> state.Options:
    with st.sidebar:
        st.markdown("### AI 生成内容法律问答")
        st.button("新对话", icon=":material/add:", on_click=state.start_over, width="stretch", key="new")
        as_of = _choose_date()
        kinds = _choose_kinds()
        if state.turns():
            with st.expander("示例问题"):
                show_examples("sidebar")
        _show_feedback()
        st.caption(NOTICE)
    return state.Options(as_of, kinds)


def show_examples(place: str) -> None:
    for position, question in enumerate(EXAMPLES):
        st.button(question, key=f"example-{place}-{position}", on_click=state.ask, args=(question,), width="stretch")


def _choose_date() -> dt.date | None:
    chosen = st.segmented_control(
        "按哪一天的法律",
        [_TODAY, _OTHER_DAY],
        default=_TODAY,
        key="day",
        required=True,
        help="默认按今天施行的法律；问题里写明日期的，按问题里的日期。",
    )
    if chosen != _OTHER_DAY:
        return None
    day = st.date_input("日期", min_value=_EARLIEST, format="YYYY-MM-DD", key="as-of", label_visibility="collapsed")
    return day if isinstance(day, dt.date) else None


def _choose_kinds() -> tuple[Kind, ...]:
    chosen = st.pills(
        "只看这些来源",
        list(KINDS),
        format_func=lambda kind: KINDS[kind],
        selection_mode="multi",
        key="kinds",
        help="不选就是全部来源。",
    )
    return tuple(Kind(kind) for kind in chosen or ())


def _show_feedback() -> None:
    with st.expander("投诉与反馈"):
        try:
            index = load_settings().index
        except AigcLawError as error:
            st.caption(str(error))
            return
        with st.form("feedback", clear_on_submit=True, border=False):
            topic = st.selectbox("类型", TOPICS)
            text = st.text_area("内容", max_chars=2000, placeholder="哪里不对？请写明句子或编号。")
            contact = st.text_input("联系方式（选填）", max_chars=200)
            with_answer = st.checkbox("附上最近一次问答", value=True)
            sent = st.form_submit_button("提交", width="stretch")
        st.caption(f"存放在运行本服务的电脑上：`{feedback_file(index)}`，由服务的部署者处理，不会发往别处。")
        if not sent:
            return
        if not text.strip():
            st.caption("请先写下内容。")
            return
        try:
            save_feedback(index, topic, text.strip(), contact.strip(), state.last_answer() if with_answer else None)
        except OSError as error:
            st.caption(f"没有存下来：{error.strerror or error}。请联系服务的部署者。")
        else:
            st.caption("已记下，谢谢。")
