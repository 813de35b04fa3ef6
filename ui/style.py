"""How the page looks, and the two pieces of JavaScript it needs. Nothing is loaded from outside."""

from __future__ import annotations

import streamlit as st

CSS = """
<style>
html { --ink: #24272b; --quiet: #667079; --line: #dfdbd1; --accent: #2f5d8a; --mark: #ffe9a8; }
.stMainBlockContainer { max-width: 1280px; padding: 2.2rem 2rem 7rem; }
.stMainBlockContainer p, .stMainBlockContainer li { line-height: 1.8; }
.st-key-chat { max-width: 46rem; margin: 0 auto; }
.st-key-page h1 { font-size: 1.5rem; padding: 0 0 .2rem; }
a[href^="#cite-"] { text-decoration: none; font-size: .8em; font-weight: 600; padding: .05em .3em; margin: 0 .1em; border-radius: .35em;
  background: #e6edf4; color: var(--accent); white-space: nowrap; }
a[href^="#cite-"]:hover, a[href^="#cite-"]:focus-visible { background: var(--accent); color: #fff; }
[class*="st-key-citation-"] { border-left: 2px solid var(--line); padding: 0 0 .1rem .8rem; }
[class*="st-key-quote-"] p { color: #4a5056; font-size: .9rem; line-height: 1.65; }
[class*="st-key-refusal-"], [class*="st-key-failure-"], [class*="st-key-warning-"] { border-radius: .5rem; padding: .8rem 1rem; }
[class*="st-key-refusal-"] { background: #f6f0e1; border: 1px solid #e6d9b8; }
[class*="st-key-failure-"] { background: #f1efe9; border: 1px solid var(--line); }
[class*="st-key-warning-"] { background: #f3f5f7; border: 1px solid #dde3e9; }
.stMainBlockContainer blockquote { border-left: 3px solid #d9b65c; background: #faf5e6; padding: .4rem .9rem; border-radius: 0 .4rem .4rem 0; }
.stMainBlockContainer [data-testid="stColumn"]:has(.st-key-source) { position: sticky; top: 3.6rem; align-self: flex-start; }
.st-key-source { background: #fff; border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.1rem; }
.st-key-source-hint { color: var(--quiet); border: 1px dashed var(--line); border-radius: .6rem; padding: 1.2rem; margin-top: .6rem; }
@media (max-width: 1000px) {
  .stMainBlockContainer { padding: 3.2rem 1rem 7rem; }
  .stMainBlockContainer [data-testid="stColumn"]:has(.st-key-source) { position: fixed; inset: 0; z-index: 999991; width: 100%; max-width: none;
    background: #fff; padding: .6rem; overflow: auto; }
  .st-key-source-hint { display: none; }
}
</style>
"""

_CLICKS_JS = """
export default function ({ data, parentElement, setTriggerValue }) {
  const anchor = data.anchor;
  const onClick = (event) => {
    const link = event.target.closest && event.target.closest(`a[href^="${anchor}"]`);
    if (!link) return;
    event.preventDefault();
    event.stopPropagation();
    setTriggerValue("cited", link.getAttribute("href").slice(anchor.length));
  };
  document.addEventListener("click", onClick, true);
  return () => document.removeEventListener("click", onClick, true);
}
"""

_TEXT_CSS = """
.document { height: calc(100dvh - 24rem); min-height: 16rem; overflow: auto; position: relative; font-size: .93rem; line-height: 1.85;
  color: #24272b; font-family: var(--st-font); overflow-wrap: anywhere; }
.document h2, .document h3, .document h4 { font-size: 1rem; margin: 1.2em 0 .3em; color: #3d4a57; }
.document h3 { font-size: 1.02rem; }
.document p { margin: 0 0 .6em; white-space: pre-wrap; }
.document p.note { font-size: .85rem; color: #667079; border-left: 2px solid #dfdbd1; padding-left: .7em; }
.document mark { background: #ffe9a8; color: inherit; padding: .1em 0; box-decoration-break: clone; }
.document table { border-collapse: collapse; font-size: .85rem; }
.document td, .document th { border: 1px solid #dfdbd1; padding: .3em .5em; text-align: left; vertical-align: top; }
"""

_TEXT_JS = """
export default function ({ data, parentElement }) {
  const box = parentElement.querySelector(".document");
  if (box.dataset.place === data.place) return;
  box.dataset.place = data.place;
  box.innerHTML = data.html;
  box.tabIndex = 0;
  const mark = box.querySelector("mark");
  requestAnimationFrame(() => { box.scrollTop = mark ? mark.offsetTop - box.clientHeight / 4 : 0; });
}
"""

clicks = st.components.v2.component("aigc_law_clicks", js=_CLICKS_JS, isolate_styles=False)
"""Hears clicks on ``[n]`` anywhere on the page; ``result.cited`` is ``TURN-N``."""

document_text = st.components.v2.component(
    "aigc_law_document", html='<div class="document"></div>', css=_TEXT_CSS, js=_TEXT_JS
)
"""A document's HTML (escaped by ``document_html``), scrolled to its highlighted place."""
