/** A flame graph: the outermost functions on top, each as wide as its time. Pointer, touch and keys. */
import { type HierarchyRectangularNode, hierarchy, partition } from 'd3-hierarchy';
import { useMemo, useRef, useState } from 'preact/hooks';
import type { FlamePicture, FlameShape, FrameLabel } from '#src/shared/pictures/pictures.js';
import { shortPlace, time } from './words.js';

interface Datum {
  readonly label: FrameLabel;
  readonly ms: number;
  readonly children: readonly Datum[];
}

type Box = HierarchyRectangularNode<Datum>;

/** Height of a row, in rem. */
const ROW = 1.5;

/** What is narrower than this share of what is shown is not drawn: nobody could hit it. */
const LEAST_SHARE = 0.002;

const ALL: FrameLabel = { name: 'all', place: null, inApp: false };

function datumOf([frame, ms, called]: FlameShape, frames: readonly FrameLabel[]): Datum {
  const children = called.map((shape) => datumOf(shape, frames));
  return { label: frames[frame] ?? ALL, ms, children };
}

/** Boxes with x from 0 to 1. The time of a function is known, so it is not summed up from below. */
function boxesOf({ ms, roots }: FlamePicture, frames: readonly FrameLabel[]): Box {
  const children = roots.map((shape) => datumOf(shape, frames));
  const root = hierarchy<Datum>({ label: ALL, ms, children }, (datum) => [...datum.children]);
  const own = ({ ms: whole, children: called }: Datum) => {
    return Math.max(0, whole - called.reduce((sum, child) => sum + child.ms, 0));
  };
  return partition<Datum>()(root.sum(own));
}

function kindOf({ inApp, place }: FrameLabel): string {
  if (inApp) return 'app';
  if (place === null || place.startsWith('node:')) return 'node';
  return 'package';
}

const KEYS: Readonly<Record<string, (box: Box) => Box | null | undefined>> = {
  ArrowUp: (box) => box.parent,
  ArrowDown: (box) => box.children?.[0],
  ArrowLeft: (box) => sibling(box, -1),
  ArrowRight: (box) => sibling(box, 1),
};

function sibling(box: Box, step: number): Box | undefined {
  const all = box.parent?.children ?? [];
  return all[all.indexOf(box) + step];
}

interface Props {
  readonly picture: FlamePicture;
  readonly frames: readonly FrameLabel[];
  /** What it is of, for those who don't see it. */
  readonly label: string;
}

export function FlameGraph({ picture, frames, label }: Props) {
  const root = useMemo(() => boxesOf(picture, frames), [picture, frames]);
  const [zoomed, zoom] = useState<Box>(root);
  const [chosen, choose] = useState<Box>(root);
  const [seen, see] = useState<Box | null>(null);
  const graph = useRef<HTMLFieldSetElement>(null);
  if (picture.roots.length === 0) return <p class="soft">No stack was seen.</p>;

  // Other data came meanwhile, on the live page.
  const from = root.descendants().includes(zoomed) ? zoomed : root;
  const current = root.descendants().includes(chosen) ? chosen : from;
  const width = from.x1 - from.x0 || 1;
  const drawn = root.descendants().filter(({ x0, x1 }) => {
    const overlap = Math.min(x1, from.x1) - Math.max(x0, from.x0);
    return overlap / width >= LEAST_SHARE;
  });
  const rows = Math.max(...drawn.map(({ depth }) => depth)) + 1;
  const told = seen ?? current;

  const focus = (box: Box) => {
    choose(box);
    // It gets its tabindex with the next rendering; focus does not need it.
    graph.current?.querySelector<HTMLElement>(`[data-box="${drawn.indexOf(box)}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const next = KEYS[event.key]?.(current);
    if (event.key === 'Escape') zoom(root);
    else if (next == null || !drawn.includes(next)) return;
    else focus(next);
    event.preventDefault();
  };

  return (
    <figure class="flame">
      <fieldset
        ref={graph}
        class="boxes"
        aria-label={`${label}. Arrow keys move, Enter zooms in, Escape shows all.`}
        style={{ height: `${rows * ROW}rem` }}
        onKeyDown={onKeyDown}
        onPointerLeave={() => see(null)}
      >
        {drawn.map((box, index) => {
          const left = Math.max(0, (box.x0 - from.x0) / width);
          const right = Math.min(1, (box.x1 - from.x0) / width);
          const { label: name, ms } = box.data;
          return (
            <button
              key={index}
              type="button"
              data-box={index}
              class={`box ${kindOf(name)}`}
              tabIndex={box === current ? 0 : -1}
              aria-label={`${name.name}, ${time(ms)}`}
              aria-current={box === from ? 'true' : undefined}
              style={{
                left: `${left * 100}%`,
                width: `${(right - left) * 100}%`,
                top: `${box.depth * ROW}rem`,
              }}
              onClick={() => {
                choose(box);
                zoom(box === from ? root : box);
              }}
              onFocus={() => choose(box)}
              onPointerEnter={() => see(box)}
            >
              {name.name}
            </button>
          );
        })}
      </fieldset>
      <figcaption aria-live="polite">
        <Told box={told} whole={picture.ms} />
      </figcaption>
    </figure>
  );
}

function Told({ box, whole }: { readonly box: Box; readonly whole: number }) {
  const { label, ms } = box.data;
  const share = whole === 0 ? 0 : Math.round((ms / whole) * 100);
  return (
    <>
      <code>{label.name}</code> {label.place !== null && <span>{shortPlace(label.place)} </span>}
      <b>{time(ms)}</b> <span>{share}%</span>
    </>
  );
}
