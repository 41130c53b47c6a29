/** How the machine kept threads waiting: what Linux says of CPU pressure and cgroup throttling. */
import { readFileSync } from 'node:fs';
import type { Pressure } from '../../../shared/record/record.js';
import { TICK_MS } from './thread-state.js';

/** Totals since the machine, or the cgroup, began, in ms. */
export interface PressureTotals extends Pressure {
  /** The time of all CPUs, and how much of it they had something to do, or a hypervisor had them. */
  readonly cpu: { readonly allMs: number; readonly busyMs: number } | null;
}

/** The first line of /proc/stat: user nice system idle iowait irq softirq steal (proc(5)). */
export function parseCpuTime(text: string): PressureTotals['cpu'] {
  const [, fields] = /^cpu +(.+)$/m.exec(text) ?? [];
  if (fields === undefined) return null;
  // Guests are counted as users already.
  const ticks = fields.split(' ').slice(0, 8).map(Number);
  const all = ticks.reduce((sum, one) => sum + one, 0);
  const idle = (ticks[3] ?? 0) + (ticks[4] ?? 0);
  return { allMs: all * TICK_MS, busyMs: (all - idle) * TICK_MS };
}

/** The total of the line `some ... total=MICROSECONDS` (Documentation/accounting/psi.rst). */
export function parsePressure(text: string): number | null {
  const total = /^some .*\btotal=(\d+)/m.exec(text)?.[1];
  return total === undefined ? null : Number(total) / 1000;
}

/** `throttled_usec` (cgroup v2) or `throttled_time` in ns (v1) of cpu.stat. */
export function parseThrottled(text: string): number | null {
  const [, name, value] = /^(throttled_usec|throttled_time) (\d+)/m.exec(text) ?? [];
  if (value === undefined) return null;
  return Number(value) / (name === 'throttled_usec' ? 1e3 : 1e6);
}

/** Something that the kernel says in one of several files, depending on its version. */
class Source<T> {
  readonly #parse: (text: string) => T | null;
  /** What is left to try; where something was found, only that. */
  #paths: readonly string[];

  constructor(paths: readonly string[], parse: (text: string) => T | null) {
    this.#paths = paths;
    this.#parse = parse;
  }

  read(): T | null {
    for (const path of this.#paths) {
      const found = this.#readOne(path);
      if (found === null) continue;
      this.#paths = [path];
      return found;
    }
    // A file that is not there costs more than one that is.
    this.#paths = [];
    return null;
  }

  #readOne(path: string): T | null {
    try {
      return this.#parse(readFileSync(path, 'utf8'));
    } catch {
      // Another kernel, another system, a container that hides it.
      return null;
    }
  }
}

/** The container's own pressure where there is one, else the machine's. */
const cpuPressure = new Source(
  ['/sys/fs/cgroup/cpu.pressure', '/proc/pressure/cpu'],
  parsePressure,
);

/** Where a process finds its own cgroup, v2 first. Inside a container its root is the container's. */
const cpuStat = new Source(
  ['/sys/fs/cgroup/cpu.stat', '/sys/fs/cgroup/cpu/cpu.stat'],
  parseThrottled,
);

const cpuTime = new Source(['/proc/stat'], parseCpuTime);

/** The totals now. */
function pressureNow(): PressureTotals {
  return {
    cpuWaitMs: cpuPressure.read(),
    throttledMs: cpuStat.read(),
    cpu: cpuTime.read(),
  };
}

/** What came on top between two moments; null where the kernel says nothing. */
export function pressureSince(before: Pressure, now: Pressure): Pressure | null {
  const between = (from: number | null, to: number | null) => {
    return from === null || to === null ? null : Math.round((to - from) * 10) / 10;
  };
  const pressure = {
    cpuWaitMs: between(before.cpuWaitMs, now.cpuWaitMs),
    throttledMs: between(before.throttledMs, now.throttledMs),
  };
  return pressure.cpuWaitMs === null && pressure.throttledMs === null ? null : pressure;
}

/** The share of the CPUs' time between two readings in which they were idle. */
function idleShare(before: PressureTotals, now: PressureTotals): number | null {
  if (before.cpu === null || now.cpu === null) return null;
  const allMs = now.cpu.allMs - before.cpu.allMs;
  return allMs <= 0 ? null : 1 - (now.cpu.busyMs - before.cpu.busyMs) / allMs;
}

/** How often the totals are read while nothing happens, in ms: each time costs up to 1 ms. */
const EVERY_MS = 1000;

/** What happened since some moment. */
export interface PressureStretch {
  readonly pressure: Pressure | null;
  /** The share of all CPUs' time since the moment in which they had nothing to do; null: not known. */
  readonly idle: number | null;
  /** From the reading before the moment, in ms. */
  readonly spanMs: number;
}

interface Reading {
  readonly atMs: number;
  readonly totals: PressureTotals;
}

/** Two questions within this time are about the same moment, in ms. */
const FRESH_MS = 2;

/** Reads the totals every now and then, so that there is a "before" when something has happened. */
export class PressureGauge {
  readonly #read: () => PressureTotals;
  #readings: Reading[] = [];
  #latest: Reading | undefined;

  constructor(read: () => PressureTotals = pressureNow) {
    this.#read = read;
  }

  tick(nowMs: number): void {
    const last = this.#readings.at(-1);
    if (last !== undefined && nowMs - last.atMs < EVERY_MS) return;
    this.#readings = [...this.#readings.slice(-1), this.#at(nowMs)];
  }

  /** From the latest reading that is not after `fromMs` until now; null where nothing is known. */
  since(fromMs: number, nowMs: number): PressureStretch | null {
    const found = this.#readings.findLastIndex(({ atMs }) => atMs <= fromMs);
    const before = this.#readings[Math.max(0, found)];
    if (before === undefined) return null;
    const now = this.#at(nowMs).totals;
    const spanMs = nowMs - before.atMs;
    const leadMs = Math.max(0, fromMs - before.atMs);
    const idle = idleAfter(leadMs / spanMs, idleShare(before.totals, now));
    return { pressure: pressureSince(before.totals, now), idle, spanMs };
  }

  #at(nowMs: number): Reading {
    if (this.#latest === undefined || Math.abs(nowMs - this.#latest.atMs) > FRESH_MS) {
      this.#latest = { atMs: nowMs, totals: this.#read() };
    }
    return this.#latest;
  }
}

/**
 * How idle the CPUs were for certain after a lead: what they were in all, less all that they can have
 * been in the lead. A stop that is taken for starvation is better than the reverse, which may report.
 */
function idleAfter(leadShare: number, whole: number | null): number | null {
  if (whole === null || !(leadShare < 1)) return null;
  return Math.max(0, whole - leadShare) / (1 - leadShare);
}

/** CPUs that are idle for less than this share of their time leave threads waiting. */
const SATURATED_IDLE = 0.15;

/** The share of a stretch from which on a cgroup was mostly not allowed to run. */
const THROTTLED_SHARE = 0.5;

/**
 * Whether threads were short of CPUs most of the time. The pressure that the kernel gives says it
 * best, and up to two seconds later (psi_show in kernel/sched/psi.c), so that it is only shown.
 */
export function isContended(stretch: PressureStretch | null): boolean {
  if (stretch === null) return false;
  const { pressure, idle, spanMs } = stretch;
  if (idle !== null && idle <= SATURATED_IDLE) return true;
  return (pressure?.throttledMs ?? 0) >= spanMs * THROTTLED_SHARE;
}
