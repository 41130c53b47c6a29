/** Finds links in Markdown that lead nowhere: to a file that is not there, or a heading that isn't. */
import { posix } from 'node:path';

/** Links that leave the checkout: to a scheme, or from the top of a site. */
const elsewhere = /^(?:[a-z][a-z\d+.-]*:|\/)/i;

/**
 * @param {string} path of the document, relative to the checkout, with `/`
 * @param {string} text
 * @param {(path: string) => string | undefined} read the text of what is at a path, empty for a
 *   folder; nothing where nothing is
 * @returns {{ path: string, line: number, problem: string }[]}
 */
export function brokenLinks(path, text, read) {
  const known = (target) => (target === path ? text : read(target));
  return linksIn(text).flatMap(({ target, line }) => {
    if (elsewhere.test(target)) return [];
    const [file, anchor] = target.split('#');
    const place = file === '' ? path : posix.join(posix.dirname(path), decodeURI(file));
    const found = known(place);
    if (found === undefined) return [{ path, line, problem: `there is no ${place}` }];
    const isHeading = anchor === undefined || !place.endsWith('.md') || has(found, anchor);
    return isHeading ? [] : [{ path, line, problem: `${place} has no heading #${anchor}` }];
  });
}

function linksIn(text) {
  return proseLines(text).flatMap((line, at) => {
    const links = line.replace(/`[^`]*`/g, '').matchAll(/\]\(<?([^\s)>]+)>?(?:\s+"[^"]*")?\)/g);
    return [...links].map(([, target]) => ({ target, line: at + 1 }));
  });
}

/** Its lines, those of code as empty ones. */
function proseLines(text) {
  let isCode = false;
  return text.split('\n').map((line) => {
    const isFence = /^\s*```/.test(line);
    if (isFence) isCode = !isCode;
    return isFence || isCode ? '' : line;
  });
}

/** Whether a document has the heading of an anchor, as GitHub names them. */
function has(text, anchor) {
  const headings = proseLines(text).filter((line) => /^#{1,6}\s/.test(line));
  return headings.some((line) => anchorOf(line) === anchor);
}

function anchorOf(heading) {
  const title = heading.replace(/^#+\s+/, '').replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');
}
