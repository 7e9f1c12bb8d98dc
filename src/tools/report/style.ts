/** The page's style sheet: light or dark like the reader's system, readable without colours. */
export const STYLE: string = `
:root {
  color-scheme: light dark;
  --ground: #ffffff; --panel: #f6f8fa; --line: #d0d7de; --text: #1f2328; --dim: #57606a;
  --good: #1a7f37; --bad: #cf222e; --warn: #9a6700; --call: #0969da; --check: #8250df;
  --stopped: #6e7781; --moving-a: #d4a72c; --moving-b: #bf8700; --stripe: #8c959f1a; 
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0d1117; --panel: #161b22; --line: #30363d; --text: #e6edf3; --dim: #9198a1;
    --good: #3fb950; --bad: #f85149; --warn: #d29922; --call: #388bfd; --check: #a371f7;
    --stopped: #8b949e; --moving-a: #9e6a03; --moving-b: #bb8009; --stripe: #8b949e1a; 
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
.index { list-style: none; padding: 0; margin: 16px 0; border-top: 1px solid var(--line); }
.index li { display: grid; grid-template-columns: 1.6em 19em 1fr; gap: 0 8px; padding: 5px 0; border-bottom: 1px solid var(--line); }
.index a { color: inherit; } .index bdi { overflow-wrap: anywhere; }
.index .sign { font-weight: 700; text-align: center; }
.good .sign { color: var(--good); } .warn .sign { color: var(--warn); } .bad .sign { color: var(--bad); }
.drawing { position: relative; margin: 12px 0 4px; font-size: 12px; line-height: 20px; }
.lane, .axis { display: grid; grid-template-columns: 200px 1fr; column-gap: 18px; }
.lane { padding: 4px 24px 4px 8px; position: relative; }
.lane:nth-child(odd) { background: var(--stripe); }
.name { overflow-wrap: anywhere; }
.bad > .name { color: var(--bad); font-weight: 600; }
.track { position: relative; height: 20px; align-self: center; }
.axis { padding: 2px 24px 0 8px; } .axis .track { grid-column: 2; height: 40px; }
.ground { position: absolute; inset: 0 24px 42px 226px; }
.grid { position: absolute; top: 0; bottom: 0; border-left: 1px solid var(--line); }
.break {
  position: absolute; top: 0; bottom: 0; border: dotted var(--dim); border-width: 0 1px;
  background: repeating-linear-gradient(135deg, transparent 0 5px, var(--line) 5px 6px);
}
.tick, .break-label { position: absolute; top: 0; white-space: nowrap; transform: translateX(-50%); color: var(--dim); }
.break-label { top: 20px; font-style: italic; } .only-narrow { display: none; }
.bar { position: absolute; top: 1px; height: 18px; min-width: 3px; border-left: 3px solid; border-radius: 2px; }
.bar.session { top: 4px; height: 12px; border-color: var(--call); background: color-mix(in srgb, var(--call) 16%, var(--ground)); }
.bar.process { top: 15px; height: 4px; border-color: var(--dim); background: var(--dim); }
.bar.lost { top: 15px; height: 4px; border-color: var(--bad); background: var(--dim); }
.bar.running { top: 8px; height: 5px; border-color: var(--good); background: var(--good); }
.bar.call { border-color: var(--call); background: color-mix(in srgb, var(--call) 30%, var(--ground)); }
.bar.check { top: 14px; height: 6px; border-color: var(--check); background: color-mix(in srgb, var(--check) 40%, var(--ground)); }
.bar.stopped { border-color: var(--stopped); background: color-mix(in srgb, var(--stopped) 30%, var(--ground)); }
.bar.moving { border-color: var(--moving-b); background: repeating-linear-gradient(45deg, var(--moving-a) 0 4px, var(--moving-b) 4px 8px); }
.bar.failed, .bar.left-stopped { border-color: var(--bad); background: color-mix(in srgb, var(--bad) 30%, var(--ground)); }
.label { position: absolute; top: 0; height: 20px; padding: 0 2px 0 6px; overflow: hidden; }
.label.end { text-align: right; }
/* A text that does not fit breaks to the next line, which is hidden: whole words or none. */
.label::before { content: ""; display: inline-block; }
.label.failed, .label.left-stopped, .label.lost { font-weight: 600; }
.mark {
  position: absolute; top: 2px; width: 16px; height: 16px; margin-left: -8px; border-radius: 8px;
  background: var(--dim); color: var(--ground); font-size: 11px; line-height: 16px; font-weight: 700; text-align: center;
}
.mark.warn { background: var(--warn); } .mark.error { background: var(--bad); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 0 0 16px; padding: 0; list-style: none; font-size: 13px; color: var(--dim); }
.legend span { display: inline-block; width: 22px; height: 12px; margin-right: 6px; vertical-align: -1px; border-radius: 2px; }
.legend .running { height: 5px; vertical-align: 2px; background: var(--good); }
.legend .moving { background: repeating-linear-gradient(45deg, var(--moving-a) 0 4px, var(--moving-b) 4px 8px); }
.legend .stopped { background: var(--stopped); } .legend .failed { background: var(--bad); }
.legend .call { background: var(--call); } .legend .check { height: 7px; background: var(--check); }
.legend .break { position: static; border: 1px dotted var(--dim); }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th { text-align: left; color: var(--dim); font-weight: 600; }
th, td { border-bottom: 1px solid var(--line); padding: 5px 10px 5px 0; vertical-align: top; }
td { overflow-wrap: anywhere; } td.text { white-space: pre-wrap; }
td.subject, td.text { min-width: 8em; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.result { min-width: 10em; }
.time, .step { white-space: nowrap; }
details { font-weight: 400; } details pre { margin: 4px 0 0; white-space: pre-wrap; overflow-wrap: anywhere; font-size: 12px; }
tr.failed td { background: color-mix(in srgb, var(--bad) 12%, transparent); }
tr.failed .result, tr.failed .text { color: var(--bad); } tr.failed .step { font-weight: 600; }
@media (max-width: 1059px) { .only-wide { display: none; } .only-narrow { display: block; } }
@media (max-width: 700px) {
  body { padding: 16px 14px 32px; } h1 { font-size: 22px; } h2 { font-size: 18px; margin-top: 28px; }
  .verdict { font-size: 16px; } dl { grid-template-columns: 1fr; } dd { margin-bottom: 6px; }
  .index li { grid-template-columns: 1.6em 1fr; } .index bdi { grid-column: 2; }
  .lane, .axis { grid-template-columns: 1fr; padding-left: 10px; padding-right: 22px; }
  .name { justify-self: start; background: var(--ground); padding: 0 4px; border-radius: 3px; }
  .axis .track { grid-column: 1; } .ground { left: 10px; right: 22px; }
  table, tbody, tr, td { display: block; max-width: none; } thead, td.at, td.empty { display: none; }
  tr { padding: 6px 0 6px 10px; border-bottom: 1px solid var(--line); }
  td, td.text { border: 0; padding: 0; max-width: none; overflow-wrap: anywhere; }
  td.time, td.took, td.step { display: inline; padding-right: 10px; } td.step { font-weight: 600; }
  td.time { color: var(--dim); }
  tr.failed { background: color-mix(in srgb, var(--bad) 12%, transparent); } tr.failed td { background: none; }
}
@media print { body { max-width: none; padding: 0; } }
`;
