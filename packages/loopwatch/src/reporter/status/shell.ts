/** The status page without what it shows: that it asks for itself, at `/events`. */
import { readFileSync } from 'node:fs';
import { page, pagePolicy } from '../../shared/pictures/page.js';
import type { Shell } from './answers.js';

/** For those who have no browser, or one without scripts. */
const PAGES = `<footer id="pages">
<ul class="links">
<li><a href="/livez">/livez</a>: 503 while the event loop hangs</li>
<li><a href="/readyz">/readyz</a>: 503 also before the program is up</li>
<li><a href="/metrics">/metrics</a>: for Prometheus</li>
<li><a href="/blocks">/blocks</a>: the latest blocks, as JSON</li>
</ul>
</footer>
`;

/** May ask this server, and be in nobody's frame. */
const MORE = ["connect-src 'self'", "frame-ancestors 'none'"];

let made: Shell | undefined;

/** This file is bundled into dist/reporter/entry.js; the page's parts are in dist/page. */
export function shell(): Shell {
  if (made !== undefined) return made;
  const part = (name: string) => readFileSync(new URL(`../page/${name}`, import.meta.url), 'utf8');
  const parts = { title: 'loopwatch', style: part('style.css'), script: part('live.js') };
  made = { html: page(parts, '', PAGES), policy: pagePolicy(parts, MORE) };
  return made;
}
