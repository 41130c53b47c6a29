/**
 * CPU profiles of what blocks the event loop, recorded while it happens, and captures on demand.
 *
 * @packageDocumentation
 */
export { type CaptureOptions, captureCpuProfile, captureHeapSnapshot } from './capture.js';
export { ProfilerOptionError } from './options/errors.js';
export type { RecorderOptions } from './options/options.js';
export { type Recorder, recorder } from './recorder.js';
export type { Storage } from './storage/storage.js';
