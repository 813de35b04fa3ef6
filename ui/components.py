"""The pieces of the page that need JavaScript. Their data is escaped where it is made (``document_html``).

Data is flat: for a list or a mapping within it, Streamlit loads pandas to see whether it is a table, which takes longer than the page."""

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
  for (const [name, value] of Object.entries(data))
    document.cookie = `${name}=${value}; Path=/; Max-Age=${year}; SameSite=Strict${secure}`;
}
"""

_THEME_JS = """
export default function ({ data, parentElement }) {
  if (!data.theme || parentElement.dataset.theme === data.theme) return;
  parentElement.dataset.theme = data.theme;
  // Where Streamlit looks for the theme that was chosen; it has one place for each page's address.
  const name = { system: "System", light: "Light", dark: "Dark" }[data.theme];
  const keys = data.paths.split(" ").map((path) => `stActiveTheme-${path}-v2`);
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

clicks = st.components.v2.component("aigc_law_clicks", js=_CLICKS_JS, isolate_styles=False)
"""Hears clicks on links that begin with ``data["anchor"]``; ``cited`` is the rest of the link, for one run."""

cookies = st.components.v2.component("aigc_law_cookies", js=_COOKIES_JS, isolate_styles=False)
"""Has the browser keep ``data`` for a year, name by name; values are of characters that a cookie may have."""

switch_theme = st.components.v2.component("aigc_law_theme", js=_THEME_JS, isolate_styles=False)
"""Chooses ``data["theme"]`` (system, light, dark) for the pages at ``data["paths"]`` (with spaces between) and reloads where that changes anything."""

newest = st.components.v2.component("aigc_law_newest", js=_NEWEST_JS, isolate_styles=False)
"""Brings ``data["selector"]`` to the top of the page whenever ``data["shown"]`` changes."""
