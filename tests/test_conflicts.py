"""Where sources differ: both sides of a disputed question, each with citations that carry it, and nothing where nobody asked."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from functools import cache

import pytest

from ingest.read import load
from ingest.sources import corpus_files
from rag.compose import markers
from rag.conflicts import MAX_CASES, MAX_CONFLICTS, Case, Dispute
from rag.issues import Issue, issues
from rag.pipeline import Assistant
from rag.types import Answer, Citation, Conflict, ConflictSide, Document, DocumentMeta, Kind
from tests.conftest import CORPUS

DISPUTED = {
    "用人工智能生成的图片有没有著作权？": "copyrightability",
    "AI生成的图片法院判有版权吗？": "copyrightability",
    "不同法院对AI生成图片算不算作品有什么分歧？": "copyrightability",
    "Do Chinese courts treat AI-generated images as works?": "copyrightability",
    "提示词能体现独创性吗？": "prompt-sufficiency",
    "AI生成的内容版权归谁？": "authorship",
    "AI生成物的著作权归使用者还是平台？": "authorship",
    "平台对AI生成的侵权图片承担什么责任？": "platform-liability",
    "生成式AI平台是直接侵权还是帮助侵权？": "platform-liability",
    "Are generative AI platforms liable for copyright infringement by users?": "platform-liability",
    "AI平台能适用避风港规则吗？": "notice-and-takedown",
    "AI公司主张技术中立能不能免责？": "tech-neutrality",
    "法院支持删除训练数据吗？": "training-deletion",
    "法院会判决删除侵权模型吗？": "training-deletion",
    "Will a court order the deletion of training data?": "training-deletion",
    "AI生成的图片侵犯的是复制权还是改编权？": "infringed-right",
    "美国训练AI用书是不是合理使用？": "training-foreign",
    "美国法院认为AI训练是合理使用吗？": "training-foreign",
    "Is training AI on copyrighted books fair use in America?": "training-foreign",
    "训练许可市场损失算不算合理使用的市场损害？": "licence-market-foreign",
    "AI模型里有没有作品的复制件？": "model-copy-foreign",
    "抄袭别人的AI生成文案是否属于不正当竞争？": "unfair-competition",
}
CONTESTED = [issue for issue in issues().values() if issue.contrast]
TABLE = re.compile(r"\*\*裁判不一：(?P<question>.+)\*\*\n\n(?P<rows>(?:\|.*\|(?:\n|$))+)")

every_disputed = pytest.mark.parametrize("question", DISPUTED)


every_contested = pytest.mark.parametrize("issue", CONTESTED, ids=lambda issue: issue.id)


@pytest.fixture(scope="module")
def answers(product: Assistant) -> dict[str, Answer]:
    return {question: product.answer(question) for question in DISPUTED}


@cache
def metas() -> dict[str, DocumentMeta]:
    """Front matter as the corpus files have it."""
    documents = (load(path, root=CORPUS) for path in corpus_files(CORPUS) if "official" not in path.parts)
    return {document.id: document.meta for document in documents}


def takers(issue: str, position: str) -> dict[str, DocumentMeta]:
    """Documents that take a position, by their own front matter."""
    return {
        identifier: meta
        for identifier, meta in metas().items()
        if any((taken.issue, taken.position) == (issue, position) for taken in meta.positions)
    }


def conflict_on(answer: Answer, issue: str) -> Conflict:
    (found,) = [conflict for conflict in answer.conflicts if conflict.question == issues()[issue].question]
    return found


def position_of(side: ConflictSide, issue: Issue) -> str:
    """The id of the position whose wording the side has."""
    (found,) = [position for position, label in issue.positions.items() if side.position.startswith(f"{label}：")]
    return found


def cited(answer: Answer, side: ConflictSide) -> list[Citation]:
    by_number = {citation.n: citation for citation in answer.citations}
    return [by_number[number] for number in side.citations]


def stored(product: Assistant, identifier: str) -> Document:
    document = product.document(identifier)
    assert document is not None
    return document


# --- both sides are shown --------------------------------------------------------------------------------------------


@every_disputed
def test_disputed_question_gets_its_sides(answers: Mapping[str, Answer], question: str) -> None:
    answer = answers[question]
    assert not answer.refused
    assert len(answer.conflicts) <= MAX_CONFLICTS
    conflict = conflict_on(answer, DISPUTED[question])
    issue = issues()[DISPUTED[question]]
    shown = [position_of(side, issue) for side in conflict.sides]
    assert len(shown) >= 2
    assert shown == [position for position in issue.contrast if takers(issue.id, position)]


@every_disputed
def test_what_a_side_cites_stands_verbatim_in_a_document_on_that_side(
    answers: Mapping[str, Answer], product: Assistant, question: str
) -> None:
    issue = issues()[DISPUTED[question]]
    for side in conflict_on(answers[question], issue.id).sides:
        position = position_of(side, issue)
        for citation in cited(answers[question], side):
            assert stored(product, citation.document_id).text[citation.start : citation.end] == citation.quote
            meta = metas()[citation.document_id]
            carrying = [
                taken
                for taken in meta.positions
                if (taken.issue, taken.position) == (issue.id, position)
                and citation.passage_id == f"{meta.id}/{taken.passage}"
                and taken.anchor in citation.quote
            ]
            assert carrying, citation.label
            assert citation.in_force


@every_disputed
def test_no_document_is_on_two_sides_by_the_same_sentence(answers: Mapping[str, Answer], question: str) -> None:
    for conflict in answers[question].conflicts:
        numbers = [number for side in conflict.sides for number in side.citations]
        assert len(numbers) == len(set(numbers))


def weight(meta: DocumentMeta) -> tuple[bool, bool, int]:
    """Verified before single-source, final before not, newer before older."""
    day = meta.valid_from
    return (meta.evidence != "verified", meta.finality != "final", -day.toordinal() if day else 0)


@every_disputed
def test_a_side_has_its_best_supported_cases_first_and_at_most_three(
    answers: Mapping[str, Answer], question: str
) -> None:
    issue = issues()[DISPUTED[question]]
    for side in conflict_on(answers[question], issue.id).sides:
        in_order = sorted(takers(issue.id, position_of(side, issue)).values(), key=weight)
        shown = [citation.document_id for citation in cited(answers[question], side)]
        assert [weight(metas()[identifier]) for identifier in shown] == [weight(meta) for meta in in_order[:MAX_CASES]]


@every_disputed
def test_a_side_names_its_cases_and_what_explains_them(answers: Mapping[str, Answer], question: str) -> None:
    issue = issues()[DISPUTED[question]]
    for side in conflict_on(answers[question], issue.id).sides:
        position = position_of(side, issue)
        named = []
        for citation in cited(answers[question], side):
            meta = metas()[citation.document_id]
            (taken,) = [p for p in meta.positions if (p.issue, p.position) == (issue.id, position)]
            named.append(f"{meta.short_title}（{taken.why}）" if taken.why else meta.short_title)
        assert side.position == f"{issue.positions[position]}：{'；'.join(named)}"


@every_disputed
def test_the_markdown_has_a_table_of_the_sides(answers: Mapping[str, Answer], question: str) -> None:
    answer = answers[question]
    tables = {found["question"]: found["rows"].strip().splitlines() for found in TABLE.finditer(answer.answer)}
    assert list(tables) == [conflict.question for conflict in answer.conflicts]
    for conflict in answer.conflicts:
        head, rule, *rows = ([cell.strip() for cell in row[1:-1].split("|")] for row in tables[conflict.question])
        assert [side.position.startswith(f"{label}：") for side, label in zip(conflict.sides, head, strict=True)]
        assert set(rule) == {"---"}
        assert {len(row) for row in (rule, *rows)} == {len(conflict.sides)}
        for column, side in enumerate(conflict.sides):
            cells = [row[column] for row in rows if row[column]]
            assert [re.findall(r"\[(\d+)\]$", cell) for cell in cells] == [[str(n)] for n in side.citations]
            assert side.position == f"{head[column]}：" + "；".join(cell.rpartition("[")[0] for cell in cells)


@every_disputed
def test_every_marker_of_the_markdown_is_a_citation_and_every_citation_is_used(
    answers: Mapping[str, Answer], question: str
) -> None:
    answer = answers[question]
    numbers = [citation.n for citation in answer.citations]
    assert {int(n) for n in re.findall(r"\[(\d{1,3})\]", answer.answer)} == set(numbers)
    assert numbers == list(range(1, len(numbers) + 1))


@every_disputed
def test_the_answer_survives_json(answers: Mapping[str, Answer], question: str) -> None:
    answer = answers[question]
    assert Answer.model_validate_json(answer.model_dump_json()).conflicts == answer.conflicts


@every_contested
def test_people_s_own_words_for_an_issue_lead_to_it(product: Assistant, issue: Issue) -> None:
    found = [conflict.question for asked in issue.asked for conflict in product.answer(asked).conflicts]
    assert issue.question in found


# --- and only where they were asked for ------------------------------------------------------------------------------

UNDISPUTED = {
    "one named case": "广州奥特曼案里，AI平台生成侵权图片要不要担责？",
    "one named case, for its reasons": "AI文生图案里的图片为什么算作品？",
    "one named case, by its number": "(2023)京0491民初11279号案认定AI生成的图片算不算作品？",
    "one named case beside a law": "按照著作权法，菲林案里AI生成的内容算不算作品？",
    "one named case from abroad": "Bartz诉Anthropic案中用书训练AI算不算合理使用？",
    "one named case, on deletion": "杭州奥特曼LoRA案为什么判决删除模型？",
    "an article": "著作权法第三条规定的作品有哪些？",
    "an article, of deletion": "著作权法第五十四条规定了哪些赔偿？",
    "an article, of platforms": "暂行办法第十四条要求平台怎么处理违法内容？",
    "a term": "标识办法里显式标识是什么意思？",
    "a time": "生成式人工智能服务管理暂行办法什么时候施行？",
    "another issue": "深度合成服务提供者要不要核验用户身份？",
    "out of the field": "离婚以后房子归谁所有？",
    "out of the field, with a keyword": "平台卖假货要承担什么责任？",
    "out of the law": "怎么做一份番茄炒鸡蛋？",
}


@pytest.mark.parametrize("question", UNDISPUTED.values(), ids=UNDISPUTED)
def test_no_conflict_where_none_was_asked_for(product: Assistant, question: str) -> None:
    answer = product.answer(question)
    assert answer.conflicts == ()
    assert "裁判不一" not in answer.answer


def in_dispute(issue: Issue, day: dt.date) -> bool:
    """Whether documents in force that day stand on two sides."""
    return sum(any(meta.in_force(day) for meta in takers(issue.id, p).values()) for p in issue.contrast) > 1


def began(issue: Issue) -> dt.date:
    """The day on which a second side had its first document; judgments of unknown days were always there."""
    first = sorted(
        min(meta.valid_from or dt.date.min for meta in found.values())
        for position in issue.contrast
        if (found := takers(issue.id, position))
    )
    return first[1]


@pytest.mark.parametrize(
    "question", [question for question, issue in DISPUTED.items() if began(issues()[issue]) > dt.date.min]
)
def test_no_conflict_before_the_second_side_was_taken(product: Assistant, question: str) -> None:
    issue = issues()[DISPUTED[question]]
    day_before = began(issue) - dt.timedelta(days=1)
    assert not in_dispute(issue, day_before)
    answer = product.answer(question, as_of=day_before)
    assert [conflict for conflict in answer.conflicts if conflict.question == issue.question] == []


@pytest.mark.parametrize(
    "question", [question for question, issue in DISPUTED.items() if began(issues()[issue]) > dt.date(2024, 1, 1)]
)
def test_no_conflict_on_a_day_before_the_judgments(product: Assistant, question: str) -> None:
    issue = issues()[DISPUTED[question]].question
    assert issue not in [
        conflict.question for conflict in product.answer(question, as_of=dt.date(2024, 1, 1)).conflicts
    ]


LATER = {"AI生成的图片法院判有版权吗？": "2023-12-31", "平台对AI生成的侵权图片承担什么责任？": "2024-12-31"}


@pytest.mark.parametrize(("question", "day"), LATER.items())
def test_a_side_has_no_later_judgments_than_the_day_asked_about(product: Assistant, question: str, day: str) -> None:
    answer = product.answer(question, as_of=dt.date.fromisoformat(day))
    sides = conflict_on(answer, DISPUTED[question]).sides
    found = [citation for side in sides for citation in cited(answer, side)]
    assert [citation.label for citation in found if citation.effective and citation.effective.isoformat() > day] == []


@pytest.mark.parametrize("question", ["AI生成的图片算不算作品？", "用人工智能生成的图片有没有著作权？"])
def test_judgments_of_unknown_days_are_on_no_side_before_the_year_of_the_case(
    product: Assistant, question: str
) -> None:
    answer = product.answer(question, as_of=dt.date(2020, 1, 1))
    found = [citation.document_id for c in answer.conflicts for side in c.sides for citation in cited(answer, side)]
    assert [identifier for identifier in found if identifier[-4:] > "2020"] == []


WITHOUT_JUDGMENTS = [kind for kind in Kind if kind is not Kind.JUDGMENT]


@every_disputed
def test_no_conflict_without_the_judgments_that_make_it(product: Assistant, question: str) -> None:
    answer = product.answer(question, kinds=WITHOUT_JUDGMENTS)
    assert answer.conflicts == ()
    assert [citation for citation in answer.citations if citation.kind is Kind.JUDGMENT] == []


def test_conflict_among_judgments_alone(product: Assistant) -> None:
    answer = product.answer("AI生成的图片法院判有版权吗？", kinds=[Kind.JUDGMENT])
    assert len(conflict_on(answer, "copyrightability").sides) == 2
    assert {citation.kind for citation in answer.citations} == {Kind.JUDGMENT}


def test_cases_that_the_question_names_come_first_on_their_sides(product: Assistant) -> None:
    answer = product.answer("菲林案和Dreamwriter案：AI生成的图片算不算作品？")
    sides = conflict_on(answer, "copyrightability").sides
    assert [cited(answer, side)[0].document_id for side in sides] == ["dreamwriter-2019", "wolters-feilin-2019"]


def test_two_named_cases_on_different_sides_are_set_against_each_other(product: Assistant) -> None:
    answer = product.answer("菲林案和AI文生图案在AI生成内容是否构成作品上有什么分歧？")
    assert len(conflict_on(answer, "copyrightability").sides) == 2


# --- the list of issues ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("issue", issues().values(), ids=lambda issue: issue.id)
def test_issue_is_worded_in_full(issue: Issue) -> None:
    words = [issue.id, issue.question, *issue.keywords, *issue.positions, *issue.positions.values(), *issue.asked]
    assert all(
        isinstance(word, str) and word.strip() for word in words
    )  # YAML takes a bare yes or no for a truth value
    assert issue.keywords
    assert issue.positions
    assert issue.question.endswith("？")
    labels = list(issue.positions.values())
    assert [label for label in labels if sum(other.startswith(label) for other in labels) > 1] == []


@every_contested
def test_contested_issue_has_sides_that_are_taken_and_ways_to_ask(issue: Issue) -> None:
    assert set(issue.contrast) <= set(issue.positions)
    assert len(set(issue.contrast)) == len(issue.contrast) >= 2
    assert sum(bool(takers(issue.id, position)) for position in issue.contrast) >= 2
    assert len(set(issue.asked)) == len(issue.asked) >= 3


@every_contested
def test_every_way_to_ask_has_a_keyword(issue: Issue) -> None:
    without = [
        asked for asked in issue.asked if not any(word.casefold() in asked.casefold() for word in issue.keywords)
    ]
    assert without == []


def test_no_two_issues_are_asked_in_the_same_words() -> None:
    asked = [words for issue in issues().values() for words in (issue.question, *issue.asked)]
    assert len(set(asked)) == len(asked)


def test_documents_take_one_side_of_a_contested_issue_unless_it_is_about_several_things() -> None:
    torn = [
        (identifier, issue.id)
        for issue in CONTESTED
        for identifier in metas()
        if sum(identifier in takers(issue.id, position) for position in issue.contrast) > 1
    ]
    assert torn == []


# --- the table -------------------------------------------------------------------------------------------------------


def test_table_with_uneven_sides_and_bars_is_well_formed() -> None:
    issue = Issue("i", "题？", ("题",), {"a": "甲说", "b": "乙说", "c": "丙说"}, ("a", "b", "c"))
    dispute = Dispute(
        issue,
        (
            ("甲说", (Case("一|案", "因|故", 1), Case("二案", None, 2))),
            ("乙说", ()),
            ("丙说", (Case("三案", "故", 3),)),
        ),
    )
    assert dispute.as_table().splitlines() == [
        "**裁判不一：题？**",
        "",
        "| 甲说 | 乙说 | 丙说 |",
        "|---|---|---|",
        "| 一｜案（因｜故）[1] |  | 三案（故）[3] |",
        "| 二案[2] |  |  |",
    ]
    assert dispute.as_conflict().sides[0].position == "甲说：一|案（因|故）；二案"
    assert markers(dispute.as_conflict().sides[0].citations) == "[1][2]"


LISTED = {
    "哪些案件认定AI生成的图片构成作品？": "copyrightability",
    "有哪些判决认为平台不担责？": "platform-liability",
    "Which cases found AI-generated images to be works?": "copyrightability",
}


@pytest.mark.parametrize(("question", "issue"), LISTED.items())
def test_question_for_all_cases_gets_every_source_in_force_that_takes_a_position(
    product: Assistant, question: str, issue: str
) -> None:
    answer = product.answer(question)
    title = f"**语料中就此表态的全部来源：{issues()[issue].question}**"
    assert answer.answer.split("\n\n")[1] == title, "the list comes first"
    table = answer.answer.partition(title)[2].strip().partition("\n\n")[0]
    head = table.splitlines()[0]
    assert "裁判不一" not in answer.answer
    taken = [
        (meta.short_title, issues()[issue].positions[position.position])
        for meta in metas().values()
        for position in meta.positions
        if position.issue == issue and meta.in_force(answer.as_of)
    ]
    assert len(taken) > 2 * MAX_CASES - 1
    missing = [(name, label) for name, label in taken if name not in table or label not in head]
    assert missing == []
    assert next(int(n) for n in re.findall(r"\[(\d+)\]", table)) == 1
    assert len(re.findall(r"\[\d+\]", table)) == len(taken)


@pytest.mark.parametrize("question", ["AI生成的图片有没有著作权？", "广州奥特曼案里有哪些判决理由？"])
def test_other_questions_get_no_list(product: Assistant, question: str) -> None:
    assert "语料中就此表态的全部来源" not in product.answer(question).answer
