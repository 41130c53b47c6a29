/** The report of a test run as JUnit XML, for those who show test results. */
import { culpritText, parseReport, type Result } from './results.js';

function escaped(text: string): string {
  const entities: Record<string, string> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot' };
  return text
    .replace(/[&<>"]/g, (character) => `&${entities[character]};`)
    .replace(/[^\P{Cc}\t\n\r]/gu, '');
}

function property(name: string, value: string | number): string {
  return `<property name="loopwatch.${name}" value="${escaped(String(value))}"/>`;
}

function outcome({ verdict, fails, reason, by, blockedMs, limitMs }: Result): string {
  if (verdict === 'unmeasured' && !fails) return `<skipped message="${escaped(reason ?? '')}"/>`;
  if (!fails) return '';
  const whose = by?.request == null ? 'the' : "the server's";
  const blocked = `${whose} event loop was blocked for ${blockedMs} ms (limit ${limitMs} ms)`;
  const message = verdict === 'blocked' ? blocked : `unmeasured: ${reason}`;
  const at = by === null ? '' : culpritText(by);
  return `<failure type="${verdict}" message="${escaped(message)}">${escaped(at)}</failure>`;
}

function testcase(result: Result): string {
  const { file, test, verdict, reason, blockedMs, by } = result;
  const properties = [
    property('verdict', verdict),
    property('blocked-ms', blockedMs),
    ...(reason === null ? [] : [property('reason', reason)]),
    ...(by?.cause == null ? [] : [property('cause', by.cause)]),
    ...(by?.file == null ? [] : [property('culprit', `${by.file}:${by.line}`)]),
  ];
  const name = `name="${escaped(test ?? '(file)')}" classname="${escaped(file ?? '')}"`;
  const inside = `<properties>${properties.join('')}</properties>${outcome(result)}`;
  return `    <testcase ${name}>${inside}</testcase>\n`;
}

/**
 * Makes JUnit XML of a report.
 *
 * @throws Error when it is none
 */
export function junitOf(text: string): string {
  const parsed = parseReport(text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  const results = parsed.lines.filter((line) => line.type === 'test');
  const count = (of: (result: Result) => boolean) => results.filter(of).length;
  const failures = count(({ fails }) => fails);
  const skipped = count(({ verdict, fails }) => verdict === 'unmeasured' && !fails);
  const counts = `tests="${results.length}" failures="${failures}" skipped="${skipped}"`;
  const suite = `  <testsuite name="loopwatch" ${counts}>\n${results.map(testcase).join('')}  </testsuite>\n`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suite}</testsuites>\n`;
}
