"""How the page looks. Nothing is loaded from outside."""

CSS = """
<style>
html, .stApp, [data-baseweb="layer"] {
  --ink: light-dark(#24272b, #e6e4df); --quiet: light-dark(#5d666f, #9aa3ab); --line: light-dark(#dfdbd1, #3a3f45);
  --accent: light-dark(#2f5d8a, #8ab4e0); --paper: light-dark(#ffffff, #1d2125); --tint: light-dark(#e6edf4, #263340);
  --warn: light-dark(#f6f0e1, #3a3222); --warn-line: light-dark(#e6d9b8, #5c4f2e); --mark: light-dark(#ffe9a8, #5b4a12);
  --on-accent: light-dark(#ffffff, #15181b);
}
.stMainBlockContainer, [data-testid="stBottomBlockContainer"] { max-width: 1280px; padding-inline: 2rem; }
.stMainBlockContainer { padding-top: 2.6rem; padding-bottom: 6rem; }
[data-testid="stBottomBlockContainer"] { padding-bottom: 1.6rem; }
.stMainBlockContainer p, .stMainBlockContainer li { line-height: 1.8; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; color: var(--quiet); font-size: .85rem; }
.st-key-settings { max-width: 46rem; }
.stMainBlockContainer .stMarkdown:has(table) { overflow-x: auto; }
[class*="st-key-answer-"] th, [class*="st-key-answer-"] td { vertical-align: top; min-width: 7rem; line-height: 1.65; }
[class*="st-key-answer-"] td:first-child, [class*="st-key-answer-"] th:first-child { min-width: 4.5rem; }
[data-testid="stChatMessage"] .stHorizontalBlock:has([class*="st-key-edit-"]) { flex-wrap: nowrap; }
[data-testid="stChatMessage"] .stHorizontalBlock:has([class*="st-key-edit-"]) > div:first-child { min-width: 0; }
[class*="st-key-welcome"] { scroll-margin-top: 3.8rem; }
[class*="st-key-actions-"] button, [class*="st-key-edit-"] button, [class*="st-key-more-"] button { color: var(--quiet); }
[class*="st-key-kept-"] { flex-wrap: nowrap; }
[class*="st-key-kept-"] button p { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.st-key-welcome { max-width: 46rem; margin: 0 auto; }
.stMainBlockContainer h1 { font-size: 1.75rem; }
.stMainBlockContainer h3 { font-size: 1.2rem; }
[class*="st-key-example-"] button, [class*="st-key-example-"] button > div {
  justify-content: flex-start; text-align: left;
}

a[href^="#cite-"] {
  text-decoration: none; font-size: .8em; font-weight: 600; white-space: nowrap;
  padding: .05em .3em; margin: 0 .1em; border-radius: .35em; background: var(--tint); color: var(--accent);
}
a[href^="#cite-"]:hover, a[href^="#cite-"]:focus-visible { background: var(--accent); color: var(--on-accent); }
[class*="st-key-turn-"] { scroll-margin-top: 3.8rem; }
.stApp button[kind="primary"], .stApp button[kind="primary"] p { color: var(--on-accent); }
[class*="st-key-citation-"] { border-left: 2px solid var(--line); padding-left: .8rem; }
[class*="st-key-quote-"] table { font-size: .85rem; }
[class*="st-key-quote-"] p { color: var(--quiet); font-size: .9rem; line-height: 1.65; }
[class*="st-key-refusal-"], [class*="st-key-failure-"], [class*="st-key-warning-"], .st-key-notice {
  border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1rem; background: var(--tint);
}
[class*="st-key-refusal-"], .st-key-notice { background: var(--warn); border-color: var(--warn-line); }
.stMainBlockContainer blockquote {
  border-left: 3px solid #d9b65c; background: var(--warn); border-radius: 0 .4rem .4rem 0; padding: .4rem .9rem;
  color: var(--ink); opacity: 1;
}
.stMainBlockContainer blockquote p { color: var(--ink); font-size: .9rem; line-height: 1.7; opacity: 1; }

[data-testid="stColumn"]:has(.st-key-source, .st-key-source-hint) {
  position: sticky; top: 3.8rem; align-self: flex-start;
}
.st-key-source { background: var(--paper); border: 1px solid var(--line); border-radius: .6rem; padding: .9rem 1rem; }
.st-key-documents { max-width: 52rem; }
.st-key-documents h1 { font-size: 1.75rem; }
.st-key-documents h3 { font-size: 1.15rem; }
[class*="st-key-own-upload-"] [data-testid="stFileUploaderDropzoneInstructions"] { display: none; }
.st-key-own-upload-zh [data-testid="stFileUploaderDropzone"] button p { font-size: 0; }
.st-key-own-upload-zh [data-testid="stFileUploaderDropzone"] button p::after { content: "选择文件"; font-size: .9rem; }
@media (max-width: 640px) { .st-key-own-scope-here > .stElementContainer:first-child { display: none; } }
.st-key-source-hint { border: 1px dashed var(--line); border-radius: .6rem; padding: 1.1rem; }
@media (max-width: 1100px) {
  .stMainBlockContainer, [data-testid="stBottomBlockContainer"] { padding-inline: 1rem; }
  .stMainBlockContainer { padding-top: 3.4rem; }
  .stMainBlockContainer [data-testid="stHorizontalBlock"]:has(> [data-testid="stColumn"] .st-key-dialogue) {
    flex-direction: column;
  }
  [data-testid="stColumn"]:has(.st-key-dialogue) { width: 100%; flex: 1 1 100%; }
  [data-testid="stColumn"]:has(.st-key-source) {
    position: fixed; inset: 0; z-index: 999999; width: 100%; max-width: none; background: var(--paper); overflow: auto;
  }
  .st-key-source { border: none; }
  [data-testid="stColumn"]:has(.st-key-source-hint) { display: none; }
}

.stHtml ul.library-tiles { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .6rem; }
.library-tiles li {
  margin: 0; flex: 1 1 5.6rem; display: flex; flex-direction: column; background: var(--paper); border: 1px solid var(--line);
  border-radius: .6rem; padding: .5rem .65rem; line-height: 1.45;
}
.library-tiles b { font-size: 1.35rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.library-tiles span { font-size: .85rem; }
.library-tiles small { font-size: .78rem; color: var(--quiet); min-height: 1.1em; }
.library-table { overflow-x: auto; }
.library-table table { border-collapse: collapse; font-size: .85rem; white-space: nowrap; }
.library-table td, .library-table th {
  text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); font-variant-numeric: tabular-nums;
}
.library-table th { color: var(--quiet); font-weight: 500; }
.library-gaps { font-size: .85rem; line-height: 1.7; color: var(--quiet); padding-left: 1.2em; max-height: 18rem; overflow: auto; }
.st-key-library-filters > div { flex: 1 1 11rem; min-width: 9rem; }
[class*="st-key-library-row-"], [class*="st-key-library-hit-"]:not(.stElementContainer) {
  border-bottom: 1px solid var(--line); padding-bottom: .7rem; gap: .1rem;
}
[class*="st-key-library-row-"] p, [class*="st-key-library-hit-"] .stMarkdown p { font-size: .86rem; color: var(--quiet); }
[class*="st-key-library-open-"] button, [class*="st-key-library-hit-open-"] button, [class*="st-key-library-stance-"] button {
  text-align: left; justify-content: flex-start; color: var(--accent);
}
[class*="st-key-library-open-"] button p, [class*="st-key-library-hit-open-"] button p { font-size: 1rem; font-weight: 600; color: var(--accent); }
[class*="st-key-library-side-"] {
  background: var(--paper); border: 1px solid var(--line); border-radius: .6rem; padding: .8rem 1rem; gap: .35rem;
}
.st-key-library-timeline, .st-key-library-issue-chart { overflow-x: auto; }
.st-key-library-timeline > div { min-width: 600px; }
.st-key-library-steps button { padding-inline: .55rem; }
@media (max-width: 640px) {
  .st-key-library-steps [data-testid="stIconMaterial"] { display: none; }
  .st-key-library-steps button { padding-inline: .45rem; }
}
.st-key-library-issue-chart > div { min-width: 780px; }
@media (max-width: 640px) { .st-key-library-issue-map { display: none; } }
</style>
"""
