"""Answers over the real index: checkable citations, whole articles, whose words they are, the JSON contract, every door."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import shutil
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import chain as flatten
from pathlib import Path

import frontmatter
import pytest

import rag
from ingest.build import ingest
from rag.compose import ASIDE
from rag.pipeline import Assistant, open_assistant
from rag.settings import Settings
from rag.types import Answer, Citation, Kind

CORPUS = Path(__file__).parents[1] / "corpus"
ULTRAMAN = "广州奥特曼案里，平台为什么要承担赔偿责任？"
NOTICE = "本回答由人工智能依据所列来源自动生成，仅供参考，不构成法律意见。"

QUESTIONS = [
    ULTRAMAN,
    "AI生成的图片有著作权吗？",
    "著作权法第二十四条规定了什么？",
    "著作权法第49条至第53条",
    "暂行办法第四条第（三）项",
    "广州奥特曼案原告主张了什么？",
    "广州奥特曼案被告怎么抗辩的？",
    "菲林案和AI文生图案有什么区别？",
    "AI声音案赔了多少钱？",
    "论文认为AI生成内容的著作权归谁？",
    "欧盟人工智能法第五十三条",
    "Is an AI platform liable for infringing images its users generate?",
    "平台没有设置投诉举报机制会怎样？",
    "深度合成管理规定要求怎么标识？",
]


def bug(reason: str) -> pytest.MarkDecorator:
    return pytest.mark.xfail(strict=True, reason=reason)


@pytest.fixture(scope="module")
def answers(assistant: Assistant) -> dict[str, Answer]:
    found = {question: assistant.answer(question) for question in QUESTIONS}
    assert [question for question, answer in found.items() if answer.refused] == []
    return found


def without_timings(answer: Answer) -> dict[str, object]:
    return answer.model_dump(mode="json", exclude={"timings_ms"})


def body_of(path: str) -> str:
    return str(frontmatter.load(str(CORPUS / path)).content)


def article_text(path: str, article: str) -> str:
    """The article's own lines in the corpus file, without white space, lay questions and notes."""
    after = body_of(path).split(f"### {article} ", 1)[1].split("\n", 1)[1]
    return "".join(re.split(r"^(?:问法：|注：|#)", after, flags=re.MULTILINE)[0].split())


def quoted(citations: tuple[Citation, ...], passage: str) -> str:
    return "".join("".join(c.quote.split()) for c in citations if c.passage_id == passage)


# --- citations -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_quote_stands_verbatim_at_its_span(
    answers: Mapping[str, Answer], settings: Settings, question: str
) -> None:
    for citation in answers[question].citations:
        document = rag.document(citation.document_id, settings=settings)
        assert document is not None
        assert document.text[citation.start : citation.end] == citation.quote
        assert document.meta.title == citation.title


@pytest.mark.parametrize("question", QUESTIONS)
def test_citations_are_numbered_in_the_order_of_first_use(answers: Mapping[str, Answer], question: str) -> None:
    answer = answers[question]
    sides = [side.citations for conflict in answer.conflicts for side in conflict.sides]
    used = list(dict.fromkeys(flatten.from_iterable([*(claim.citations for claim in answer.claims), *sides])))
    assert used == [citation.n for citation in answer.citations] == list(range(1, len(answer.citations) + 1))


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_claim_stands_in_the_markdown_with_its_markers_and_in_order(
    answers: Mapping[str, Answer], question: str
) -> None:
    answer = answers[question]
    position = 0
    for claim in answer.claims:
        written = claim.text + "".join(f"[{n}]" for n in claim.citations)
        position = answer.answer.find(written, position)
        assert position >= 0, written
        position += len(written)


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_marker_has_a_citation_and_every_citation_a_marker(answers: Mapping[str, Answer], question: str) -> None:
    answer = answers[question]
    markers = {int(n) for n in re.findall(r"\[(\d+)\]", answer.answer)}
    assert markers == {citation.n for citation in answer.citations}


def test_reference_marks_of_a_quoted_paper_are_no_markers_of_the_answer(assistant: Assistant) -> None:
    answer = assistant.answer("论文说人类自身局限挑战的最高阶段是什么？", kinds=[Kind.PAPER])
    assert any("[1]" in citation.quote for citation in answer.citations)
    markers = [int(n) for n in re.findall(r"\[(\d+)\]", answer.answer)]
    assert markers == list(flatten.from_iterable(claim.citations for claim in answer.claims))
    assert "[^" not in answer.answer


@pytest.mark.parametrize("question", QUESTIONS)
def test_extracted_claim_ends_with_its_quote_and_is_fully_supported(
    answers: Mapping[str, Answer], question: str
) -> None:
    answer = answers[question]
    by_number = {citation.n: citation for citation in answer.citations}
    for claim in answer.claims:
        (quote,) = (re.sub(r"\s?\[\^?\d+\]", "", by_number[n].quote) for n in claim.citations)
        assert claim.text.endswith(quote)
        assert (claim.support, claim.score) == ("supported", 1.0)


@pytest.mark.parametrize("question", QUESTIONS)
def test_answer_says_that_it_is_generated_and_no_legal_advice(answers: Mapping[str, Answer], question: str) -> None:
    assert answers[question].answer.endswith(f"*{NOTICE}*")


LABELS = [
    ("著作权法第24条第1款第5项", "《著作权法》第二十四条第一款第（五）项"),
    ("著作权法第24条第2款", "《著作权法》第二十四条第二款"),
    # A single paragraph has no 款 of its own in a citation.
    ("著作权法第67条", "《著作权法》第六十七条"),
    ("著作权法第3条第4项", "《著作权法》第三条第（四）项"),
    ("暂行办法第四条第三项", "《生成式人工智能服务管理暂行办法》第四条第（三）项"),
    ("AI Act Article 5(1)(a)", "欧盟《人工智能法》（条例(EU) 2024/1689）第五条第（a）项"),
]


@pytest.mark.parametrize(("question", "label"), LABELS, ids=[label for _, label in LABELS])
def test_label_is_written_as_lawyers_write_it(assistant: Assistant, question: str, label: str) -> None:
    assert assistant.answer(question).citations[-1].label == label


def test_judgment_is_labelled_with_name_docket_and_section(answers: Mapping[str, Answer]) -> None:
    first = answers[ULTRAMAN].citations[0]
    assert first.label == "广州奥特曼案，(2024)粤0192民初113号，法院认为"
    assert (first.article, first.paragraph, first.item, first.section) == (None, None, None, "法院认为")


@bug("rag/pinpoint.py: paragraph (6a) of art. 99 AI Act is labelled as an item of paragraph 6")
def test_inserted_paragraph_of_european_law_is_no_item(assistant: Assistant) -> None:
    answer = assistant.answer("欧盟人工智能法第九十九条")
    assert [citation.label for citation in answer.citations if citation.item == "第（6a）项"] == []


def test_citation_of_an_item_has_every_field(assistant: Assistant) -> None:
    answer = assistant.answer("著作权法第10条第1款第5项", as_of=dt.date(2024, 1, 1))
    quote = (
        "（五）复制权，指用印刷、复印、拓印、录音、录像、翻录、翻拍或者数字化等方式，把作品制作成一份或者多份的权利；"
    )
    text = body_of("regulations/copyright-law-2020.md")
    start = text.index(quote)
    assert answer.citations[-1].model_dump(mode="json", exclude={"finality"}) == {
        "n": 2,
        "passage_id": "copyright-law-2020/art-10",
        "document_id": "copyright-law-2020",
        "title": "中华人民共和国著作权法",
        "kind": "law",
        "jurisdiction": "CN",
        "number": "主席令第六十二号",
        "article": "第十条",
        "paragraph": "第一款",
        "item": "第（五）项",
        "section": None,
        "quote": quote,
        "start": start,
        "end": start + len(quote),
        "in_force": True,
        "effective": "2021-06-01",
        "repealed": None,
        "text_status": "digest",
        "evidence": "verified",
        "url": "https://flk.npc.gov.cn",
        "label": "《著作权法》第十条第一款第（五）项",
    }


# --- what is asked for -----------------------------------------------------------------------------------------------


WHOLE = [
    ("copyright-law-2020", "著作权法", "第十条"),
    ("copyright-law-2020", "著作权法", "第二十四条"),
    ("copyright-law-2020", "著作权法", "第五十四条"),
    ("aigc-interim-measures-2023", "暂行办法", "第四条"),
    ("aigc-interim-measures-2023", "暂行办法", "第七条"),
    ("deep-synthesis-2022", "深度合成规定", "第十七条"),
    ("algorithm-recommendation-2022", "算法推荐规定", "第三十一条"),
    ("eu-ai-act-2024", "欧盟人工智能法", "第五十三条"),
    pytest.param(
        "eu-ai-act-2024",
        "欧盟人工智能法",
        "第九十九条",
    ),
]


@pytest.mark.parametrize(("document", "name", "article"), WHOLE)
def test_article_asked_for_comes_whole(assistant: Assistant, document: str, name: str, article: str) -> None:
    answer = assistant.answer(f"{name}{article}")
    passage = next(c.passage_id for c in answer.citations if c.article == article and c.document_id == document)
    assert quoted(answer.citations, passage) == article_text(f"regulations/{document}.md", article)


@pytest.mark.parametrize(
    ("question", "places"),
    [
        ("著作权法第24条第2款", [("第二款", None)]),
        ("著作权法第24条第1款第5项", [("第一款", None), ("第一款", "第（五）项")]),
        ("著作权法第24条第1款第5项和第24条第2款", [("第一款", None), ("第一款", "第（五）项"), ("第二款", None)]),
        ("暂行办法第四条第（三）项", [(None, None), (None, "第（三）项")]),
    ],
)
def test_paragraph_or_item_asked_for_comes_alone_under_the_words_that_introduce_it(
    assistant: Assistant, question: str, places: list[tuple[str | None, str | None]]
) -> None:
    answer = assistant.answer(question)
    assert [(citation.paragraph, citation.item) for citation in answer.citations] == places


def test_follow_up_answers_about_the_article_before(assistant: Assistant) -> None:
    first = assistant.answer("著作权法第二十四条规定了什么？")
    second = assistant.answer("那第五十二条呢？", history=[("著作权法第二十四条规定了什么？", first.answer)])
    assert second.citations[0].passage_id == "copyright-law-2020/art-52"
    assert quoted(second.citations, "copyright-law-2020/art-52") == article_text(
        "regulations/copyright-law-2020.md", "第五十二条"
    )


def test_ultraman_liability_rests_on_the_holding_and_the_three_provisions_it_applies(
    answers: Mapping[str, Answer],
) -> None:
    answer = answers[ULTRAMAN]
    cited = [citation.passage_id for citation in answer.citations]
    assert cited[0] == "guangzhou-ultraman-2024/court-view"
    assert {f"aigc-interim-measures-2023/art-{n}" for n in (4, 12, 15)} <= set(cited)
    assert "没有尽到合理注意义务，主观上有过错，应当承担赔偿责任" in answer.citations[0].quote
    assert [(c.section, c.document_id) for c in answer.citations if c.section in ("原告主张", "被告抗辩")] == []


def test_judgment_asked_for_by_docket_is_answered_from_the_judgment(assistant: Assistant) -> None:
    answer = assistant.answer("(2024)粤0192民初113号判了什么？")
    assert "guangzhou-ultraman-2024" in {citation.document_id for citation in answer.citations}


# --- whose words they are --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "section"),
    [
        ("广州奥特曼案原告主张了什么？", "原告主张"),
        ("广州奥特曼案被告怎么抗辩的？", "被告抗辩"),
        ("广州奥特曼案法院怎么认定的？", "法院认为"),
        ("AI声音案被告怎么抗辩的？", "被告抗辩"),
    ],
)
def test_sentences_of_a_judgment_open_with_whose_words_they_are(
    assistant: Assistant, question: str, section: str
) -> None:
    answer = assistant.answer(question)
    by_number = {citation.n: citation for citation in answer.citations}
    sections = [by_number[claim.citations[0]].section for claim in answer.claims]
    assert section in sections
    previous = None
    for claim, where in zip(answer.claims, sections, strict=True):
        if where and where != previous:
            assert re.match(rf"[^，：]*法院\(\d{{4}}\)[^：]*，{where}：", claim.text), claim.text
        previous = where


@pytest.mark.parametrize(
    "question",
    ["广州奥特曼案法院怎么认定的？", ULTRAMAN, "广州奥特曼案为什么判平台侵权？", "AI声音案法院认为谁有责任？"],
)
def test_holding_asked_for_is_never_a_party_s_claim(assistant: Assistant, question: str) -> None:
    sections = {citation.section for citation in assistant.answer(question).citations}
    assert "法院认为" in sections
    assert sections.isdisjoint({"原告主张", "被告抗辩"})


def test_what_is_only_perhaps_of_use_stands_aside_after_what_answers(product: Assistant) -> None:
    answer = product.answer("AI平台收到侵权通知后要做什么？")
    first, heading, aside = answer.answer.partition(f"**{ASIDE}**")
    assert heading, "the question has both"
    told = {claim.text: claim.citations[0] for claim in answer.claims}
    core = {passage_of(answer, n) for text, n in told.items() if text in first}
    beside = {passage_of(answer, n) for text, n in told.items() if text in aside}
    assert "network-dissemination-regulation-2013/art-15" in core
    assert beside
    assert core & beside == set(), "what stands beside an answering sentence in its passage answers too"


def passage_of(answer: Answer, number: int) -> str:
    return next(citation.passage_id for citation in answer.citations if citation.n == number)


def test_another_amount_is_not_shown_aside_where_an_amount_is_asked_for(product: Assistant) -> None:
    answer = product.answer("平台算法没备案、拒不改正，最多罚多少钱")
    assert "一万元以上十万元以下" in answer.answer
    aside = answer.answer.partition(f"**{ASIDE}**")[2]
    assert "元" not in aside.partition("> 提示")[0].partition("*本回答")[0]


def test_of_the_articles_that_a_penalty_names_those_asked_about_are_shown(product: Assistant) -> None:
    answer = product.answer("平台算法没备案、拒不改正，最多罚多少钱")
    articles = {c.article for c in answer.citations if c.document_id == "algorithm-recommendation-2022"}
    assert {"第三十一条", "第二十四条"} <= articles
    assert articles & {"第七条", "第八条", "第九条", "第十条", "第十四条"} == set()


def test_foreign_law_stands_apart_as_comparison_and_after_chinese_law(assistant: Assistant) -> None:
    answer = assistant.answer("暂行办法第十二条和欧盟人工智能法第五十条怎么规定标识？")
    assert [citation.jurisdiction for citation in answer.citations] == sorted(c.jurisdiction for c in answer.citations)
    assert answer.answer.index("**法律规定**") < answer.answer.index("**境外法（仅供比较）**")


# --- warnings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "anchor"),
    [
        ("论文认为Dreamwriter生成的内容属于作品、由使用人享有著作权吗？", "由使用人享有著作权"),
        ("论文说目前的判决赔偿数额较低，基本在最低限额吗？", "基本上是在法律规定的最低限额上判决"),
    ],
)
def test_erroneous_sentence_of_the_paper_is_cited_with_its_correction(
    assistant: Assistant, question: str, anchor: str
) -> None:
    errata = frontmatter.load(str(CORPUS / "papers" / "aigc-paper.md")).metadata["errata"]
    answer = assistant.answer(question, kinds=[Kind.PAPER])
    quotes = "\n".join(citation.quote for citation in answer.citations)
    assert anchor in quotes
    expected = {e["correction"] for e in errata if any(str(a) in quotes for a in e["anchors"])}
    said = {w.message.partition("：")[2] for w in answer.warnings if w.kind == "paper_erratum"}
    assert said == expected
    assert all(f"> 提示：论文此处与公开记录不一致：{correction}" in answer.answer for correction in expected)


def test_answer_without_the_paper_has_no_erratum(answers: Mapping[str, Answer]) -> None:
    assert answers["著作权法第二十四条规定了什么？"].warnings == ()


def test_sentence_known_from_one_source_is_marked(assistant: Assistant) -> None:
    answer = assistant.answer("广州奥特曼案的赔偿款几天内支付？")
    single = [citation for citation in answer.citations if "〔单一来源〕" in citation.quote]
    assert [citation.evidence for citation in single] == ["single_source"] * len(single) != []
    assert {"single_source"} <= {warning.kind for warning in answer.warnings}


# --- as_of and kinds -------------------------------------------------------------------------------------------------


OLD_AND_NEW = """---
id: trial-law-{year}
title: 中华人民共和国生成内容试验法
aliases: [生成内容试验法]
kind: law
jurisdiction: CN
issuer: 试验机关
number: 试验令第{number}号
promulgated: {effective}
effective: {effective}
repealed: {repealed}
articles: {articles}
url: https://example.org/{year}
text_status: digest
evidence: verified
checked: 2026-01-01
---

## 第一章 总则

### 第一条 〔目的〕

为了试验，制定本法。

### 第二条 〔保护期〕

生成内容的保护期为{term}年。
{more}"""


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """Two versions of one law: 2010–2020 with two articles, from 2021 with three."""
    folder = tmp_path_factory.mktemp("versions")
    old = OLD_AND_NEW.format(
        year=2010, number="一", effective="2010-04-01", repealed="2021-06-01", articles=2, term="五", more=""
    )
    more = "\n### 第三条 〔标识〕\n\n生成内容应当标识。\n"
    new = OLD_AND_NEW.format(
        year=2020, number="二", effective="2021-06-01", repealed="null", articles=3, term="十", more=more
    )
    (folder / "trial-law-2010.md").write_text(old, "utf-8")
    (folder / "trial-law-2020.md").write_text(new, "utf-8")
    chosen = Settings(index=folder / "index")
    assert ingest([folder / "trial-law-2010.md", folder / "trial-law-2020.md"], chosen).refused == []
    return open_assistant(chosen)


@pytest.mark.parametrize(
    ("question", "as_of", "document", "years"),
    [
        ("生成内容试验法第二条", dt.date(2010, 4, 1), "trial-law-2010", "五"),
        ("生成内容试验法第二条", dt.date(2021, 5, 31), "trial-law-2010", "五"),
        ("生成内容试验法第二条", dt.date(2021, 6, 1), "trial-law-2020", "十"),
        ("生成内容试验法第二条", None, "trial-law-2020", "十"),
        ("2015年时，生成内容试验法第二条怎么规定", None, "trial-law-2010", "五"),
        pytest.param(
            "2015年的生成内容试验法第二条怎么规定",
            None,
            "trial-law-2010",
            "五",
        ),
        ("生成内容试验法规定的保护期是几年？", dt.date(2015, 1, 1), "trial-law-2010", "五"),
        ("生成内容试验法规定的保护期是几年？", dt.date(2022, 1, 1), "trial-law-2020", "十"),
    ],
)
def test_version_in_force_on_the_day_is_cited_and_no_other(
    versions: Assistant, question: str, as_of: dt.date | None, document: str, years: str
) -> None:
    answer = versions.answer(question, as_of=as_of)
    assert {citation.document_id for citation in answer.citations} == {document}
    assert f"生成内容的保护期为{years}年。" in [citation.quote for citation in answer.citations]
    assert all(citation.in_force for citation in answer.citations)


def test_citation_of_an_old_version_says_until_when_it_held(versions: Assistant) -> None:
    answer = versions.answer("生成内容试验法第二条", as_of=dt.date(2015, 1, 1))
    assert [(c.in_force, c.effective, c.repealed, c.number) for c in answer.citations] == [
        (True, dt.date(2010, 4, 1), dt.date(2021, 6, 1), "试验令第一号")
    ]


def test_article_that_only_a_later_version_has_did_not_exist_before(versions: Assistant) -> None:
    refusal = versions.answer("生成内容试验法第三条", as_of=dt.date(2015, 1, 1)).refusal
    assert refusal is not None
    assert (refusal.reason, refusal.missing) == ("false_premise", ("《生成内容试验法》第三条",))
    assert versions.answer("生成内容试验法第三条").refusal is None


def test_day_before_the_first_version_is_refused_with_the_versions_there_are(versions: Assistant) -> None:
    refusal = versions.answer("生成内容试验法第二条", as_of=dt.date(2010, 3, 31)).refusal
    assert refusal is not None
    assert (refusal.reason, refusal.missing) == (
        "version_not_in_corpus",
        ("中华人民共和国生成内容试验法（2010-03-31 版本）",),
    )
    assert "2010-04-01 起" in refusal.message
    assert "2021-06-01 起" in refusal.message


def test_search_finds_the_version_in_force_on_the_day(versions: Assistant) -> None:
    last, first = dt.date(2021, 5, 31), dt.date(2021, 6, 1)
    for as_of, document in ((last, "trial-law-2010"), (first, "trial-law-2020")):
        hits = versions.search("保护期", as_of=as_of).hits
        assert {hit.document_id for hit in hits} == {document}


@pytest.mark.parametrize("kind", [Kind.JUDGMENT, Kind.PAPER, Kind.LAW, Kind.DEPARTMENTAL_RULE])
def test_only_sources_of_the_kinds_asked_for_are_found(assistant: Assistant, kind: Kind) -> None:
    hits = assistant.search("AI生成的图片有著作权吗，平台要承担什么责任？", kinds=[kind]).hits
    metas = assistant.index.catalog.metas
    assert {metas[hit.document_id].kind for hit in hits} == {kind}


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("AI生成的图片有著作权吗？", Kind.PAPER),
        pytest.param(ULTRAMAN, Kind.JUDGMENT),
        pytest.param("著作权法第24条", Kind.JUDGMENT),
    ],
)
def test_only_sources_of_the_kinds_asked_for_are_cited(assistant: Assistant, question: str, kind: Kind) -> None:
    answer = assistant.answer(question, kinds=[kind])
    assert {citation.kind for citation in answer.citations} <= {kind}


def test_question_that_no_source_of_the_kinds_can_answer_is_refused(assistant: Assistant) -> None:
    answer = assistant.answer(ULTRAMAN, kinds=[Kind.STANDARD])
    assert answer.refusal is not None
    assert answer.refusal.reason == "not_in_corpus"


# --- the JSON contract -----------------------------------------------------------------------------------------------


ANSWER_KEYS = {
    *("id", "question", "as_of", "mode", "refused", "refusal", "answer", "claims", "citations", "warnings"),
    *("conflicts", "timings_ms", "fingerprints", "model"),
}
CITATION_KEYS = {
    *("n", "passage_id", "document_id", "title", "kind", "jurisdiction", "number", "article", "paragraph", "item"),
    *("section", "quote", "start", "end", "in_force", "effective", "repealed", "text_status", "url", "label"),
}
ADDED_CITATION_KEYS = {"evidence", "finality"}


def test_json_of_an_answer_has_the_keys_of_the_contract_at_every_level(assistant: Assistant) -> None:
    answer = assistant.answer("论文认为AI生成内容的著作权归谁？", kinds=[Kind.PAPER], identifier="q1")
    record = answer.model_dump(mode="json")
    assert set(record) == ANSWER_KEYS
    assert (record["id"], record["mode"], record["refused"], record["refusal"]) == ("q1", "extractive", False, None)
    assert {frozenset(claim) for claim in record["claims"]} == {frozenset({"text", "citations", "support", "score"})}
    assert {frozenset(c) for c in record["citations"]} == {frozenset(CITATION_KEYS | ADDED_CITATION_KEYS)}
    assert {frozenset(warning) for warning in record["warnings"]} == {frozenset({"kind", "message"})}
    assert set(record["timings_ms"]) == {"understand", "retrieve", "answer", "verify", "total"}
    assert set(record["fingerprints"]) == {"corpus", "index", "settings"}
    assert record["as_of"] == dt.date.today().isoformat()


def test_json_of_a_refusal_has_the_keys_of_the_contract_at_every_level(assistant: Assistant) -> None:
    record = assistant.answer("著作权法第200条", as_of=dt.date(2024, 5, 6)).model_dump(mode="json")
    assert set(record) == ANSWER_KEYS
    assert set(record["refusal"]) == {"reason", "message", "missing"}
    assert (record["refused"], record["claims"], record["citations"], record["as_of"]) == (True, [], [], "2024-05-06")
    assert set(record["timings_ms"]) == {"understand", "retrieve", "answer", "verify", "total"}


def test_json_of_a_search_has_the_keys_of_the_contract_and_ranks_from_1(assistant: Assistant) -> None:
    record = assistant.search("平台的投诉举报机制", k=4, identifier="s").model_dump(mode="json")
    assert set(record) == {"id", "question", "hits"}
    keys = {
        "rank",
        "score",
        "passage_id",
        "document_id",
        "title",
        "number",
        "article",
        "section",
        "text",
        "start",
        "end",
    }
    assert {frozenset(hit) for hit in record["hits"]} == {frozenset(keys)}
    assert [hit["rank"] for hit in record["hits"]] == [1, 2, 3, 4]
    scores = [hit["score"] for hit in record["hits"]]
    assert scores == sorted(scores, reverse=True)


def test_text_of_every_hit_stands_at_its_span(assistant: Assistant) -> None:
    for hit in assistant.search("AI生成的图片有著作权吗", k=20).hits:
        document = assistant.document(hit.document_id)
        assert document is not None
        assert document.text[hit.start : hit.end] == hit.text


# --- the doors -------------------------------------------------------------------------------------------------------


def test_same_question_has_the_same_answer_every_time_and_through_every_door(
    assistant: Assistant, settings: Settings
) -> None:
    expected = without_timings(assistant.answer(ULTRAMAN))
    assert without_timings(assistant.answer(ULTRAMAN)) == expected
    assert without_timings(rag.answer(ULTRAMAN, settings=settings)) == expected
    assert without_timings(asyncio.run(rag.answer_async(ULTRAMAN, settings=settings))) == expected
    assert without_timings(rag.chain(settings=settings).invoke(ULTRAMAN)) == expected


def test_asynchronous_answers_run_side_by_side(settings: Settings) -> None:
    async def ask() -> list[Answer]:
        return await asyncio.gather(*(rag.answer_async(question, settings=settings) for question in QUESTIONS * 3))

    found = [without_timings(answer) for answer in asyncio.run(ask())]
    assert found == [without_timings(rag.answer(question, settings=settings)) for question in QUESTIONS] * 3


def test_streamed_pieces_are_the_answer_and_the_whole_answer_comes_last(settings: Settings) -> None:
    *pieces, last = rag.stream_answer(ULTRAMAN, settings=settings)
    assert isinstance(last, Answer)
    assert len(pieces) > 3
    assert "".join(str(piece) for piece in pieces) == last.answer
    assert without_timings(last) == without_timings(rag.answer(ULTRAMAN, settings=settings))


def test_options_reach_the_answer_through_every_door(settings: Settings) -> None:
    day, history = dt.date(2023, 9, 1), [("暂行办法第四条规定了什么？", "…")]
    expected = without_timings(
        rag.answer("那第七条呢？", history=history, as_of=day, kinds=[Kind.DEPARTMENTAL_RULE], settings=settings)
    )
    assert expected["as_of"] == "2023-09-01"
    streamed = [
        *rag.stream_answer(
            "那第七条呢？", history=history, as_of=day, kinds=[Kind.DEPARTMENTAL_RULE], settings=settings
        )
    ][-1]
    assert isinstance(streamed, Answer)
    request: dict[str, object] = {"question": "那第七条呢？", "history": [list(turn) for turn in history]}
    chained = rag.chain(as_of=day, kinds=[Kind.DEPARTMENTAL_RULE], settings=settings).invoke(request)
    waited = asyncio.run(
        rag.answer_async("那第七条呢？", history=history, as_of=day, kinds=[Kind.DEPARTMENTAL_RULE], settings=settings)
    )
    assert [without_timings(answer) for answer in (streamed, chained, waited)] == [expected] * 3


def test_chain_answers_batches_in_order_and_streams(settings: Settings) -> None:
    runnable = rag.chain(settings=settings)
    questions = ["著作权法第67条", "暂行办法第24条", "著作权法第200条"]
    expected = [without_timings(rag.answer(question, settings=settings)) for question in questions]
    assert [without_timings(answer) for answer in runnable.batch(questions)] == expected
    assert [without_timings(answer) for answer in runnable.stream(questions[0])] == expected[:1]


def test_retriever_gives_the_passages_of_search_with_their_place(settings: Settings) -> None:
    found = rag.retriever(k=3, kinds=[Kind.JUDGMENT], as_of=dt.date(2024, 3, 1), settings=settings).invoke("平台责任")
    hits = rag.search("平台责任", k=3, kinds=[Kind.JUDGMENT], as_of=dt.date(2024, 3, 1), settings=settings)
    assert len(hits) == 3
    assert [(document.id, document.page_content) for document in found] == [(hit.passage_id, hit.text) for hit in hits]
    assert [document.metadata for document in found] == [hit.model_dump(mode="json", exclude={"text"}) for hit in hits]


def test_unknown_document_is_none(settings: Settings) -> None:
    assert rag.document("no-such-document", settings=settings) is None


def test_answer_of_which_no_sentence_passes_verification_is_a_refusal(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assistant = Assistant(open_assistant(settings).index, settings)
    monkeypatch.setattr("rag.verify.is_verbatim", lambda *_: False)
    answer = assistant.answer("著作权法第三条")
    assert answer.refusal is not None
    assert (answer.refused, answer.refusal.reason, answer.claims, answer.citations) == (True, "not_in_corpus", (), ())


def test_those_who_ask_first_at_the_same_moment_share_one_opening(settings: Settings, tmp_path: Path) -> None:
    shutil.copytree(settings.index, tmp_path / "index")
    unopened = settings.model_copy(update={"index": tmp_path / "index"})
    start = threading.Barrier(6)

    def asked(_: int) -> tuple[int, str]:
        start.wait()
        assistant = open_assistant(unopened)
        return id(assistant), assistant.answer("著作权法第二十四条规定了什么？").answer

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(asked, range(6)))) == 1
