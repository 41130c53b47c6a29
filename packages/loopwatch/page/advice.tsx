/** What to do about a block. */
import type { Advice } from '#src/shared/advice/advice.js';

export function AdviceView({ advice }: { readonly advice: Advice | undefined }) {
  if (advice === undefined) return null;
  const { title, text, hint, snippet, links = [] } = advice;
  return (
    <section class="advice" aria-label="Advice">
      <h4>{title}</h4>
      <p>
        <b>{hint}</b>
      </p>
      <p>{text}</p>
      <pre>
        <code>{snippet}</code>
      </pre>
      {links.length > 0 && (
        <ul class="links">
          {links
            .filter(({ url }) => url.startsWith('https://'))
            .map(({ title: name, url }) => (
              <li key={url}>
                <a href={url} rel="noreferrer">
                  {name}
                </a>
              </li>
            ))}
        </ul>
      )}
    </section>
  );
}
