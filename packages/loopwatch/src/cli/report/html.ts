/** The report as one HTML file, which needs nothing else. */
import { page, pagePolicy, scriptJson } from '../../shared/pictures/page.js';
import type { Pictures } from '../../shared/pictures/pictures.js';

/** What draws the report in a browser: dist/page. */
export interface Drawing {
  readonly style: string;
  readonly script: string;
}

export function reportHtml(pictures: Pictures, drawing: Drawing): string {
  const parts = { title: 'loopwatch report', ...drawing };
  const policy = `<meta http-equiv="Content-Security-Policy" content="${pagePolicy(parts)}">\n`;
  const data = `<script type="application/json" id="pictures">${scriptJson(pictures)}</script>\n`;
  return page(parts, policy, data);
}
