/** What warn mode puts at the foot of HTML answers, if it is asked to. */
import type { BlockFacts } from '../../shared/text/block-facts.js';
import { duration, functionName, place, requestLine } from '../../shared/text/block-words.js';
import { escaped } from './html.js';

const BOX =
  'all:initial;position:fixed;z-index:2147483647;right:12px;bottom:12px;max-width:min(440px,calc(100vw - 24px));box-sizing:border-box;padding:10px 14px;border-radius:10px;background:#7a1410;color:#fff;font:14px/1.5 system-ui,sans-serif;box-shadow:0 4px 18px rgba(0,0,0,.35)';

/**
 * HTML to be put before `</body>`: a note in the corner that opens on a click, without a script. A page
 * with a strict policy for styles shows it unstyled, at its foot.
 */
export function banner(facts: BlockFacts): string {
  const rows = [place(facts), requestLine(facts), facts.advice?.hint ?? null];
  const shown = rows.flatMap((row) =>
    row === null
      ? []
      : [
          `<span style="display:block;margin-top:6px;overflow-wrap:anywhere">${escaped(row)}</span>`,
        ],
  );
  return `<aside aria-label="loopwatch"><details style="${BOX}"><summary style="cursor:pointer;font-weight:600;overflow-wrap:anywhere">Event loop blocked for ${escaped(duration(facts.durationMs))} in ${escaped(functionName(facts))}</summary>${shown.join('')}</details></aside>`;
}
