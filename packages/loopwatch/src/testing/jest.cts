/**
 * The gate for Jest 29 and 30: `setupFilesAfterEnv: ['loopwatch/jest']`. Jest runs each file of tests in
 * a context of its own, with modules and a `process` of its own; the watch is the real process's, so
 * that all but this file is loaded there.
 */
import type { JestGlobals } from './jest-adapter.js' with { 'resolution-mode': 'import' };

type Adapter = typeof import('./jest-adapter.js', { with: { 'resolution-mode': 'import' }});

/** Of the context that Node itself runs in. */
const real = require('node:vm').runInThisContext('process') as NodeJS.Process;
const load = real.getBuiltinModule('node:module').createRequire(__filename);
const adapter = load('./jest-adapter.js') as Adapter;
const { allowBlocking, assertNotBlocked, BlockedError, measure, noBlocking } = adapter;

/** Not a name that is imported: Jest itself answers for it in its contexts, and nobody else has it. */
const GLOBALS: string = '@jest/globals';

// With `injectGlobals: false` there are none.
const injected = 'beforeAll' in globalThis ? globalThis : require(GLOBALS);
adapter.attach(injected as JestGlobals, globalThis);

// One by one, so that Node finds their names for an import.
// @ts-expect-error: not erasable, but the only export of CommonJS that declarations know.
export = { allowBlocking, assertNotBlocked, BlockedError, measure, noBlocking };
