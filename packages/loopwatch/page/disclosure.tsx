/** Something that is drawn when it is opened: a page may have hundreds of them. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

interface Props {
  readonly id?: string;
  readonly summary: ComponentChildren;
  readonly children: () => ComponentChildren;
}

export function Disclosure({ id, summary, children }: Props) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details id={id} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{summary}</summary>
      {isOpen && <div class="inside">{children()}</div>}
    </details>
  );
}
