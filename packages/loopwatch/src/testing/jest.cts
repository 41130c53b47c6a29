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

// With `injectGlobals: false` there are none; this module is Jest's own in its contexts.
const injected = 'beforeAll' in globalThis ? globalThis : require('@jest/globals');
adapter.attach(injected as JestGlobals, globalThis);

// One by one, so that Node finds their names for an import.
// @ts-expect-error: not erasable, but the only export of CommonJS that declarations know.
export = { allowBlocking, assertNotBlocked, BlockedError, measure, noBlocking };
