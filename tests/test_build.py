"""Building an index: what is added, changed, removed and refused, and that an index in use is never half of anything."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from ingest.__main__ import main
from ingest.build import ingest
from ingest.sources import Refused, Summary
from rag.errors import AigcLawError, IndexUnavailable, InvalidInput
from rag.index import Index, open_index
from rag.settings import Settings
from rag.store import LocalStore, Manifest, generation_path
from rag.types import Document, DocumentMeta, Kind
from rag.vectors import open_client, records_of

ROOT = Path(__file__).parents[1]
ARTICLES = {"一": "作者对作品享有著作权。", "二": "复制权由作者行使。"}


def law(identifier: str, first: str = ARTICLES["一"]) -> str:
    return (
        f"---\nid: {identifier}\ntitle: {identifier} 法\nkind: law\n---\n\n"
        f"第一条 {first}\n\n问法：谁有版权；作者有什么权利；who owns it\n\n第二条 {ARTICLES['二']}\n"
    )  # fmt: skip


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Two laws of two articles, one of them with three 问法."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.md").write_text(law(name), "utf-8")
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(index=tmp_path / "index")


def documents(settings: Settings) -> dict[str, str]:
    """Document id → the text of its first article, as a reader of the index sees it."""
    catalog = open_index(settings).catalog
    return {name: catalog.passages_of(name)[0].text.removeprefix("第一条 ") for name in catalog.metas}


def contents(settings: Settings) -> dict[str, object]:
    """Everything in an index that an answer can depend on, but for the name of the generation."""
    index = open_index(settings)
    records = open_client(generation_path(settings.index, index.manifest.generation) / "chroma").get_collection(
        "passages"
    )
    found = records.get(include=["metadatas", "embeddings"])
    rows = zip(found["ids"], found["metadatas"] or [], found["embeddings"], strict=True)  # type: ignore[arg-type]
    positions = sorted(index.catalog.positions.values())
    return {
        "manifest": asdict(replace(index.manifest, generation="", previous="")),
        "records": {i: (metadata, vector.tolist()) for i, metadata, vector in rows},
        "passages": index.catalog.passages(positions),
        "documents": [index.catalog.document(name) for name in index.catalog.metas],
        "scores": index.lexical.scores("作者的复制权").tolist(),
    }


def generations(settings: Settings) -> set[str]:
    return {path.name for path in (settings.index / "generations").iterdir()}


def in_use(settings: Settings) -> str:
    manifest = LocalStore(settings.index).manifest()
    assert manifest
    return manifest.generation


def summary(settings: Settings, **fields: object) -> Summary:
    return Summary(**{"index": str(settings.index), "documents": 2, "passages": 4} | fields)  # type: ignore[arg-type]


# --- added, changed, removed, refused ---


def test_first_ingestion_adds_every_file(corpus: Path, settings: Settings) -> None:
    assert ingest([corpus], settings) == summary(settings, added=["a", "b"])
    catalog = open_index(settings).catalog
    assert catalog.positions == {"a/art-1": 0, "a/art-2": 1, "b/art-1": 2, "b/art-2": 3}
    body = law("a").split("---\n")[2].strip()
    assert catalog.document("a") == Document(meta=DocumentMeta(id="a", title="a 法", kind=Kind.LAW), text=body)


def test_ingesting_again_changes_nothing_on_disk(corpus: Path, settings: Settings) -> None:
    ingest([corpus], settings)
    before = {path: path.stat().st_mtime_ns for path in settings.index.rglob("*.*")}
    assert ingest([corpus], settings) == summary(settings, unchanged=2)
    assert {path: path.stat().st_mtime_ns for path in settings.index.rglob("*.*")} == before


def test_touching_a_file_without_changing_it_changes_nothing(corpus: Path, settings: Settings) -> None:
    ingest([corpus], settings)
    generation = in_use(settings)
    (corpus / "a.md").write_text(law("a") + "\n\n", "utf-8")
    assert ingest([corpus], settings) == summary(settings, unchanged=2)
    assert in_use(settings) == generation


def test_only_the_changed_document_is_embedded_again(corpus: Path, settings: Settings) -> None:
    ingest([corpus], settings)
    (corpus / "a.md").write_text(law("a", "改过的第一条文字。"), "utf-8")
    calls: list[tuple[int, int]] = []
    assert ingest([corpus], settings, progress=lambda *call: calls.append(call)) == summary(
        settings, changed=["a"], unchanged=1
    )
    index = open_index(settings)
    expected = sum(len(records_of(p, index.catalog.metas["a"], "")) for p in index.catalog.passages_of("a"))
    assert calls == [(expected, expected)]
    assert documents(settings) == {"a": "改过的第一条文字。", "b": ARTICLES["一"]}


def test_a_changed_front_matter_is_a_change(corpus: Path, settings: Settings) -> None:
    ingest([corpus], settings)
    (corpus / "a.md").write_text(law("a").replace("kind: law", "kind: law\nrepealed: 2020-01-01"), "utf-8")
    assert ingest([corpus], settings) == summary(settings, changed=["a"], unchanged=1)


def test_a_removed_file_leaves_nothing_behind(corpus: Path, settings: Settings, tmp_path: Path) -> None:
    ingest([corpus], settings)
    (corpus / "a.md").unlink()
    assert ingest([corpus], settings) == summary(settings, removed=["a"], unchanged=1, documents=1, passages=2)
    fresh = Settings(index=tmp_path / "fresh")
    ingest([corpus], fresh)
    assert contents(settings) == contents(fresh)


def test_after_any_edits_the_index_equals_one_built_anew(corpus: Path, settings: Settings, tmp_path: Path) -> None:
    ingest([corpus], settings)
    (corpus / "a.md").write_text(law("a", "改过的第一条文字。"), "utf-8")
    (corpus / "0.md").write_text(law("zero"), "utf-8")
    ingest([corpus], settings)
    (corpus / "b.md").rename(corpus / "c.md")
    (corpus / "c.md").write_text(law("c"), "utf-8")
    assert ingest([corpus], settings) == summary(
        settings, added=["c"], removed=["b"], unchanged=2, documents=3, passages=6
    )
    fresh = Settings(index=tmp_path / "fresh")
    ingest([corpus], fresh)
    assert contents(settings) == contents(fresh)


def test_ids_may_be_swapped_between_two_files(corpus: Path, settings: Settings) -> None:
    ingest([corpus], settings)
    (corpus / "a.md").write_text(law("b", "来自甲文件的条文。"), "utf-8")
    (corpus / "b.md").write_text(law("a", "来自乙文件的条文。"), "utf-8")
    assert ingest([corpus], settings) == summary(settings, changed=["a", "b"])
    assert documents(settings) == {"a": "来自乙文件的条文。", "b": "来自甲文件的条文。"}


def test_a_moved_file_is_no_change(corpus: Path, settings: Settings) -> None:
    ingest([corpus], settings)
    (corpus / "deep").mkdir()
    (corpus / "a.md").rename(corpus / "deep" / "z.md")
    assert ingest([corpus], settings) == summary(settings, unchanged=2)


def test_a_refused_new_version_keeps_the_old_one(corpus: Path, settings: Settings) -> None:
    ingest([corpus], settings)
    (corpus / "a.md").write_text("---\nid: a\n", "utf-8")
    (corpus / "b.md").write_text(law("b", "改过的第一条文字。"), "utf-8")
    reason = "文件头（front matter）没有结束或为空：a.md。 原因：以 --- 开头，但缺少成对的 --- 或字段 下一步：补上结尾的 ---。"
    assert ingest([corpus], settings) == summary(
        settings, changed=["b"], unchanged=1, refused=[Refused(str(corpus / "a.md"), reason)]
    )
    assert documents(settings) == {"a": ARTICLES["一"], "b": "改过的第一条文字。"}


def test_a_refused_new_version_of_a_moved_file_keeps_the_old_one(corpus: Path, settings: Settings) -> None:
    ingest([corpus], settings)
    (corpus / "a.md").rename(corpus / "c.md")
    ingest([corpus], settings)
    (corpus / "c.md").write_text("", "utf-8")
    assert ingest([corpus], settings).removed == []


def test_only_supported_visible_files_are_read(corpus: Path, settings: Settings) -> None:
    (corpus / ".hidden").mkdir()
    for name in (".hidden/c.md", ".d.md", "README.md", "LICENSE.md", "notes.rtf", "image.png"):
        (corpus / name).write_text(law("c"), "utf-8")
    (corpus / "folder.md").mkdir()
    assert ingest([corpus], settings) == summary(settings, added=["a", "b"])


def test_headings_without_text_are_refused(corpus: Path, settings: Settings) -> None:
    (corpus / "c.md").write_text("---\nid: c\ntitle: c\nkind: law\n---\n# 某某某某法\n\n## 第一章 总则\n", "utf-8")
    result = ingest([corpus], settings)
    reason = "文件里没有可以引用的段落：c.md。 原因：只有标题，没有正文 下一步：补充正文后重试。"
    assert result.refused == [Refused(str(corpus / "c.md"), reason)]
    assert result.added == ["a", "b"]


@pytest.mark.skipif(sys.platform != "linux", reason="file names of any bytes are Linux's")
def test_a_file_name_that_is_no_text_does_not_stop_the_others(corpus: Path, settings: Settings) -> None:
    Path(os.fsdecode(bytes(corpus) + b"/\xff.txt")).write_text("没有文件头的一段普通文字。", "utf-8")
    assert {"a", "b"} <= set(ingest([corpus], settings).added)


# --- ids twice ---


def test_of_two_new_files_with_one_id_the_first_by_path_wins(corpus: Path, settings: Settings) -> None:
    (corpus / "0.md").write_text(law("b", "抢先的条文文字。"), "utf-8")
    reason = "文档 id 重复：'b'（b.md）。 原因：0.md 已使用它 下一步：改用另一个 id。"
    assert ingest([corpus], settings) == summary(
        settings, added=["a", "b"], refused=[Refused(str(corpus / "b.md"), reason)]
    )
    assert documents(settings)["b"] == "抢先的条文文字。"


def test_a_new_file_cannot_take_an_id_from_the_index(corpus: Path, settings: Settings) -> None:
    ingest([corpus], settings)
    (corpus / "0.md").write_text(law("b", "抢先的条文文字。"), "utf-8")
    result = ingest([corpus], settings)
    assert [Path(refused.path).name for refused in result.refused] == ["0.md"]
    assert documents(settings) == {"a": ARTICLES["一"], "b": ARTICLES["一"]}


def test_an_edited_file_cannot_take_the_id_of_another(corpus: Path, settings: Settings) -> None:
    ingest([corpus], settings)
    (corpus / "a.md").write_text(law("b", "抢先的条文文字。"), "utf-8")
    assert [Path(refused.path).name for refused in ingest([corpus], settings).refused] == ["a.md"]
    assert documents(settings)["b"] == ARTICLES["一"]


def test_a_version_refused_for_its_id_keeps_the_old_one(corpus: Path, settings: Settings) -> None:
    ingest([corpus], settings)
    (corpus / "b.md").write_text(law("a", "改过的第一条文字。"), "utf-8")
    result = ingest([corpus], settings)
    assert (result.removed, len(result.refused)) == ([], 1)
    assert documents(settings) == {"a": ARTICLES["一"], "b": ARTICLES["一"]}


# --- several roots ---


def test_another_root_is_left_alone(corpus: Path, settings: Settings, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "c.md").write_text(law("c"), "utf-8")
    ingest([corpus], settings)
    assert ingest([other], settings) == summary(settings, added=["c"], unchanged=2, documents=3, passages=6)
    (other / "c.md").unlink()
    (corpus / "a.md").unlink()
    assert ingest([other], settings) == summary(settings, removed=["c"], unchanged=2)
    assert set(documents(settings)) == {"a", "b"}


def test_a_single_file_is_updated_without_its_folder(corpus: Path, settings: Settings) -> None:
    ingest([corpus], settings)
    for name in ("a", "b"):
        (corpus / f"{name}.md").write_text(law(name, "改过的第一条文字。"), "utf-8")
    assert ingest([corpus / "a.md"], settings) == summary(settings, changed=["a"], unchanged=1)
    assert documents(settings) == {"a": "改过的第一条文字。", "b": ARTICLES["一"]}


def test_a_file_once_read_by_its_own_path_is_removed_with_its_folder(corpus: Path, settings: Settings) -> None:
    ingest([corpus], settings)
    (corpus / "a.md").write_text(law("a", "改过的第一条文字。"), "utf-8")
    ingest([corpus / "a.md"], settings)
    (corpus / "a.md").unlink()
    assert ingest([corpus], settings).removed == ["a"]


def test_a_missing_path_changes_nothing(corpus: Path, settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="路径不存在") as caught:
        ingest([corpus, tmp_path / "nowhere"], settings)
    assert caught.value.what == f"路径不存在：{tmp_path / 'nowhere'}。"
    assert not settings.index.exists()


# --- builds that fail, and readers meanwhile ---


def test_an_interrupted_build_leaves_the_index_as_it_was_and_is_continued(corpus: Path, settings: Settings) -> None:
    ingest([corpus], settings)
    before, kept = contents(settings), generations(settings)

    def interrupt(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    (corpus / "a.md").write_text(law("a", "改过的第一条文字。"), "utf-8")
    with pytest.raises(KeyboardInterrupt):
        ingest([corpus], settings, progress=interrupt)
    assert contents(settings) == before
    half_done = generations(settings) - kept
    assert len(half_done) == 1
    assert ingest([corpus], settings) == summary(settings, changed=["a"], unchanged=1)
    assert {in_use(settings)} == half_done
    assert documents(settings)["a"] == "改过的第一条文字。"


def test_a_continued_build_embeds_only_what_is_missing_and_equals_one_built_at_once(
    corpus: Path, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.build._EMBED_BATCH", 2)

    def stop_after_four(done: int, _total: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ingest([corpus], settings, progress=stop_after_four)
    steps: list[tuple[int, int]] = []
    ingest([corpus], settings, progress=lambda done, total: steps.append((done, total)))
    assert steps == [(6, 10), (8, 10), (10, 10)]
    at_once = Settings(index=tmp_path / "at-once")
    ingest([corpus], at_once)
    assert contents(settings) == contents(at_once)
    np.testing.assert_allclose(open_index(settings).prior, open_index(at_once).prior, atol=1e-6)


def test_a_build_that_died_while_taking_vectors_over_is_begun_again(corpus: Path, settings: Settings) -> None:
    ingest([corpus], settings)
    (corpus / "a.md").write_text(law("a", "改过的第一条文字。"), "utf-8")
    dying_build(corpus, settings)
    (half_done,) = generations(settings) - {in_use(settings)}
    (generation_path(settings.index, half_done) / "state").write_text("copying", "utf-8")
    ingest([corpus], settings)
    assert in_use(settings) == f"{half_done}.1"
    assert documents(settings)["a"] == "改过的第一条文字。"
    assert half_done not in generations(settings)


def dying_build(corpus: Path, settings: Settings) -> None:
    """Ingest in a process that dies, without any cleaning up, when vectors are written and the rest is not."""
    code = (
        "import os, sys; from pathlib import Path; from ingest.build import ingest; from rag.settings import Settings;"
        "ingest([Path(sys.argv[1])], Settings(index=Path(sys.argv[2])), progress=lambda done, total: os._exit(9))"
    )
    died = subprocess.run([sys.executable, "-c", code, corpus, settings.index], cwd=ROOT, check=False)
    assert died.returncode == 9


def test_a_process_that_dies_in_a_build_leaves_the_index_as_it_was(corpus: Path, settings: Settings) -> None:
    ingest([corpus], settings)
    before, generation = contents(settings), in_use(settings)
    (corpus / "a.md").write_text(law("a", "改过的第一条文字。"), "utf-8")
    dying_build(corpus, settings)
    assert len(generations(settings)) == 2
    assert contents(settings) == before
    # The next build is not in the way of the dead one's lock, and clears away what it left.
    assert ingest([corpus], settings) == summary(settings, changed=["a"], unchanged=1)
    assert generations(settings) == {generation, in_use(settings)}


def test_a_first_build_that_dies_counts_as_no_index(corpus: Path, settings: Settings) -> None:
    dying_build(corpus, settings)
    with pytest.raises(IndexUnavailable) as caught:
        open_index(settings)
    assert str(caught.value) == (
        f"索引不存在：{settings.index}。 原因：还没有建立 下一步：运行：python -m ingest --index {settings.index}"
    )
    assert ingest([corpus], settings) == summary(settings, added=["a", "b"])
    assert generations(settings) == {in_use(settings)}


def test_the_generation_in_use_and_the_one_before_are_kept(corpus: Path, settings: Settings) -> None:
    ingest([corpus], settings)
    names = [in_use(settings)]
    for number in range(3):
        (corpus / "a.md").write_text(law("a", f"改过的第一条文字{number}。"), "utf-8")
        ingest([corpus], settings)
        names.append(in_use(settings))
        assert generations(settings) == set(names[-2:])
    assert len(set(names)) == 4


def test_a_reader_opened_before_a_build_reads_on(corpus: Path, settings: Settings) -> None:
    ingest([corpus], settings)
    reader = open_index(settings)
    (corpus / "a.md").write_text(law("a", "改过的第一条文字。"), "utf-8")
    ingest([corpus], settings)
    passage = reader.catalog.passage("a/art-1")
    assert passage
    assert passage.text == "第一条 " + ARTICLES["一"]
    assert len(reader.vectors.search(reader.embedder.embed_query("作者"), 10)) == 4
    assert reader.lexical.scores("改过").tolist() == [0, 0, 0, 0]
    assert open_index(settings).lexical.scores("改过").tolist()[0] > 0


def test_a_second_writer_is_turned_away(corpus: Path, settings: Settings) -> None:
    settings.index.mkdir()
    with (
        FileLock(settings.index / "writer.lock"),
        pytest.raises(IndexUnavailable, match="正被另一个进程写入。 下一步：等它结束后重试。"),
    ):
        ingest([corpus], settings)
    assert ingest([corpus], settings) == summary(settings, added=["a", "b"])


# --- an index that cannot be used ---


def moved(settings: Settings) -> Settings:
    """The same index in another place: nothing of it is still open in this process, as for a reader that starts anew."""
    target = settings.index.with_name("moved")
    shutil.move(settings.index, target)
    return Settings(index=target)


def damage(name: str) -> Callable[[Path], None]:
    def remove(part: Path) -> None:
        shutil.rmtree(part) if part.is_dir() else part.unlink()

    def halve(part: Path) -> None:
        part.write_bytes(part.read_bytes()[: part.stat().st_size // 2])

    def overwrite(part: Path) -> None:
        part.write_bytes(b"\xff" * part.stat().st_size)

    return {"removed": remove, "halved": halve, "overwritten": overwrite}[name]


@pytest.mark.parametrize("how", ["removed", "halved", "overwritten"])
@pytest.mark.parametrize(
    "part",
    ["catalog.sqlite3", "chroma/chroma.sqlite3", "lexical/facts.json", "lexical/weights.npy", "lexical/vocabulary.json"],
)  # fmt: skip
def test_a_damaged_part_names_the_command_and_the_command_mends_it(
    corpus: Path, settings: Settings, part: str, how: str
) -> None:
    ingest([corpus], settings)
    settings = moved(settings)
    damage(how)(settings.index / "generations" / in_use(settings) / part)
    with pytest.raises(IndexUnavailable) as caught:
        open_index(settings)
    assert caught.value.what == f"索引 {settings.index} 已损坏或不完整。"
    assert caught.value.next_step == f"运行：python -m ingest --index {settings.index} --rebuild。"
    assert ingest([corpus], settings, rebuild=True) == summary(settings, added=["a", "b"])
    assert set(documents(settings)) == {"a", "b"}


@pytest.mark.parametrize("part", ["chroma", "lexical", ""], ids=["chroma", "lexical", "whole-generation"])
def test_a_missing_folder_is_damage_too(corpus: Path, settings: Settings, part: str) -> None:
    ingest([corpus], settings)
    settings = moved(settings)
    damage("removed")(settings.index / "generations" / in_use(settings) / part)
    with pytest.raises(IndexUnavailable, match="--rebuild"):
        open_index(settings)


@pytest.mark.parametrize("count", ["passages", "records"])
def test_parts_that_do_not_belong_together_are_refused(corpus: Path, settings: Settings, count: str) -> None:
    ingest([corpus], settings)
    altered(settings, **{count: getattr(open_index(settings).manifest, count) + 1})
    with pytest.raises(IndexUnavailable) as caught:
        open_index(settings)
    assert (caught.value.what, caught.value.why) == (f"索引 {settings.index} 不完整。", "各部分的条数与清单不一致")
    assert "--rebuild" in caught.value.next_step


@pytest.mark.parametrize(
    "content",
    ["", "{", "null", "[]", "{}", '{"format": "one", "new": 2}', "\udcff"],
    ids=["empty", "cut", "null", "list", "no-fields", "other-fields", "no-text"],
)
def test_an_unreadable_manifest_names_the_command(corpus: Path, settings: Settings, content: str) -> None:
    ingest([corpus], settings)
    (settings.index / "manifest.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    for use in (lambda: open_index(settings), lambda: ingest([corpus], settings)):
        with pytest.raises(IndexUnavailable) as caught:
            use()
        assert caught.value.what == f"索引清单无法读取：{settings.index / 'manifest.json'}。"
        assert caught.value.next_step == f"运行：python -m ingest --index {settings.index} --rebuild"
    assert ingest([corpus], settings, rebuild=True) == summary(settings, added=["a", "b"])


def altered(settings: Settings, **fields: object) -> Manifest:
    manifest = replace(open_index(settings).manifest, **fields)  # type: ignore[arg-type]
    (settings.index / "manifest.json").write_text(json.dumps(asdict(manifest)), "utf-8")
    return manifest


def test_an_index_of_another_format_is_refused(corpus: Path, settings: Settings) -> None:
    ingest([corpus], settings)
    altered(settings, format=99)
    with pytest.raises(IndexUnavailable, match=r"格式版本是 99，本程序需要 \d+。 下一步：.* --rebuild"):
        open_index(settings)


def test_an_index_of_another_embedder_is_refused(corpus: Path, settings: Settings) -> None:
    ingest([corpus], settings)
    altered(settings, embedder="openai:m", embedder_fingerprint="openai:m")
    with pytest.raises(IndexUnavailable) as caught:
        open_index(settings)
    assert str(caught.value) == (
        f"索引 {settings.index} 与当前设置不符。 原因：建索引时的向量模型是 'openai:m'，当前设置是 'builtin' "
        f"下一步：运行：python -m ingest --index {settings.index} --rebuild，或把 AIGC_LAW_EMBEDDER 设回 'openai:m'。"
    )
    with pytest.raises(IndexUnavailable, match=r"另一个向量模型.* --rebuild"):
        ingest([corpus], settings)
    assert ingest([corpus], settings, rebuild=True) == summary(settings, added=["a", "b"])


def test_an_index_of_an_older_state_of_the_embedder_is_refused(corpus: Path, settings: Settings) -> None:
    ingest([corpus], settings)
    altered(settings, embedder_fingerprint="static:old")
    with pytest.raises(IndexUnavailable, match=r"模型内容已变（static:old → static:\w{16}） .* --rebuild"):
        open_index(settings)
    with pytest.raises(IndexUnavailable, match=r"另一个向量模型.* --rebuild"):
        ingest([corpus], settings)


@pytest.mark.parametrize("version", ["splitter", "lexical"])
def test_an_index_cut_in_an_older_way_is_built_anew(corpus: Path, settings: Settings, version: str) -> None:
    ingest([corpus], settings)
    expected = contents(settings)
    altered(settings, **{version: "0"})
    calls: list[tuple[int, int]] = []
    assert ingest([corpus], settings, progress=lambda *call: calls.append(call)) == summary(settings, unchanged=2)
    assert contents(settings) == expected
    assert calls[-1][1] == open_index(settings).manifest.records


def test_a_damaged_catalog_is_reported_when_files_are_added(corpus: Path, settings: Settings) -> None:
    ingest([corpus], settings)
    settings = moved(settings)
    damage("halved")(settings.index / "generations" / in_use(settings) / "catalog.sqlite3")
    with pytest.raises(IndexUnavailable, match=r"已损坏.* --rebuild"):
        ingest([corpus], settings)


def test_damaged_vectors_are_reported_when_a_file_changed(corpus: Path, settings: Settings) -> None:
    ingest([corpus], settings)
    settings = moved(settings)
    damage("overwritten")(settings.index / "generations" / in_use(settings) / "chroma" / "chroma.sqlite3")
    (corpus / "a.md").write_text(law("a", "改过的第一条文字。"), "utf-8")
    with pytest.raises(AigcLawError, match="--rebuild"):
        ingest([corpus], settings)


def test_a_file_in_place_of_the_index_folder_is_reported(corpus: Path, settings: Settings) -> None:
    settings.index.write_text("no folder", "utf-8")
    with pytest.raises(AigcLawError):
        ingest([corpus], settings)


def test_an_index_without_documents_can_be_built_opened_and_filled(corpus: Path, settings: Settings) -> None:
    ingest([corpus], settings)
    texts = {path: path.read_text("utf-8") for path in corpus.iterdir()}
    for path in texts:
        path.unlink()
    assert ingest([corpus], settings) == summary(settings, removed=["a", "b"], documents=0, passages=0)
    index: Index = open_index(settings)
    assert (index.catalog.metas, index.lexical.scores("作者").tolist()) == ({}, [])
    for path, text in texts.items():
        path.write_text(text, "utf-8")
    assert ingest([corpus], settings) == summary(settings, added=["a", "b"])


# --- python -m ingest ---


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("AIGC_LAW_")}
    return subprocess.run(
        [sys.executable, "-m", "ingest", *map(str, arguments)],
        cwd=ROOT, env=environment | {"PYTHONUTF8": "1"}, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip


def test_command_prints_json_and_fails_under_strict_where_a_file_was_refused(corpus: Path, settings: Settings) -> None:
    (corpus / "c.md").write_text("", "utf-8")
    done = command(corpus, "--index", settings.index, "--json", "--strict")
    reason = "文件没有可用的文字：c.md。 原因：正文为空，或是扫描图像 下一步：换用带文字层的文件，或先做 OCR。"
    assert (done.returncode, done.stderr) == (1, "")
    assert json.loads(done.stdout) == {
        "index": str(settings.index),
        "added": ["a", "b"],
        "changed": [],
        "removed": [],
        "unchanged": 0,
        "refused": [{"path": str(corpus / "c.md"), "reason": reason}],
        "documents": 2,
        "passages": 4,
    }
    assert set(documents(settings)) == {"a", "b"}


def test_command_without_strict_reports_a_refused_file_and_succeeds(
    corpus: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    (corpus / "c.md").write_text("", "utf-8")
    assert main([str(corpus), "--index", str(settings.index)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"索引 {settings.index}：2 份文档，4 个段落。",
        "新增 2，更新 0，移除 0，未变 0，拒绝 1。",
        "新增：a、b",
        f"拒绝 {corpus / 'c.md'}",
        "  文件没有可用的文字：c.md。 原因：正文为空，或是扫描图像 下一步：换用带文字层的文件，或先做 OCR。",
    ]


def test_command_ends_without_a_traceback_on_a_missing_path(settings: Settings, tmp_path: Path) -> None:
    done = command(tmp_path / "nowhere", "--index", settings.index)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"错误：路径不存在：{tmp_path / 'nowhere'}。 下一步：检查路径；不带参数时读取 corpus/。\n"


@pytest.mark.parametrize(
    ("arguments", "code", "counts"),
    [
        pytest.param([], 0, "新增 0，更新 0，移除 0，未变 2，拒绝 0。", id="nothing-to-do"),
        pytest.param(["--strict"], 0, "新增 0，更新 0，移除 0，未变 2，拒绝 0。", id="strict-without-refusals"),
        pytest.param(["--rebuild"], 0, "新增 2，更新 0，移除 0，未变 0，拒绝 0。", id="rebuild"),
    ],
)
def test_command_reports_and_returns(
    corpus: Path, settings: Settings, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, counts: str
) -> None:
    ingest([corpus], settings)
    assert main([str(corpus), "--index", str(settings.index), *arguments]) == code
    assert capsys.readouterr().out.splitlines()[1] == counts


def test_command_names_ten_documents_at_most(
    corpus: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(10, 20):
        (corpus / f"{number}.md").write_text(law(f"n{number}"), "utf-8")
    main([str(corpus), "--index", str(settings.index)])
    assert capsys.readouterr().out.splitlines()[2] == "新增：a、b、n10、n11、n12、n13、n14、n15、n16、n17 等"


def test_prior_of_untouched_documents_is_taken_over_and_of_others_made_anew(corpus: Path, settings: Settings) -> None:
    ingest([corpus], settings)
    before = open_index(settings).prior.tolist()
    (corpus / "first.md").write_text(law("A", "图纸归设计者，著作权也归设计者。"), "utf-8")
    (corpus / "b.md").write_text(law("b", "报税表格由海关总署制定格式。"), "utf-8")
    ingest([corpus], settings)
    after = open_index(settings).prior.tolist()
    assert after[2:4] == before[:2]
    assert after[4] != before[2]
    ingest([corpus], settings, rebuild=True)
    assert open_index(settings).prior.tolist() == pytest.approx(after)
