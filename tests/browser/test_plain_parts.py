"""What the page is made of, without a browser."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path

from rag import Answer, Citation, Claim, Kind
from rag.types import Fingerprints
from ui.document_html import document_html, locate
from ui.labels import authority, validity
from ui.markup import answer_markdown, draft_markdown, literal, quote_markdown, sentences

ROOT = Path(__file__).resolve().parents[2]

DOCUMENT = """## 第一章 总则

### 第二条 〔范围〕

用<b>甲</b>法。不用乙法；

问法：能用甲法吗

注：自 2025 年起。

| 案 | 结果 |
| --- | --- |
| A & B | 否 |
"""


def citation(n: int) -> Citation:
    return Citation(
        n=n, passage_id="a/art-1", document_id="a", title="甲法", kind=Kind.LAW, jurisdiction="CN", number=None,
        article="第一条", paragraph=None, item=None, section=None, quote="甲", start=0, end=1, in_force=True,
        effective=dt.date(2021, 6, 1), repealed=None, text_status="digest", evidence="verified", url=None, label="《甲法》第一条",
    )  # fmt: skip


def answer(markdown: str, *claims: Claim) -> Answer:
    prints = Fingerprints(corpus="", index="", settings="")
    return Answer(
        question="?",
        as_of=dt.date(2026, 1, 1),
        answer=markdown,
        claims=claims,
        citations=(citation(1),),
        fingerprints=prints,
    )


def test_document_is_escaped_and_marked_at_the_exact_place() -> None:
    start = DOCUMENT.index("<b>甲</b>法。")
    assert document_html(DOCUMENT, start, start + len("<b>甲</b>法。")) == (
        "<h3>第一章 总则</h3>\n<h4>第二条 〔范围〕</h4>\n"
        "<p>用<mark>&lt;b&gt;甲&lt;/b&gt;法。</mark>不用乙法；</p>\n"
        '<p class="note">注：自 2025 年起。</p>\n'
        "<table><tr><th> 案 </th><th> 结果 </th></tr><tr><td> A &amp; B </td><td> 否 </td></tr></table>"
    )


def test_span_over_several_lines_is_marked_in_each() -> None:
    assert document_html("甲乙\n丙丁", 1, 4) == "<p>甲<mark>乙</mark></p>\n<p><mark>丙</mark>丁</p>"


def test_empty_span_marks_nothing() -> None:
    assert document_html("甲", 0, 0) == "<p>甲</p>"


def test_quote_is_found_again_only_where_it_is_unambiguous() -> None:
    assert locate("甲乙甲", "甲", 2, 3) == (2, 3)
    assert locate("丙乙甲", "甲", 0, 1) == (2, 3)
    assert locate("甲乙甲", "甲", 1, 2) is None
    assert locate("丙", "甲", 0, 1) is None


def test_markers_become_chips_and_unknown_ones_stay_text() -> None:
    shown, lost = answer_markdown(answer("甲。[1]乙。[2]"), 3)
    assert shown == '甲。[\\[1\\]](#cite-3-1 "《甲法》第一条")乙。\\[2\\]'
    assert lost == ()


def test_number_inside_a_source_is_no_marker() -> None:
    claim = Claim(text="论文说甲[1]，乙。", citations=(1,), support="supported", score=1)
    shown, _ = answer_markdown(answer("论文说甲[1]，乙。[1]", claim), 0)
    assert shown == '论文说甲\\[1\\]，乙。[\\[1\\]](#cite-0-1 "《甲法》第一条")'


def test_unsupported_claims_are_marked_after_their_markers() -> None:
    claims = (
        Claim(text="甲。", citations=(1,), support="supported", score=1),
        Claim(text="乙。", citations=(1,), support="partial", score=0.5),
        Claim(text="丙。", citations=(), support="unsupported", score=0),
        Claim(text="丁。", citations=(), support="contradicted", score=0),
    )
    shown, lost = answer_markdown(answer("甲。[1]乙。[1]丙。", *claims), 0)
    chip = '[\\[1\\]](#cite-0-1 "《甲法》第一条")'
    assert shown == f"甲。{chip}乙。{chip} :orange-badge[来源只支持一部分] 丙。 :red-badge[来源不支持] "
    assert lost == (claims[3],)


def test_streamlit_sees_only_markdown() -> None:
    shown, _ = answer_markdown(answer("**甲** $5 和 $6 :smile: :red[乙] ![图](http://x/y.png) http://x"), 0)
    assert shown == "**甲** \\$5 和 \\$6 \\:smile: \\:red[乙] \\![图](http://x/y.png) http://x"


def test_quoted_table_stays_a_table() -> None:
    assert quote_markdown("| 甲 | $1 |\n| --- | --- |") == "| 甲 | \\$1 |\n| --- | --- |"
    assert quote_markdown("甲*\n乙") == "甲\\* 乙"


def test_literal_text_is_one_line_of_text() -> None:
    assert literal("a*b\n[1]") == "a\\*b \\[1\\]"


def test_sentences_keep_their_markers_and_lose_nothing() -> None:
    text = "甲。[1][2]乙；[3]\n\n- 丙[4]\n丁"
    assert list(sentences(text)) == ["甲。[1][2]", "乙；[3]", "\n\n", "- 丙[4]\n", "丁"]
    assert draft_markdown("甲。[12]") == "甲。:gray[\\[12\\]]"


def test_authority_and_validity_in_words() -> None:
    assert authority(Kind.LAW, "CN") == "法律"
    assert authority(Kind.LAW, "EU") == "境外法 · 欧盟"
    day, end = dt.date(2021, 6, 1), dt.date(2025, 1, 1)
    assert validity(Kind.LAW, day, None, True) == "有效，2021-06-01 起施行"
    assert validity(Kind.LAW, day, end, False) == "2025-01-01 起失效"
    assert validity(Kind.LAW, day, None, False) == "当日尚未施行，2021-06-01 起施行"
    assert validity(Kind.JUDGMENT, day, None, True) == "2021-06-01 判决"
    assert validity(Kind.JUDGMENT, None, None, True) == "判决日期未查明"
    assert validity(Kind.PAPER, None, None, True) == ""


def test_importing_ui_imports_no_streamlit() -> None:
    code = "import sys, ui, ui.__main__, ui.markup, ui.document_html, ui.words; sys.exit('streamlit' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
