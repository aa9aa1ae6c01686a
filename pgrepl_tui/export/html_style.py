"""The look of the page: readable in light and dark, and on paper."""

STYLE = """
:root { color-scheme: light dark; --line: #8886; --dim: #68707a; --good: #22702c; --bad: #b3262c; --warn: #8a5a00; }
@media (prefers-color-scheme: dark) {
  :root { --dim: #98a2ad; --good: #86c08a; --bad: #ee7f82; --warn: #e2b866; }
  body { background: #14181d; color: #d6dae0; }
}
body { font: 16px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.6rem; } h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1.2rem; margin: .6rem 0; }
dt, .dim { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; }
.hosts { display: grid; grid-template-columns: repeat(auto-fit, minmax(24rem, 1fr)); gap: 0 2rem; }
pre, code { font: 13px/1.45 ui-monospace, monospace; overflow-wrap: anywhere; white-space: pre-wrap; }
pre { border: 1px solid var(--line); border-radius: 4px; padding: .5rem .8rem; margin: .5rem 0; }
.diff > * { text-decoration: none; } ins { color: var(--good); } del { color: var(--bad); }
details { margin: .2rem 0 .2rem 1rem; } summary { cursor: pointer; } details.step { margin-left: 0; }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); }
figure { margin: 1rem 0; } figcaption { color: var(--dim); } svg { width: 100%; height: auto; }
@media print { details > * { display: block; } }
"""
