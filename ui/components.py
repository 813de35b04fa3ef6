"""The pieces of the page that need JavaScript. Their data is escaped where it is made (``document_html``)."""

from __future__ import annotations

import streamlit as st

_CLICKS_JS = """
export default function ({ data, setTriggerValue }) {
  const onClick = (event) => {
    const link = event.target.closest?.(`a[href^="${data.anchor}"]`);
    if (!link) return;
    event.preventDefault();
    event.stopPropagation();
    setTriggerValue("cited", link.getAttribute("href").slice(data.anchor.length));
  };
  document.addEventListener("click", onClick, true);
  return () => document.removeEventListener("click", onClick, true);
}
"""

_COOKIES_JS = """
export default function ({ data }) {
  const year = 365 * 24 * 3600;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  for (const [name, value] of Object.entries(data.values))
    document.cookie = `${name}=${value}; Path=/; Max-Age=${year}; SameSite=Strict${secure}`;
}
"""

_THEME_JS = """
export default function ({ data, parentElement }) {
  if (!data.theme || parentElement.dataset.theme === data.theme) return;
  parentElement.dataset.theme = data.theme;
  // Where Streamlit looks for the theme that was chosen; it has one place for each page's address.
  const name = { system: "System", light: "Light", dark: "Dark" }[data.theme];
  const keys = data.paths.map((path) => `stActiveTheme-${path}-v2`);
  if (keys.every((key) => localStorage.getItem(key) === JSON.stringify(name))) return;
  for (const key of keys) localStorage.setItem(key, JSON.stringify(name));
  location.reload();
}
"""

_NEWEST_JS = """
export default function ({ data, parentElement }) {
  if (parentElement.dataset.shown === data.shown) return;
  parentElement.dataset.shown = data.shown;
  const main = document.querySelector("main");
  const until = performance.now() + 800;
  const gestures = ["wheel", "pointerdown", "keydown"];
  let isReading = false;
  const stop = (event) => { isReading ||= event.isTrusted; };
  for (const kind of gestures) addEventListener(kind, stop, { capture: true });
  const hold = () => {
    if (isReading || performance.now() > until) {
      for (const kind of gestures) removeEventListener(kind, stop, { capture: true });
      return;
    }
    document.querySelector(data.selector)?.scrollIntoView({ block: "start" });
    // Streamlit scrolls a chat to its bottom; a wheel event stops that, a scroll event tells it where the page is now.
    main?.dispatchEvent(new WheelEvent("wheel"));
    main?.dispatchEvent(new Event("scroll"));
    requestAnimationFrame(hold);
  };
  hold();
}
"""

_SOURCE_HTML = """
<section class="view" aria-label="出处">
  <header class="head"></header>
  <button class="close" type="button">关闭</button>
  <div class="document" tabindex="0"></div>
</section>
"""

_SOURCE_CSS = """
.view {
  position: relative; display: flex; flex-direction: column; height: calc(100dvh - 13.5rem); min-height: 18rem;
  color: #24272b; font-family: var(--st-font); font-size: .93rem; line-height: 1.8;
}
.head { border-bottom: 1px solid #dfdbd1; padding-bottom: .6rem; margin-bottom: .6rem; }
.head p { margin: 0; font-size: .82rem; line-height: 1.65; color: #667079; }
.head p.title { font-size: 1rem; font-weight: 600; color: #24272b; padding-right: 3.5rem; }
.head p.label { font-size: .9rem; color: #24272b; }
.head a { color: #2f5d8a; }
.close {
  position: absolute; top: 0; right: 0; font: inherit; font-size: .85rem; cursor: pointer; color: #2f5d8a;
  background: #fff; border: 1px solid #dfdbd1; border-radius: .4rem; padding: .05rem .6rem;
}
.close:hover, .close:focus-visible { border-color: #2f5d8a; }
.document { flex: 1; min-height: 0; overflow: auto; position: relative; overflow-wrap: anywhere; }
.document h2, .document h3, .document h4 { font-size: 1rem; margin: 1.1em 0 .3em; color: #3d4a57; }
.document h2:first-child { margin-top: 0; }
.document p { margin: 0 0 .6em; white-space: pre-wrap; }
.document p.note {
  font-size: .84rem; line-height: 1.65; color: #667079; border-left: 2px solid #dfdbd1; padding-left: .7em;
}
.document mark { background: #ffe9a8; color: inherit; padding: .12em 0; }
.document table { border-collapse: collapse; font-size: .84rem; line-height: 1.6; }
.document td, .document th {
  border: 1px solid #dfdbd1; padding: .3em .5em; text-align: left; vertical-align: top;
}
@media (max-width: 1100px) { .view { height: calc(100dvh - 2.4rem); } }
"""

_SOURCE_JS = """
export default function ({ data, parentElement, setTriggerValue }) {
  const box = parentElement.querySelector(".document");
  parentElement.querySelector(".close").onclick = () => setTriggerValue("closed", true);
  if (box.dataset.place === data.place) return;
  box.dataset.place = data.place;
  parentElement.querySelector(".head").innerHTML = data.head;
  box.innerHTML = data.text;
  const mark = box.querySelector("mark");
  requestAnimationFrame(() => {
    box.scrollTop = 0;
    const top = (element) => element.getBoundingClientRect().top;
    if (mark) box.scrollTop = top(mark) - top(box) - box.clientHeight / 4;
  });
}
"""

clicks = st.components.v2.component("aigc_law_clicks", js=_CLICKS_JS, isolate_styles=False)
"""Hears clicks on links that begin with ``data["anchor"]``; ``cited`` is the rest of the link, for one run."""

cookies = st.components.v2.component("aigc_law_cookies", js=_COOKIES_JS, isolate_styles=False)
"""Has the browser keep ``data["values"]`` for a year; values are of characters that a cookie may have."""

switch_theme = st.components.v2.component("aigc_law_theme", js=_THEME_JS, isolate_styles=False)
"""Chooses ``data["theme"]`` (system, light, dark) for the pages at ``data["paths"]`` and reloads where that changes anything."""

newest = st.components.v2.component("aigc_law_newest", js=_NEWEST_JS, isolate_styles=False)
"""Brings ``data["selector"]`` to the top of the page whenever ``data["shown"]`` changes."""

source_view = st.components.v2.component("aigc_law_source", html=_SOURCE_HTML, css=_SOURCE_CSS, js=_SOURCE_JS)
"""A document: ``data["head"]`` above ``data["text"]``, scrolled to its mark; ``closed`` is triggered by its button."""
