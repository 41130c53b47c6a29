/** How late the loop was in each second of the latest minute. */
import { scaleLinear, scaleLog } from 'd3-scale';
import { useWidth } from './use-width.js';
import { time } from './words.js';

const HEIGHT = 120;
const LEFT = 56;
const TOP = 8;
const BOTTOM = 20;

interface Props {
  readonly delays: readonly (number | null)[];
  readonly thresholdMs: number;
}

export function Delays({ delays, thresholdMs }: Props) {
  const [frame, width] = useWidth<HTMLElement>();
  const longest = Math.max(thresholdMs * 2, ...delays.map((delay) => delay ?? 0));
  const x = scaleLinear([0, delays.length], [LEFT, width]);
  const y = scaleLog([1, longest * 1.2], [HEIGHT - BOTTOM, TOP]).clamp(true);
  const ticks = y.ticks(3).filter((tick) => Number.isInteger(Math.log10(tick)));
  return (
    <figure ref={frame} class="timeline">
      <svg
        width={width}
        height={HEIGHT}
        role="img"
        aria-label={`Delay in the latest minute: at most ${time(Math.max(...delays.map((delay) => delay ?? 0)))}`}
      >
        {ticks.map((tick) => (
          <g key={tick} class="grid">
            <line x1={LEFT} x2={width} y1={y(tick)} y2={y(tick)} />
            <text x={LEFT - 8} y={y(tick) + 4} text-anchor="end">
              {time(tick)}
            </text>
          </g>
        ))}
        {delays.map((delay, second) => {
          if (delay === null) return null;
          const top = y(Math.max(1.3, delay));
          const kind = delay > thresholdMs ? 'late' : '';
          return (
            <rect
              key={second}
              class={`delay ${kind}`}
              x={x(second) + 1}
              width={Math.max(1, x(1) - x(0) - 2)}
              y={top}
              height={HEIGHT - BOTTOM - top}
            />
          );
        })}
        <text x={LEFT} y={HEIGHT - 4}>
          a minute ago
        </text>
        <text x={width} y={HEIGHT - 4} text-anchor="end">
          now
        </text>
      </svg>
    </figure>
  );
}
