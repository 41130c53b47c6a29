/** The script of the HTML report: draws what the file holds as JSON. */
import { render } from 'preact';
import type { Pictures } from '#src/shared/pictures/pictures.js';
import { Overview, Tile } from './overview.js';
import { counted, moment, time } from './words.js';

function Headline({ pictures: { counts } }: { readonly pictures: Pictures }) {
  const { blocks, blockedMs } = counts;
  if (blocks === 0) return <h1>The event loop was not blocked</h1>;
  return (
    <h1>
      The event loop was blocked <em>{counted(blocks, 'time')}</em>, for <em>{time(blockedMs)}</em>
    </h1>
  );
}

function Report({ pictures }: { readonly pictures: Pictures }) {
  const { counts, period, source, processes, more } = pictures;
  return (
    <>
      <header>
        <p class="badge">loopwatch report</p>
        <Headline pictures={pictures} />
        <p class="lead">
          {period !== null && `${moment(period.fromMs)} to ${moment(period.toMs)}, `}
          <code>{source}</code>
        </p>
        <ul class="tiles">
          <Tile value={time(counts.longestMs)} name="the longest" />
          <Tile value={String(counts.hangs)} name={counts.hangs === 1 ? 'hang' : 'hangs'} />
          <Tile value={String(counts.delayedRequests)} name="requests delayed" />
          <Tile value={String(counts.unconfirmed)} name="late, but no block" />
        </ul>
      </header>
      <main>
        <Overview pictures={pictures} order="longest" />
      </main>
      <footer>
        <p>
          {processes.join(' · ')}
          {more.processes > 0 && ` and ${more.processes} more`}
        </p>
        <p>Made by loopwatch, the event loop watchdog. Times are those of your time zone.</p>
      </footer>
    </>
  );
}

const data = document.getElementById('pictures')?.textContent ?? 'null';
const root = document.getElementById('page') as HTMLElement;
root.replaceChildren();
render(<Report pictures={JSON.parse(data) as Pictures} />, root);
