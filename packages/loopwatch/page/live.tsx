/** The script of the status page: shows what the server says of the program, also while that hangs. */
import { render } from 'preact';
import { useState } from 'preact/hooks';
import type { LoopState, Now } from '#src/shared/pictures/now.js';
import type { Pictures } from '#src/shared/pictures/pictures.js';
import { AdviceView } from './advice.js';
import { Delays } from './delays.js';
import { FlameGraph } from './flame-graph.js';
import { Overview, Section, Tile } from './overview.js';
import { type Connection, type Live, useLive } from './use-live.js';
import { shortPlace, time } from './words.js';

/** Where the token is kept until the tab is closed. */
const KEY = 'loopwatch token';

/** Before the watchdog has said which one is in force. */
const USUAL_THRESHOLD_MS = 100;

const STATES: Readonly<Record<LoopState, string>> = {
  starting: 'starts',
  beating: 'beats',
  late: 'late',
  hung: 'hangs',
  exiting: 'exits',
};

const CONNECTIONS: Readonly<Record<Connection, string>> = {
  asking: 'Asking the server …',
  open: '',
  lost: 'The server does not answer: the process may have ended. Asking again …',
  busy: 'Too many look at this page already. Asking again …',
  token: 'A token is needed',
};

/** A token may come with the address, behind the # that no browser sends; it does not stay there. */
function givenToken(): string {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given !== null) {
    sessionStorage.setItem(KEY, given);
    history.replaceState(null, '', location.pathname);
  }
  return sessionStorage.getItem(KEY) ?? '';
}

function Headline({ now }: { readonly now: Now }) {
  const age = time(now.beatAgeMs);
  if (now.state === 'hung') {
    return (
      <h1>
        The event loop has been blocked for <em>{age}</em>
      </h1>
    );
  }
  if (now.state === 'late') {
    return (
      <h1>
        The event loop is late: its latest beat is <em>{age}</em> old
      </h1>
    );
  }
  if (now.state === 'starting') return <h1>The program starts</h1>;
  return <h1>{now.state === 'exiting' ? 'The program exits' : 'The event loop turns'}</h1>;
}

function known(ms: number | null): string {
  return ms === null ? '–' : time(ms);
}

function Turn({ turn }: { readonly turn: Pictures }) {
  const [block] = turn.blocks;
  if (block === undefined) return null;
  return (
    <Section id="turn" title="What it does right now">
      <p>
        <code class="name">{block.name}</code> {block.place !== null && shortPlace(block.place)}
        {block.route !== null && `, during ${block.route}`}
        <span class="soft">, as seen in its first {time(block.durationMs)}</span>
      </p>
      <FlameGraph picture={block.flame} frames={turn.frames} label="Where the time went so far" />
      <AdviceView advice={block.advice === null ? undefined : turn.advices[block.advice]} />
    </Section>
  );
}

function TokenForm({ use }: { readonly use: (token: string) => void }) {
  return (
    <form
      class="token"
      onSubmit={(event) => {
        event.preventDefault();
        use(String(new FormData(event.currentTarget).get('token')));
      }}
    >
      <label for="token">The server's token (its option serveToken)</label>
      <input id="token" name="token" type="password" autocomplete="off" required />
      <button type="submit">Show</button>
    </form>
  );
}

function Status({ now, pictures, turn, connection }: Live & { readonly now: Now }) {
  const { state, delay, delays, pid } = now;
  const isWell = connection === 'open' && (state === 'beating' || state === 'starting');
  const threshold = pictures?.thresholdMs ?? USUAL_THRESHOLD_MS;
  return (
    <>
      <header>
        <p class={`badge ${isWell ? 'good' : ''} ${state === 'hung' ? 'pulse' : ''}`}>
          {connection === 'open' ? STATES[state] : 'no connection'} · process {pid}
        </p>
        {connection === 'open' ? <Headline now={now} /> : <h1>{CONNECTIONS[connection]}</h1>}
        <ul class="tiles">
          <Tile value={known(delay.p50Ms)} name="delay, p50" />
          <Tile value={known(delay.p99Ms)} name="delay, p99" />
          <Tile value={known(delay.maxMs)} name="longest delay" />
          <Tile value={String(pictures?.counts.blocks ?? '–')} name="recent blocks" />
        </ul>
      </header>
      <main>
        {turn !== null && <Turn turn={turn} />}
        <Section id="delay" title="Delay of the event loop, latest minute">
          <Delays delays={delays} thresholdMs={threshold} />
        </Section>
        {pictures !== null && <Overview pictures={pictures} order="latest" />}
      </main>
    </>
  );
}

function App() {
  const [token, setToken] = useState(givenToken);
  const live = useLive(token);
  const { now, connection } = live;
  const use = (given: string) => {
    sessionStorage.setItem(KEY, given);
    setToken(given);
  };
  if (now !== null) return <Status {...live} now={now} />;
  return (
    <header>
      <p class="badge">loopwatch</p>
      <h1>{CONNECTIONS[connection]}</h1>
      {connection === 'token' && <TokenForm use={use} />}
    </header>
  );
}

const root = document.getElementById('page') as HTMLElement;
root.replaceChildren();
render(<App />, root);
