/** The blocks one by one. */
import { useMemo, useState } from 'preact/hooks';
import type { BlockPicture, Pictures } from '#src/shared/pictures/pictures.js';
import { AdviceView } from './advice.js';
import { Disclosure } from './disclosure.js';
import { FlameGraph } from './flame-graph.js';
import { More } from './tables.js';
import { counted, KIND_NAMES, moment, shortPlace, time } from './words.js';

/** Drawn at first; the rest when asked for. */
const AT_FIRST = 20;

/** The element of a block, to be scrolled to. */
export function elementId(block: string): string {
  return `block-${block}`;
}

function BlockView({ block, pictures }: { block: BlockPicture; pictures: Pictures }) {
  const { id, kind, atMs, durationMs, ended, cause, name, place, route, facts, advice } = block;
  return (
    <li>
      <Disclosure
        id={elementId(id)}
        summary={
          <>
            <span class="who">
              <code class="name">{name}</code>
              {place !== null && <span class="place">{shortPlace(place)}</span>}
            </span>
            <span class="figures">
              <b>{time(durationMs)}</b>
              <span class={`kind ${kind}`}>
                {KIND_NAMES[kind]}
                {ended ? '' : ', not over'}
              </span>
              <span>{route ?? cause}</span>
              <time dateTime={new Date(atMs).toISOString()}>{moment(atMs)}</time>
            </span>
          </>
        }
      >
        {() => (
          <>
            <p>{block.text}</p>
            <FlameGraph picture={block.flame} frames={pictures.frames} label="Flame graph" />
            <dl>
              {[['cause', cause] as const, ...facts].map(([term, value]) => [
                <dt key={term}>{term}</dt>,
                <dd key={`${term} `}>{value}</dd>,
              ])}
            </dl>
            <AdviceView advice={advice === null ? undefined : pictures.advices[advice]} />
          </>
        )}
      </Disclosure>
    </li>
  );
}

const ORDERS = {
  longest: (a: BlockPicture, b: BlockPicture) => b.durationMs - a.durationMs,
  latest: (a: BlockPicture, b: BlockPicture) => b.atMs - a.atMs,
};

interface Props {
  readonly pictures: Pictures;
  /** A block that must be drawn, being wanted. */
  readonly wanted: string | null;
  readonly order: keyof typeof ORDERS;
}

export function Blocks({ pictures, wanted, order: first }: Props) {
  const [order, setOrder] = useState(first);
  const [most, setMost] = useState(AT_FIRST);
  const sorted = useMemo(() => pictures.blocks.toSorted(ORDERS[order]), [pictures, order]);
  const shown = sorted.filter(({ id }, index) => index < most || id === wanted);
  const hidden = sorted.length - shown.length;
  if (sorted.length === 0) return <p class="soft">None.</p>;
  return (
    <>
      <fieldset class="orders" aria-label="Order">
        {(Object.keys(ORDERS) as (keyof typeof ORDERS)[]).map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={one === order}
            onClick={() => setOrder(one)}
          >
            {one} first
          </button>
        ))}
      </fieldset>
      <ol class="rows">
        {shown.map((block) => (
          <BlockView key={block.id} {...{ block, pictures }} />
        ))}
      </ol>
      {hidden > 0 && (
        <p>
          <button type="button" onClick={() => setMost(Number.POSITIVE_INFINITY)}>
            Show {counted(hidden, 'block')} more
          </button>
        </p>
      )}
      <More count={pictures.more.blocks} what="shorter and older block" />
    </>
  );
}
