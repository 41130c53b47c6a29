/** How the page of strict mode looks, and the policy that allows it to look so and do nothing else. */

export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf8; --card: #fff; --ink: #1c1e22; --soft: #5a5f69; --line: #dcdad5;
  --alarm: #b3261e; --glow: #fde8e6; --code: #f4f2ee; --link: #0b57a4; --good: #1d6b3a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14161a; --card: #1b1e24; --ink: #e9e8e5; --soft: #a6abb6; --line: #343943;
    --alarm: #ff9a90; --glow: #4a2220; --code: #101216; --link: #8dbdf5; --good: #7fd39b;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; padding: clamp(1.25rem, 4vw, 3.5rem) clamp(1rem, 4vw, 2rem);
  background: var(--paper); color: var(--ink);
  font: 1rem/1.6 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif;
}
header, main, footer { max-width: 54rem; margin-inline: auto; }
.badge {
  display: inline-block; margin: 0; padding: .15rem .7rem; border-radius: 99px;
  background: var(--glow); color: var(--alarm); font-size: .875rem; font-weight: 600;
}
h1 { margin: .8rem 0 .6rem; font-size: clamp(1.6rem, 5vw, 2.5rem); line-height: 1.15; letter-spacing: -.02em; text-wrap: balance; }
h1 em { color: var(--alarm); font-style: normal; white-space: nowrap; }
.lead { margin: 0; text-wrap: balance; color: var(--soft); font-size: 1.0625rem; }
section {
  margin-top: 1.5rem; padding: clamp(1rem, 3vw, 1.5rem);
  border: 1px solid var(--line); border-radius: 12px; background: var(--card);
}
section > :last-child { margin-bottom: 0; }
h2 { margin: 0 0 .4rem; color: var(--soft); font-size: 1rem; font-weight: 600; }
h3 { margin: 0 0 .4rem; color: var(--good); font-size: 1.25rem; line-height: 1.3; }
p { margin: 0 0 .8rem; max-width: 44rem; }
code, pre { font: .875rem/1.65 ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace; }
.function { margin: 0; overflow-wrap: anywhere; }
.function code { font-size: 1.25rem; font-weight: 600; }
.place { color: var(--soft); overflow-wrap: anywhere; }
pre {
  margin: 0 0 .9rem; padding: .7rem 0; overflow-x: auto;
  border: 1px solid var(--line); border-radius: 8px; background: var(--code); tab-size: 2;
}
pre:focus-visible, a:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
pre code { display: block; width: max-content; min-width: 100%; }
p:not([class]) code { white-space: nowrap; }
.snippet { padding-inline: 1rem; }
.row { display: block; padding-right: 1rem; border-left: 4px solid transparent; }
.row i { display: inline-block; min-width: 4.5ch; padding-right: 1.5ch; color: var(--soft); font-style: normal; text-align: right; user-select: none; }
.row.culprit { border-color: var(--alarm); background: var(--glow); font-weight: 600; }
.row.culprit i { color: var(--alarm); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .35rem 1.5rem; margin: 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
ul { display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; margin: 0; padding: 0; list-style: none; }
a { color: var(--link); text-underline-offset: .15em; }
footer { margin-top: 1.5rem; color: var(--soft); font-size: .875rem; }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .6rem; } }
`;

let hash: string | undefined;

/** The page's style by its hash, and nothing else: no script, no picture, no frame around it. */
export function policy(): string {
  // Loaded with the first page, since most processes never show one.
  hash ??= process
    .getBuiltinModule('node:crypto')
    .createHash('sha256')
    .update(STYLE)
    .digest('base64');
  return `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
}
