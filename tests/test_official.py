"""Official full texts: what a text is taken for, how it is cleaned and checked, where it is kept, and how an index quotes it."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import docx
import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from ingest.__main__ import main
from ingest.build import ingest
from ingest.compare import MAX_SHARED_RUN, Difference, compare
from ingest.official import Imported, Report, import_paths, instruments
from ingest.read import load
from ingest.split import split
from ingest.tidy import tidy
from rag.errors import InvalidInput
from rag.index import open_index
from rag.pipeline import Assistant, open_assistant
from rag.settings import Settings
from rag.types import Document, DocumentMeta, Kind
from rag.vectors import records_of
from tests.conftest import CORPUS, ROOT, SHARED

# A law in two versions, a rule of a long title, a code kept in parts, and a regulation: none of them exists.
TITLE = "机器绘画法"
CURRENT, FORMER, RULES, CODE = "drawing-law-2020", "drawing-law-2010", "drawing-rules-2022", "drawing-code-2018"
RULES_TITLE = "机器绘画与图案合成服务备案暂行办法"
DECISION = "根据2020年10月1日第二届绘画大会《关于修改〈中华人民共和国机器绘画法〉的决定》修正"
HEAD = f"中华人民共和国{TITLE}\n（2010年2月1日第一届绘画大会通过　{DECISION}）\n"
ARTICLES = (
    "第一条 为了保护以机器绘制图画的人，制定本法。",
    "第二条 下列图画受本法保护：\n（一）以人工智能绘制、由人选定的图画；\n（二）在前项图画上修改而成的图画。\n"
    "机器自行绘制、无人选定的图画，不受本法保护。",
    "第三条 以他人图画训练模型的，应当取得许可，并在三十日内支付报酬；未支付报酬的，不得继续使用。",
    "第四条 违反本法第三条规定的，处一万元以上五万元以下罚款。",
    "第五条 本法自2021年1月1日起施行。",
)
BODY = "\n".join(ARTICLES)
TEXT = HEAD + BODY
UNDATED = f"{TITLE}\n{BODY}".replace("2021年1月1日", "公布之日")
DIGEST = """# 中华人民共和国机器绘画法

## 第一章 总则

### 第一条 〔立法目的〕

本法要保护的，是用机器来绘制图画的人。

问法：画画的机器归谁管；这部法管什么；为什么要立这部法

### 第二条 〔受保护的图画〕

受到保护的图画有：

（一）借助人工智能画出、并由人挑选过的；

（二）对前一项的图画再作修改得到的。

没有人挑选、由机器自己画出的，本法不予保护。

问法：随手生成的头像算不算我的；电脑自己画的有没有版权；挑图算不算创作

## 第二章 训练

### 第三条 〔训练与付酬〕

训练模型时用到他人的图画，应当先得到许可，并且在三十日之内付给报酬；没有付的，不得再用。

问法：拿别人的画喂模型要不要给钱；多久之内要付稿费；没给钱还能接着炼吗

### 第四条 〔罚款〕

对违反本法第三条的人，罚款一万元以上、五万元以下。

问法：偷画训练罚多少；罚款上限；谁会被罚

### 第五条 〔施行〕

2021年1月1日是本法开始施行的日子。

问法：从哪天起算；何时生效；老作品适用吗
"""


def front(identifier: str, title: str, **fields: object) -> str:
    lines = {"id": identifier, "title": title, "kind": "law", "checked": "2022-06-01"} | fields
    return "---\n" + "".join(f"{key}: {value}\n" for key, value in lines.items()) + "---\n\n"


def plain_law(*numbers: str) -> str:
    return "\n\n".join(f"第{number}条 〔要旨〕\n\n摘要里的第{number}项内容。" for number in numbers)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    write(
        folder / f"regulations/{CURRENT}.md",
        front(
            CURRENT, f"中华人民共和国{TITLE}", aliases=f"[{TITLE}]", promulgated="2020-10-01", effective="2021-01-01",
            articles=5, supersedes=FORMER, url="https://law.example/drawing",
        )
        + DIGEST,
    )  # fmt: skip
    write(
        folder / f"regulations/{FORMER}.md",
        front(
            FORMER, f"中华人民共和国{TITLE}", aliases="[旧机器绘画法]", promulgated="2010-02-01",
            effective="2010-04-01", repealed="2021-01-01", articles=3,
        )
        + plain_law("一", "二", "三"),
    )  # fmt: skip
    write(
        folder / f"regulations/{RULES}.md",
        front(RULES, RULES_TITLE, kind="departmental_rule", promulgated="2022-03-01", effective="2022-05-01", articles=3)
        + plain_law("一", "二", "三"),
    )  # fmt: skip
    write(
        folder / f"regulations/{CODE}.md",
        front(CODE, "中华人民共和国绘画法典", promulgated="2018-06-01", effective="2019-01-01", articles=4, partial="true")
        + plain_law("一", "二", "四"),
    )  # fmt: skip
    return folder


@pytest.fixture
def put(tmp_path: Path) -> Callable[..., Path]:
    """Write a file outside the corpus."""

    def _put(content: str | bytes, name: str = "text.txt") -> Path:
        return write(tmp_path / "incoming" / name, content)

    return _put


Put = Callable[..., Path]


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def outcome(report: Report) -> tuple[str, str]:
    """Id of the only text imported, or the reason why it was refused."""
    assert len(report.imported) + len(report.refused) == 1
    return (report.imported[0].id, "") if report.imported else ("", report.refused[0].reason)


def stored(corpus: Path, identifier: str = CURRENT) -> str:
    """Text of the official file, its title and history left out."""
    text = load(corpus / "official" / f"{identifier}.md", root=corpus).text
    return text[text.index("第一条") :]


def flat(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if line)


# --- which instrument, which version ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(TEXT, CURRENT, id="title-with-the-name-of-the-state"),
        pytest.param(TEXT.replace("中华人民共和国", "", 1), CURRENT, id="title-without-it"),
        pytest.param(TEXT.replace(f"中华人民共和国{TITLE}\n", f"《{TITLE}》\n", 1), CURRENT, id="title-in-brackets"),
        pytest.param(TEXT.replace(f"国{TITLE}\n", f"国\n{TITLE}\n", 1), CURRENT, id="title-over-two-lines"),
        pytest.param(TEXT.replace(f"国{TITLE}\n", "国机器\n绘画法\n", 1), CURRENT, id="title-broken-inside"),
        pytest.param(TEXT.replace(TITLE, "机 器 绘 画 法", 1), CURRENT, id="title-with-blanks"),
        pytest.param(TEXT.replace(f"{TITLE}\n", f"{TITLE}（2020年修正）\n", 1), CURRENT, id="title-with-its-version"),
        pytest.param("首页 > 法规\n" + TEXT, CURRENT, id="menu-before-the-title"),
        pytest.param(TEXT.replace(f"中华人民共和国{TITLE}\n", f"{TITLE}_法规库\n", 1), CURRENT, id="site-name-around-it"),
        pytest.param(f"# {TITLE}\n\n2020年10月1日 修正\n\n{BODY}", CURRENT, id="day-of-promulgation-alone"),
        pytest.param(f"{TITLE}\n2020-10-01 公布\n{BODY}", CURRENT, id="day-as-iso"),
        pytest.param(f"{TITLE}\n{BODY}", CURRENT, id="day-of-effect-in-the-last-article"),
        pytest.param(f"{UNDATED}".replace("\n", "\n（自2021年1月1日起施行）\n", 1), CURRENT, id="day-of-effect-in-the-head"),
        pytest.param(
            f"{TITLE}\n（2010年2月1日第一届绘画大会通过）\n第一条 甲乙丙丁。\n第二条 甲乙丙丁。\n第三条 本法自2010年4月1日起施行。",
            FORMER,
            id="the-former-version",
        ),
        pytest.param(
            f"{RULES_TITLE}\n（2022年3月1日公布）\n第一条 甲乙丙丁。\n第二条 甲乙丙丁。\n第三条 甲乙丙丁。", RULES, id="rules"
        ),
    ],
)  # fmt: skip
def test_a_text_is_recognised_by_its_title_and_its_dates(corpus: Path, put: Put, text: str, expected: str) -> None:
    assert outcome(import_paths([put(text)], corpus)) == (expected, "")


@pytest.mark.parametrize("name", ["机器绘画法(2020-10-01).md", "机器绘画法（2021-01-01）.txt"])
def test_the_version_may_stand_in_the_file_name(corpus: Path, put: Put, name: str) -> None:
    assert "没有日期" in outcome(import_paths([put(UNDATED)], corpus))[1]
    assert outcome(import_paths([put(UNDATED, name)], corpus)) == (CURRENT, "")


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param("2023年3月2日第三届绘画大会第二次修正", id="amended"),
        pytest.param("2010年2月1日通过　2020年10月1日修正　2023年3月2日修订", id="last-of-three-dates"),
    ],
)
def test_an_amendment_newer_than_all_known_versions_is_refused(corpus: Path, put: Put, lines: str) -> None:
    identifier, reason = outcome(import_paths([put(f"{TITLE}\n2020年10月1日修正\n{lines}\n{BODY}")], corpus))
    assert identifier == ""
    assert "尚未收录" in reason
    assert "2023-03-02" in reason
    assert not (corpus / "official").exists()


def test_a_version_between_the_known_ones_is_refused(corpus: Path, put: Put) -> None:
    text = f"{TITLE}\n2015年5月5日第一次修正\n" + BODY.replace("2021年1月1日", "2015年8月1日")
    identifier, reason = outcome(import_paths([put(text)], corpus))
    assert identifier == ""
    assert "不能确定是哪一个版本" in reason
    assert {"2015-05-05", "2015-08-01", CURRENT, FORMER} <= {w for w in reason.replace("（", " ").replace("、", " ").replace("；", " ").replace("：", " ").split() if w[0] in "2d"}  # fmt: skip


@pytest.mark.parametrize(
    "title",
    [
        pytest.param(f"《{RULES_TITLE}》解读", id="explained"),
        pytest.param(f"有关负责人就《{RULES_TITLE}》答记者问", id="asked-about"),
        pytest.param(f"{RULES_TITLE}（征求意见稿）", id="draft"),
        pytest.param(f"{RULES_TITLE}修订对照表", id="compared"),
        pytest.param(f"关于{RULES_TITLE}的起草说明", id="reasons"),
        pytest.param(f"关于印发《{RULES_TITLE}》的通知", id="notice"),
        pytest.param(f"关于{RULES_TITLE}施行以后有关登记事项衔接安排的公告", id="announcement"),
        pytest.param("绘画馆章程", id="another-title"),
        pytest.param("", id="no-title"),
    ],
)
def test_a_page_about_an_instrument_is_not_it(corpus: Path, put: Put, title: str) -> None:
    text = f"{title}\n2022年3月1日公布\n第一条 甲乙丙丁。\n第二条 甲乙丙丁。\n第三条 本办法自2022年5月1日起施行。"
    identifier, reason = outcome(import_paths([put(text)], corpus))
    assert identifier == ""
    assert "不是语料里的法规" in reason
    assert not (corpus / "official").exists()


def test_a_longer_title_is_not_the_shorter_one(corpus: Path, put: Put) -> None:
    text = f"中华人民共和国{TITLE}实施条例\n（2020年10月1日公布）\n{BODY}"
    assert "不是语料里的法规" in outcome(import_paths([put(text)], corpus))[1]


@pytest.mark.parametrize("line", ["发布时间：2021-03-04", "2021-03-04"])
def test_the_day_of_a_page_is_no_amendment(corpus: Path, put: Put, line: str) -> None:
    text = HEAD.replace("\n", f"\n{line}\n", 1) + BODY
    assert outcome(import_paths([put(text)], corpus)) == (CURRENT, "")


def test_the_caller_may_name_the_version_but_not_another_instrument(corpus: Path, put: Put) -> None:
    assert outcome(import_paths([put(UNDATED)], corpus, identifier=CURRENT)) == (CURRENT, "")
    identifier, reason = outcome(import_paths([put(TEXT)], corpus, identifier=RULES))
    assert identifier == ""
    assert f"标题不是《{RULES_TITLE}》" in reason


def test_an_id_that_the_corpus_lacks_is_invalid(corpus: Path, put: Put) -> None:
    with pytest.raises(InvalidInput, match="no-such-law"):
        import_paths([put(TEXT)], corpus, identifier="no-such-law")


def test_a_corpus_without_instruments_is_invalid(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="没有法规"):
        instruments(tmp_path)


@pytest.mark.parametrize("kind", ["judgment", "paper"])
def test_judgments_papers_and_foreign_acts_are_no_instruments(corpus: Path, kind: str) -> None:
    write(corpus / "regulations/x.md", front("x", "某份文件", kind=kind) + plain_law("一", "二"))
    write(corpus / "regulations/y.md", front("y", "某国法", jurisdiction="EU") + plain_law("一", "二"))
    assert sorted(instruments(corpus)) == sorted([CURRENT, FORMER, RULES, CODE])


@pytest.mark.parametrize("identifier", [CURRENT, None], ids=["named", "recognised"])
def test_our_own_digest_is_never_an_official_text(corpus: Path, identifier: str | None) -> None:
    path = corpus / f"regulations/{CURRENT}.md"
    write(path, path.read_text("utf-8").replace("2022-06-01", "2020-12-01"))  # a day that is read as the law's own
    write(path, path.read_text("utf-8").replace("第五条 〔施行〕\n", "第五条 〔施行〕\n\n自2021年1月1日起施行。"))
    assert import_paths([path], corpus, identifier=identifier).imported == []


# --- a text out of what a page puts around it ---


@pytest.mark.parametrize(
    ("text", "body"),
    [
        pytest.param(
            "目录\n第一章 总则\n第二章 附则\n第一章 总则\n第一条 甲。\n第二章 附则\n第二条 乙。",
            ["## 第一章 总则", "第一条 甲。", "## 第二章 附则", "第二条 乙。"],
            id="table-of-contents-dropped",
        ),
        pytest.param(
            "目　录\n第一编 通则\n第一章 总则\n第二编 分则\n第一章 绘画\n第一编 通则\n第一章 总则\n第一条 甲。\n第二编 分则\n第一章 绘画\n第二条 乙。",
            ["## 第一编 通则", "## 第一章 总则", "第一条 甲。", "## 第二编 分则", "## 第一章 绘画", "第二条 乙。"],
            id="contents-with-books",
        ),
        pytest.param("第一章　总　则\n第一条 甲。", ["## 第一章 总 则", "第一条 甲。"], id="chapter-without-marks"),
        pytest.param("### 第一章  总则\n第一条 甲。\n#### 第一节 乙\n第二条 丙。", ["## 第一章 总则", "第一条 甲。", "## 第一节 乙", "第二条 丙。"], id="chapter-with-any-marks"),
        pytest.param("第一条甲。\n第二条乙。\n第三条丙。", ["第一条 甲。", "第二条 乙。", "第三条 丙。"], id="no-blank-after-the-number"),
        pytest.param("第一条\n第二条 乙。", ["第一条", "第二条 乙。"], id="number-alone"),
        pytest.param("## 第一条 甲。\n**第二条** 乙。\n**第三条 丙。**", ["第一条 甲。", "第二条 乙。", "第三条 丙。"], id="heading-and-bold-marks"),
        pytest.param("第一条　甲。\n　　第二条　乙。\n\u3000\u3000丙。", ["第一条 甲。", "第二条 乙。", "丙。"], id="full-width-blanks"),
        pytest.param(
            "第一章\xa0总则\n\xa0第一条\xa0\xa0甲。\n\u2002\u2002第二章\u2002\u2002分则\n第三条\xa0乙。\n第三条的\xa0丙。",
            ["## 第一章 总则", "第一条 甲。", "## 第二章 分则", "第三条 乙。", "第三条的 丙。"],
            id="blanks-of-other-kinds",
        ),
        pytest.param("\ufeff第一条 甲。\n\u200b\n\u200b第二条 乙\u200b丙。\n\u200b", ["第一条 甲。", "第二条 乙丙。"], id="characters-of-no-width"),
        pytest.param("第一条 甲。\r\n第二条 乙。\r\n", ["第一条 甲。", "第二条 乙。"], id="line-ends-of-windows"),
        pytest.param(
            "第一条 甲。\n第二条 乙。\n第一条规定的图画，包括丙。\n第三条 丁。",
            ["第一条 甲。", "第二条 乙。", "第一条规定的图画，包括丙。", "第三条 丁。"],
            id="paragraph-that-begins-with-a-reference",
        ),
        pytest.param(
            "第一条 甲。\n第二条规定的图画，包括丙。\n第二条、第三条不适用。\n第二条至第四条同。\n第二条第一款所称丁。\n第二条 乙。",
            ["第一条 甲。", "第二条规定的图画，包括丙。", "第二条、第三条不适用。", "第二条至第四条同。", "第二条第一款所称丁。", "第二条 乙。"],
            id="reference-to-the-next-article",
        ),
        pytest.param(
            "第一条 甲。\n第一条之一 乙。\n第一条之二丙。\n第二条 丁。",
            ["第一条 甲。", "第一条之一 乙。", "第一条之二 丙。", "第二条 丁。"],
            id="inserted-articles",
        ),
        pytest.param("第一条 甲；\n乙；\n丙。\n第二条 丁。", ["第一条 甲；乙；丙。", "第二条 丁。"], id="torn-at-a-semicolon"),
        pytest.param("第一条 甲：\n（一）乙；\n（二）丙。", ["第一条 甲：", "（一）乙；", "（二）丙。"], id="items-stay-apart"),
        pytest.param("第一条 （一）甲；\n（二）乙。", ["第一条 （一）甲；", "（二）乙。"], id="items-from-the-first-line"),
        pytest.param("第一条 （一）甲；\n但是乙。", ["第一条 （一）甲；", "但是乙。"], id="text-after-an-item"),
        pytest.param("第一条 甲。\n<!-- INFO END -->\n第二条 乙。", ["第一条 甲。", "第二条 乙。"], id="comments-dropped"),
        pytest.param(
            "第一条 甲。\n第二条 乙。\n打印本页\n关闭窗口", ["第一条 甲。", "第二条 乙。"], id="furniture-without-an-end"
        ),
        pytest.param("第一条 甲。\n第二条 乙：\n（一）丙；\n（二）丁。\n责任编辑：某人。\n戊。", ["第一条 甲。", "第二条 乙：", "（一）丙；", "（二）丁。"], id="furniture-with-an-end"),
        pytest.param("第一条 甲。\n第二条 乙。\n附件：图样。\n第一条 图样。"[:-8], ["第一条 甲。", "第二条 乙。"], id="annex"),
        pytest.param("第五条 甲。\n第六条 乙。", ["第五条 甲。", "第六条 乙。"], id="a-part"),
        pytest.param("一则消息。\n没有条文。", [], id="no-article"),
        pytest.param("", [], id="nothing"),
        pytest.param(
            "第一条甲。\n第二条中国人的图画。\n第三条所有权归画者。\n第四条外国人的图画。\n第五条第三人的图画。",
            ["第一条 甲。", "第二条 中国人的图画。", "第三条 所有权归画者。", "第四条 外国人的图画。", "第五条 第三人的图画。"],
            id="words-that-begin-like-a-reference",
        ),
        pytest.param(
            "第一章总则\n第一条 甲。\n第二章附则\n第二条 乙。",
            ["## 第一章 总则", "第一条 甲。", "## 第二章 附则", "第二条 乙。"],
            id="chapter-without-a-blank",
        ),
        pytest.param(
            "第一条 甲。\n第二条 乙。\n（来源：绘画网）", ["第一条 甲。", "第二条 乙。"],
            id="source-in-brackets",
        ),
        pytest.param(
            "第一条 甲。\n第二条 乙:\n（一）丙;\n（二）丁。", ["第一条 甲。", "第二条 乙:", "（一）丙;", "（二）丁。"],
            id="half-width-marks-in-the-last-article",
        ),
        pytest.param(
            "第一条 甲：\n1.乙；\n2.丙。\n第二条 丁。", ["第一条 甲：", "1.乙；", "2.丙。", "第二条 丁。"],
            id="arabic-items",
        ),
    ],
)  # fmt: skip
def test_a_text_is_freed_of_what_stands_around_it(text: str, body: list[str]) -> None:
    assert tidy(text)[1] == body


def test_the_head_has_title_and_history_and_no_contents() -> None:
    text = f"{HEAD}目　录\n第一章 总则\n第二章 训练\n第一章 总则\n{BODY}"
    assert tidy(text)[0] == HEAD.splitlines()


# --- is it whole ---


def without(*numbers: int) -> str:
    return HEAD + "\n".join(article for i, article in enumerate(ARTICLES, start=1) if i not in numbers)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(without(3), "缺少第三条", id="one-missing"),
        pytest.param(without(2, 3), "共缺 2 条", id="two-missing"),
        pytest.param(without(1), "缺少第一条", id="first-missing"),
        pytest.param(without(5), "共 5 条，文中有 4 条", id="last-missing"),
        pytest.param(TEXT + "\n第六条 多出的一条。", "共 5 条，文中有 6 条", id="one-too-many"),
        pytest.param(f"{TEXT}\n{ARTICLES[4]}", "重复：第五条", id="doubled-in-a-row"),
        pytest.param(f"{TEXT}\n{BODY}", "重复：第一条", id="twice"),
        pytest.param(TEXT.removesuffix("日起施行。"), "第五条不完整", id="last-article-cut"),
        pytest.param(HEAD + BODY.replace(ARTICLES[2], "第三条"), "第三条没有正文", id="article-without-text"),
        pytest.param(f"{TITLE}\n2020年10月1日修正\n目录\n第一章 总则\n第二章 训练", "没有《机器绘画法》的条文", id="contents-alone"),
        pytest.param(HEAD, "没有《机器绘画法》的条文", id="head-alone"),
        pytest.param(
            TEXT + "\n本法施行以前绘制的图画，适用当时的规定，但是按照本法应当", "不完整",
            id="cut-in-the-last-paragraph",
        ),
        pytest.param(
            TEXT.removesuffix("。") + "，但是下列图画除外：\n（一）旧图画；", "不完整",
            id="cut-after-an-item",
        ),
        pytest.param(
            HEAD + BODY.replace("三十日内支付报酬；未支付报酬的，不得继续使用。", "三十日内"), "第三条",
            id="cut-in-the-middle",
        ),
        pytest.param(
            HEAD + "\n".join(ARTICLES[i] for i in (0, 2, 1, 3, 4)), "顺序",
            id="out-of-order",
        ),
    ],
)  # fmt: skip
def test_a_text_that_is_not_whole_is_refused(corpus: Path, put: Put, text: str, reason: str) -> None:
    identifier, told = outcome(import_paths([put(text)], corpus))
    assert identifier == ""
    assert reason in told
    assert "下一步" in told
    assert not list(corpus.glob("official/*"))


def test_an_empty_file_is_refused(corpus: Path, put: Put) -> None:
    assert outcome(import_paths([put("")], corpus))[0] == ""


def test_a_paragraph_that_begins_with_a_reference_is_not_counted(corpus: Path, put: Put) -> None:
    text = TEXT.replace(ARTICLES[3], f"{ARTICLES[3]}\n第三条规定的报酬，另有约定的除外。")
    report = import_paths([put(text)], corpus)
    assert outcome(report) == (CURRENT, "")
    assert report.imported[0].articles == 5
    assert load(Path(report.imported[0].path), root=corpus).meta.articles == 5


def test_inserted_articles_are_not_counted(corpus: Path, put: Put) -> None:
    text = TEXT.replace(ARTICLES[3], f"{ARTICLES[3]}\n第四条之一 罚款上缴国库。")
    assert outcome(import_paths([put(text)], corpus)) == (CURRENT, "")


# --- kept ---


def test_what_is_stored_is_the_text_and_nothing_else(corpus: Path, put: Put) -> None:
    page = f"首页\n{HEAD}来源：绘画网\n{BODY}\n打印\n"
    report = import_paths([put(page)], corpus)
    path = corpus / "official" / f"{CURRENT}.md"
    assert [(item.id, item.path, item.articles) for item in report.imported] == [(CURRENT, str(path), 5)]
    document = load(path, root=corpus)
    assert flat(document.text) == f"# 中华人民共和国{TITLE}\n{HEAD.splitlines()[1]}\n{BODY}"
    meta = document.meta
    digest = load(corpus / f"regulations/{CURRENT}.md", root=corpus).meta
    kept = ("title", "aliases", "kind", "promulgated", "effective", "supersedes", "url")
    assert {name: getattr(meta, name) for name in kept} == {name: getattr(digest, name) for name in kept}
    assert (meta.text_status, meta.evidence, meta.articles, meta.partial) == ("official", "verified", 5, False)
    assert [path.name for path in (corpus / "official").iterdir()] == [f"{CURRENT}.md"]


@pytest.mark.parametrize("bad", [without(3), TEXT.removesuffix("施行。"), HEAD, f"{TEXT}\n{BODY}"])
def test_a_refused_text_leaves_the_stored_one_as_it_was(corpus: Path, put: Put, bad: str) -> None:
    import_paths([put(TEXT)], corpus)
    before = (corpus / "official" / f"{CURRENT}.md").read_bytes()
    assert outcome(import_paths([put(bad)], corpus))[0] == ""
    assert [path.read_bytes() for path in (corpus / "official").iterdir()] == [before]


def test_a_text_that_cannot_be_read_back_is_refused(
    corpus: Path, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    import_paths([put(TEXT)], corpus)
    before = (corpus / "official" / f"{CURRENT}.md").read_bytes()
    write_text = Path.write_text

    def cut(path: Path, content: str, encoding: str) -> int:
        return write_text(path, content[:-20], encoding)

    monkeypatch.setattr(Path, "write_text", cut)
    identifier, reason = outcome(import_paths([put(TEXT.replace("三十日", "六十日").encode())], corpus))
    assert identifier == ""
    assert "读回" in reason
    assert [path.read_bytes() for path in (corpus / "official").iterdir()] == [before]


def test_a_newer_download_replaces_the_stored_text(corpus: Path, put: Put) -> None:
    import_paths([put(TEXT)], corpus)
    import_paths([put(TEXT.replace("三十日", "六十日"))], corpus)
    assert flat(stored(corpus)) == BODY.replace("三十日", "六十日")


def test_importing_twice_changes_nothing(corpus: Path, put: Put) -> None:
    import_paths([put(TEXT)], corpus)
    before = (corpus / "official" / f"{CURRENT}.md").read_bytes()
    import_paths([put(TEXT)], corpus)
    assert (corpus / "official" / f"{CURRENT}.md").read_bytes() == before


def test_a_stored_text_may_be_imported_again(corpus: Path, put: Put) -> None:
    import_paths([put(TEXT)], corpus)
    again = put((corpus / "official" / f"{CURRENT}.md").read_bytes(), "again.md")
    assert outcome(import_paths([again], corpus)) == (CURRENT, "")


def test_a_place_that_cannot_be_written_is_refused(corpus: Path, put: Put) -> None:
    write(corpus / "official", "a file in place of the folder")
    assert outcome(import_paths([put(TEXT)], corpus))[0] == ""


# --- parts ---

CODE_HEAD = "# 中华人民共和国绘画法典\n\n2018年6月1日第一届绘画大会通过\n\n"
PARTS = {
    "乙编.md": CODE_HEAD + "# 乙编\n\n## 第一章 训练\n\n第三条 丙编以外的图画。\n\n第四条 本法典自2019年1月1日起施行。",
    "总则.md": CODE_HEAD + "# 总则\n\n## 第一章 通则\n\n第一条 甲乙丙丁。\n\n## 第二章 绘画\n\n第二条 戊己庚辛。",
}


def test_parts_are_put_together_by_the_numbers_of_their_articles(corpus: Path, put: Put) -> None:
    paths = [put(text, name) for name, text in PARTS.items()]
    report = import_paths(paths, corpus)
    assert outcome(report) == (CODE, "")
    assert report.imported[0].source == f"{paths[1]}、{paths[0]}"
    assert flat(stored(corpus, CODE)) == (
        "第一条 甲乙丙丁。\n## 第二章 绘画\n第二条 戊己庚辛。\n## 第一章 训练\n第三条 丙编以外的图画。\n第四条 本法典自2019年1月1日起施行。"
    )
    passages = split(load(Path(report.imported[0].path), root=corpus))
    assert [passage.id.partition("/")[2] for passage in passages] == ["art-1", "art-2", "art-3", "art-4"]


def test_parts_of_a_folder_are_put_together_too(corpus: Path, put: Put) -> None:
    for name, text in PARTS.items():
        folder = put(text, f"deep/{name}").parent
    assert outcome(import_paths([folder], corpus)) == (CODE, "")


@pytest.mark.parametrize(
    "names", [["总则.md"], ["乙编.md"], ["总则.md", "总则.md"]], ids=["first", "last", "first-twice"]
)  # fmt: skip
def test_parts_that_make_no_whole_are_refused_one_by_one(corpus: Path, put: Put, names: list[str]) -> None:
    paths = [put(PARTS[name], f"{number}/{name}") for number, name in enumerate(names)]
    report = import_paths(paths, corpus)
    assert report.imported == []
    assert [refused.source for refused in report.refused] == [str(path) for path in paths]
    assert not (corpus / "official").exists()


def test_an_incomplete_copy_does_not_spoil_a_whole_one(corpus: Path, put: Put) -> None:
    report = import_paths([put(TEXT), put(without(5), "cut.txt")], corpus)
    assert [item.id for item in report.imported] == [CURRENT]
    assert [Path(item.source).name for item in report.refused] == ["cut.txt"]
    assert flat(stored(corpus)) == BODY


# --- formats ---


def html_page(text: str = TEXT) -> str:
    paragraphs = "".join(f"<p>&nbsp;&nbsp;{line}</p>\n" for line in text.splitlines()[1:])
    title = text.splitlines()[0]
    return (
        f"<html><head><meta charset='utf-8'><title>{title}</title></head><body><nav>首页</nav><div>您的位置：首页</div>"
        f"<h1>{title}</h1>{paragraphs}<div>打印本页</div><footer>版权所有</footer></body></html>"
    )


def pdf_file(text: str = TEXT) -> bytes:
    """Lines of 30 characters in a Chinese CID font, paragraphs indented by two blanks, a page number on every page."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1)
    lines = [text.splitlines()[0]]
    for paragraph in text.splitlines()[1:]:
        indented = f"　　{paragraph}"
        lines += [indented[start : start + 30] for start in range(0, len(indented), 30)]
    for number, start in enumerate(range(0, len(lines), 6), start=1):
        canvas.setFont("STSong-Light", 12)
        for height, line in enumerate(lines[start : start + 6]):
            canvas.drawString(60, 760 - 20 * height, line)
        canvas.drawString(290, 30, f"- {number} -")
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def word_file(text: str = TEXT) -> bytes:
    document = docx.Document()
    title, *paragraphs = text.splitlines()
    document.add_heading(title, 1)
    for paragraph in paragraphs:
        document.add_paragraph(f"　　{paragraph}")
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("a.txt", TEXT.encode("gb18030"), id="gbk-text"),
        pytest.param("a.md", f"# {TEXT}".replace("\n", "\n\n").encode(), id="markdown"),
        pytest.param("a.html", html_page().encode(), id="html"),
        pytest.param("a.HTML", html_page().replace("utf-8", "gb2312").encode("gb18030"), id="html-in-gbk"),
        pytest.param("a.pdf", pdf_file(), id="pdf"),
        pytest.param("a.docx", word_file(), id="docx"),
    ],
)
def test_every_format_gives_the_same_text(corpus: Path, put: Put, name: str, content: bytes) -> None:
    assert outcome(import_paths([put(content, name)], corpus)) == (CURRENT, "")
    assert flat(stored(corpus)) == BODY


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        pytest.param("a.pdf", pdf_file()[:900], "PDF 已损坏", id="broken-pdf"),
        pytest.param("a.docx", b"PK", "DOCX 已损坏", id="broken-docx"),
        pytest.param("a.rtf", TEXT.encode(), "不支持的文件类型", id="other-type"),
        pytest.param("a.txt", b"text\x00", "二进制", id="binary"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(
    corpus: Path, put: Put, name: str, content: bytes, reason: str
) -> None:  # fmt: skip
    identifier, told = outcome(import_paths([put(content, name)], corpus))
    assert identifier == ""
    assert reason in told


# --- folders and named files ---


def test_other_files_of_a_folder_are_skipped_and_named_ones_refused(corpus: Path, put: Put) -> None:
    folder = put(TEXT, "law.txt").parent
    put("绘画馆章程\n第一条 甲乙丙丁。", "deep/other.md")
    put("不是文本", "image.png")
    report = import_paths([folder], corpus)
    assert ([item.id for item in report.imported], report.refused, report.skipped) == ([CURRENT], [], 1)
    report = import_paths([folder / "deep/other.md"], corpus)
    assert (report.imported, len(report.refused), report.skipped) == ([], 1, 0)


def test_a_damaged_copy_in_a_folder_is_refused_not_skipped(corpus: Path, put: Put) -> None:
    folder = put(without(3)).parent
    report = import_paths([folder], corpus)
    assert (len(report.refused), report.skipped) == (1, 0)


def test_a_missing_path_is_invalid(corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="路径不存在"):
        import_paths([tmp_path / "nowhere"], corpus)


# --- python -m ingest official ---


def test_command_reports_what_it_did(corpus: Path, put: Put, capsys: pytest.CaptureFixture[str]) -> None:
    law, cut = put(TEXT.replace("一万元", "二万元")), put(without(3), "cut.txt")
    assert main(["official", str(law), str(cut), "--corpus", str(corpus)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"导入 {CURRENT}：5 条 ← {law}"
    assert lines[1].startswith(f"  {CURRENT} 第四条")
    assert "figures" in lines[1]
    assert lines[2] == f"未导入 {cut}"
    assert "缺少第三条" in lines[3]
    assert lines[4].startswith("导入 1，未导入 1，跳过 0 个")
    assert lines[5:] == ["下一步：python -m ingest"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param(["law.txt"], 0, id="imported"),
        pytest.param(["."], 0, id="folder-with-others"),
        pytest.param(["other.txt"], 1, id="refused"),
        pytest.param(["law.txt", "other.txt"], 1, id="one-of-two-refused"),
        pytest.param(["law.txt", "--as", CURRENT], 0, id="named"),
        pytest.param(["law.txt", "--as", FORMER], 1, id="named-wrongly"),
        pytest.param(["law.txt", "--as", "nothing"], 2, id="unknown-id"),
        pytest.param(["nowhere.txt"], 2, id="missing-path"),
        pytest.param(["law.txt", "--corpus", "nowhere"], 2, id="missing-corpus"),
        pytest.param([], 2, id="nothing-to-do"),
        pytest.param(["law.txt", "other.txt", "--as", CURRENT], 2, id="as-with-two-files"),
        pytest.param([".", "--as", CURRENT], 2, id="as-with-a-folder"),
        pytest.param(["law.txt", "--as", CURRENT, "--fetch"], 2, id="as-with-fetch"),
    ],
)
def test_command_returns(
    corpus: Path, put: Put, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    arguments: list[str], code: int,
) -> None:  # fmt: skip
    put("绘画馆章程\n第一条 甲乙丙丁。", "other.txt")
    monkeypatch.chdir(put(TEXT, "law.txt").parent)
    where = [] if "--corpus" in arguments else ["--corpus", str(corpus)]
    try:
        returned = main(["official", *arguments, *where])
    except SystemExit as ended:
        returned = int(ended.code or 0)
    assert returned == code
    printed = capsys.readouterr()
    assert (printed.out == "") == (code == 2)
    assert (printed.err == "") == (code != 2)


def test_command_prints_json_and_no_traceback(corpus: Path, put: Put) -> None:
    other = put("绘画馆章程\n第一条 甲乙丙丁。", "other.txt")
    law = put(TEXT)
    done = subprocess.run(
        [sys.executable, "-m", "ingest", "official", law, other, "--corpus", corpus, "--json"],
        cwd=ROOT, env=os.environ | {"PYTHONUTF8": "1"}, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "")
    report = json.loads(done.stdout)
    assert report["imported"] == [
        {"id": CURRENT, "source": str(law), "path": str(corpus / f"official/{CURRENT}.md"), "articles": 5, "differences": []}
    ]  # fmt: skip
    assert [item["source"] for item in report["refused"]] == [str(other)]
    assert report["skipped"] == 0


# --- the layer in an index ---


@dataclass
class Layers:
    """An index over the corpus, brought up to date on demand."""

    corpus: Path
    settings: Settings

    @property
    def official(self) -> Path:
        return self.corpus / "official" / f"{CURRENT}.md"

    @property
    def digest(self) -> Path:
        return self.corpus / "regulations" / f"{CURRENT}.md"

    def update(self) -> tuple[list[str], list[str], list[str]]:
        """Ids added, changed and removed."""
        summary = ingest([self.corpus], self.settings)
        assert summary.refused == []
        return summary.added, summary.changed, summary.removed

    def open(self) -> Assistant:
        return open_assistant(self.settings)


@pytest.fixture
def layers(corpus: Path, put: Put, tmp_path: Path) -> Layers:
    layers = Layers(corpus, Settings(index=tmp_path / "index"))
    layers.update()
    report = import_paths([put(TEXT)], corpus)
    assert outcome(report) == (CURRENT, "")
    return layers


def quotes(rag: Assistant, question: str = f"《{TITLE}》第三条怎么规定？") -> Iterator[tuple[str, str]]:
    """(text status, quote) of every citation of the law, each held against the document that it is of."""
    answer = rag.answer(question)
    assert not answer.refused
    for citation in answer.citations:
        document = rag.document(citation.document_id)
        assert document
        assert document.text[citation.start : citation.end] == citation.quote
        if citation.document_id == CURRENT:
            yield citation.text_status, citation.quote


def test_an_answer_quotes_the_official_text_where_it_is_at_hand(layers: Layers) -> None:
    before = list(quotes(layers.open()))
    assert before
    assert {status for status, _ in before} == {"digest"}
    assert layers.update() == ([], [CURRENT], [])
    after = list(quotes(layers.open()))
    assert after
    assert {status for status, _ in after} == {"official"}
    assert all(quote in TEXT for _, quote in after)
    assert not any(quote in DIGEST for _, quote in after)


def test_the_document_is_the_official_text_under_the_richer_front_matter(layers: Layers) -> None:
    write(layers.digest, layers.digest.read_text("utf-8").replace(f"[{TITLE}]", f"[{TITLE}, 画法]"))
    layers.update()
    document = layers.open().document(CURRENT)
    assert document
    assert flat(document.text).endswith(BODY)
    assert document.meta.aliases == (TITLE, "画法")
    assert (document.meta.text_status, document.meta.supersedes) == ("official", FORMER)


@pytest.mark.parametrize(
    ("question", "article"),
    [("随手生成的头像算不算我的", "art-2"), ("多久之内要付稿费", "art-3"), ("偷画训练罚多少", "art-4")],
)
def test_lay_questions_of_the_digest_still_find_the_article(layers: Layers, question: str, article: str) -> None:
    layers.update()
    hits = layers.open().search(question, k=3).hits
    assert hits[0].passage_id == f"{CURRENT}/{article}"
    assert hits[0].text in TEXT.replace("\n", "\n\n")
    assert not any(question in hit.text for hit in hits)


def test_removing_the_official_file_brings_the_digest_back(layers: Layers, tmp_path: Path) -> None:
    layers.update()
    layers.official.unlink()
    assert layers.update() == ([], [CURRENT], [])
    assert {status for status, _ in quotes(layers.open())} == {"digest"}
    fresh = Settings(index=tmp_path / "fresh")
    ingest([layers.corpus], fresh)
    assert open_index(layers.settings).manifest.index_fingerprint == open_index(fresh).manifest.index_fingerprint


def test_an_official_text_alone_is_quoted_without_its_digest(layers: Layers) -> None:
    layers.digest.unlink()
    layers.update()
    assert {status for status, _ in quotes(layers.open())} == {"official"}


@pytest.mark.parametrize("layer", ["official", "digest"])
def test_a_change_of_either_layer_embeds_that_document_alone(layers: Layers, layer: str) -> None:
    layers.update()
    path = {"official": layers.official, "digest": layers.digest}[layer]
    write(path, path.read_text("utf-8").replace("图画", "图样"))
    calls: list[tuple[int, int]] = []
    summary = ingest([layers.corpus], layers.settings, progress=lambda *call: calls.append(call))
    assert (summary.changed, summary.unchanged) == ([CURRENT], 3)
    index = open_index(layers.settings)
    passages = index.catalog.passages_of(CURRENT)
    expected = sum(len(records_of(passage, index.catalog.metas[CURRENT], "")) for passage in passages)
    assert calls == [(expected, expected)]
    assert all(passage.digest for passage in passages)
    assert any("图样" in (passage.text if layer == "official" else passage.digest or "") for passage in passages)


def test_nothing_changed_is_nothing_done(layers: Layers) -> None:
    layers.update()
    assert layers.update() == ([], [], [])


def test_every_change_of_a_layer_changes_the_fingerprint_of_the_corpus(layers: Layers) -> None:
    seen = [open_index(layers.settings).manifest.corpus_fingerprint]
    for path, old, new in (
        (layers.official, "", ""),
        (layers.official, "三十日", "六十日"),
        (layers.digest, "先得到许可", "事先得到许可"),
    ):
        write(path, path.read_text("utf-8").replace(old, new))
        layers.update()
        seen.append(open_index(layers.settings).manifest.corpus_fingerprint)
    assert len(set(seen)) == len(seen)


def test_changed_lay_questions_change_the_fingerprint_of_the_corpus(layers: Layers) -> None:
    layers.update()
    before = open_index(layers.settings).manifest.corpus_fingerprint
    write(layers.digest, layers.digest.read_text("utf-8").replace("偷画训练罚多少", "偷画来训练要罚多少"))
    assert layers.update() == ([], [CURRENT], [])
    assert open_index(layers.settings).manifest.corpus_fingerprint != before


def test_of_two_official_files_of_one_id_one_is_refused(layers: Layers) -> None:
    layers.update()
    before = list(quotes(layers.open()))
    write(layers.official.with_name("another.md"), layers.official.read_text("utf-8").replace("三十日", "六十日"))
    summary = ingest([layers.corpus], layers.settings)
    assert [Path(refused.path).name for refused in summary.refused] == ["another.md"]
    assert "重复" in summary.refused[0].reason
    assert list(quotes(layers.open())) == before


# --- a digest held against the official text ---


def law(text: str, *, partial: bool = False) -> Document:
    return Document(meta=DocumentMeta(id="x", title="某法", kind=Kind.LAW, partial=partial), text=text)


SECOND, NINTH = "第二条 乙。", "第九条 癸。"
LONG = "训练所用的图画应当由画者本人在公开的登记簿上逐一写明来源时间尺寸用途价格并且每年核对一次以便任何人随时查阅"


@pytest.mark.parametrize(
    ("digest", "official", "expected"),
    [
        pytest.param("第一条 甲，应当乙。", "第一条 乙者，应当甲。", [], id="same-shape"),
        pytest.param("第一条 甲。", f"第一条 甲。\n{SECOND}", [("第二条", "articles")], id="article-left-out"),
        pytest.param(f"第一条 甲。\n{SECOND}\n第三条 丙。", f"第一条 甲。\n{SECOND}", [("第三条", "articles")], id="article-added"),
        pytest.param("第一条 甲。\n丙。", "第一条 甲。", [("第一条", "paragraphs")], id="paragraph-added"),
        pytest.param("第一条 甲。", "第一条 甲。\n丙。", [("第一条", "paragraphs")], id="paragraph-left-out"),
        pytest.param("第一条 甲：\n（一）乙。", "第一条 甲：\n（一）乙；\n（二）丙。", [("第一条", "items")], id="item-left-out"),
        pytest.param("第一条 甲：\n（一）乙；\n（二）丙。", "第一条 乙：\n（一）甲；\n（二）丙。", [], id="same-items"),
        pytest.param("第一条 三十日内付款。", "第一条 三十个工作日内付款。", [("第一条", "figures")], id="days-of-another-kind"),
        pytest.param("第一条 罚五万元。", "第一条 罚五十万元。", [("第一条", "figures")], id="another-sum"),
        pytest.param("第一条 罚五万元。", "第一条 罚50000元。", [], id="one-sum-in-two-writings"),
        pytest.param("第一条 百分之五。", "第一条 百分之十。", [("第一条", "figures")], id="another-share"),
        pytest.param("第一条 5%。", "第一条 百分之五。", [], id="one-share-in-two-writings"),
        pytest.param("第一条 三个月。", "第一条 三年。", [("第一条", "figures")], id="months-for-years"),
        pytest.param("第一条 依第三条。", "第一条 依第四条。", [("第一条", "references")], id="another-article-named"),
pytest.param("第一条 依《丙法》第三条。", "第一条 依《丙法》第三条。", [], id="article-of-another-law"),
        pytest.param(
            "第一条 依《丙法》第三条。", "第一条 依丙法第三条。", [],
            id="title-with-and-without-brackets",
        ),
        pytest.param("第一条 可以甲。", "第一条 应当甲。", [("第一条", "modality")], id="duty-left-out"),
        pytest.param("第一条 不得甲。", "第一条 可以甲。", [("第一条", "modality")], id="ban-added"),
        pytest.param("第一条 必须甲，禁止乙。", "第一条 应当甲，不得乙。", [], id="other-words-of-one-modality"),
        pytest.param(f"第一条 {LONG}。", f"第一条 {LONG}。", [("第一条", "copied")], id="copied"),
        pytest.param(f"第一条 {LONG[:20]}，{LONG[20:]}。", f"第一条 {LONG}。", [("第一条", "copied")], id="copied-but-for-a-comma"),
        pytest.param(f"第一条 “{LONG}”。", f"第一条 {LONG}。", [], id="marked-as-a-quotation"),
        pytest.param(f"第一条 《{LONG}》。", f"第一条 《{LONG}》。", [], id="a-title"),
        pytest.param(
            "第一条 甲。\n\n问法：甲；乙；丙\n\n丁应当戊。", "第一条 甲。\n\n丁应当戊。", [],
            id="aside-inside-an-article",
        ),
    ],
)  # fmt: skip
def test_differences_between_digest_and_official_text(
    digest: str, official: str, expected: list[tuple[str, str]]
) -> None:  # fmt: skip
    found = compare(law(f"{digest}\n{NINTH}"), law(f"{official}\n{NINTH}"))
    assert [(difference.article, difference.kind) for difference in found] == expected


@pytest.mark.parametrize(("length", "copied"), [(MAX_SHARED_RUN, False), (MAX_SHARED_RUN + 1, True)])
def test_a_run_of_forty_characters_is_no_copy(length: int, copied: bool) -> None:
    digest = law(f"第一条 于是，{LONG[:length]}等等。\n{NINTH}")
    assert len(LONG) > MAX_SHARED_RUN + 1
    kinds = [found.kind for found in compare(digest, law(f"第一条 {LONG}。\n{NINTH}"))]
    assert ("copied" in kinds) is copied


def test_a_partial_digest_may_lack_articles_but_not_have_others() -> None:
    official = law(f"第一条 甲。\n{SECOND}")
    assert compare(law(f"第一条 甲。\n{NINTH}", partial=True), law(f"第一条 甲。\n{SECOND}\n{NINTH}")) == []
    found = compare(law("第一条 甲。\n第三条 丙。", partial=True), official)
    assert [(difference.article, difference.kind) for difference in found] == [("第三条", "articles")]


def test_all_differences_of_an_article_are_told_in_the_order_of_the_official_text() -> None:
    digest = law("第二条 三日内可以甲。\n第一条 甲。\n丙。")
    official = law("第一条 甲。\n第二条 依第一条，五日内应当甲，不得乙。")
    assert [(difference.article, difference.kind) for difference in compare(digest, official)] == [
        ("第一条", "paragraphs"),
        ("第二条", "figures"),
        ("第二条", "references"),
        ("第二条", "modality"),
        ("第二条", "modality"),
    ]


# --- real statutes ---

LAWS = SHARED / "data" / "laws"
IMPORTED = {
    "algorithm-recommendation-2022": 35,
    "civil-code-2020": 1260,
    "collective-management-regulation-2013": 48,
    "copyright-interpretation-2020": 30,
    "copyright-law-2020": 67,
    "copyright-regulation-2013": 38,
    "cybersecurity-law-2016": 79,
    "network-data-regulation-2024": 64,
    "network-dissemination-interpretation-2020": 16,
    "network-dissemination-regulation-2013": 27,
    "pipl-2021": 74,
    "punitive-damages-interpretation-2021": 7,
    "software-regulation-2013": 33,
    "unfair-competition-law-2019": 33,
}
NO_ERROR: dict[tuple[str, str], tuple[str, ...]] = {
    # The mirror makes a paragraph of what follows the colon (第十一条) or of every sentence; the court's text does not.
    ("copyright-interpretation-2020", "paragraphs"): (
        "第十一条", "第十三条", "第十六条", "第十七条", "第十九条", "第二十四条", "第二十七条",
    ),
    # Where the law says 前条 the digest names the article, so that the sentence can be read alone.
    ("pipl-2021", "references"): ("第十八条",),
    ("civil-code-2020", "references"): ("第一千零二十六条", "第一千二百零七条"),
    # The digest names the subject of each article referred to: （禁止行为） is no ban of this article.
    ("algorithm-recommendation-2022", "modality"): ("第三十一条", "第三十二条"),
    # The text at hand ends in a footnote.
    ("criminal-law-2023", "paragraphs"): ("第四百五十二条",),
}  # fmt: skip
"""Differences that a reader has held against the official text and found to be none of the digest's."""

NOT_IMPORTED = {
    # Numbered 一、二、, so it has no articles, and tells the day on which it was passed, not that of its publication.
    "最高人民法院关于涉网络知识产权侵权纠纷几个法律适用问题的批复",
}


@dataclass(frozen=True)
class Statutes:
    corpus: Path
    report: Report


@pytest.fixture(scope="module")
def statutes(tmp_path_factory: pytest.TempPathFactory) -> Statutes:
    """A folder of statutes and interpretations imported beside the digests as shipped."""
    if not LAWS.is_dir():
        pytest.skip("the folder of national statutes that these tests read is not beside the repository")
    corpus = tmp_path_factory.mktemp("statutes")
    shutil.copytree(CORPUS / "regulations", corpus / "regulations")
    return Statutes(corpus, import_paths([LAWS], corpus))


def imported(statutes: Statutes, identifier: str) -> Imported:
    return next(item for item in statutes.report.imported if item.id == identifier)


def unexplained(differences: tuple[Difference, ...], identifier: str) -> list[Difference]:
    return [d for d in differences if d.article not in NO_ERROR.get((identifier, d.kind), ())]


def test_real_statutes_are_recognised_whole_and_everything_else_skipped(statutes: Statutes) -> None:
    report = statutes.report
    found = {item.id: item.articles for item in report.imported}
    assert {identifier: found.get(identifier) for identifier in IMPORTED} == IMPORTED
    digests = instruments(statutes.corpus)
    assert {i: n for i, n in found.items() if digests[i].meta.articles not in (n, None)} == {}
    assert {Path(item.source).stem for item in report.refused} <= NOT_IMPORTED
    assert report.skipped > 1000


@pytest.mark.parametrize("identifier", IMPORTED)
def test_a_real_statute_is_stored_without_loss_or_addition(statutes: Statutes, identifier: str) -> None:
    """Every article has a text that ends as sentences do, no heading is left in it, and every line is one of the source."""
    item = imported(statutes, identifier)
    document = load(Path(item.path), root=statutes.corpus)
    passages = split(document)
    assert len(passages) == item.articles == document.meta.articles
    source = "".join("".join(Path(path).read_text("utf-8").split()) for path in item.source.split("、"))
    for passage in passages:
        assert passage.text.endswith("。"), passage.id
        for line in passage.text.split("\n"):
            assert "".join(line.split()) in source, passage.id
            assert not line.startswith(("#", "第一章", "第二章", "第三章", "第四章", "第五章", "第六章")), passage.id


@pytest.mark.parametrize("identifier", IMPORTED)
def test_a_digest_has_the_shape_of_the_real_statute(statutes: Statutes, identifier: str) -> None:
    found = unexplained(imported(statutes, identifier).differences, identifier)
    assert [difference for difference in found if difference.kind != "copied"] == []


def test_no_other_digest_departs_from_its_statute(statutes: Statutes) -> None:
    """Digests that have come to the corpus since: a difference is an error, or is to be excused above with the reason."""
    others = [item for item in statutes.report.imported if item.id not in IMPORTED]
    assert {item.id: found for item in others if (found := unexplained(item.differences, item.id))} == {}


def test_every_difference_that_is_excused_is_there(statutes: Statutes) -> None:
    excused = {(*key, article) for key, articles in NO_ERROR.items() for article in articles}
    found = {(item.id, d.kind, d.article) for item in statutes.report.imported for d in item.differences}
    assert excused <= found


@pytest.mark.parametrize("identifier", IMPORTED)
def test_a_digest_is_in_our_own_words(statutes: Statutes, identifier: str) -> None:
    copied = [d for d in imported(statutes, identifier).differences if d.kind == "copied"]
    assert copied == []
