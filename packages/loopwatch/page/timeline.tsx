/** The timeline: when the loop was blocked, and how long, on a logarithmic scale. */
import { scaleLog, scaleTime } from 'd3-scale';
import { useState } from 'preact/hooks';
import type { Pictures, TimelineEvent } from '#src/shared/pictures/pictures.js';
import { useWidth } from './use-width.js';
import { clock, counted, KIND_NAMES, moment, time } from './words.js';

const HEIGHT = 220;
const LEFT = 56;
const RIGHT = 14;
const TOP = 12;
const BOTTOM = 26;

/** Half of what the longest label of the time axis takes, in px. */
const HALF_LABEL = 36;

/** A pointer that is farther away from an event does not mean it, in px. */
const REACH = 24;

interface Props {
  readonly pictures: Pictures;
  /** Called with a block's id when its event is activated. */
  readonly open: (block: string) => void;
}

/** Kinds differ in shape, too: not everybody tells the colours apart. */
function Shape({
  kind,
  x,
  y,
}: {
  readonly kind: TimelineEvent['kind'];
  readonly x: number;
  readonly y: number;
}) {
  if (kind === 'hang') return <rect x={x - 5} y={y - 5} width="10" height="10" />;
  if (kind === 'cumulative') return <path d={`M${x} ${y - 6}l6 11h-12z`} />;
  if (kind === 'unconfirmed') return <circle class="hollow" cx={x} cy={y} r="4" />;
  return <circle cx={x} cy={y} r="4.5" />;
}

function Legend({ kinds }: { readonly kinds: readonly TimelineEvent['kind'][] }) {
  return (
    <ul class="legend">
      {kinds.map((kind) => (
        <li key={kind} class={`event ${kind}`}>
          <svg width="14" height="14" aria-hidden="true">
            <Shape kind={kind} x={7} y={7} />
          </svg>
          {KIND_NAMES[kind]}
        </li>
      ))}
    </ul>
  );
}

function wordsOf({ count, atMs, text, kind }: TimelineEvent): string {
  const more = count === 1 ? '' : ` (the longest of ${counted(count, KIND_NAMES[kind])} near it)`;
  return `${moment(atMs)}: ${text}${more}`;
}

const KINDS = Object.keys(KIND_NAMES) as TimelineEvent['kind'][];

export function Timeline({ pictures, open }: Props) {
  const { events, period, thresholdMs } = pictures;
  const [frame, width] = useWidth<HTMLElement>();
  const [at, go] = useState(-1);
  if (period === null) return <p class="soft">Nothing happened.</p>;

  const longest = Math.max(...events.map(({ longestMs }) => longestMs));
  const shortest = Math.min(thresholdMs ?? longest, ...events.map(({ longestMs }) => longestMs));
  // Some room at both ends, also where there is one event.
  const margin = Math.max(500, (period.toMs - period.fromMs) * 0.03);
  const x = scaleTime([period.fromMs - margin, period.toMs + margin], [LEFT, width - RIGHT]);
  const y = scaleLog([Math.max(1, shortest / 1.5), longest * 1.5], [HEIGHT - BOTTOM, TOP]);
  const chosen = events[at];
  const last = events.length - 1;

  const nearest = (event: PointerEvent) => {
    const box = (event.currentTarget as SVGSVGElement).getBoundingClientRect();
    const [px, py] = [event.clientX - box.left, event.clientY - box.top];
    const far = events.map(({ atMs, longestMs }) => Math.hypot(x(atMs) - px, y(longestMs) - py));
    const index = far.indexOf(Math.min(...far));
    return (far[index] ?? REACH) < REACH ? index : -1;
  };
  const activate = (event: TimelineEvent | undefined) => {
    if (event?.block != null) open(event.block);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, number> = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      Home: 0,
      End: last,
    };
    const to = moves[event.key];
    if (event.key === 'Enter') activate(chosen);
    else if (to === undefined) return;
    else go(Math.min(Math.max(to, 0), last));
    // The page is not to scroll.
    event.preventDefault();
  };
  const powers = y.ticks(4).filter((tick) => Number.isInteger(Math.log10(tick)));
  const allTicks = x.ticks(Math.max(2, Math.floor(width / 140)));
  const [first, second] = allTicks;
  const stepMs =
    first === undefined || second === undefined ? 1000 : Number(second) - Number(first);
  const xTicks = allTicks.filter((tick) => x(tick) <= width - HALF_LABEL);

  return (
    <figure class="timeline" ref={frame}>
      <Legend kinds={KINDS.filter((kind) => events.some((event) => event.kind === kind))} />
      <svg
        width={width}
        height={HEIGHT}
        tabindex={0}
        role="application"
        aria-label={`Timeline with ${counted(events.length, 'event')}. Arrow keys go through them, Enter opens one.`}
        onKeyDown={onKeyDown}
        onPointerMove={(event) => go(nearest(event))}
        onClick={() => activate(chosen)}
      >
        {powers.map((tick) => (
          <g key={tick} class="grid">
            <line x1={LEFT} x2={width - RIGHT} y1={y(tick)} y2={y(tick)} />
            <text x={LEFT - 8} y={y(tick) + 4} text-anchor="end">
              {time(tick)}
            </text>
          </g>
        ))}
        {xTicks.map((tick) => (
          <text key={tick} class="tick" x={x(tick)} y={HEIGHT - 6} text-anchor="middle">
            {clock(tick, stepMs)}
          </text>
        ))}
        {thresholdMs !== null && (
          <line
            class="threshold"
            x1={LEFT}
            x2={width - RIGHT}
            y1={y(thresholdMs)}
            y2={y(thresholdMs)}
          />
        )}
        {events.map((event, index) => (
          <g key={index} class={`event ${event.kind}${index === at ? ' chosen' : ''}`}>
            <line
              class="span"
              x1={x(event.atMs)}
              x2={x(event.atMs + event.longestMs)}
              y1={y(event.longestMs)}
              y2={y(event.longestMs)}
            />
            <line
              class="stem"
              x1={x(event.atMs)}
              x2={x(event.atMs)}
              y1={HEIGHT - BOTTOM}
              y2={y(event.longestMs)}
            />
            <Shape kind={event.kind} x={x(event.atMs)} y={y(event.longestMs)} />
          </g>
        ))}
      </svg>
      <figcaption aria-live="polite">
        {chosen === undefined ? (
          <span class="soft">
            {events.length === 1 ? 'One event' : `${events.length} events`}, height is duration.
            Point at one, or use the arrow keys.
          </span>
        ) : (
          wordsOf(chosen)
        )}
      </figcaption>
    </figure>
  );
}
