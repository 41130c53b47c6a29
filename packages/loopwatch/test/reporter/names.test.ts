/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type NameAt, nameAtCall, nameAtDeclaration } from '#src/reporter/symbolicate/map/names.js';
import type { Position } from '#src/reporter/symbolicate/map/question.js';

/** Puts `name` on each place that is marked by ‹ in a script; | marks where it runs, ^ its caller. */
function script(marked: string) {
  const lines: string[] = [];
  const names = new Map<string, string>();
  let at: { line: number; column: number } | undefined;
  let call: Position['call'] = null;
  for (const [index, text] of marked.split('\n').entries()) {
    let line = '';
    for (let rest = text; rest !== ''; ) {
      const [, mark] = /^‹(\w+)›/.exec(rest) ?? [];
      if (mark !== undefined) {
        names.set(`${index}:${line.length}`, mark);
        rest = rest.slice(mark.length + 2);
        continue;
      }
      if (rest[0] === '|') at = { line: index + 1, column: line.length + 1 };
      else if (rest[0] === '^') call = { line: index + 1, column: line.length + 1 };
      else line += rest[0];
      rest = rest.slice(1);
    }
    lines.push(line);
  }
  const nameAt: NameAt = (line, column) => names.get(`${line}:${column}`) ?? null;
  assert.ok(at !== undefined);
  return { lines, nameAt, position: { ...at, function: 'a', call } satisfies Position };
}

const declarations: Record<string, string> = {
  'a function': 'function ‹render›a(){|b()}',
  'a function after another of its name': 'function ‹other›a(){b()}function ‹render›a(){|b()}',
  'a function around a longer one of its name':
    'function ‹render›a(){let c=()=>{function ‹other›a(){}};|b()}',
  'a generator': 'function*‹render›a(){|b()}',
  'an async function': 'async function ‹render›a(){|b()}',
  'an arrow function': 'var c=1,‹render›a=()=>{|b()}',
  'an async arrow function': 'const ‹render›a=async()=>{|b()}',
  'an arrow function with a bare parameter': 'let ‹render›a=c=>{|b()}',
  'an arrow function without braces': 'let ‹render›a=c=>d(c,|b())',
  'a function expression': 'let ‹render›a=function(){|b()}',
  'a class': 'class ‹render›a{constructor(){|b()}}',
  'several lines': 'function ‹render›a(){\n  let b = 1;\n  if (b) {\n    |b()\n  }\n}',
};

for (const [kind, marked] of Object.entries(declarations)) {
  test(`the declaration of ${kind} has its name`, () => {
    const { lines, position, nameAt } = script(marked);
    assert.equal(nameAtDeclaration(lines, position, nameAt), 'render');
  });
}

const unknown: Record<string, string> = {
  'a function that has ended': 'function ‹render›a(){}|b()',
  'a use': '‹render›a.b;|b()',
  'a longer word': 'function ‹render›aa(){|b()}',
  'nothing at all': '|b()',
};

for (const [kind, marked] of Object.entries(unknown)) {
  test(`${kind} is no declaration`, () => {
    const { lines, position, nameAt } = script(marked);
    assert.equal(nameAtDeclaration(lines, position, nameAt), null);
  });
}

test('a call by name has the name', () => {
  for (const marked of ['^‹render›a(1);|', 'x=^new ‹render›a;|', 'b.^‹render›a();|']) {
    const { lines, position, nameAt } = script(marked);
    assert.equal(nameAtCall(lines, position, nameAt), 'render', marked);
  }
});

test('a call by another name says nothing', () => {
  for (const marked of ['^‹callback›c(1);|', '^‹callback›aa();|', '^;|', '|']) {
    const { lines, position, nameAt } = script(marked);
    assert.equal(nameAtCall(lines, position, nameAt), null, marked);
  }
});

test('a megabyte on one line takes no longer than a report may wait', () => {
  const { lines, position, nameAt } = script(`${'a(b,a,{}),'.repeat(100_000)}|b()`);
  const started = performance.now();
  assert.equal(nameAtDeclaration(lines, position, nameAt), null);
  assert.ok(performance.now() - started < 2000);
});
