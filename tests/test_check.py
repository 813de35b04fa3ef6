"""The linter of a corpus: nothing in a sound one, and for one edit exactly the finding that it calls for."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingest.__main__ import main
from ingest.check import Finding, check
from rag.errors import InvalidInput
from tests.conftest import CORPUS

HOSTS = "official-hosts.yaml"
OLD = "regulations/video-law-2015.md"
LAW = "regulations/video-law-2020.md"
CASE = "judgments/first-case-2022.md"
PAPER = "papers/video-paper.md"
OFFICIAL = "official/video-law-2020.md"

OLD_TEXT = """---
id: video-law-2015
title: 中华人民共和国影像法
aliases: [影像法]
kind: law
issuer: 全国人民代表大会常务委员会
number: 主席令第一号
promulgated: 2014-11-01
effective: 2015-03-01
repealed: 2020-06-01
articles: 3
url: https://law.example.gov.cn/2015
checked: 2024-01-02
---

## 第一章 总则

### 第一条 〔目的〕

本法保护影像的拍摄者。

问法：旧法为什么要立；旧法保护谁；影像旧法的目的

### 第二条 〔合理使用〕

为了个人学习而使用影像，不必取得许可。

问法：旧法个人学习要不要许可；旧法可以免费用吗；旧法合理使用

### 第三条 〔权利〕

影像由拍摄者享有权利。

问法：旧法影像归谁；旧法谁有权利；旧法拍摄者有什么权利
"""
LAW_TEXT = """---
id: video-law-2020
title: 中华人民共和国影像法
aliases: [影像法, Video Law]
kind: law
issuer: 全国人民代表大会常务委员会
number: 主席令第二号
promulgated: 2019-11-01
effective: 2020-06-01
supersedes: video-law-2015
renumbered: {art-1: art-1, art-2: art-3, art-3: art-2}
articles: 3
url: https://law.example.gov.cn/2020
checked: 2024-01-02
---

## 第一章 总则

### 第一条 〔目的〕

本法以保护影像拍摄者为目的。

问法：影像法为什么要立；影像法保护谁；影像法的目的

### 第二条 〔权利〕

影像归拍摄者，保护五十年。

他人使用，应当取得许可。

问法：影像归谁；保护多少年；用别人的影像要许可吗

### 第三条 〔合理使用〕

下列使用不经许可：

（一）个人学习；

（二）评论介绍；

（三）报道新闻。

问法：哪些使用不要许可；自己学习可以用吗；写评论能用吗
"""
CASE_TEXT = """---
id: first-case-2022
title: 甲诉乙影像权纠纷案
aliases: [影像第一案]
kind: judgment
court: 北京互联网法院
number: (2022)京0491民初100号
decided: 2022-05-06
finality: final
appeal: {number: (2022)京73民终200号, court: 北京知识产权法院, decided: 2022-09-01, outcome: 维持原判}
applies: [video-law-2020/art-2]
positions:
  - {issue: copyrightability, position: protected, passage: court-view, anchor: 该影像构成作品}
url: https://court.example.gov.cn/first
checked: 2024-01-02
---

## 当事人

原告甲，被告乙〔单一来源〕。

问法：影像第一案谁告谁；原告是谁；被告是谁

## 案情

乙发布了甲的影像。

问法：影像第一案怎么回事；乙做了什么；影像在哪里发布

## 原告主张

甲请求赔偿。

问法：甲要求什么；甲告了什么；甲想要多少钱

## 被告抗辩

乙称影像是自动生成的。

问法：乙怎么说；乙的理由；乙承认了吗

## 争议焦点

影像是否构成作品。

问法：争的是什么；焦点问题；法院要回答什么

## 法院认为

法院认为该影像构成作品，依照《影像法》第二条，乙应当取得许可。

问法：法院怎么看；影像是不是作品；依据哪条

## 裁判结果

乙赔偿甲五百元。

问法：赔了多少；结果如何；乙输了吗

## 后续

二审维持原判。

问法：上诉了吗；生效了吗；后来怎样
"""
PAPER_TEXT = """---
id: video-paper
title: 论自动生成的影像
kind: paper
authors: [丙]
text_status: full_text
checked: 2024-01-02
errata:
  - "no": 1
    severity: high
    anchors: [该案判赔五千元]
    correction: 判决为五百元。
    refers_to: [video-law-2015/art-1, video-law-2015]
---

## 1. 引言

影像第一案引起讨论，该案判赔五千元〔笔者译〕。

问法：论文讨论什么；论文怎么说影像第一案

## 2. 结论

自动生成的影像仍需个案判断。
"""
OFFICIAL_TEXT = """---
id: video-law-2020
title: 中华人民共和国影像法
kind: law
articles: 3
text_status: official
checked: 2024-01-02
---

第一条 为维护拍摄者，制定本法。

第二条 拍摄者对其影像享有权利，期限五十年。

使用他人影像的，应当经其同意。

第三条 以下情形，无需同意：

（一）本人研究；

（二）就其加以评介；

（三）新闻需要。
"""

Edit = Callable[[Path], object]
Place = tuple[str, str, str]
"""File, place and rule of a finding."""


def sound_corpus(folder: Path) -> Path:
    """A law of three articles in two versions, a judgment that applies it, a paper about both: nothing to find."""
    texts = {OLD: OLD_TEXT, LAW: LAW_TEXT, CASE: CASE_TEXT, PAPER: PAPER_TEXT}
    for name, text in texts.items():
        add(name, text)(folder)
    add(HOSTS, "- law.example.gov.cn\n- court.example.gov.cn\n")(folder)
    return folder


def add(name: str, text: str) -> Edit:
    def edit(folder: Path) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")

    return edit


def sub(name: str, old: str, new: str) -> Edit:
    def edit(folder: Path) -> None:
        text = (folder / name).read_text("utf-8")
        assert text.count(old) == 1, old
        (folder / name).write_text(text.replace(old, new), "utf-8")

    return edit


def move(name: str, to: str) -> Edit:
    return lambda folder: (folder / name).rename(folder / to)


def remove(name: str) -> Edit:
    return lambda folder: (folder / name).unlink()


def swap(name: str, one: str, other: str) -> Edit:
    def edit(folder: Path) -> None:
        text = (folder / name).read_text("utf-8")
        assert text.count(one) == text.count(other) == 1
        text = text.replace(one, "\0").replace(other, one).replace("\0", other)
        (folder / name).write_text(text, "utf-8")

    return edit


def both(*edits: Edit) -> Edit:
    def edit(folder: Path) -> None:
        for one in edits:
            one(folder)

    return edit


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return sound_corpus(tmp_path / "corpus")


def places(findings: list[Finding], level: str = "error") -> list[Place]:
    return [(finding.path, finding.place, finding.rule) for finding in findings if finding.level == level]


# --- a sound corpus --------------------------------------------------------------------------------------------------


def test_a_sound_corpus_has_no_finding_at_all(corpus: Path) -> None:
    assert check(corpus) == []


SOUND = {
    "official text that agrees with the digest": add(OFFICIAL, OFFICIAL_TEXT),
    "instrument that elaborates an article": sub(
        OLD,
        "articles: 3",
        "articles: 3\nimplements: [{of: video-law-2020/art-3, passage: art-2}, {of: video-law-2020}]",
    ),
    "article that a partial document does not give": both(
        sub(OLD, "articles: 3", "articles: 9\npartial: true"),
        sub(CASE, "[video-law-2020/art-2]", "[video-law-2020/art-2, video-law-2015/art-9]"),
    ),
    "article that has no successor": sub(LAW, "art-3: art-2}", "art-3: null}"),
    "docket number of a second case of one number": sub(CASE, "100号", "100号之一"),
    "docket number of the year before the decision": sub(CASE, "(2022)京0491", "(2021)京0491"),
    "judgment from abroad with a number of its own": sub(
        CASE,
        "number: (2022)京0491民初100号",
        "jurisdiction: US\nnumber: 22-cv-100",
    ),
    "undecided case": sub(CASE, "decided: 2022-05-06\nfinality: final", "finality: pending"),
    "gap among items that a note explains": both(
        sub(LAW, "（二）评论介绍；\n\n", ""), sub(LAW, "问法：哪些使用", "注：第二项从略。\n\n问法：哪些使用")
    ),
    "three and six questions": sub(LAW, "保护多少年", "保护多少年；保护期；过期呢；要付钱吗"),
    "both marks on one sentence": sub(CASE, "〔单一来源〕。", "〔单一来源〕〔来源不一〕。"),
    "document number in brackets": sub(CASE, "乙发布了甲的影像。", "依照法释〔2020〕19号，乙发布了甲的影像。"),
    "host in capitals": sub(CASE, "https://court.example", "https://Court.Example"),
    "no address": sub(CASE, "url: https://court.example.gov.cn/first\n", ""),
    "readme beside the documents": add("README.md", "---\nno: front matter of a document\n---\n"),
    "file in a hidden folder": add(".trash/broken.md", "---\nkind: [\n---\n"),
    "an article of the paper's own kind without questions": sub(PAPER, "；论文怎么说影像第一案", ""),
}


@pytest.mark.parametrize("edit", SOUND.values(), ids=SOUND)
def test_what_is_allowed_is_no_finding(corpus: Path, edit: Edit) -> None:
    edit(corpus)
    assert check(corpus) == []


# --- one edit, its finding -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Broken:
    """An edit, and the places and rules that must be reported for it, no others; ``says`` stands in the first message."""

    edit: Edit
    found: tuple[Place, ...]
    says: str


def one(edit: Edit, path: str, place: str, rule: str, says: str) -> Broken:
    return Broken(edit, ((path, place, rule),), says)


OTHER_LAW = """---
id: sound-law-2021
title: 中华人民共和国录音法
aliases: [录音法]
kind: law
articles: 2
checked: 2024-01-02
---

### 第一条 〔目的〕

本法以保护录音者为目的。

问法：录音法为什么要立；录音法保护谁；录音法的目的

### 第二条 〔权利〕

录音归录音者。

问法：录音归谁；录音的权利；录音者是谁
"""
OTHER = "regulations/sound-law-2021.md"
LONG = "影像" * 30 + "吗"
RUN = (
    "拍摄者在公开场所拍摄影像并以任何方式向公众提供该影像时对影像享有署名复制发行展览放映播放传播改编翻译汇编等各项权利"
)

SCHEMA = {
    "broken yaml": one(sub(CASE, "aliases: [影像第一案]", "aliases: [影像第一案"), CASE, "", "schema", "YAML"),
    "date that no calendar has": one(
        sub(CASE, "decided: 2022-05-06", "decided: 2022-02-30"), CASE, "", "schema", "YAML"
    ),
    "front matter without an end": one(sub(CASE, "---\n\n## 当事人", "\n## 当事人"), CASE, "", "schema", "没有结束"),
    "unknown field": one(sub(CASE, "finality: final", "finality: final\njudge: 丁"), CASE, "", "schema", "judge"),
    "unknown kind": one(sub(CASE, "kind: judgment", "kind: verdict"), CASE, "", "schema", "kind"),
    "unknown finality": one(sub(CASE, "finality: final", "finality: over"), CASE, "", "schema", "finality"),
    "missing title": one(sub(CASE, "title: 甲诉乙影像权纠纷案\n", ""), CASE, "", "schema", "title"),
    "no text": one(add(CASE, CASE_TEXT.partition("\n## 当事人")[0]), CASE, "", "schema", "没有可用的文字"),
    "no text file": one(add(CASE, "---\nid: \0\n---\n"), CASE, "", "schema", "不是文本文件"),
    "slash in an id": one(sub(CASE, "id: first-case-2022", "id: first/case"), CASE, "", "schema", "id"),
}
IDENTITY = {
    "id is not the file's name": one(
        sub(CASE, "id: first-case-2022", "id: first-case-2023"), CASE, "id", "identity", "与文件名不同"
    ),
    "bad characters in an id": one(
        both(sub(CASE, "id: first-case-2022", "id: First_Case"), move(CASE, "judgments/First_Case.md")),
        "judgments/First_Case.md", "id", "identity", "只用小写字母",
    ),
    "hyphen at the end of an id": one(
        both(sub(CASE, "id: first-case-2022", "id: first-case-"), move(CASE, "judgments/first-case-.md")),
        "judgments/first-case-.md", "id", "identity", "只用小写字母",
    ),
    "judgment among the regulations": one(
        move(CASE, "regulations/first-case-2022.md"), "regulations/first-case-2022.md", "kind", "identity", "judgments/"
    ),
    "law among the judgments": one(
        move(LAW, "judgments/video-law-2020.md"), "judgments/video-law-2020.md", "kind", "identity", "regulations/"
    ),
    "a user's own document": one(sub(LAW, "kind: law", "kind: own"), LAW, "kind", "identity", "不进入语料"),
    "paper at the top of the corpus": one(move(PAPER, "video-paper.md"), "video-paper.md", "kind", "identity", "papers/"),
    "never checked": one(sub(LAW, "checked: 2024-01-02\n", ""), LAW, "checked", "identity", "最近核对"),
    "not verified": one(
        sub(LAW, "kind: law", "kind: law\nevidence: unverified"), LAW, "evidence", "identity", "single_source"
    ),
    "no court": one(sub(CASE, "court: 北京互联网法院\n", ""), CASE, "court", "identity", "缺少这一项"),
    "no finality": one(sub(CASE, "finality: final\n", ""), CASE, "finality", "identity", "缺少这一项"),
    "nothing to cite": one(
        add(OTHER, OTHER_LAW.partition("### 第一条")[0] + "## 第一章 总则\n\n## 第二章 录音者的权利\n"),
        OTHER, "", "identity", "没有可以引用的段落",
    ),
}  # fmt: skip
DATES = {
    "repealed before in force": one(
        sub(OLD, "effective: 2015-03-01", "effective: 2020-06-02"), OLD, "repealed", "dates", "早于"
    ),
    "in force before promulgated": one(
        sub(LAW, "promulgated: 2019-11-01", "promulgated: 2020-06-02"), LAW, "effective", "dates", "早于"
    ),
    "checked in the future": one(
        sub(LAW, "checked: 2024-01-02", "checked: 2999-01-01"), LAW, "checked", "dates", "未来"
    ),
    "promulgated in the future": Broken(
        sub(LAW, "promulgated: 2019-11-01", "promulgated: 2999-11-01"),
        ((LAW, "effective", "dates"), (LAW, "promulgated", "dates")),
        "早于",
    ),
    "decided in the future": Broken(
        sub(CASE, "decided: 2022-05-06", "decided: 2999-05-06"),
        ((CASE, "appeal", "dates"), (CASE, "decided", "dates")),
        "早于",
    ),
    "appeal in the future": one(
        sub(CASE, "decided: 2022-09-01", "decided: 2999-09-01"), CASE, "appeal", "dates", "未来"
    ),
    "appeal before the judgment": one(
        sub(CASE, "decided: 2022-09-01", "decided: 2022-05-05"), CASE, "appeal", "dates", "二审"
    ),
    "pending and yet decided": one(sub(CASE, "finality: final", "finality: pending"), CASE, "decided", "dates", "未决"),
}
NUMBER = "number: (2022)京0491民初100号"
NUMBERS = {
    name: one(sub(CASE, NUMBER, f"number: {number}"), CASE, "number", "numbers", says)
    for name, number, says in (
        ("full-width brackets", "（2022）京0491民初100号", "不合格式"),
        ("no sign of the number", "(2022)京0491民初100", "不合格式"),
        ("written as of old", "(2022)京0491民初字第100号", "不合格式"),
        ("no brackets", "2022京0491民初100号", "不合格式"),
        ("blank inside", "(2022) 京0491民初100号", "不合格式"),
        ("no serial number", "(2022)京0491民初号", "不合格式"),
        ("more after it", "(2022)京0491民初100号判决", "不合格式"),
        ("year after all decisions", "(2023)京0491民初100号", "晚于裁判日期"),
    )
}
NUMBERS |= {
    "appeal's number without its sign": one(
        sub(CASE, "民终200号", "民终200"), CASE, "appeal", "numbers", "不合格式"
    ),
    "appeal's year after its decision": one(
        sub(CASE, "(2022)京73", "(2023)京73"), CASE, "appeal", "numbers", "晚于裁判日期"
    ),
}  # fmt: skip
ADDRESS = "https://court.example.gov.cn/first"
LINKS = {
    name: one(sub(CASE, ADDRESS, f'"{address}"'), CASE, "url", "links", says)
    for name, address, says in (
        ("other scheme", "ftp://court.example.gov.cn/first", "不是网址"),
        ("no scheme", "court.example.gov.cn/first", "不是网址"),
        ("no host", "https:///first", "不是网址"),
        ("host that is not listed", "https://blog.example.com/first", "blog.example.com"),
        ("host below a listed one", "https://www.court.example.gov.cn/first", "www.court.example.gov.cn"),
        ("listed host as a user's name", "https://court.example.gov.cn@evil.example.com/", "evil.example.com"),
        ("listed host as a path", "https://evil.example.com/court.example.gov.cn", "evil.example.com"),
    )
}
LINKS |= {
    f"list of hosts {name}": Broken(
        edit, ((CASE, "url", "links"), (OLD, "url", "links"), (LAW, "url", "links")), HOSTS
    )
    for name, edit in (
        ("missing", remove(HOSTS)),
        ("broken", add(HOSTS, "- [")),
        ("no list", add(HOSTS, "law.example.gov.cn")),
    )
}  # fmt: skip
SECOND = LAW_TEXT.partition("### 第二条")[2].partition("### 第三条")[0]
STRUCTURE = {
    "article left out": Broken(
        sub(LAW, f"### 第二条{SECOND}", ""),
        ((CASE, "applies", "relations"), (LAW, "articles", "structure")),
        "video-law-2020/art-2",
    ),
    "last article left out": one(
        add(LAW, LAW_TEXT.partition("### 第三条")[0]), LAW, "articles", "structure", "缺少第三条"
    ),
    "articles not sorted": one(swap(LAW, "第二条", "第三条"), LAW, "articles", "structure", "没有按条号排列"),
    "article doubled": Broken(
        both(sub(LAW, "### 第三条 〔合理使用〕", "### 第二条 〔合理使用〕")),
        ((LAW, "articles", "structure"), (LAW, "video-law-2020/art-2~2", "structure")),
        "缺少第三条",
    ),
    "article beyond the last": Broken(
        sub(LAW, "### 第三条", "### 第四条"),
        ((LAW, "articles", "structure"), (LAW, "articles", "structure")),
        "缺少第三条",
    ),
    "other numeral": one(sub(LAW, "### 第二条", "### 第两条"), LAW, "第两条", "structure", "应为第二条"),
    "numeral with a nought": one(sub(LAW, "### 第二条", "### 第零二条"), LAW, "第零二条", "structure", "应为第二条"),
    "number of articles unknown": one(sub(LAW, "articles: 3\n", ""), LAW, "articles", "structure", "没有写明"),
    "more articles than given": one(
        sub(LAW, "articles: 3", "articles: 5"), LAW, "articles", "structure", "缺少第四条等 2 条"
    ),
    "section left out": one(
        sub(CASE, "## 后续\n\n二审维持原判。\n\n问法：上诉了吗；生效了吗；后来怎样\n", ""),
        CASE, "sections", "structure", "后续",
    ),
    "sections out of order": one(swap(CASE, "## 案情", "## 后续"), CASE, "sections", "structure", "案情"),
    "section of another name": one(sub(CASE, "## 案情", "## 事实"), CASE, "sections", "structure", "案情"),
    "section doubled": Broken(
        sub(CASE, "## 案情", "## 当事人"),
        ((CASE, "first-case-2022/parties~2", "structure"), (CASE, "sections", "structure")),
        "重复",
    ),
    "item left out": one(
        sub(LAW, "（二）评论介绍；\n\n", ""), LAW, "video-law-2020/art-3", "structure", "[1, 3]"
    ),
    "items begin at two": one(
        sub(LAW, "（一）个人学习；\n\n", ""), LAW, "video-law-2020/art-3", "structure", "[2, 3]"
    ),
    "item doubled": one(
        sub(LAW, "（三）报道", "（二）报道"), LAW, "video-law-2020/art-3", "structure", "[1, 2, 2]"
    ),
}  # fmt: skip
QUESTIONS = {
    name: one(
        sub(LAW, "影像归谁；保护多少年；用别人的影像要许可吗", asked), LAW, "video-law-2020/art-2", "questions", says
    )
    for name, asked, says in (
        ("two", "影像归谁；保护多少年", "有 2 条"),
        ("seven", "影像归谁；保护多少年；要许可吗；要付钱吗；能转让吗；能继承吗；能送人吗", "有 7 条"),
        ("repeated", "影像归谁；保护多少年；影像归谁", "重复"),
        ("too long", f"影像归谁；保护多少年；{LONG}", "长度不当"),
        ("too short", "影像归谁；保护多少年；嗯", "长度不当"),
        ("too many English words", f"影像归谁；保护多少年；{'who owns it ' * 21}", "长度不当"),
    )
}
QUESTIONS |= {
    "none": one(
        sub(LAW, "\n问法：影像归谁；保护多少年；用别人的影像要许可吗\n", ""),
        LAW, "video-law-2020/art-2", "questions", "有 0 条",
    ),
    "none in a judgment's section": one(
        sub(CASE, "\n问法：赔了多少；结果如何；乙输了吗\n", ""),
        CASE, "first-case-2022/disposition", "questions", "有 0 条",
    ),
    "none in a paper": one(
        sub(PAPER, "问法：论文讨论什么；论文怎么说影像第一案\n", ""), PAPER, "", "questions", "没有问法"
    ),
}  # fmt: skip
MARKS = {
    "unknown": one(sub(CASE, "〔单一来源〕", "〔传闻〕"), CASE, "first-case-2022/parties", "marks", "〔传闻〕"),
    "like a known one": one(
        sub(CASE, "〔单一来源〕", "〔单一来源：某网〕"), CASE, "first-case-2022/parties", "marks", "不认识"
    ),
    "in mid-sentence": one(
        sub(CASE, "被告乙〔单一来源〕。", "〔单一来源〕被告乙。"), CASE, "first-case-2022/parties", "marks", "句末标点之前"
    ),
    "before a comma": one(
        sub(CASE, "原告甲，", "原告甲〔来源不一〕，"), CASE, "first-case-2022/parties", "marks", "句末标点之前"
    ),
    "after the full stop, more to come": one(
        sub(CASE, "被告乙〔单一来源〕。", "被告乙。〔单一来源〕两人相识。"),
        CASE, "first-case-2022/parties", "marks", "句末标点之前",
    ),
    "in an article": one(
        sub(LAW, "保护五十年。", "保护五十年〔存疑〕。"), LAW, "video-law-2020/art-2", "marks", "〔存疑〕"
    ),
}  # fmt: skip
APPLIES = "applies: [video-law-2020/art-2]"
POSITION = "issue: copyrightability, position: protected, passage: court-view, anchor: 该影像构成作品"
RENUMBERED = "renumbered: {art-1: art-1, art-2: art-3, art-3: art-2}"
RELATIONS = {
    f"{name} pointing nowhere": one(sub(path, old, new), path, place, "relations", says)
    for name, path, old, new, place, says in (
        ("applies", CASE, APPLIES, "applies: [video-law-2020/art-4]", "applies", "video-law-2020/art-4"),
        ("applies, document", CASE, APPLIES, "applies: [film-law]", "applies", "film-law"),
        ("applies, beginning of an id", CASE, APPLIES, "applies: [video-law]", "applies", "video-law"),
        ("implements", LAW, "kind: law", "kind: law\nimplements: [{of: film-law}]", "implements", "film-law"),
        (
            "implements, own passage", LAW, "kind: law",
            "kind: law\nimplements: [{of: video-law-2015, passage: art-4}]", "implements", "本文件没有这一段：art-4",
        ),
        ("errata", PAPER, "video-law-2015/art-1", "second-case", "errata 1", "second-case"),
        ("errata, anchor", PAPER, "[该案判赔五千元]", "[判赔了五千元]", "errata 1", "正文中没有这段原文"),
        ("positions, issue", CASE, "issue: copyrightability", "issue: beauty", "positions", "不认识"),
        ("positions, answer", CASE, "position: protected", "position: perhaps", "positions", "不认识"),
        ("positions, passage", CASE, "passage: court-view", "passage: verdict", "positions", "没有这一段"),
        ("positions, other passage", CASE, "passage: court-view", "passage: issues", "positions", "没有这段原文"),
        ("positions, anchor", CASE, "anchor: 该影像构成作品", "anchor: 影像是作品", "positions", "没有这段原文"),
        ("renumbered, old", LAW, "art-3: art-2}", "art-3: art-2, art-4: null}", "renumbered", "没有这一条：art-4"),
        ("renumbered, new", LAW, "art-3: art-2}", "art-3: art-4}", "renumbered", "没有这一条：art-4"),
        ("renumbered, form", LAW, "art-3: art-2}", "art-3: 第二条}", "renumbered", "没有这一条：第二条"),
        ("renumbered, no version", LAW, "supersedes: video-law-2015\n", "", "renumbered", "supersedes"),
    )
}  # fmt: skip
RELATIONS |= {
    "repealed on another day": one(
        sub(OLD, "repealed: 2020-06-01", "repealed: 2020-05-31"), LAW, "supersedes", "relations", "失效日"
    ),
    "not repealed": one(sub(OLD, "repealed: 2020-06-01\n", ""), LAW, "supersedes", "relations", "失效日（None）"),
    "article of a partial document beyond its last": one(
        both(sub(OLD, "articles: 3", "articles: 9\npartial: true"), sub(CASE, APPLIES, "applies: [video-law-2015/art-10]")),
        CASE, "applies", "relations", "video-law-2015/art-10",
    ),
}  # fmt: skip
REFERENCES = {
    "article that the law has not": one(
        sub(CASE, "《影像法》第二条", "《影像法》第四条"),
        CASE,
        "first-case-2022/court-view",
        "references",
        "没有第四条：共 3 条",
    ),
    "article that the law has not, in a paper": one(
        sub(PAPER, "引起讨论", "适用影像法第40条"), PAPER, "video-paper/s-1/p-1", "references", "没有第四十条"
    ),
    "article that the law has not, of a range": Broken(
        sub(CASE, "《影像法》第二条", "《影像法》第二条至第五条"),
        ((CASE, "first-case-2022/court-view", "references"),) * 2,
        "没有第四条",
    ),
}
COLLISIONS = {
    "alias of two documents": one(
        add(OTHER, OTHER_LAW.replace("[录音法]", "[录音法, 影像法]")), OTHER, "aliases", "collisions", "影像法"
    ),
    "alias that is another's title": one(
        add(OTHER, OTHER_LAW.replace("[录音法]", "[甲诉乙影像权纠纷案]")), CASE, "aliases", "collisions", "sound-law-2021"
    ),
    "alias in other case": one(
        add(OTHER, OTHER_LAW.replace("[录音法]", "[VIDEO LAW]")), OTHER, "aliases", "collisions", "video-law-2020"
    ),
    "id of two files": Broken(
        add("regulations/more/video-law-2020.md", LAW_TEXT),
        (("regulations/more/video-law-2020.md", "id", "collisions"), (LAW, "id", "collisions")),
        "video-law-2020",
    ),
    "question under two articles": one(
        sub(LAW, "影像归谁；", "影像法保护谁；"), LAW, "video-law-2020/art-1", "collisions", "video-law-2020/art-2"
    ),
    "question under two versions": one(
        sub(LAW, "影像归谁；", "旧法影像归谁；"), OLD, "video-law-2015/art-3", "collisions", "video-law-2020/art-2"
    ),
    "question of a law and a judgment": one(
        sub(CASE, "赔了多少；", "保护多少年；"), CASE, "first-case-2022/disposition", "collisions", "video-law-2020/art-2"
    ),
}  # fmt: skip
TABLES = {
    "schema": SCHEMA, "identity": IDENTITY, "dates": DATES, "numbers": NUMBERS, "links": LINKS, "structure": STRUCTURE,
    "questions": QUESTIONS, "marks": MARKS, "relations": RELATIONS, "references": REFERENCES, "collisions": COLLISIONS,
}  # fmt: skip


@pytest.mark.parametrize(
    "broken",
    [pytest.param(broken, id=f"{rule}: {name}") for rule, table in TABLES.items() for name, broken in table.items()],
)
def test_one_edit_is_found_where_it_is_and_nothing_else(corpus: Path, broken: Broken) -> None:
    broken.edit(corpus)
    findings = check(corpus)
    assert (places(findings), places(findings, "notice")) == (list(broken.found), [])
    assert broken.says in findings[0].message


def test_version_before_that_is_not_in_the_corpus_is_a_notice(corpus: Path) -> None:
    sub(OLD, "kind: law", "kind: law\nsupersedes: video-law-2001")(corpus)
    findings = check(corpus)
    assert (places(findings), places(findings, "notice")) == ([], [(OLD, "supersedes", "relations")])
    assert "video-law-2001" in findings[0].message


def test_every_fault_of_a_file_is_found_in_order_of_files_and_places(corpus: Path) -> None:
    both(
        sub(LAW, "checked: 2024-01-02\n", ""),
        sub(CASE, APPLIES, "applies: [film-law, sound-law]"),
        sub(CASE, "〔单一来源〕", "〔传闻〕"),
    )(corpus)
    assert places(check(corpus)) == [
        (CASE, "applies", "relations"),
        (CASE, "applies", "relations"),
        (CASE, "first-case-2022/parties", "marks"),
        (LAW, "checked", "identity"),
    ]


ODD_PLACES = {
    "mark that follows the last full stop of a paragraph": one(
        sub(CASE, "〔单一来源〕。", "。〔单一来源〕"), CASE, "first-case-2022/parties", "marks", "句末标点之前"
    ),
    "article that an instrument names of itself": one(
        sub(LAW, "（三）报道新闻。", "（三）本法第九条的报道。"), LAW, "video-law-2020/art-3", "references", "没有第九条"
    ),
    "first number of a year after the first decision": one(
        both(sub(CASE, "(2022)京0491", "(2023)京0491"), sub(CASE, "decided: 2022-09-01", "decided: 2023-09-01")),
        CASE, "number", "numbers", "晚于裁判日期",
    ),
    "title of two judgments": one(
        add(
            "judgments/second-case-2022.md",
            CASE_TEXT.replace("first-case-2022", "second-case-2022").replace("[影像第一案]", "[影像第二案]")
            .replace("0491民初100", "0491民初101").replace("问法：", "问法：再问").replace("；", "；再问")
        ),
        CASE, "aliases", "collisions", "甲诉乙影像权纠纷案",
    ),
    "address that cannot be read": one(
        sub(CASE, ADDRESS, "http://[court.example.gov.cn"), CASE, "url", "links", "不是网址"
    ),
    "article nought": one(
        both(sub(OLD, "articles: 3", "articles: 9\npartial: true"), sub(CASE, APPLIES, "applies: [video-law-2015/art-0]")),
        CASE, "applies", "relations", "video-law-2015/art-0",
    ),
    "official text that cannot be read": one(add(OFFICIAL, "---\nkind: [\n---\n"), OFFICIAL, "", "schema", "YAML"),
}  # fmt: skip


@pytest.mark.parametrize("broken", ODD_PLACES.values(), ids=ODD_PLACES)
def test_fault_in_an_odd_place_is_found(corpus: Path, broken: Broken) -> None:
    broken.edit(corpus)
    assert places(check(corpus)) == list(broken.found)


def test_appeal_of_the_next_year_whose_day_is_unknown_is_no_fault(corpus: Path) -> None:
    both(sub(CASE, "(2022)京73", "(2023)京73"), sub(CASE, ", decided: 2022-09-01", ""))(corpus)
    assert check(corpus) == []


# --- against official texts ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Differs:
    """An edit of digest or official text, and what comparing the two must say."""

    edit: Edit
    place: str
    rule: str
    level: str = "notice"


DIFFERENCES = {
    "sentence copied": Differs(
        both(sub(LAW, "影像归拍摄者，保护五十年。", f"{RUN}，保护五十年。"), sub(OFFICIAL, "拍摄者对其影像享有权利", RUN)),
        "art-2",
        "copied",
        "error",
    ),
    "article too many": Differs(sub(OFFICIAL, "\n第三条 以下情形，无需同意：\n\n（一）本人研究；\n\n（二）就其加以评介；\n\n（三）新闻需要。\n", ""), "art-3", "articles"),
    "paragraph left out": Differs(sub(LAW, "保护五十年。\n\n他人", "保护五十年。他人"), "art-2", "paragraphs"),
    "item left out": Differs(sub(OFFICIAL, "（三）新闻需要。", "（三）新闻；\n\n（四）公务。"), "art-3", "items"),
    "other figure": Differs(sub(LAW, "保护五十年", "保护二十年"), "art-2", "figures"),
    "reference left out": Differs(sub(OFFICIAL, "以下情形", "除第二条外，以下情形"), "art-3", "references"),
    "duty left out": Differs(sub(LAW, "应当取得许可", "先取得许可"), "art-2", "modality"),
}  # fmt: skip


@pytest.mark.parametrize("where", ["corpus/official", "elsewhere"])
@pytest.mark.parametrize("differs", DIFFERENCES.values(), ids=DIFFERENCES)
def test_difference_from_the_official_text(corpus: Path, differs: Differs, where: str) -> None:
    add(OFFICIAL, OFFICIAL_TEXT)(corpus)
    differs.edit(corpus)
    extra = None
    if where == "elsewhere":
        extra = (corpus / "official").rename(corpus.parent / "elsewhere")
        assert check(corpus) == []
    findings = check(corpus, official=extra)
    assert [(f.path, f.place, f.rule, f.level) for f in findings] == [(LAW, differs.place, differs.rule, differs.level)]


def test_official_text_of_no_document_of_the_corpus_is_passed_over(corpus: Path) -> None:
    add("official/film-law.md", OFFICIAL_TEXT.replace("video-law-2020", "film-law"))(corpus)
    assert check(corpus) == []


def test_folder_of_official_texts_must_exist(corpus: Path) -> None:
    with pytest.raises(InvalidInput):
        check(corpus, official=corpus.parent / "missing")


# --- folders that cannot be checked ----------------------------------------------------------------------------------

NO_CORPUS: dict[str, tuple[str, Edit]] = {
    "missing": ("文件夹不存在", lambda folder: folder),
    "a file": ("文件夹不存在", lambda folder: folder.write_text("x", "utf-8")),
    "empty": ("没有语料", lambda folder: folder.mkdir()),
    "without documents": ("没有语料", add("README.md", "# 语料\n")),
    "with official texts only": ("没有语料", add(OFFICIAL, OFFICIAL_TEXT)),
}


@pytest.mark.parametrize(("says", "edit"), NO_CORPUS.values(), ids=NO_CORPUS)
def test_folder_without_a_corpus_is_refused_by_name_and_with_a_next_step(
    tmp_path: Path, says: str, edit: Edit, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "corpus"
    edit(folder)
    with pytest.raises(InvalidInput) as refused:
        check(folder)
    assert says in str(refused.value)
    assert str(folder) in str(refused.value)
    assert refused.value.next_step
    assert main(["check", str(folder)]) == 2
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", f"错误：{refused.value}\n")


def test_corpus_of_broken_files_only_is_checked(tmp_path: Path) -> None:
    add(CASE, "---\nkind: [\n---\n")(tmp_path)
    assert places(check(tmp_path)) == [(CASE, "", "schema")]


# --- the command -----------------------------------------------------------------------------------------------------


def test_command_counts_what_a_sound_corpus_holds(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(corpus)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "4 份文档，6 条条文，10 个章节段落，44 条问法，6 条关系。",
        "错误 0，允许的缺口 0。",
    ]


def test_command_lists_errors_and_counts_them_by_rule(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    both(
        sub(CASE, APPLIES, "applies: [film-law]"), sub(CASE, "〔单一来源〕", "〔传闻〕"), sub(LAW, "kind: law", "kind:")
    )(corpus)
    assert main(["check", str(corpus)]) == 1
    *listed, total = capsys.readouterr().out.splitlines()
    assert [line.partition("] ")[0] for line in listed] == [
        f"{CASE} applies [relations",
        f"{CASE} first-case-2022/parties [marks",
        f"{LAW} [schema",
    ]
    assert total.startswith("错误 3（")
    assert {"relations 1", "marks 1", "schema 1"} == set(total.split("（")[1].split("）")[0].split("，"))


def test_command_lists_notices_on_request_and_does_not_fail_for_them(
    corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sub(OLD, "kind: law", "kind: law\nsupersedes: video-law-2001")(corpus)
    assert main(["check", str(corpus)]) == 0
    assert "video-law-2001" not in (quiet := capsys.readouterr().out)
    assert quiet.splitlines()[-1] == "错误 0，允许的缺口 1。"
    assert main(["check", str(corpus), "--notices"]) == 0
    listed, *rest = capsys.readouterr().out.splitlines()
    assert listed.startswith(f"{OLD} supersedes [relations] ")
    assert rest == quiet.splitlines()


def test_command_compares_with_official_texts_elsewhere(corpus: Path) -> None:
    add(OFFICIAL, OFFICIAL_TEXT)(corpus)
    DIFFERENCES["sentence copied"].edit(corpus)
    elsewhere = (corpus / "official").rename(corpus.parent / "elsewhere")
    assert main(["check", str(corpus)]) == 0
    assert main(["check", str(corpus), "--official", str(elsewhere)]) == 1


def test_json_of_the_command_is_the_findings(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(corpus), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    both(
        sub(OLD, "kind: law", "kind: law\nsupersedes: video-law-2001"), sub(LAW, "checked: 2024-01-02\n", "")
    )(corpus)  # fmt: skip
    assert main(["check", str(corpus), "--json"]) == 1
    records = json.loads(capsys.readouterr().out)
    assert [Finding(**record) for record in records] == check(corpus)
    assert [record["level"] for record in records] == ["notice", "error"]


@pytest.mark.parametrize("arguments", [["--unknown"], ["a", "b"], ["--official"]])
def test_command_refuses_arguments_that_it_does_not_know(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["check", *arguments])
    assert left.value.code == 2


# --- the corpus as shipped -------------------------------------------------------------------------------------------


def test_the_shipped_corpus_has_no_error() -> None:
    errors = [finding for finding in check(CORPUS) if finding.level == "error"]
    assert errors == []
