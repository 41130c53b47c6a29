/** The parts that the report and the status page have in common. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Pictures } from '#src/shared/pictures/pictures.js';
import { Blocks, elementId } from './blocks.js';
import { Culprits, Routes } from './tables.js';
import { Timeline } from './timeline.js';
import { counted, time } from './words.js';

export function Tile({ value, name }: { readonly value: string; readonly name: string }) {
  return (
    <li>
      <b>{value}</b> <span>{name}</span>
    </li>
  );
}

export function Section(props: { id: string; title: string; children: ComponentChildren }) {
  return (
    <section aria-labelledby={props.id}>
      <h2 id={props.id}>{props.title}</h2>
      {props.children}
    </section>
  );
}

function Reasons({ pictures }: { readonly pictures: Pictures }) {
  if (pictures.reasons.length === 0) return null;
  return (
    <p class="soft">
      Late, but no block:{' '}
      {pictures.reasons
        .map(({ reason, count, longestMs }) => {
          return `${counted(count, 'time')} ${reason} (longest ${time(longestMs)})`;
        })
        .join(', ')}
      .
    </p>
  );
}

interface Props {
  readonly pictures: Pictures;
  /** Which blocks come first. */
  readonly order: 'longest' | 'latest';
}

export function Overview({ pictures, order }: Props) {
  const [wanted, want] = useState<{ readonly id: string } | null>(null);
  useEffect(() => {
    if (wanted === null) return;
    const element = document.getElementById(elementId(wanted.id)) as HTMLDetailsElement | null;
    if (element === null) return;
    element.open = true;
    element.querySelector('summary')?.focus({ preventScroll: true });
    element.scrollIntoView({ block: 'start' });
  }, [wanted]);
  return (
    <>
      <Section id="timeline" title="Timeline">
        <Timeline pictures={pictures} open={(id) => want({ id })} />
        <Reasons pictures={pictures} />
      </Section>
      <Section id="culprits" title="What blocked">
        <Culprits pictures={pictures} />
      </Section>
      <Section id="routes" title="Which routes">
        <Routes pictures={pictures} />
      </Section>
      <Section id="blocks" title="Blocks one by one">
        <Blocks pictures={pictures} wanted={wanted?.id ?? null} order={order} />
      </Section>
    </>
  );
}
