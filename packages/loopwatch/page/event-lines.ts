/** Server-sent events out of a response: EventSource can't send a token. */
import type { LiveEvent } from '#src/shared/pictures/now.js';

/** Calls `take` for each event until the response ends. */
export async function readEvents(
  body: ReadableStream<Uint8Array>,
  take: (event: LiveEvent) => void,
): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const events = (rest + decoder.decode(value, { stream: true })).split('\n\n');
    rest = events.pop() as string;
    // The server writes one line an event.
    for (const event of events) take(JSON.parse(event.slice('data: '.length)) as LiveEvent);
  }
}
