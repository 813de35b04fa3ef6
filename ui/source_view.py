"""The browser's side of the source view: one component, in which jumps within a document cost no run of the page.

Its HTML is made, and escaped, in ``source_data``. Colours are the page's (``style``).
"""

from __future__ import annotations

import streamlit as st

from ui.words import say

_HTML = """
<section class="view">
  <div class="bar">
    <button class="back" type="button" data-say="back" hidden></button>
    <button class="close" type="button" data-say="close"></button>
  </div>
  <header class="head"></header>
  <div class="tools">
    <div class="jump" hidden>
      <select class="contents"></select>
      <button class="previous" type="button" data-label="previous">‹</button>
      <button class="next" type="button" data-label="next">›</button>
    </div>
    <div class="copying">
      <button class="copy" type="button" data-say="copy"></button>
      <button class="copy-quote" type="button" data-say="copy_with_quote" hidden></button>
    </div>
  </div>
  <p class="copied" role="status" hidden></p>
  <details class="related" hidden><summary></summary><div class="links"></div></details>
  <div class="document" tabindex="0" role="region"></div>
</section>
"""

_CSS = """
.view {
  position: relative; display: flex; flex-direction: column; height: calc(100dvh - 13.5rem); min-height: 20rem;
  color: var(--ink); font-family: var(--st-font); font-size: .93rem; line-height: 1.8;
}
[hidden] { display: none !important; }
button, select {
  font: inherit; font-size: .82rem; line-height: 1.5; color: var(--accent); background: var(--paper); cursor: pointer;
  border: 1px solid var(--line); border-radius: .4rem; padding: .15rem .65rem; white-space: nowrap;
}
button:hover, select:hover { border-color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
button:disabled { opacity: .45; cursor: default; border-color: var(--line); }
a { color: var(--accent); }
.bar { display: flex; justify-content: space-between; flex-direction: row-reverse; margin-bottom: .35rem; }
.head p { margin: 0; font-size: .8rem; line-height: 1.65; color: var(--quiet); overflow-wrap: anywhere; }
.head p.title { font-size: 1.02rem; font-weight: 600; line-height: 1.5; color: var(--ink); }
.head p.label { font-size: .88rem; color: var(--ink); }
.head p.badges { display: flex; flex-wrap: wrap; gap: .3rem; margin: .35rem 0; }
.head p.facts span { display: inline-block; }
.head p.moved { color: var(--ink); background: var(--warn); border-radius: .4rem; padding: .2rem .6rem; margin-top: .3rem; }
.badge { font-size: .76rem; line-height: 1.5; padding: .02rem .5rem; border-radius: .35rem; border: 1px solid transparent; }
.badge.authority { background: var(--tint); color: var(--accent); font-weight: 600; }
.badge.plain { border-color: var(--line); color: var(--quiet); }
.badge.warn { background: var(--warn); border-color: var(--warn-line); color: var(--ink); }
.tools {
  display: flex; flex-wrap: wrap; gap: .4rem; align-items: center; justify-content: space-between;
  border-top: 1px solid var(--line); margin-top: .55rem; padding-top: .55rem;
}
.jump { display: flex; gap: .3rem; flex: 1 1 12rem; min-width: 0; }
.contents { flex: 1; min-width: 0; text-overflow: ellipsis; color: var(--ink); }
.copying { display: flex; gap: .3rem; }
.copied {
  margin: .45rem 0 0; font-size: .8rem; line-height: 1.6; color: var(--quiet); overflow-wrap: anywhere; user-select: text;
  max-height: 6.4em; overflow: auto;
}
.related { margin-top: .45rem; font-size: .84rem; }
.related summary { cursor: pointer; color: var(--accent); width: fit-content; border-radius: .3rem; }
.related .links { max-height: 30vh; overflow: auto; padding: .1rem 0 .2rem .9rem; }
.related h4 { margin: .4rem 0 .1rem; font-size: .78rem; font-weight: 500; color: var(--quiet); }
.related ul { margin: 0; padding: 0; list-style: none; }
.related li button {
  border: none; background: none; padding: .1rem 0; text-align: left; white-space: normal; font-size: .84rem;
}
.related li button:hover { text-decoration: underline; }
.document {
  flex: 1; min-height: 0; overflow: auto; position: relative; overflow-wrap: anywhere;
  border-top: 1px solid var(--line); margin-top: .55rem; padding: .7rem .2rem 40% 0;
}
.document h2, .document h3, .document h4 { font-size: 1rem; line-height: 1.6; margin: 1.2em 0 .35em; color: var(--ink); }
.document > :first-child { margin-top: 0; }
.document p { margin: 0 0 .6em; white-space: pre-wrap; }
.document p.note {
  font-size: .84rem; line-height: 1.65; color: var(--quiet); border-left: 2px solid var(--line); padding-left: .7em;
}
.document .here { box-shadow: -.2rem 0 0 var(--accent); padding-left: .6rem; margin-left: .2rem; }
.document mark { background: var(--mark); color: inherit; padding: .12em 0; border-radius: .1em; }
.document table { border-collapse: collapse; font-size: .84rem; line-height: 1.6; }
.document td, .document th { border: 1px solid var(--line); padding: .3em .5em; text-align: left; vertical-align: top; }
@media (max-width: 1100px) { .view { height: calc(100dvh - 2.4rem); } }
@media (max-width: 480px) { .copying { flex: 1 1 100%; } .copying button { flex: 1; } .head p.meaning { font-size: .76rem; } }
"""

_JS = """
export default function ({ data, parentElement, setTriggerValue }) {
  const find = (selector) => parentElement.querySelector(selector);
  const view = find(".view"), box = find(".document"), contents = find(".contents"), copied = find(".copied");
  const say = data.words;
  const isNew = view.dataset.place !== data.place;
  // On the element, as every run of the page calls this function again.
  if (isNew) view.now = { citation: data.citation, quoted: data.quoted, stop: data.current };

  const scrollTo = (element, share) => {
    const top = (one) => one.getBoundingClientRect().top;
    box.scrollTop += top(element) - top(box) - box.clientHeight * share;
  };
  const relate = (html) => {
    find(".links").innerHTML = html;
    const count = find(".links").querySelectorAll("li").length;
    find(".related").hidden = count === 0;
    find(".related summary").textContent = say.related.replace("{n}", count);
  };
  const settle = () => {
    contents.value = String(view.now.stop);
    find(".previous").disabled = view.now.stop <= 0;
    find(".next").disabled = view.now.stop >= data.stops.length - 1;
    find(".copy-quote").hidden = !view.now.quoted;
    copied.hidden = true;
  };
  const jump = (n) => {
    const stop = data.stops[n];
    if (!stop) return settle();
    view.now = { citation: stop.citation, quoted: "", stop: n };
    point(box.querySelector(`[data-at="${stop.at}"]`));
    relate(stop.related);
    settle();
  };
  const point = (element) => {
    for (const one of box.querySelectorAll(".here")) one.classList.remove("here");
    if (!element) return;
    element.classList.add("here");
    scrollTo(element, 0.04);
  };
  const copyByHand = (text) => {  // where the page is served without TLS, browsers have no clipboard
    const area = document.createElement("textarea");
    area.value = text;
    area.style.cssText = "position:fixed;opacity:0";
    document.body.append(area);
    area.select();
    try { return document.execCommand("copy"); } catch { return false; } finally { area.remove(); }
  };
  const copy = async (text, button) => {
    let done = false;
    try { await navigator.clipboard.writeText(text); done = true; } catch { done = copyByHand(text); }
    button.focus({ preventScroll: true });
    copied.textContent = (done ? say.copied : say.not_copied) + text;
    copied.hidden = false;
  };

  // What is heard follows the latest data; what is shown changes only with the place.
  find(".close").onclick = () => setTriggerValue("closed", true);
  find(".back").onclick = () => setTriggerValue("back", true);
  contents.onchange = () => jump(Number(contents.value));
  find(".previous").onclick = () => jump(view.now.stop - 1);
  find(".next").onclick = () => jump(view.now.stop + 1);
  find(".copy").onclick = (event) => copy(view.now.citation, event.currentTarget);
  find(".copy-quote").onclick = (event) => copy(view.now.quoted, event.currentTarget);
  find(".links").onclick = (event) => {
    const link = event.target.closest("[data-open]");
    if (link) setTriggerValue("follow", link.dataset.open);
  };
  view.onkeydown = (event) => {
    if (event.key === "Escape" && event.target !== contents) setTriggerValue("closed", true);
  };
  find(".back").hidden = !data.back;

  if (!isNew) return;
  view.dataset.place = data.place;
  for (const one of parentElement.querySelectorAll("[data-say]")) one.textContent = say[one.dataset.say];
  for (const one of parentElement.querySelectorAll("[data-label]")) {
    one.title = say[one.dataset.label];
    one.setAttribute("aria-label", say[one.dataset.label]);
  }
  view.setAttribute("aria-label", say.view);
  contents.setAttribute("aria-label", say.contents);
  box.setAttribute("aria-label", say.text);
  find(".head").innerHTML = data.head;
  box.innerHTML = data.text;
  find(".related").open = false;
  find(".copying").hidden = !data.citation;
  find(".jump").hidden = data.stops.length < 2;
  contents.replaceChildren(new Option(say.contents, "-1"));
  let group = null;
  for (const [n, stop] of data.stops.entries()) {
    if (stop.group && group?.label !== stop.group) {
      group = document.createElement("optgroup");
      group.label = stop.group;
      contents.append(group);
    }
    (stop.group ? group : contents).append(new Option(stop.label, String(n)));
  }
  relate(data.related);
  settle();
  const mark = box.querySelector("mark");
  requestAnimationFrame(() => {
    box.scrollTop = 0;
    if (mark) scrollTo(mark, 0.25);
    else if (data.at >= 0) point(box.querySelector(`[data-at="${data.at}"]`));
    box.focus({ preventScroll: true });
  });
}
"""

_SAID = (
    "back", "close", "contents", "copied", "copy", "copy_with_quote", "next", "not_copied", "previous", "text", "view",
)  # fmt: skip

source_view = st.components.v2.component("aigc_law_source", html=_HTML, css=_CSS, js=_JS)
"""A document: the fields of ``source_data.View``, ``place`` that tells one view from another, ``back`` (bool) and ``words``.

``closed`` and ``back`` are triggered by buttons, ``follow`` is the document or passage id of a link.
"""


def words() -> dict[str, str]:
    """What the view says itself; the browser fills in how many links there are."""
    return {key: say(f"source.{key}") for key in _SAID} | {"related": say("source.related", n="{n}")}
