/**
 * Headless Chromium, spoken to over a pipe: pages are opened as people see them, looked at, and
 * pictures taken. What a page logs, and what its policy forbids it, is kept.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';

/** Where Debian and Ubuntu install it. */
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The last of them: nothing of it looks for anything in the network. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--hide-scrollbars',
  '--force-color-profile=srgb',
  '--no-first-run',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** For any one command; a busy machine takes seconds for the first page. */
const COMMAND_MS = 30_000;

/** For the end of all its processes. */
const CLOSE_MS = 5000;

/** The program, or null where there is none. */
export const chromium = PLACES.find((path) => existsSync(path)) ?? null;

/** How a page is seen. */
export interface View {
  readonly width: number;
  readonly height: number;
  readonly dark?: boolean;
  /** Device pixels for each pixel. Default: 1. */
  readonly scale?: number;
}

// biome-ignore lint/suspicious/noExplicitAny: each command's own shape
type Reply = any;

interface Asked {
  resolve(result: Reply): void;
  reject(error: Error): void;
  readonly timer: NodeJS.Timeout;
}

/** One tab. */
export class Page {
  readonly #browser: Browser;
  readonly #session: string;
  /** What its console and its policy complained about. */
  readonly complaints: string[] = [];

  constructor(browser: Browser, session: string) {
    this.#browser = browser;
    this.#session = session;
  }

  ask(method: string, params: object = {}): Promise<Reply> {
    return this.#browser.ask(method, params, this.#session);
  }

  /** What it answers, as JSON can hold it. A promise is waited for. */
  async evaluate(expression: string): Promise<Reply> {
    const asked = { expression, returnByValue: true, awaitPromise: true };
    const { result, exceptionDetails } = await this.ask('Runtime.evaluate', asked);
    if (exceptionDetails === undefined) return result.value;
    throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  }

  /** Waits until an expression is true. */
  async becomes(expression: string, withinMs = 20_000): Promise<void> {
    const end = performance.now() + withinMs;
    while (!(await this.evaluate(`Boolean(${expression})`))) {
      if (performance.now() > end) {
        const text = await this.evaluate('document.body.innerText.slice(0, 2000)');
        throw new Error(`never true: ${expression}\n${this.complaints.join('\n')}\n${text}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async see({ width, height, dark = false, scale = 1 }: View): Promise<void> {
    const mobile = width < 600;
    const metrics = { width, height, deviceScaleFactor: scale, mobile };
    await this.ask('Emulation.setDeviceMetricsOverride', metrics);
    const features = [
      { name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' },
      { name: 'prefers-reduced-motion', value: 'reduce' },
    ];
    await this.ask('Emulation.setEmulatedMedia', { features });
  }

  async open(url: string): Promise<void> {
    await this.ask('Page.navigate', { url });
    await this.becomes('document.readyState === "complete" && document.body !== null');
  }

  async press(key: string): Promise<void> {
    // What text a key makes is what turns Enter on a button into a click.
    const text = key === 'Enter' ? { text: '\r' } : {};
    const code = { Enter: 13, Tab: 9, Escape: 27 }[key];
    const known = { key, ...(code === undefined ? {} : { windowsVirtualKeyCode: code }) };
    await this.ask('Input.dispatchKeyEvent', { type: 'keyDown', ...known, ...text });
    await this.ask('Input.dispatchKeyEvent', { type: 'keyUp', ...known });
  }

  /** What is in view, as PNG. */
  async screenshot(): Promise<Buffer> {
    const { data } = await this.ask('Page.captureScreenshot', { format: 'png' });
    return Buffer.from(data, 'base64');
  }
}

/** A browser of its own, with a profile that is thrown away. */
export class Browser {
  readonly #child: ChildProcess;
  readonly #profile: string;
  readonly #pipe: Duplex;
  readonly #asked = new Map<number, Asked>();
  readonly #pages = new Map<string, Page>();
  #number = 0;
  #text = '';

  constructor(program: string) {
    this.#profile = mkdtempSync(join(tmpdir(), 'loopwatch-chromium-'));
    const flags = [...FLAGS, `--user-data-dir=${this.#profile}`, '--remote-debugging-pipe'];
    const stdio = ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] as const;
    this.#child = spawn(program, flags, { stdio: [...stdio], detached: true });
    this.#child.on('exit', () => this.#lost('the browser has ended'));
    this.#child.on('error', (error) => this.#lost(error.message));
    this.#pipe = this.#child.stdio[3] as Duplex;
    this.#pipe.on('error', () => {});
    const answers = this.#child.stdio[4] as Duplex;
    answers.setEncoding('utf8').on('data', (text: string) => this.#take(text));
  }

  ask(method: string, params: object = {}, sessionId?: string): Promise<Reply> {
    const id = ++this.#number;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#asked.delete(id);
        reject(new Error(`no answer to ${method}`));
      }, COMMAND_MS);
      this.#asked.set(id, { resolve, reject, timer });
      this.#pipe.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  async page(view: View): Promise<Page> {
    const { targetId } = await this.ask('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.ask('Target.attachToTarget', { targetId, flatten: true });
    const page = new Page(this, sessionId);
    this.#pages.set(sessionId, page);
    for (const domain of ['Page', 'Runtime', 'Log']) await page.ask(`${domain}.enable`);
    // As if its window were in front: focus is tested.
    await page.ask('Emulation.setFocusEmulationEnabled', { enabled: true });
    await page.see(view);
    return page;
  }

  async close(): Promise<void> {
    if (this.#isOver) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    // Asked to, it ends its own processes first: they would go on writing to the profile.
    const patience = setTimeout(() => this.#kill(), CLOSE_MS);
    this.ask('Browser.close').catch(() => {});
    await ended;
    clearTimeout(patience);
    this.#kill();
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 30, retryDelay: 100 });
  }

  get #isOver(): boolean {
    const { exitCode, signalCode, pid } = this.#child;
    return exitCode !== null || signalCode !== null || pid === undefined;
  }

  /** It, and what of its processes is left. */
  #kill(): void {
    try {
      process.kill(-(this.#child.pid as number), 'SIGKILL');
    } catch {
      // None is left.
    }
  }

  #lost(why: string): void {
    for (const { reject, timer } of this.#asked.values()) {
      clearTimeout(timer);
      reject(new Error(why));
    }
    this.#asked.clear();
  }

  #take(text: string): void {
    const messages = `${this.#text}${text}`.split('\0');
    this.#text = messages.pop() as string;
    for (const message of messages) this.#hear(JSON.parse(message));
  }

  #hear({ id, result, error, method, params, sessionId }: Reply): void {
    const asked = this.#asked.get(id);
    if (asked !== undefined) {
      this.#asked.delete(id);
      clearTimeout(asked.timer);
      if (error === undefined) asked.resolve(result);
      else asked.reject(new Error(error.message));
      return;
    }
    const page = this.#pages.get(sessionId);
    if (method === 'Log.entryAdded') page?.complaints.push(params.entry.text);
    if (method === 'Runtime.exceptionThrown') {
      const { exception, text } = params.exceptionDetails;
      page?.complaints.push(exception?.description ?? text);
    }
  }
}
