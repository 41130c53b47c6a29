/** The status of the program, kept for whoever asks while it is blocked: numbers, blocks, server. */

import { nowMs } from '../../shared/clock.js';
import type { Memory } from '../../shared/memory/memory.js';
import { readingsOf } from '../../shared/memory/readings.js';
import type { Finding, Setup } from '../../shared/messages/messages.js';
import { families } from '../../shared/metrics/metric-families.js';
import { type CountedRequests, Metrics } from '../../shared/metrics/metrics.js';
import { OFF, parseServeAddress } from '../../shared/options/serve-address.js';
import type { Now } from '../../shared/pictures/now.js';
import type { CaptureNews, CaptureWanted } from '../../shared/record/captures.js';
import type { WaitedFor } from '../../shared/record/dead-client.js';
import type { BlockRecord } from '../../shared/record/record.js';
import type { Shell, Sources, Version } from './answers.js';
import { LatestBlocks } from './blocks.js';
import { Captures } from './captures.js';
import { HealthCheck } from './health.js';
import { Lag, lagFamilies } from './lag.js';
import { LivePictures } from './live-pictures.js';
import { type Format, metricsText } from './metrics-text.js';
import { type ServerLog, StatusServer } from './server.js';
import { shell } from './shell.js';

/** Owns the status server, which is on while the options want it. */
export class ProgramStatus implements Sources {
  readonly #memory: Memory;
  readonly #log: ServerLog;
  readonly #metrics = new Metrics();
  readonly #latest = new LatestBlocks();
  readonly #live = new LivePictures();
  readonly #health: HealthCheck;
  readonly #lag: Lag;
  readonly #captures: Captures;
  #requests: readonly CountedRequests[] = [];
  #clients: readonly WaitedFor[] = [];
  #beatMs = 0;
  #serves = '';
  #server: StatusServer | undefined;
  #following: NodeJS.Timeout | undefined;

  /**
   * @param memory the main thread's
   * @param ask tells the main thread what is wanted of it
   */
  constructor(memory: Memory, ask: (wanted: CaptureWanted) => void, log: ServerLog) {
    this.#memory = memory;
    this.#captures = new Captures(ask);
    this.#log = log;
    this.#health = new HealthCheck(memory);
    this.#lag = new Lag(memory);
  }

  configure({ settings: { serve, serveToken, beatMs, journalDir } }: Setup): void {
    clearInterval(this.#following);
    this.#captures.configure(journalDir);
    this.#beatMs = beatMs;
    const address = serve === OFF ? null : parseServeAddress(serve);
    if (address !== null) {
      this.#following = setInterval(() => this.#lag.follow(beatMs), Lag.everyMs(beatMs));
    }
    const wanted = `${serve} ${serveToken}`;
    if (wanted === this.#serves) return;
    this.#serves = wanted;
    this.#server?.close();
    this.#server =
      address === null
        ? undefined
        : new StatusServer(address, serveToken, this, this.#captures, this.#log);
  }

  take(finding: Finding): void {
    if (finding.type === 'unconfirmed') {
      this.#metrics.addUnconfirmed(finding.event);
      this.#live.addUnconfirmed(finding.event);
      return;
    }
    if (finding.type === 'dead-client') {
      this.#metrics.addDeadClient(finding.client);
      return;
    }
    if (finding.type === 'clients') {
      this.#clients = finding.clients;
      return;
    }
    if (finding.type === 'requests') {
      this.#requests = finding.requests;
      return;
    }
    if (finding.type === 'turn') {
      this.#live.turn(finding.record);
      return;
    }
    this.#metrics.addBlock(finding.record);
    this.#latest.add(finding.record);
    this.#live.changed();
    // A hang that is told of is what goes on, too.
    if (!finding.record.ended) this.#live.turn(finding.record);
  }

  /** Says where in the source code a block was, which takes a moment to find out. */
  improve(record: BlockRecord): void {
    this.#latest.improve(record);
    this.#live.changed();
    this.improveTurn(record);
  }

  /** The same for a turn that may still go on. */
  improveTurn(record: BlockRecord): void {
    this.#live.improveTurn(record);
  }

  /** The main thread has news of a capture. */
  hear(news: CaptureNews): void {
    this.#captures.hear(news);
  }

  live() {
    return this.#health.live();
  }

  ready() {
    return this.#health.ready();
  }

  metrics(format: Format): string {
    const own = families(this.#metrics.totals(), readingsOf(this.#memory), this.#requests);
    const lag = lagFamilies(this.#lag.statistics(this.#beatMs, nowMs()));
    return metricsText([...own, ...lag], format);
  }

  blocks(): object {
    return this.#latest.page(this.#metrics);
  }

  clients(): object {
    const { watchedSockets: watched } = readingsOf(this.#memory);
    return { watched, dead: this.#metrics.totals().deadClients, clients: this.#clients };
  }

  shell(): Shell {
    return shell();
  }

  events(since: Version) {
    const now = nowMs();
    const { p50, p99, max } = this.#lag.statistics(this.#beatMs, now);
    const inMs = (seconds: number | null) => (seconds === null ? null : seconds * 1000);
    const { beatAgeMs } = this.#health.live();
    const present: Now = {
      state: this.#health.state(),
      beatAgeMs,
      pid: process.pid,
      delay: { p50Ms: inMs(p50), p99Ms: inMs(p99), maxMs: inMs(max) },
      delays: this.#lag.seconds(this.#beatMs, now),
    };
    return this.#live.events(present, this.#latest.records, since);
  }
}
