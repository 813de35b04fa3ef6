"""What tests the evaluation itself: independent checks by hand-made cases, a gate that is green and turns red, interventions, perturbations."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

import pytest

from evals import reviewed
from evals.ablations import PARTS, ablations, reading
from evals.checks import (
    Place,
    checked,
    conflict_shown,
    documents_of,
    follow_up_recall,
    holding_kept_apart,
    named_article_first,
)
from evals.gate import drops
from evals.interventions import Change, removal, swap
from evals.measures import Outcome
from evals.perturb import SEED, overlap, stability
from evals.perturbations import CHANGES, homophone, perturbed
from evals.planted import DEFECTS, planted
from evals.probed import asked, measured
from evals.questions import Question, read_questions
from evals.views import Edit, edited, withheld
from rag.pipeline import Assistant
from rag.types import Answer, Citation, Claim, Document, DocumentMeta, Fingerprints, Kind

LAW_TEXT = """## 第一章 总则

### 第一条 〔甲〕

提供者应当添加标识。

提供者不得有下列行为：
（一）删除标识；
（二）伪造标识。

问法：标识能删吗

### 第二条 〔乙〕

违反的，处五百元罚款。
"""
CASE_TEXT = "## 原告主张\n\n原告主张，图片是作品。\n\n## 法院认为\n\n法院认为，图片不是作品。\n"
LAW = Document(meta=DocumentMeta(id="law", title="标识法", kind=Kind.LAW, effective=dt.date(2020, 1, 1)), text=LAW_TEXT)
CASE = Document(
    meta=DocumentMeta(
        id="case", title="图片案判决", aliases=("图片案",), kind=Kind.JUDGMENT, decided=dt.date(2021, 1, 1)
    ),
    text=CASE_TEXT,
)
DOCUMENTS = {"law": LAW, "case": CASE}
ASKED = (
    Question(id="a", category="c", question="著作权法第二十四条怎么规定", gold=(("copyright-law-2020/art-24",),)),
    Question(id="b", category="c", question="生成的图片怎么做标识才合法", gold=(("deep-synthesis-2022/art-17",),)),
    Question(
        id="c", category="c", question="广州奥特曼案平台赔了多少钱", gold=(("guangzhou-ultraman-2024/disposition",),)
    ),
    Question(id="d", category="c", question="今天天气怎么样，适合爬山吗", refusal="out_of_scope"),
    Question(id="e", category="c", question="著作权法第二百条怎么规定", refusal="false_premise"),
)


def cited(document: Document, quote: str, n: int = 1, **fields: Any) -> Citation:
    start = document.text.index(quote)
    meta = document.meta
    values: dict[str, Any] = {
        "n": n, "passage_id": f"{meta.id}/x", "document_id": meta.id, "title": meta.title, "kind": meta.kind,
        "jurisdiction": "CN", "number": None, "article": None, "paragraph": None, "item": None, "section": None,
        "quote": quote, "start": start, "end": start + len(quote), "in_force": True, "effective": meta.valid_from,
        "repealed": None, "text_status": "digest", "evidence": "verified", "url": None, "label": meta.short_title,
    }  # fmt: skip
    return Citation(**values | fields)


def answered(*pairs: tuple[str, Citation], refused: bool = False) -> Answer:
    return Answer(
        question="问", as_of=dt.date(2026, 11, 22), refused=refused, answer="\n".join(text for text, _ in pairs),
        claims=tuple(Claim(text=t, citations=(c.n,), support="supported", score=1) for t, c in pairs),
        citations=tuple(c for _, c in pairs), fingerprints=Fingerprints(corpus="c", index="i", settings="s"),
    )  # fmt: skip


QUESTION = Question(id="q", category="c", question="问")
ITEM = cited(
    LAW, "（二）伪造标识。", article="第一条", paragraph="第二款", item="第（二）项",
    label="《标识法》第一条第二款第（二）项",
)  # fmt: skip


def values(text: str, citation: Citation, question: Question = QUESTION) -> dict[str, float | None]:
    return checked(question, answered((text, citation)), DOCUMENTS)


# --- checks ---


@pytest.mark.parametrize(
    ("quote", "place"),
    [
        ("提供者应当", ("第一条", 1, None)),
        ("提供者不得", ("第一条", 2, None)),
        ("（二）伪造", ("第一条", 2, "二")),
        ("违反的", ("第二条", 1, None)),
    ],
)
def test_place_is_read_from_the_text(quote: str, place: tuple[str, int, str | None]) -> None:
    found = Place(LAW_TEXT, LAW_TEXT.index(quote))
    assert (found.article, found.paragraph, found.item) == place


def test_a_sound_citation_passes_every_check() -> None:
    found = values("《标识法》第一条第二款规定：（二）伪造标识。", ITEM)
    exact = ("label_correct", "span_whole", "in_force_correct", "support_recomputed", "answered_rightly")
    assert {name: found[name] for name in exact} == dict.fromkeys(exact, 1.0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"article": "第二条", "label": "《标识法》第二条第二款第（二）项"},
        {"paragraph": "第一款", "label": "《标识法》第一条第一款第（二）项"},
        {"item": "第（一）项", "label": "《标识法》第一条第二款第（一）项"},
        {"label": "《标识法》第二条"},
        {"label": "《广告法》第一条第二款第（二）项"},
        {"number": "2020年第1号"},
    ],
)
def test_a_wrong_label_is_seen(wrong: dict[str, Any]) -> None:
    assert values("（二）伪造标识。", ITEM.model_copy(update=wrong))["label_correct"] == 0


def test_an_article_named_beside_the_quote_must_be_the_cited_one() -> None:
    assert values("《标识法》第一条规定：（二）伪造标识。", ITEM)["label_correct"] == 1
    assert values("《标识法》第9条规定：（二）伪造标识。", ITEM)["label_correct"] == 0


def test_a_shifted_span_is_verbatim_and_seen() -> None:
    start, end = ITEM.start + 1, ITEM.end + 1
    shifted = ITEM.model_copy(update={"start": start, "end": end, "quote": LAW_TEXT[start:end]})
    assert values("（二）伪造标识。", shifted)["span_whole"] == 0


def test_support_is_judged_by_the_span_and_not_by_the_label() -> None:
    penalty = cited(LAW, "违反的，处五百元罚款。", article="第二条", label="《标识法》第二条")
    assert values("违反的，处五百元罚款。", penalty)["support_recomputed"] == 1
    assert values("违反的，处七百元罚款。", penalty)["support_recomputed"] == 0


def test_dates_are_those_of_the_front_matter_and_the_day_the_one_asked() -> None:
    assert values("x", ITEM.model_copy(update={"effective": dt.date(2019, 1, 1)}))["in_force_correct"] == 0
    other_day = QUESTION.model_copy(update={"as_of": dt.date(2019, 6, 1)})
    assert values("x", ITEM, other_day)["in_force_correct"] == 0
    early = answered(("x", ITEM)).model_copy(update={"as_of": dt.date(2019, 6, 1)})
    assert checked(other_day, early, DOCUMENTS)["in_force_correct"] == 0  # said to be in force, and is not yet


def test_a_party_is_never_the_court() -> None:
    claim = cited(CASE, "原告主张，图片是作品。", section="原告主张", label="图片案，原告主张")
    assert holding_kept_apart(answered(("图片案，原告主张：原告主张，图片是作品。", claim)), DOCUMENTS) == 1
    as_court = claim.model_copy(update={"section": "法院认为", "label": "图片案，法院认为"})
    assert holding_kept_apart(answered(("图片案，法院认为：图片是作品。", as_court)), DOCUMENTS) == 0
    assert values("图片案，法院认为：图片是作品。", as_court)["label_correct"] == 0


def test_named_article_and_follow_up_and_conflict_apply_only_where_there_is_such_a_thing() -> None:
    named = Question(id="q", category="c", question="标识法第1条", gold=(("law/art-1",),))
    assert named_article_first(named, answered(("x", ITEM))) == 1
    assert named_article_first(named, answered()) == 0
    assert named_article_first(QUESTION, answered(("x", ITEM))) is None
    assert follow_up_recall(named, answered(("x", ITEM))) is None
    assert follow_up_recall(named.model_copy(update={"history": (("问", "答"),)}), answered(("x", ITEM))) == 1
    assert conflict_shown(named, answered(("x", ITEM)), DOCUMENTS) is None


def test_a_text_that_changed_since_its_review_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "reviewed.json"
    monkeypatch.setattr(reviewed, "FILE", path)
    assert reviewed.write([LAW], path) == 1
    assert reviewed.source_reviewed(DOCUMENTS) == 1
    changed = LAW.model_copy(update={"text": LAW_TEXT.replace("不得", "可以")})
    assert reviewed.source_reviewed({"law": changed}) == 0
    asked_otherwise = LAW.model_copy(update={"text": LAW_TEXT.replace("标识能删吗", "别的")})
    assert reviewed.source_reviewed({"law": asked_otherwise}) == 1


# --- gate ---


def outcomes(**measures: list[float]) -> list[Outcome]:
    n = len(next(iter(measures.values())))
    return [
        Outcome(str(i), "c", "dev", False, False, values={name: column[i] for name, column in measures.items()})
        for i in range(n)
    ]


def test_gate_lets_a_figure_move_within_its_interval_and_an_exact_one_not_at_all() -> None:
    recall, exact = [1.0] * 80 + [0.0] * 20, [1.0] * 100
    baseline = outcomes(citation_recall=recall, verbatim=exact, forbidden=[0.0] * 90 + [1.0] * 10)
    assert drops(baseline, baseline) == []
    nearly = outcomes(citation_recall=[1.0] * 78 + [0.0] * 22, verbatim=exact, forbidden=[0.0] * 88 + [1.0] * 12)
    assert drops(baseline, nearly) == []
    worse = outcomes(
        citation_recall=[1.0] * 60 + [0.0] * 40, verbatim=[0.99, *exact[1:]], forbidden=[0.0] * 70 + [1.0] * 30
    )
    assert [drop.measure for drop in drops(baseline, worse)] == ["citation_recall", "verbatim", "forbidden"]


def test_gate_counts_a_measure_that_vanished_as_nothing() -> None:
    assert [d.measure for d in drops(outcomes(conflict_shown=[1.0, 1.0]), outcomes(other=[1.0, 1.0]))] == [
        "conflict_shown"
    ]


# --- planted ---


def test_unchanged_is_green_and_defects_are_red(assistant: Assistant) -> None:
    some = ("wrong article shown", "spans shifted", "refusal off", "quotes cut", "exact look-up off")
    result = planted(ASKED, assistant, [d for d in DEFECTS if d.name in some], quiet=True)
    assert result["unchanged"] == []
    assert {row["name"]: row["caught"] for row in result["defects"]} == dict.fromkeys(some, True)


def test_every_defect_has_a_name_of_its_own_and_leaves_the_assistant_as_it_was(assistant: Assistant) -> None:
    assert len({defect.name for defect in DEFECTS}) == len(DEFECTS) >= 10
    before = asked(ASKED[0], assistant).model_dump(exclude={"timings_ms"})
    for defect in DEFECTS:
        with defect.plant(assistant) as broken:
            asked(ASKED[0], broken)
    assert asked(ASKED[0], assistant).model_dump(exclude={"timings_ms"}) == before


# --- views and interventions ---


def test_a_withheld_passage_is_found_by_no_way(assistant: Assistant) -> None:
    gone = frozenset({"copyright-law-2020/art-24"})
    other = assistant.over(withheld(assistant.index, gone))
    for question in ("著作权法第二十四条怎么规定", "合理使用有哪些情形"):
        assert gone & {hit.passage_id for hit in assistant.search(question, k=10).hits}
        assert not gone & {hit.passage_id for hit in other.search(question, k=10).hits}
        assert not gone & {c.passage_id for c in other.answer(question).citations}


def test_an_edited_passage_is_quoted_as_edited(assistant: Assistant) -> None:
    document = assistant.document("copyright-law-2020")
    assert document is not None
    at = document.text.index("五百元")
    other = assistant.over(edited(assistant.index, [Edit(document.id, at, "五百元", "七百元")]))
    answer = other.answer("著作权法第五十四条怎么规定")
    assert "七百元" in answer.answer
    assert "五百元" not in answer.answer
    changed = other.document(document.id)
    assert changed is not None
    assert all(changed.text[c.start : c.end] == c.quote for c in answer.citations)


def test_removal_moves_or_refuses(assistant: Assistant) -> None:
    question = ASKED[0]
    assert removal(question, asked(question, assistant), assistant) in ("refused", "moved")


def test_removal_sees_an_answer_that_does_not_depend_on_its_source(assistant: Assistant) -> None:
    """A parrot: whatever its sources, it says what it said before."""
    answer = asked(ASKED[0], assistant)

    class Parrot(Assistant):
        def answer(self, *_: object, **__: object) -> Answer:
            return answer

        def over(self, _: object) -> Assistant:
            return self

    parrot = Parrot.__new__(Parrot)
    parrot.__dict__.update(assistant.__dict__)
    assert removal(ASKED[0], answer, parrot) == "unchanged"


CHANGE = Change("law", "law/art-2", "违反的，处五百元罚款。", "违反的，处七百元罚款。")


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("违反的，处七百元罚款。", "followed"),
        ("违反的，处五百元罚款。", "unchanged"),
        ("提供者应当添加标识。", "not_chosen"),
    ],
)
def test_swap_outcomes(text: str, outcome: str) -> None:
    assert swap(answered((text, ITEM)), CHANGE) == outcome


def test_swap_is_not_fooled_by_an_old_sentence_inside_the_new_one() -> None:
    change = Change("law", "law/art-1", "构成侵权的，应当赔偿。", "不构成侵权的，应当赔偿。")
    assert swap(answered(("不构成侵权的，应当赔偿。", ITEM)), change) == "followed"
    assert swap(answered(refused=True), change) == "refused"


# --- perturbations ---


def test_perturbations_are_the_same_for_the_same_seed_and_at_least_three() -> None:
    for question in read_questions():
        changed = perturbed(question, SEED)
        assert changed == perturbed(question, SEED)
        if sum("\u4e00" <= c <= "\u9fff" for c in question.question) >= 8:
            assert len(changed) >= 3, question.id


def test_perturbations_keep_what_would_make_another_question() -> None:
    question = Question(id="x", category="c", question="《著作权法》第24条第1款对(2024)粤0192民初113号案有影响吗")
    for name, change in CHANGES.items():
        if name not in ("full_width", "traditional", "unpunctuated") and (other := change(question, random.Random(3))):
            assert "第24条第1款" in other.question, name
            assert "粤0192民初113号" in other.question, name


def test_a_homophone_sounds_the_same() -> None:
    from pypinyin import lazy_pinyin

    question = Question(id="x", category="c", question="平台要承担责任吗")
    other = homophone(question, random.Random(1))
    assert other is not None
    assert other.question != question.question
    assert lazy_pinyin(other.question) == lazy_pinyin(question.question)


def test_overlap_is_of_articles() -> None:
    one, other = answered(("x", ITEM)), answered(("x", ITEM.model_copy(update={"article": "第二条"})))
    assert overlap(one, one) == 1
    assert overlap(one, other) == 0
    assert overlap(answered(), answered()) is None


def test_stability_of_a_few_questions(assistant: Assistant) -> None:
    result = stability(ASKED[:2], assistant, quiet=True)
    assert result["all"]["same_refusal"]["n"] == sum(f["same_refusal"]["n"] for f in result["changes"].values())
    assert result["changes"]["framed"]["same_refusal"]["mean"] == 1


# --- ablations ---


def test_ablations_switch_off_and_say_so(assistant: Assistant, small_corpus: Path) -> None:
    some = [part for part in PARTS if part.name in ("exact look-up", "gate", "prior")]
    rows = {row["without"]: row for row in ablations(ASKED, assistant, small_corpus, some, quiet=True)["rows"]}
    assert rows["gate"]["deltas"]["refused_rightly"]["delta"] < 0
    assert rows["exact look-up"]["deltas"]["named_article_found"]["whole"] == 1


def test_reading_names_only_what_is_beyond_chance() -> None:
    figures = {"whole": 0.9, "without": 0.7, "delta": -0.2, "low": -0.3, "high": -0.1, "n": 9}
    noise = {"whole": 0.9, "without": 0.89, "delta": -0.01, "low": -0.03, "high": 0.01, "n": 9}
    assert (
        reading("x", {"recall@5": figures, "rr@10": noise})
        == "Switching off x lowers recall@5 by 0.200 [0.100, 0.300]."
    )
    assert "no measure" in reading("x", {"rr@10": noise})


def test_measured_lists_a_crash_with_zeros(assistant: Assistant) -> None:
    class Broken(Assistant):
        def answer(self, *_: object, **__: object) -> Answer:
            raise RuntimeError("boom")

    broken = Broken.__new__(Broken)
    broken.__dict__.update(assistant.__dict__)
    outcome = measured(ASKED[:1], broken, quiet=True)[0]
    assert outcome.error == "RuntimeError: boom"
    assert outcome.values["citation_recall"] == 0


def test_documents_of_has_cited_and_gold(assistant: Assistant) -> None:
    question = ASKED[1]
    found = documents_of(question, asked(question, assistant), assistant.document)
    assert "deep-synthesis-2022" in found


def test_lay_questions_are_really_left_out(small_corpus: Path, assistant: Assistant) -> None:
    part = next(part for part in PARTS if part.name == "问法")
    with part.without(assistant, small_corpus) as without:
        catalog = without.index.catalog
        assert all(not p.lay_questions for name in catalog.documents for p in catalog.passages_of(name))
