/** How the report looks, on a screen in light and dark and on paper. */

export const reportStyle = `
:root { color-scheme: light dark; --line: light-dark(#d0d7de, #3d444d); --soft: light-dark(#59636e, #9198a1); }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin-bottom: .2rem; }
h2 { font-size: 1.2rem; margin-top: 2.5rem; }
p.soft, figcaption, caption, .soft { color: var(--soft); }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem; }
caption { text-align: left; }
th, td { text-align: left; padding: .3rem .7rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.verdict { border-left: .3rem solid currentColor; padding: .4rem .8rem; }
article { border-top: 1px solid var(--line); padding: 1rem 0; break-inside: avoid; }
article h3 { font-size: 1rem; margin: 0 0 .3rem; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; margin: 0; max-height: 16rem; overflow: auto; }
.pictures { display: flex; flex-wrap: wrap; gap: .5rem; margin: .5rem 0; }
.picture { position: relative; display: inline-block; line-height: 0; }
.picture img { max-width: 20rem; max-height: 20rem; border: 1px solid var(--line); }
.picture svg { position: absolute; inset: 0; width: 100%; height: 100%; }
.place { fill: none; stroke-width: 3px; vector-effect: non-scaling-stroke; }
.wanted { stroke: #1a7f37; }
.said0 { stroke: #d1242f; stroke-dasharray: 6 3; }
.said1 { stroke: #0969da; stroke-dasharray: 2 3; }
@media print { pre { max-height: none; } }
`;
