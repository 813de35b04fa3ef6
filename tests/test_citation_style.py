"""Citations in the style of Chinese legal writing, on the documents of the corpus as shipped."""

from __future__ import annotations

from functools import cache

import pytest
import yaml

from ingest.read import load
from rag.citation_style import legal_citation
from rag.types import DocumentMeta, Kind
from tests.conftest import CORPUS, ROOT


@cache
def metas() -> dict[str, DocumentMeta]:
    folders = [CORPUS / kind for kind in ("papers", "judgments", "regulations")]
    found = [load(path, root=CORPUS).meta for folder in folders for path in sorted(folder.glob("*.md"))]
    return {meta.id: meta for meta in found}


COURT_VIEW = {"section": "法院认为"}
CASES = [
    (
        "copyright-law-2020",
        {"article": "第二十四条", "paragraph": "第一款", "item": "第（五）项"},
        "《中华人民共和国著作权法》（2020年修正，自2021年6月1日起施行）第二十四条第一款第（五）项",
    ),
    (
        "copyright-law-2010",
        {"article": "第二十二条"},
        "《中华人民共和国著作权法》（2010年修正，自2010年4月1日起施行，2021年6月1日起失效）第二十二条",
    ),
    (
        "civil-code-2020",
        {"article": "第一千零一十九条", "paragraph": "第一款"},
        "《中华人民共和国民法典》（主席令第四十五号，自2021年1月1日起施行）第一千零一十九条第一款",
    ),
    ("unfair-competition-law-2025", {}, "《中华人民共和国反不正当竞争法》（2025年修订，自2025年10月15日起施行）"),
    (
        "software-regulation-2013",
        {"article": "第十七条"},
        "《计算机软件保护条例》（国务院令第632号，2013年修订，自2013年3月1日起施行）第十七条",
    ),
    (
        "copyright-interpretation-2020",
        {"article": "第七条", "paragraph": "第二款"},
        "《最高人民法院关于审理著作权民事纠纷案件适用法律若干问题的解释》（法释〔2020〕19号，2020年修正，自2021年1月1日起施行，"
        "2026年9月1日起失效）第七条第二款",
    ),
    (
        "aigc-interim-measures-2023",
        {"article": "第四条", "item": "第（三）项"},
        "《生成式人工智能服务管理暂行办法》（国家互联网信息办公室等七部门令第15号，自2023年8月15日起施行）第四条第（三）项",
    ),
    (
        "gb-45438-2025",
        {"section": "图片内容的显式标识"},
        "GB 45438-2025《网络安全技术 人工智能生成合成内容标识方法》（自2025年9月1日起实施），“图片内容的显式标识”部分",
    ),
    (
        "eu-ai-act-2024",
        {"article": "第五十条", "paragraph": "第二款"},
        "欧盟《人工智能法》（条例(EU) 2024/1689，自2024年8月1日起施行）第五十条第二款",
    ),
    (
        "jp-copyright-act-30-4",
        {"article": "第三十条之四"},
        "日本《著作权法》（人工智能相关条文，自2019年1月1日起施行）第三十条之四",
    ),
    (
        "us-copyright-office-ai-reports-2025",
        {"section": "第三部分：合理使用"},
        "美国版权局《版权与人工智能》报告（第二部分、第三部分，2025年），“第三部分：合理使用”部分",
    ),
    ("guangzhou-ultraman-2024", COURT_VIEW, "广州互联网法院(2024)粤0192民初113号民事判决书，“法院认为”部分"),
    (
        "datatang-2024",
        {"section": "裁判结果"},
        "北京知识产权法院(2024)京73民终546号民事判决书，“裁判结果”部分",
    ),
    ("chengdu-ai-voice-2024", {}, "成都互联网法庭(2024)川7101民初8969号民事判决书"),
    (
        "tongzhou-criminal-2025",
        COURT_VIEW,
        "福州市某品电子商务有限公司、姚某渊等侵犯著作权案（AI“图生图”刑事案），北京市通州区人民法院，2025年6月13日判决，“法院认为”部分",
    ),
    (
        "iqiyi-minimax-pending",
        {},
        "爱奇艺诉MiniMax（海螺AI）模型训练及内容生成著作权侵权案，上海市徐汇区人民法院（审理中）",
    ),
    (
        "gema-v-openai-2025",
        {},
        "GEMA诉OpenAI案（德国慕尼黑第一地方法院42 O 14139/24），德国慕尼黑第一地方法院第42民事庭，2025年11月11日判决（未生效）",
    ),
    (
        "nyt-v-openai-pending",  # its title says that it is pending
        {},
        "纽约时报诉微软、OpenAI案（The New York Times Company v. Microsoft Corporation et al.，审理中），美国纽约南区联邦地区法院，"
        "No. 1:23-cv-11195（多区合并案MDL No. 25-md-3143）",
    ),
    (
        "aigc-paper",  # no authors, and a title that is our description
        {"section": "4.2"},
        "人工智能生成内容的著作权与侵权责任（开放获取论文，题名与作者不见于所供文本），第4.2节",
    ),
    (
        "aigc-paper",
        {"section": "表1"},
        "人工智能生成内容的著作权与侵权责任（开放获取论文，题名与作者不见于所供文本），表1",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("identifier", "place", "expected"), CASES, ids=[f"{i}-{n}" for n, (i, _, _) in enumerate(CASES)]
)
def test_a_source_is_cited_as_a_lawyer_does(identifier: str, place: dict[str, str], expected: str) -> None:
    assert legal_citation(metas()[identifier], **place) == expected


def made(**fields: object) -> DocumentMeta:
    return DocumentMeta.model_validate({"id": "x", "title": "题名", "kind": "judgment", **fields})


def test_what_was_tried_is_read_from_the_docket_number() -> None:
    courts = {"court": "甲法院", "number": "(2025)京01刑终3号"}
    assert legal_citation(made(**courts)) == "甲法院(2025)京01刑终3号刑事判决书"
    assert legal_citation(made(court="甲法院", number="(2025)京01行初3号")) == "甲法院(2025)京01行初3号行政判决书"
    assert legal_citation(made(**courts, finality="not_final")) == "甲法院(2025)京01刑终3号刑事判决书（未生效）"
    # Of a retrial application, and of a case without a judgment, no 判决书 is claimed.
    assert legal_citation(made(court="甲法院", number="(2025)京民申3号")) == "甲法院(2025)京民申3号案"
    assert legal_citation(made(**courts, finality="pending")) == "甲法院(2025)京01刑终3号案（审理中）"


def test_title_marks_within_a_title_are_single_ones() -> None:
    title = "最高人民法院关于适用《中华人民共和国民法典》时间效力的若干规定"
    rules = made(title=title, kind="judicial_interpretation", number="法释〔2020〕15号")
    assert legal_citation(rules, article="第一条") == (
        "《最高人民法院关于适用〈中华人民共和国民法典〉时间效力的若干规定》（法释〔2020〕15号）第一条"
    )


def test_a_paper_has_its_authors() -> None:
    paper = made(kind="paper", authors=["张三", "李四"], published="2024-05-01")
    assert legal_citation(paper, section="摘要") == "张三、李四：《题名》，2024年，摘要"


def test_an_own_document_is_named_as_one() -> None:
    own = made(kind="own", text_status="full_text")
    assert legal_citation(own, article="第三条") == "《题名》（自有文档）第三条"


def test_a_quote_of_a_digest_does_not_pass_for_the_official_text() -> None:
    law = metas()["copyright-law-2020"]
    assert law.text_status == "digest"
    cited = legal_citation(law, article="第三条", quote="作品\n 应当…")
    assert cited.endswith("第三条：“作品 应当…”（据本项目摘要，非官方原文）")
    official = law.model_copy(update={"text_status": "official"})
    assert legal_citation(official, article="第三条", quote="作品").endswith("第三条：“作品”")


def test_every_version_that_replaces_another_says_how_it_came_about() -> None:
    revisions = yaml.safe_load((ROOT / "rag/data/revisions.yaml").read_text("utf-8"))
    laws = {i for i, meta in metas().items() if meta.kind is Kind.LAW and meta.supersedes in metas()}
    assert laws <= set(revisions)
    assert set(revisions) <= set(metas())
    assert set(revisions.values()) == {"修正", "修订"}
