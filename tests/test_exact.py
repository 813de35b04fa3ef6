"""Exact look-up is complete: whatever form of reference people type, what is named is ranked first, by the real pipeline and index."""

from __future__ import annotations

import datetime as dt
import json
import random
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest

from ingest.read import load
from ingest.split import split
from rag.fold import fold
from rag.numerals import article_number, to_chinese, to_int
from rag.pipeline import Assistant, open_assistant
from rag.references import find_references
from rag.settings import Settings
from rag.types import DocumentMeta, Kind, SearchHit
from rag.understand import known_names, understand
from tests.conftest import ROOT, SHARED, _index
from tests.reference_forms import (
    DOCKETS,
    Provision,
    case_forms,
    chinese_forms,
    docket_forms,
    english_forms,
    issued_forms,
    order_forms,
)

LAWS = SHARED / "data" / "laws"
TODAY = dt.date(2026, 11, 27)
DOCKET = re.compile(r"\((?P<year>\d{4})\)(?P<court>\D{1,3}\d*)(?P<kind>知?[民刑行][初终])(?P<serial>\d+)号")

needs_laws = pytest.mark.skipif(not LAWS.is_dir(), reason=f"the statutes are not there: {LAWS.name}")


def first(assistant: Assistant, question: str, as_of: dt.date | None = None) -> SearchHit | None:
    hits = assistant.search(question, k=5, as_of=as_of).hits
    return hits[0] if hits else None


def found_first(assistant: Assistant, question: str, as_of: dt.date | None = None) -> tuple[str, str | None]:
    hit = first(assistant, question, as_of)
    return (hit.document_id, hit.article) if hit else ("", None)


def assert_none(wrong: Sequence[object]) -> None:
    """A failure shows all that went wrong, one a line."""
    if wrong:
        pytest.fail(f"{len(wrong)}:\n" + "\n".join(map(str, wrong)), pytrace=False)


# --- the corpus as shipped: articles ---


def provisions_of(assistant: Assistant, rng: random.Random, each: int) -> list[Provision]:
    """Articles of every instrument in force, with the names that it alone has among those in force."""
    catalog = assistant.index.catalog
    current = {identifier: meta for identifier, meta in catalog.metas.items() if meta.in_force(TODAY)}
    owners = defaultdict(set)
    for identifier, meta in current.items():
        for name in _names(meta):
            owners[fold(name)].add(identifier)
    found = []
    for identifier, meta in sorted(current.items()):
        articles = [passage.article for passage in catalog.passages_of(identifier) if passage.article]
        own = [name for name in _names(meta) if owners[fold(name)] == {identifier}]
        usable = [name for name in own if not re.search(r"\d|令第|号$", name)]
        for article in rng.sample(articles, min(each, len(articles))):
            number, sub = article_number(article), to_int(article.partition("条之")[2])
            chinese = tuple(name for name in usable if not name.isascii())
            english = tuple(name for name in usable if name.isascii()) if meta.jurisdiction == "CN" else ()
            found.append(Provision(identifier, article, number, sub, chinese, english))
    return found


def _names(meta: DocumentMeta) -> list[str]:
    return [meta.title, meta.title.removeprefix("中华人民共和国"), *meta.aliases]


def test_any_form_of_an_article_of_the_corpus_ranks_it_first(product: Assistant) -> None:
    rng = random.Random(20261127)
    provisions = provisions_of(product, rng, each=4)
    wrong, forms = [], 0
    for provision in provisions:
        typed = [*chinese_forms(provision, rng, 9)]
        typed += english_forms(provision, rng, 4) if provision.english and not provision.sub else []
        forms += len(typed)
        expected = (provision.document_id, provision.article)
        for label, question in typed:
            found = found_first(product, question, TODAY)
            if found != expected:
                wrong.append((label, question, expected, found))
    assert (len(provisions) >= 60, forms >= 300) == (True, True), (len(provisions), forms)
    assert_none(wrong)


# --- the corpus as shipped: numbers and nicknames ---


def test_any_form_of_a_docket_number_ranks_its_judgment_first(product: Assistant) -> None:
    typed = [
        (identifier, form)
        for identifier, meta in product.index.catalog.metas.items()
        for number in (meta.number, meta.appeal.number if meta.appeal else None)
        if number and (match := DOCKET.fullmatch(number))
        for form in docket_forms(*match.groups())
    ]
    assert len(typed) >= 25 * len(DOCKETS)
    found = [(question, identifier, found_first(product, question)[0]) for identifier, question in typed]
    assert_none([row for row in found if row[1] != row[2]])


def test_any_form_of_a_document_number_ranks_an_instrument_of_that_number_first(product: Assistant) -> None:
    metas = product.index.catalog.metas.values()
    numbers = {meta.number for meta in metas if meta.number and meta.kind is not Kind.JUDGMENT}
    typed: list[tuple[str, str]] = []
    for number in sorted(numbers):
        if issued := re.fullmatch(r"(\D+)〔(\d{4})〕(\d+)号", number):
            typed += [(number, form) for form in issued_forms(*issued.groups())]
        elif order := re.fullmatch(r"(\D{2,4})令第(.+)号", number):
            serial = to_int(order[2])
            assert serial is not None
            typed += [(number, form) for form in order_forms(order[1], serial)]
    assert len(typed) >= 100
    wrong = []
    for number, question in typed:
        hit = first(product, question)
        if hit is None or hit.number != number:
            wrong.append((question, number, hit and hit.number, hit and hit.document_id))
    assert_none(wrong)


@pytest.mark.parametrize(
    ("question", "identifier"),
    [
        ("GB 45438-2025", "gb-45438-2025"),
        ("GB45438", "gb-45438-2025"),
        ("gb 45438—2025", "gb-45438-2025"),
        ("GBT 45654", "gbt-45654-2025"),
        ("GB/T45654-2025的要求", "gbt-45654-2025"),
        ("(EU) 2024/1689", "eu-ai-act-2024"),
        ("Regulation 2024/1689", "eu-ai-act-2024"),
        ("EU 2019/790", "eu-dsm-directive-2019"),
        ("case 3:24-cv-05417", "bartz-v-anthropic-2025"),
        ("3:24-cv-5417", "bartz-v-anthropic-2025"),
        ("No. 23-5233", "thaler-v-perlmutter-2025"),
        ("42O14139/24", "gema-v-openai-2025"),
        ("5 U 104/24", "kneschke-v-laion-2024"),
        ("[2025] EWHC 2863 (Ch)", "getty-v-stability-2025"),
        ("EWHC 2863", "getty-v-stability-2025"),
        ("Case C-250/25", "like-company-v-google-pending"),
        ("VAu001480196", "zarya-of-the-dawn-2023"),
        ("MDL No. 25-md-3143", "nyt-v-openai-pending"),
        ("国家网信办令第15号", "aigc-interim-measures-2023"),
        ("公安部令第12号", "deep-synthesis-2022"),
        ("网信办第9号令", "algorithm-recommendation-2022"),
        ("中华人民共和国主席令第62号", "copyright-law-2020"),
    ],
)
def test_code_of_a_standard_an_act_or_a_foreign_case_ranks_it_first(
    product: Assistant, question: str, identifier: str
) -> None:
    assert found_first(product, question)[0] == identifier


def test_any_form_of_a_nickname_ranks_its_judgment_first(product: Assistant) -> None:
    rng = random.Random(58)
    metas = [meta for meta in product.index.catalog.metas.values() if meta.kind is Kind.JUDGMENT]
    typed: list[tuple[str, str]] = []
    for meta in metas:
        for alias in meta.aliases:
            typed += [(meta.id, form) for form in (alias, *rng.sample(case_forms(alias), 3))]
    assert len(typed) >= 1000
    found = [(question, identifier, found_first(product, question)[0]) for identifier, question in typed]
    assert_none([row for row in found if row[1] != row[2]])


def test_any_name_of_an_instrument_in_force_ranks_it_first(product: Assistant) -> None:
    current = [m for m in product.index.catalog.metas.values() if m.in_force(TODAY) and m.kind is not Kind.JUDGMENT]
    typed = [
        (meta, form.format(name)) for meta in current for name in _names(meta) for form in ("{}", "请问《{}》讲什么")
    ]
    found = [(question, meta.title, first(product, question, TODAY)) for meta, question in typed]
    assert_none([(q, title, hit and hit.title) for q, title, hit in found if hit is None or hit.title != title])


# --- lists, ranges, versions ---

LAW, CODE, MEASURES = "copyright-law-2020", "civil-code-2020", "aigc-interim-measures-2023"

LISTS: dict[str, list[tuple[str, int]]] = {
    "著作权法第52条至第54条": [(LAW, 52), (LAW, 53), (LAW, 54)],
    "著作权法第五十二条到第五十四条": [(LAW, 52), (LAW, 53), (LAW, 54)],
    "著作权法第52-54条": [(LAW, 52), (LAW, 53), (LAW, 54)],
    "著作权法第52—54条": [(LAW, 52), (LAW, 53), (LAW, 54)],
    "著作权法第52～54条": [(LAW, 52), (LAW, 53), (LAW, 54)],
    "著作权法52至54条": [(LAW, 52), (LAW, 53), (LAW, 54)],
    "著作权法第52条—第54条": [(LAW, 52), (LAW, 53), (LAW, 54)],
    "著作权法第52、53条和第54条": [(LAW, 52), (LAW, 53), (LAW, 54)],
    "著作权法第五十二、五十三条": [(LAW, 52), (LAW, 53)],
    "著作权法第52条、53条、54条": [(LAW, 52), (LAW, 53), (LAW, 54)],
    "著作权法第54条、第10条和第3条": [(LAW, 54), (LAW, 10), (LAW, 3)],
    "著作权法第24条以及第25条": [(LAW, 24), (LAW, 25)],
    "著作权法第24条与第25条": [(LAW, 24), (LAW, 25)],
    "著作权法第10条，第24条": [(LAW, 10), (LAW, 24)],
    "著作权法第3条、第52条至第54条": [(LAW, 3), (LAW, 52), (LAW, 53), (LAW, 54)],
    "著作权法第52至54条、第10条": [(LAW, 52), (LAW, 53), (LAW, 54), (LAW, 10)],
    "著作权法第24条和民法典第1195条": [(LAW, 24), (CODE, 1195)],
    "民法典第1195条、著作权法第24条": [(CODE, 1195), (LAW, 24)],
    "《民法典》第一千一百九十四条至第一千一百九十七条和《著作权法》第五十三条": [
        (CODE, 1194), (CODE, 1195), (CODE, 1196), (CODE, 1197), (LAW, 53),
    ],
    "著作权法24条、民法典1195条、暂行办法7条": [(LAW, 24), (CODE, 1195), (MEASURES, 7)],
    "著作权法第24条第1款第5项、第6项和第10条第1款": [(LAW, 24), (LAW, 10)],
    "第24条第1款（著作权法）与暂行办法第4条": [(LAW, 24), (MEASURES, 4)],
    "articles 52 to 54 of the Copyright Law": [(LAW, 52), (LAW, 53), (LAW, 54)],
    "Articles 52-54 Copyright Law": [(LAW, 52), (LAW, 53), (LAW, 54)],
    "Copyright Law arts. 52–54": [(LAW, 52), (LAW, 53), (LAW, 54)],
    "Copyright Law articles 52, 53 and 54": [(LAW, 52), (LAW, 53), (LAW, 54)],
    "Copyright Law §§ 52-54": [(LAW, 52), (LAW, 53), (LAW, 54)],
    "Article 24 of the Copyright Law and Article 1195 of the Civil Code": [(LAW, 24), (CODE, 1195)],
    "Copyright Law art. 24, Civil Code art. 1195": [(LAW, 24), (CODE, 1195)],
    "Article 1195, Civil Code; Article 24, Copyright Law": [(CODE, 1195), (LAW, 24)],
}  # fmt: skip


@pytest.mark.parametrize(("question", "expected"), LISTS.items(), ids=list(LISTS))
@pytest.mark.parametrize("frame", ["{}", "请问{}怎么规定？"])
def test_articles_of_a_list_come_first_in_the_order_named(
    product: Assistant, question: str, expected: list[tuple[str, int]], frame: str
) -> None:
    hits = product.search(frame.format(question), k=10, as_of=TODAY).hits
    wanted = [(identifier, f"第{to_chinese(number)}条") for identifier, number in expected]
    assert [(hit.document_id, hit.article) for hit in hits[: len(wanted)]] == wanted


@pytest.mark.parametrize(
    ("question", "as_of", "identifier"),
    [
        ("著作权法第22条", None, "copyright-law-2020"),
        ("著作权法第22条", dt.date(2015, 5, 1), "copyright-law-2010"),
        ("著作权法第22条", dt.date(2021, 5, 31), "copyright-law-2010"),
        ("著作权法第22条", dt.date(2021, 6, 1), "copyright-law-2020"),
        ("2010年著作权法第22条", None, "copyright-law-2010"),
        ("2010年的著作权法第22条", None, "copyright-law-2010"),
        ("2010年修正的著作权法第二十二条", None, "copyright-law-2010"),
        ("二〇一〇年著作权法第二十二条", None, "copyright-law-2010"),
        ("著作权法（2010年修正）第二十二条", None, "copyright-law-2010"),
        ("《著作权法》（2010修正）第22条", None, "copyright-law-2010"),
        ("著作权法2010年版第22条", None, "copyright-law-2010"),
        ("著作权法（2010）第22条", None, "copyright-law-2010"),
        ("中华人民共和国著作权法〔2010年修正〕第22条", None, "copyright-law-2010"),
        ("旧著作权法第22条", None, "copyright-law-2010"),
        ("修改前的著作权法第22条", None, "copyright-law-2010"),
        ("Copyright Law (2010) article 22", None, "copyright-law-2010"),
        ("2010 Copyright Law art. 22", None, "copyright-law-2010"),
        ("2020年著作权法第22条", None, "copyright-law-2020"),
        ("著作权法（2020年修正）第22条", None, "copyright-law-2020"),
        ("新著作权法第22条", None, "copyright-law-2020"),
        ("现行著作权法第22条", None, "copyright-law-2020"),
        ("2019年反不正当竞争法第12条", None, "unfair-competition-law-2019"),
        ("2019年的反不正当竞争法第12条", None, "unfair-competition-law-2019"),
        ("旧反法第12条", None, "unfair-competition-law-2019"),
        ("反不正当竞争法第12条", None, "unfair-competition-law-2025"),
        ("反法第十二条", None, "unfair-competition-law-2025"),
        ("主席令第二十九号第十二条", None, "unfair-competition-law-2019"),
    ],
)
def test_version_is_that_of_the_day_unless_the_words_name_one(
    product: Assistant, question: str, as_of: dt.date | None, identifier: str
) -> None:
    assert found_first(product, question, as_of)[0] == identifier


def test_command_line_ranks_what_is_named_first(product: Assistant, tmp_path: Path) -> None:
    asked = {
        "1": ("著作权法24(1)(5)", "copyright-law-2020/art-24"),
        "2": ("著作權法第二十四條第一款", "copyright-law-2020/art-24"),
        "3": ("Civil Code art 1195", "civil-code-2020/art-1195"),
        "4": ("〔2024〕粤 0192 民初 113 号", "guangzhou-ultraman-2024"),
    }
    batch = tmp_path / "batch.jsonl"
    batch.write_text("".join(json.dumps({"id": i, "question": q}) + "\n" for i, (q, _) in asked.items()), "utf-8")
    command = [sys.executable, "-m", "rag", "search", "--index", str(product.settings.index), "--batch", str(batch)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    found = {row["id"]: row["hits"][0]["passage_id"] for row in map(json.loads, done.stdout.splitlines())}
    assert [found[i].startswith(wanted) for i, (_, wanted) in asked.items()] == [True] * len(asked), found


# --- what only looks like a reference ---


@pytest.mark.parametrize(
    "text",
    [
        "三条建议",
        "给我三条建议",
        "第一条腿",
        "第一条重要建议",
        "24条短信",
        "收到24条短信算证据吗",
        "我发的第一条微博有著作权吗",
        "一款软件",
        "第一款软件侵权了怎么办",
        "第二款AI绘画工具",
        "百分之二十四",
        "百分之二十四的利息",
        "article 24 of my blog",
        "section 3 of the report",
        "an article about 24 artists",
        "第三项技术",
        "第三项技术侵权吗",
        "我的做法3条",
        "我的想法第一",
        "第三款国产手机和第一款AI绘画软件",
        "违反法规怎么办",
        "取消法定代表人",
        "公司法务部",
        "公司法人用AI写稿",
        "量刑法定",
        "2024年5号",
        "我买了2件商品编号24",
        "2024年民事案件113件",
        "第24届大会",
        "24小时内",
        "案件三号当事人",
    ],
)
def test_words_that_look_like_a_reference_are_none(product: Assistant, text: str) -> None:
    query = understand(text, product.names, product.settings)
    assert ([r for r in query.references if r.article or r.docket], query.incomplete) == ([], False)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("拍卖法实施细则第3条", "拍卖法"),
        ("著作权法实施办法第3条", "著作权法"),
        ("刑法修正案（十一）第20条", "刑法"),
        ("美国版权法第107条", "著作权法"),
        ("日本的《著作权法》第3条", "中华人民共和国著作权法"),
        ("Article 107 of the US Copyright Law", "著作权法"),
        ("Copyright Law of Japan article 3", "中华人民共和国著作权法"),
        ("著作权法和美国版权法第107条", "著作权法"),
    ],
)
def test_article_of_another_instrument_is_not_given_to_the_one_whose_name_is_in_its(
    product: Assistant, text: str, wrong: str
) -> None:
    metas = product.index.catalog.metas
    for reference in find_references(text, product.names):
        if reference.article:
            assert wrong not in [metas[identifier].title for identifier in reference.document_ids]
            assert f"中华人民共和国{wrong}" not in [metas[identifier].title for identifier in reference.document_ids]


def test_tested_names_are_no_names_without_their_documents() -> None:
    """The tables above would fail without the names of the corpus: here nothing has a document."""
    names = known_names([])
    for question in ("著作权法第24条", "广州奥特曼案", "(2024)粤0192民初113号", "主席令第62号", "GB 45438"):
        assert [r.document_ids for r in find_references(question, names)] in ([], [()]), question


# --- statutes outside the corpus ---

SHORT: dict[str, str] = {
    "民诉法": "中华人民共和国民事诉讼法",
    "刑诉法": "中华人民共和国刑事诉讼法",
    "行诉法": "中华人民共和国行政诉讼法",
    "民诉法解释": "最高人民法院关于适用《中华人民共和国民事诉讼法》的解释",
    "民诉法司法解释": "最高人民法院关于适用《中华人民共和国民事诉讼法》的解释",
    "民事诉讼法解释": "最高人民法院关于适用《中华人民共和国民事诉讼法》的解释",
    "最高法关于适用《民事诉讼法》的解释": "最高人民法院关于适用《中华人民共和国民事诉讼法》的解释",
    "刑诉法解释": "最高人民法院关于适用《中华人民共和国刑事诉讼法》的解释",
    "反法": "中华人民共和国反不正当竞争法",
    "反不正当竞争法司法解释": "最高人民法院关于适用《中华人民共和国反不正当竞争法》若干问题的解释",
    "消法": "中华人民共和国消费者权益保护法",
    "消保法": "中华人民共和国消费者权益保护法",
    "个保法": "中华人民共和国个人信息保护法",
    "网安法": "中华人民共和国网络安全法",
    "数安法": "中华人民共和国数据安全法",
    "电商法": "中华人民共和国电子商务法",
    "未保法": "中华人民共和国未成年人保护法",
    "道交法": "中华人民共和国道路交通安全法",
    "道交法实施条例": "中华人民共和国道路交通安全法实施条例",
    "治安处罚法": "中华人民共和国治安管理处罚法",
    "招投标法": "中华人民共和国招标投标法",
    "招投标法实施条例": "中华人民共和国招标投标法实施条例",
    "反家暴法": "中华人民共和国反家庭暴力法",
    "反诈法": "中华人民共和国反电信网络诈骗法",
    "社保法": "中华人民共和国社会保险法",
    "个税法": "中华人民共和国个人所得税法",
    "税收征管法": "中华人民共和国税收征收管理法",
    "破产法": "中华人民共和国企业破产法",
    "破产法司法解释（二）": "最高人民法院关于适用《中华人民共和国企业破产法》若干问题的规定（二）",
    "公司法解释三": "最高人民法院关于适用《中华人民共和国公司法》若干问题的规定（三）",
    "公司法司法解释（三）": "最高人民法院关于适用《中华人民共和国公司法》若干问题的规定（三）",
    "公司法规定（四）": "最高人民法院关于适用《中华人民共和国公司法》若干问题的规定（四）",
    "保险法司法解释二": "最高人民法院关于适用《中华人民共和国保险法》若干问题的解释（二）",
    "婚姻家庭编解释（一）": "最高人民法院关于适用《中华人民共和国民法典》婚姻家庭编的解释（一）",
    "婚姻家庭编司法解释一": "最高人民法院关于适用《中华人民共和国民法典》婚姻家庭编的解释（一）",
    "民法典婚姻家庭编的解释（二）": "最高人民法院关于适用《中华人民共和国民法典》婚姻家庭编的解释（二）",
    "侵权责任编解释": "最高人民法院关于适用《中华人民共和国民法典》侵权责任编的解释（一）",
    "民法典担保制度解释": "最高人民法院关于适用《中华人民共和国民法典》有关担保制度的解释",
    "担保制度司法解释": "最高人民法院关于适用《中华人民共和国民法典》有关担保制度的解释",
    "合同编通则解释": "最高人民法院关于适用《中华人民共和国民法典》合同编通则若干问题的解释",
    "总则编司法解释": "最高人民法院关于适用《中华人民共和国民法典》总则编若干问题的解释",
    "民法典时间效力规定": "最高人民法院关于适用《中华人民共和国民法典》时间效力的若干规定",
    "涉外民事关系法律适用法解释（一）": "最高人民法院关于适用《中华人民共和国涉外民事关系法律适用法》若干问题的解释（一）",
    "人身损害赔偿司法解释": "最高人民法院关于审理人身损害赔偿案件适用法律若干问题的解释",
    "精神损害赔偿司法解释": "最高人民法院关于确定民事侵权精神损害赔偿责任若干问题的解释",
    "民间借贷司法解释": "最高人民法院关于审理民间借贷案件适用法律若干问题的规定",
    "民间借贷规定": "最高人民法院关于审理民间借贷案件适用法律若干问题的规定",
    "劳动争议司法解释（一）": "最高人民法院关于审理劳动争议案件适用法律问题的解释（一）",
    "建设工程施工合同解释（一）": "最高人民法院关于审理建设工程施工合同纠纷案件适用法律问题的解释（一）",
    "买卖合同司法解释": "最高人民法院关于审理买卖合同纠纷案件适用法律问题的解释",
    "商品房买卖合同解释": "最高人民法院关于审理商品房买卖合同纠纷案件适用法律若干问题的解释",
    "道路交通事故损害赔偿解释": "最高人民法院关于审理道路交通事故损害赔偿案件适用法律若干问题的解释",
    "医疗损害责任解释": "最高人民法院关于审理医疗损害责任纠纷案件适用法律若干问题的解释",
    "诉讼时效司法解释": "最高人民法院关于审理民事案件适用诉讼时效制度若干问题的规定",
    "民事证据规定": "最高人民法院关于民事诉讼证据的若干规定",
    "民事诉讼证据规定": "最高人民法院关于民事诉讼证据的若干规定",
    "著作权司法解释": "最高人民法院关于审理著作权民事纠纷案件适用法律若干问题的解释",
    "信息网络传播权司法解释": "最高人民法院关于审理侵害信息网络传播权民事纠纷案件适用法律若干问题的规定",
    "商标民事纠纷解释": "最高人民法院关于审理商标民事纠纷案件适用法律若干问题的解释",
    "技术合同司法解释": "最高人民法院关于审理技术合同纠纷案件适用法律若干问题的解释",
    "知识产权惩罚性赔偿司法解释": "最高人民法院关于审理侵害知识产权民事案件适用惩罚性赔偿的解释",
    "贪污贿赂司法解释": "最高人民法院、最高人民检察院关于办理贪污贿赂刑事案件适用法律若干问题的解释",
    "盗窃司法解释": "最高人民法院、最高人民检察院关于办理盗窃刑事案件适用法律若干问题的解释",
    "食品药品纠纷司法解释": "最高人民法院关于审理食品药品纠纷案件适用法律若干问题的规定",
    "职工工作时间规定": "国务院关于职工工作时间的规定",
    "专利法细则": "中华人民共和国专利法实施细则",
    "商标法的实施条例": "中华人民共和国商标法实施条例",
    "增值税条例": "中华人民共和国增值税暂行条例",
    "年休假条例": "职工带薪年休假条例",
    "Civil Procedure Law": "中华人民共和国民事诉讼法",
    "Company Law": "中华人民共和国公司法",
    "Labor Contract Law": "中华人民共和国劳动合同法",
    "Trademark Law": "中华人民共和国商标法",
    "Personal Information Protection Law": "中华人民共和国个人信息保护法",
    "Anti-Monopoly Law": "中华人民共和国反垄断法",
}
SAMPLE = 150
"""Statute files of the index that the tests below search."""


@pytest.fixture(scope="session")
def statutes(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """An index of the statutes that ``SHORT`` names, in all their versions, and of others drawn by chance."""
    folder = tmp_path_factory.mktemp("laws")
    wanted = {fold(title) for title in SHORT.values()} | {fold("中华人民共和国民法典")}
    files = sorted(LAWS.rglob("*.md"))
    chosen = [path for path in files if fold(path.read_text("utf-8").partition("\n")[0].removeprefix("#")) in wanted]
    rest = [path for path in files if path not in set(chosen) and path.stat().st_size < 40_000]
    chosen += random.Random(7).sample(rest, SAMPLE - len(chosen))
    for path in chosen:
        target = folder / path.relative_to(LAWS)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    return open_assistant(Settings(index=_index([folder], tmp_path_factory.mktemp("laws-index"))))


def holders(assistant: Assistant, title: str, article: str) -> str:
    """The newest version with this title that has the article."""
    catalog = assistant.index.catalog
    having = [
        meta for meta in catalog.metas.values() if fold(meta.title) == fold(title) and catalog.article(meta.id, article)
    ]
    return max(having, key=lambda meta: meta.promulgated or dt.date.min).id if having else ""


@needs_laws
def test_any_form_of_an_article_of_any_statute_ranks_it_first(statutes: Assistant) -> None:
    rng = random.Random(314)
    catalog = statutes.index.catalog
    wrong, forms, documents = [], 0, 0
    for identifier, meta in sorted(catalog.metas.items()):
        articles = [passage.article for passage in catalog.passages_of(identifier) if passage.article]
        if not articles:
            continue
        documents += 1
        article = rng.choice(articles)
        number, sub = article_number(article), to_int(article.partition("条之")[2])
        names = (meta.title, meta.title.replace("中华人民共和国", ""))
        provision = Provision(identifier, article, number, sub, tuple(dict.fromkeys(names)))
        expected = (holders(statutes, meta.title, article), article)
        for label, question in chinese_forms(provision, rng, 4):
            forms += 1
            found = found_first(statutes, question)
            if found != expected:
                wrong.append((label, question, expected, found))
    assert (documents >= 120, forms >= 300) == (True, True), (documents, forms)
    assert_none(wrong)


@needs_laws
@pytest.mark.parametrize(("name", "title"), SHORT.items(), ids=list(SHORT))
def test_short_name_of_a_statute_leads_to_it(statutes: Assistant, name: str, title: str) -> None:
    catalog = statutes.index.catalog
    newest = max(
        (m for m in catalog.metas.values() if fold(m.title) == fold(title)), key=lambda m: m.promulgated or dt.date.min
    )
    article = random.Random(name).choice([p.article for p in catalog.passages_of(newest.id) if p.article])
    number, sub = article_number(article), to_int(article.partition("条之")[2])
    provision = Provision(
        newest.id, article, number, sub, () if name.isascii() else (name,), (name,) if name.isascii() else ()
    )
    write: Callable[..., Iterable[tuple[str, str]]] = english_forms if name.isascii() else chinese_forms
    typed = [question for _, question in write(provision, random.Random(name), 6)]
    expected = (holders(statutes, title, article), article)
    assert_none([row for row in ((q, expected, found_first(statutes, q)) for q in typed) if row[1] != row[2]])


@needs_laws
def test_year_next_to_a_statute_names_its_version(statutes: Assistant) -> None:
    catalog = statutes.index.catalog
    versions = defaultdict(list)
    for meta in catalog.metas.values():
        if meta.promulgated:
            versions[fold(meta.title)].append(meta)
    several = [
        metas
        for metas in versions.values()
        if len({meta.promulgated.year for meta in metas if meta.promulgated}) == len(metas) > 1
    ]
    assert len(several) >= 5
    wrong = []
    for metas in several:
        for meta in metas:
            assert meta.promulgated is not None
            name, year = meta.title.replace("中华人民共和国", ""), meta.promulgated.year
            for written in (
                f"{year}年{name}",
                f"{name}（{year}年修正）",
                f"{name}（{year}修订）",
                f"{year}年修正的{name}",
                f"《{name}》（{year}年）",
            ):
                question = f"{written}第一条"
                if found_first(statutes, question) != (meta.id, "第一条"):
                    wrong.append((question, meta.id, found_first(statutes, question)))
    assert_none(wrong)


@needs_laws
def test_every_name_of_every_statute_is_its_own() -> None:
    """Names alone, on all statutes: their titles, an article of each."""
    documents = [load(path, root=LAWS) for path in sorted(LAWS.rglob("*.md"))]
    names = known_names(document.meta for document in documents)
    dates: dict[str, dt.date] = defaultdict(lambda: dt.date.min)
    for meta in (document.meta for document in documents):
        dates[fold(meta.title)] = max(dates[fold(meta.title)], meta.promulgated or dt.date.min)
    wrong, asked = [], 0
    for document in documents:
        articles = [passage.article for passage in split(document)[:3] if passage.article]
        title = document.meta.title
        for written in (title, f"《{title}》", title.replace("中华人民共和国", "")) if articles else ():
            asked += 1
            found = find_references(f"{written}{articles[-1]}怎么规定", names)
            first_ids = [(r.article, names.metas[r.document_ids[0]]) for r in found if r.document_ids]
            meant = [(article, fold(meta.title), meta.promulgated or dt.date.min) for article, meta in first_ids]
            if meant != [(articles[-1], fold(title), dates[fold(title)])]:
                wrong.append((written, articles[-1], found))
    assert asked >= 3 * 1300
    assert_none(wrong)
