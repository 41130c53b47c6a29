/** HTML pages that hold their script and style, and may load nothing else. */
import { createHash } from 'node:crypto';

/** What a page is made of; its texts are ours. */
export interface PageParts {
  readonly title: string;
  readonly style: string;
  readonly script: string;
}

/** JSON that no HTML parser takes for the end of its script element, or for a comment in it. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** A Content-Security-Policy: this script and this style, and nothing from anywhere. */
export function pagePolicy({ style, script }: PageParts, more: readonly string[] = []): string {
  return [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
    ...more,
  ].join('; ');
}

/**
 * @param head more for the head, as HTML
 * @param body more for the body, as HTML
 */
export function page({ title, style, script }: PageParts, head = '', body = ''): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
${head}<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<div id="page"><noscript><p>This page draws its pictures with JavaScript, which is off.</p></noscript></div>
${body}<script>${script}</script>
</body>
</html>
`;
}
