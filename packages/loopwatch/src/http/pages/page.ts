/** What strict mode answers to a request that blocked the event loop: a page that teaches, or JSON. */
import type { Link } from '../../shared/advice/advice.js';
import type { BlockFacts, StrictResponse } from '../../shared/text/block-facts.js';
import { duration, functionName, place, requestLine } from '../../shared/text/block-words.js';
import { prefersHtml } from './accept.js';
import { escaped, escapedLines } from './html.js';
import { policy, STYLE } from './page-style.js';

function codeOf({ lines }: BlockFacts): string {
  if (lines.length === 0) return '';
  const rows = lines.map(({ number, text, isCulprit }) => {
    const said = isCulprit ? '<b class="unseen">This line blocked: </b>' : '';
    const shown = escaped(text) || ' ';
    return `<span class="row${isCulprit ? ' culprit' : ''}">${said}<i>${number}</i>${shown}</span>`;
  });
  return `<pre tabindex="0" role="region" aria-label="The code that blocked"><code>${rows.join('')}</code></pre>`;
}

function whereOf(facts: BlockFacts): string {
  const where = place(facts);
  return `<section aria-labelledby="where">
<h2 id="where">What blocked</h2>
<p class="function"><code>${escaped(functionName(facts))}</code></p>
${where === null ? '' : `<p class="place"><code>${escaped(where)}</code></p>`}
${codeOf(facts)}
</section>`;
}

function linkOf({ title, url }: Link): string {
  const isSafe = /^https:\/\//.test(url);
  return isSafe ? `<li><a href="${escaped(url)}" rel="noreferrer">${escaped(title)}</a></li>` : '';
}

function fixOf({ advice }: BlockFacts): string {
  if (advice === null) return '';
  const { title, text, hint, snippet, links = [] } = advice;
  return `<section aria-labelledby="fix">
<h2 id="fix">How to fix it</h2>
<h3>${escaped(title)}</h3>
<p><strong>${escaped(hint)}</strong></p>
<p>${escaped(text)}</p>
<pre class="snippet" tabindex="0" role="region" aria-label="An example"><code>${escapedLines(snippet)}</code></pre>
${links.length === 0 ? '' : `<ul>${links.map(linkOf).join('')}</ul>`}
</section>`;
}

function requestOf(facts: BlockFacts): string {
  const { path, requestId, cause } = facts;
  const rows: readonly (readonly [string, string | null])[] = [
    ['Request', requestLine(facts)],
    ['Path', path],
    ['Request id', requestId],
    ['Cause', cause === 'unknown' ? null : cause],
  ];
  const known = rows.filter((row): row is readonly [string, string] => row[1] !== null);
  const items = known.map(
    ([name, value]) => `<dt>${name}</dt><dd><code>${escaped(value)}</code></dd>`,
  );
  return `<section aria-labelledby="request">
<h2 id="request">During which request</h2>
<dl>${items.join('')}</dl>
</section>`;
}

const WHY = `<section aria-labelledby="why">
<h2 id="why">Why 503</h2>
<p>loopwatch runs in strict mode here. It answers a request that blocked the event loop with 503 instead of its
own response, so that the block is seen where it is made. The handler has run; only its answer was replaced.</p>
<p>To get the answer all the same, start the program with <code>LOOPWATCH_MODE=warn</code>, which only warns,
or <code>LOOPWATCH_MODE=log</code>. In code: <code>start({ mode: 'log' })</code>.</p>
</section>`;

function pageOf(facts: BlockFacts): string {
  const took = escaped(duration(facts.durationMs));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>503: the event loop was blocked for ${took}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<p class="badge">503 · strict mode</p>
<h1>This request blocked the event loop for <em>${took}</em></h1>
<p class="lead">While it did, this process could answer nobody else: no request, no timer, no health check.</p>
</header>
<main>
${whereOf(facts)}
${fixOf(facts)}
${requestOf(facts)}
${WHY}
</main>
<footer><p>Written by loopwatch, the event loop watchdog of this program.</p></footer>
</body>
</html>
`;
}

function jsonOf(facts: BlockFacts): string {
  const { durationMs, culprit, cause, method, route, path, requestId, advice } = facts;
  const took = duration(durationMs);
  return JSON.stringify({
    error: 'event-loop-blocked',
    message: `This request blocked the event loop for ${took}. loopwatch runs in strict mode; LOOPWATCH_MODE=log turns that off.`,
    durationMs,
    cause,
    culprit,
    request: { id: requestId, method, route, path },
    advice,
  });
}

/**
 * The response. Nothing of the facts is in its headers.
 *
 * @param accept the request's Accept header: HTML for whom it prefers that, else JSON
 */
export function strictResponse(facts: BlockFacts, accept: string | undefined): StrictResponse {
  const isHtml = prefersHtml(accept);
  return {
    status: 503,
    headers: {
      'content-type': `${isHtml ? 'text/html' : 'application/json'}; charset=utf-8`,
      'cache-control': 'no-store',
      'content-security-policy': policy(),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      vary: 'accept',
    },
    body: isHtml ? pageOf(facts) : jsonOf(facts),
  };
}
