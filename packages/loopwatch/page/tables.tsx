/** What blocked, and what was blocked, costliest first. */
import type { ComponentChildren } from 'preact';
import type { CulpritPicture, Pictures, Sum } from '#src/shared/pictures/pictures.js';
import { AdviceView } from './advice.js';
import { Disclosure } from './disclosure.js';
import { FlameGraph } from './flame-graph.js';
import { counted, shortPlace, time } from './words.js';

/** How much of the whole it is, as a bar. */
function Share({ part, whole }: { readonly part: number; readonly whole: number }) {
  const percent = whole === 0 ? 0 : Math.min(100, (part / whole) * 100);
  return (
    <span class="share" aria-hidden="true">
      <span style={{ width: `${percent}%` }} />
    </span>
  );
}

function Cost({ sum, whole }: { readonly sum: Sum; readonly whole: number }) {
  return (
    <span class="cost">
      <Share part={sum.totalMs} whole={whole} />
      <span class="figures">
        <b>{time(sum.totalMs)}</b>
        <span>{counted(sum.count, 'block')}</span>
        <span>longest {time(sum.longestMs)}</span>
      </span>
    </span>
  );
}

export function More({ count, what }: { readonly count: number; readonly what: string }) {
  return count === 0 ? null : <p class="soft">And {counted(count, what)} more.</p>;
}

function Facts({ rows }: { readonly rows: readonly (readonly [string, ComponentChildren])[] }) {
  return (
    <dl>
      {rows.map(([name, value]) => [<dt key={name}>{name}</dt>, <dd key={`${name} `}>{value}</dd>])}
    </dl>
  );
}

function CulpritView({ culprit, pictures }: { culprit: CulpritPicture; pictures: Pictures }) {
  const { name, place, package: dependency, causes, routes, advice, flame } = culprit;
  const rows: [string, ComponentChildren][] = [['cause', causes.join(', ')]];
  if (place !== null) rows.unshift(['place', <code>{place}</code>]);
  if (dependency !== null) rows.push(['package', <code>{dependency}</code>]);
  if (routes.length > 0) rows.push(['routes', routes.join(', ')]);
  return (
    <li>
      <Disclosure
        summary={
          <>
            <span class="who">
              <code class="name">{name}</code>
              {place !== null && <span class="place">{shortPlace(place)}</span>}
            </span>
            <Cost sum={culprit} whole={pictures.counts.blockedMs} />
          </>
        }
      >
        {() => (
          <>
            <Facts rows={rows} />
            <FlameGraph
              picture={flame}
              frames={pictures.frames}
              label={`Flame graph of the blocks in ${name}`}
            />
            <AdviceView advice={advice === null ? undefined : pictures.advices[advice]} />
          </>
        )}
      </Disclosure>
    </li>
  );
}

export function Culprits({ pictures }: { readonly pictures: Pictures }) {
  if (pictures.culprits.length === 0) return <p class="soft">Nobody.</p>;
  return (
    <>
      <ol class="rows">
        {pictures.culprits.map((culprit) => (
          <CulpritView
            key={`${culprit.name} ${culprit.place} ${culprit.package}`}
            {...{ culprit, pictures }}
          />
        ))}
      </ol>
      <More count={pictures.more.culprits} what="culprit" />
    </>
  );
}

export function Routes({ pictures }: { readonly pictures: Pictures }) {
  const { routes, counts, more } = pictures;
  if (routes.length === 0) return <p class="soft">No block was in a request.</p>;
  return (
    <>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th>Route</th>
              <th class="number">Blocked</th>
              <th class="number">Blocks</th>
              <th class="number">Longest</th>
              <th class="number">Requests delayed</th>
              <th>By</th>
            </tr>
          </thead>
          <tbody>
            {routes.map((route) => (
              <tr key={route.route}>
                <th scope="row">
                  <code>{route.route}</code>
                  <Share part={route.totalMs} whole={counts.blockedMs} />
                </th>
                <td class="number">{time(route.totalMs)}</td>
                <td class="number">{route.count}</td>
                <td class="number">{time(route.longestMs)}</td>
                <td class="number">{route.delayed}</td>
                <td>
                  <code>{route.culprits.join(', ')}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <More count={more.routes} what="route" />
    </>
  );
}
