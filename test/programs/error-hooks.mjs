/**
 * Sets up `Error` in its own way, blocks, and says as JSON whether `Error` is still as it was left
 * and who was called: `node error-hooks.mjs <mode>`.
 */
import { nap } from './lib/nap.mjs';
import { onceUp } from './lib/watchdog-up.cjs';

/** Long after the start, and long itself: it costs nothing, and can be seen on a busy machine. */
const DELAY_MS = 800;
const NAP_MS = 700;

const calls = { hook: 0, getter: 0, setter: 0 };

function hook(_error, sites) {
  calls.hook++;
  return `hooked ${sites.length}`;
}

const define = (name, descriptor) => Object.defineProperty(Error, name, descriptor);

const modes = {
  untouched() {},
  'limit 0'() {
    Error.stackTraceLimit = 0;
  },
  'limit read-only'() {
    define('stackTraceLimit', { value: 0, writable: false, configurable: true });
  },
  'limit fixed'() {
    define('stackTraceLimit', { value: 0, writable: false, configurable: false });
  },
  'limit deleted'() {
    delete Error.stackTraceLimit;
  },
  'limit not a number'() {
    Error.stackTraceLimit = 'many';
  },
  hook() {
    Error.prepareStackTrace = hook;
  },
  'hook that throws'() {
    Error.prepareStackTrace = () => {
      calls.hook++;
      throw new Error('the hook threw');
    };
  },
  'hook accessor'() {
    define('prepareStackTrace', {
      get() {
        calls.getter++;
        return hook;
      },
      set() {
        calls.setter++;
      },
      configurable: true,
    });
  },
  'hook fixed'() {
    define('prepareStackTrace', { value: hook, writable: false, configurable: false });
  },
  'hook fixed and throwing'() {
    const value = () => {
      calls.hook++;
      throw new Error('the hook threw');
    };
    define('prepareStackTrace', { value, writable: false, configurable: false });
  },
  frozen() {
    Object.freeze(Error);
  },
};

const names = ['stackTraceLimit', 'prepareStackTrace'];

function state() {
  return names.map((name) => Object.getOwnPropertyDescriptor(Error, name));
}

function sameDescriptor(one, other) {
  if (one === undefined || other === undefined) return one === other;
  const keys = ['value', 'get', 'set', 'writable', 'enumerable', 'configurable'];
  return keys.every((key) => Object.is(one[key], other[key]));
}

modes[process.argv[2]]();
const before = state();
const keysBefore = Reflect.ownKeys(Error).join();

onceUp(DELAY_MS, () => {
  nap(NAP_MS); // culprit
  const after = state();
  console.log(
    JSON.stringify({
      same: names.map((_, index) => sameDescriptor(before[index], after[index])),
      sameKeys: Reflect.ownKeys(Error).join() === keysBefore,
      calls,
    }),
  );
});
