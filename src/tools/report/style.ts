/** The page's style sheet: light or dark like the reader's system, readable without colours. */
export const STYLE: string = `
:root {
  color-scheme: light dark;
  --ground: #ffffff; --panel: #f6f8fa; --line: #d0d7de; --text: #1f2328; --dim: #57606a;
  --good: #1a7f37; --bad: #cf222e; --warn: #9a6700; --call: #0969da; --check: #8250df;
  --stopped: #6e7781; --moving-a: #d4a72c; --moving-b: #bf8700; --on: #ffffff; --session: #0969da14;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0d1117; --panel: #161b22; --line: #30363d; --text: #e6edf3; --dim: #9198a1;
    --good: #3fb950; --bad: #f85149; --warn: #d29922; --call: #388bfd; --check: #a371f7;
    --stopped: #8b949e; --moving-a: #9e6a03; --moving-b: #bb8009; --on: #0d1117; --session: #388bfd1f;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 1240px; padding: 24px 20px 48px; background: var(--ground);
  color: var(--text); font: 15px/1.5 system-ui, "Segoe UI", sans-serif;
}
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 20px; margin: 40px 0 8px; overflow-wrap: anywhere; }
.dim { color: var(--dim); }
.verdict {
  border-left: 6px solid var(--dim); background: var(--panel); padding: 10px 14px; margin: 12px 0;
  font-size: 18px; overflow-wrap: anywhere;
}
.verdict p { margin: 0; }
.verdict.good { border-color: var(--good); }
.verdict.bad { border-color: var(--bad); }
.verdict.warn { border-color: var(--warn); }
.verdict.bad p:first-child { color: var(--bad); font-weight: 600; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 18px; margin: 12px 0; }
dt { color: var(--dim); }
dd { margin: 0; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
svg { display: block; width: 100%; min-width: 860px; height: auto; margin: 12px 0 4px; font: 12px system-ui, "Segoe UI", sans-serif; }
svg text { fill: var(--text); }
.even { fill: var(--panel); } .odd { fill: none; }
.grid { stroke: var(--line); } .tick, .break-label { text-anchor: middle; fill: var(--dim); }
.break-label { font-style: italic; }
.break { fill: var(--ground); opacity: .8; } .zigzag { fill: none; stroke: var(--dim); }
.session { fill: var(--session); stroke: var(--call); stroke-dasharray: 3 3; }
.session.abandoned, .session.recovered { stroke: var(--warn); }
.session-label { font-weight: 600; }
.session-label.abandoned, .session-label.recovered { fill: var(--warn); }
.bar.process { fill: var(--dim); } .bar.running { fill: var(--good); }
.bar.call { fill: var(--call); } .bar.check { fill: var(--check); }
.bar.stopped { fill: var(--stopped); } .bar.moving { fill: var(--moving); }
.bar.failed, .bar.left-stopped { fill: var(--bad); }
.moving-ground { fill: var(--moving-a); } .moving-stripe { fill: var(--moving-b); }
svg text.on { fill: var(--on); font-weight: 600; }
svg text.on.moving { fill: #1f2328; } svg text.on.check { fill: var(--text); }
svg text.beside.failed, svg text.cross { fill: var(--bad); font-weight: 600; }
svg text.before { text-anchor: end; }
svg text.cross, svg text.sign { text-anchor: middle; }
.mark.info { fill: var(--dim); } .mark.warn { fill: var(--warn); } .mark.error { fill: var(--bad); }
svg text.sign { fill: var(--on); font-size: 10px; font-weight: 700; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 0 0 16px; padding: 0; list-style: none; font-size: 13px; color: var(--dim); }
.legend span { display: inline-block; width: 22px; height: 12px; margin-right: 6px; vertical-align: -1px; border-radius: 2px; }
.legend .running { height: 5px; vertical-align: 2px; background: var(--good); }
.legend .moving { background: repeating-linear-gradient(45deg, var(--moving-a) 0 4px, var(--moving-b) 4px 8px); }
.legend .stopped { background: var(--stopped); } .legend .failed { background: var(--bad); }
.legend .call { background: var(--call); } .legend .check { background: var(--check); }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th { text-align: left; color: var(--dim); font-weight: 600; }
th, td { border-bottom: 1px solid var(--line); padding: 5px 10px 5px 0; vertical-align: top; }
td { overflow-wrap: break-word; max-width: 24em; } td.text { white-space: pre-wrap; max-width: 40em; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.result { min-width: 12em; overflow-wrap: anywhere; }
.time, .step { white-space: nowrap; }
details { font-weight: 400; } details pre { margin: 4px 0 0; white-space: pre-wrap; font-size: 12px; }
tr.failed td { background: color-mix(in srgb, var(--bad) 12%, transparent); }
tr.failed .result, tr.failed .text { color: var(--bad); font-weight: 600; }
@media print { body { max-width: none; padding: 0; } svg { min-width: 0; } }
`;
