/** What the measurements ran on. */
import { readFileSync } from 'node:fs';
import { cpus, loadavg, platform, release, totalmem } from 'node:os';
import { ToolError } from '../lib/program.mjs';

/** @returns {string} for people, in one line */
export function describeMachine() {
  const cores = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const system = `${platform()} ${release()}`;
  const load = loadavg()[0].toFixed(1);
  return `${cores.length} × ${cores[0].model.trim()}, ${memory}, ${system}, load ${load} at the start`;
}

/**
 * @param {number} pid
 * @returns {number} resident memory of a process in MB, as the kernel counts it
 */
export function residentMb(pid) {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(procStatus(pid)) ?? [];
  if (kilobytes === undefined) throw new ToolError(`process ${pid} has ended`);
  return Number(kilobytes) / 1024;
}

/** @returns {number} how many files a process may have open; Node.js raises its limit to that */
export function mostOpenFiles() {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  const [, hard] = /^Max open files +\S+ +(\S+)/m.exec(limits) ?? [];
  return hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard);
}

function procStatus(pid) {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch (error) {
    throw new ToolError(`memory is read from /proc, which Linux has: ${error.message}`);
  }
}
