/** The look of the page: dark and light by the reader's choice, and on paper. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1f2328; --paper: #fff; --line: #d1d9e0; --quiet: #59636e; --soft: #f6f8fa;
  --pass: #116329; --fail: #b42318; --open: #8a5a00; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --paper: #0d1117; --line: #3d444d; --quiet: #9198a1; --soft: #161b22;
    --pass: #56d364; --fail: #ff7b72; --open: #e3b341; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 62rem; color: var(--ink); background: var(--paper);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { margin: 0 0 .25rem; font-size: 1.7rem; overflow-wrap: anywhere; }
h2 { margin: 2.2rem 0 .6rem; padding-bottom: .2rem; border-bottom: 1px solid var(--line); font-size: 1.25rem; }
h3 { margin: 1.4rem 0 .4rem; font-size: 1rem; overflow-wrap: anywhere; }
p { margin: .4rem 0; overflow-wrap: anywhere; }
.quiet, figcaption { color: var(--quiet); }
.outcome { font-size: 1.15rem; font-weight: 600; }
.pass { color: var(--pass); } .fail { color: var(--fail); } .open { color: var(--open); }
span.pass, span.fail, span.open, .outcome { font-weight: 600; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: .5rem 0; font-size: .9rem; }
th, td { padding: .3rem .6rem; border: 1px solid var(--line); text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { background: var(--soft); }
figure { margin: 1rem 0; }
figure svg { max-width: 100%; height: auto; }
pre { padding: .7rem; border: 1px solid var(--line); background: var(--soft); font-size: .8rem; white-space: pre-wrap; overflow-wrap: anywhere; }
@media print {
  :root { --ink: #000; --paper: #fff; --line: #999; --quiet: #333; --soft: #fff; --pass: #000; --fail: #000; --open: #000; }
  @page { margin: 15mm; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  h2, h3 { break-after: avoid; }
  figure, tr { break-inside: avoid; }
  thead { display: table-header-group; }
  .wide { overflow: visible; }
}
`;

/** Of a chart in a file of its own, which has no page around it. */
export const CHART_STYLE = `
svg { color: #1f2328; background: #fff; }
@media (prefers-color-scheme: dark) { svg { color: #e6edf3; background: #0d1117; } }
@media print { svg { color: #000; background: #fff; } }
`;
