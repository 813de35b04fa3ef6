"""How the page looks. Nothing is loaded from outside."""

CSS = """
<style>
html { --ink: #24272b; --quiet: #667079; --line: #dfdbd1; --accent: #2f5d8a; }
.stMainBlockContainer, [data-testid="stBottomBlockContainer"] { max-width: 1280px; padding-inline: 2rem; }
.stMainBlockContainer { padding-top: 2.6rem; padding-bottom: 6rem; }
[data-testid="stBottomBlockContainer"] { padding-bottom: 1.6rem; }
.stMainBlockContainer p, .stMainBlockContainer li { line-height: 1.8; }
.st-key-welcome { max-width: 46rem; margin: 0 auto; }
.st-key-welcome h1 { font-size: 1.75rem; }
[class*="st-key-example-"] button, [class*="st-key-example-"] button > div {
  justify-content: flex-start; text-align: left;
}

a[href^="#cite-"] {
  text-decoration: none; font-size: .8em; font-weight: 600; white-space: nowrap;
  padding: .05em .3em; margin: 0 .1em; border-radius: .35em; background: #e6edf4; color: var(--accent);
}
a[href^="#cite-"]:hover, a[href^="#cite-"]:focus-visible { background: var(--accent); color: #fff; }
[class*="st-key-turn-"] { scroll-margin-top: 3.8rem; }
[class*="st-key-citation-"] { border-left: 2px solid var(--line); padding-left: .8rem; }
[class*="st-key-quote-"] table { font-size: .85rem; }
[class*="st-key-quote-"] p { color: #4a5056; font-size: .9rem; line-height: 1.65; }
[class*="st-key-refusal-"], [class*="st-key-failure-"], [class*="st-key-warning-"] {
  border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1rem; background: #f1efe9;
}
[class*="st-key-refusal-"] { background: #f6f0e1; border-color: #e6d9b8; }
[class*="st-key-warning-"] { background: #f3f5f7; border-color: #dde3e9; }
.stMainBlockContainer blockquote {
  border-left: 3px solid #d9b65c; background: #faf5e6; border-radius: 0 .4rem .4rem 0; padding: .4rem .9rem;
  color: #4a4431; opacity: 1;
}
.stMainBlockContainer blockquote p { color: #4a4431; font-size: .9rem; line-height: 1.7; opacity: 1; }

[data-testid="stColumn"]:has(.st-key-source, .st-key-source-hint) {
  position: sticky; top: 3.8rem; align-self: flex-start;
}
.st-key-source { background: #fff; border: 1px solid var(--line); border-radius: .6rem; padding: .9rem 1rem; }
.st-key-source-hint { border: 1px dashed #cfcabe; border-radius: .6rem; padding: 1.1rem; }
@media (max-width: 1100px) {
  .stMainBlockContainer, [data-testid="stBottomBlockContainer"] { padding-inline: 1rem; }
  .stMainBlockContainer { padding-top: 3.4rem; }
  .stMainBlockContainer [data-testid="stHorizontalBlock"]:has(> [data-testid="stColumn"] .st-key-dialogue) {
    flex-direction: column;
  }
  [data-testid="stColumn"]:has(.st-key-dialogue) { width: 100%; flex: 1 1 100%; }
  [data-testid="stColumn"]:has(.st-key-source) {
    position: fixed; inset: 0; z-index: 999999; width: 100%; max-width: none; background: #fff; overflow: auto;
  }
  .st-key-source { border: none; }
  [data-testid="stColumn"]:has(.st-key-source-hint) { display: none; }
}
</style>
"""
