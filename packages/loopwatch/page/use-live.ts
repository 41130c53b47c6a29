/** What the server says, followed for as long as the page is open. */
import { useEffect, useState } from 'preact/hooks';
import type { Now } from '#src/shared/pictures/now.js';
import type { Pictures } from '#src/shared/pictures/pictures.js';
import { readEvents } from './event-lines.js';

/** - `lost`: there was an answer before, or there never was one; it is asked again */
export type Connection = 'asking' | 'open' | 'lost' | 'busy' | 'token';

export interface Live {
  readonly connection: Connection;
  readonly now: Now | null;
  readonly pictures: Pictures | null;
  readonly turn: Pictures | null;
}

const RETRY_MS = 2000;

const NOTHING: Live = { connection: 'asking', now: null, pictures: null, turn: null };

/** What the status of an answer means, when it is no stream of events. */
function connectionOf(status: number): Connection {
  if (status === 401) return 'token';
  return status === 503 ? 'busy' : 'lost';
}

export function useLive(token: string): Live {
  const [live, setLive] = useState(NOTHING);
  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const become = (parts: Partial<Live>) => setLive((before) => ({ ...before, ...parts }));

    const follow = async () => {
      const headers: Record<string, string> =
        token === '' ? {} : { authorization: `Bearer ${token}` };
      const response = await fetch('/events', { headers, signal: stop.signal });
      if (!response.ok || response.body === null) return connectionOf(response.status);
      become({ connection: 'open' });
      await readEvents(response.body, (event) => {
        if (event.type === 'now') become({ now: event.now });
        else if (event.type === 'turn') become({ turn: event.turn });
        else become({ pictures: event.pictures });
      });
      return 'lost';
    };
    const keepFollowing = async () => {
      const connection = await follow().catch((): Connection => 'lost');
      if (stop.signal.aborted) return;
      become({ connection });
      if (connection !== 'token') timer = setTimeout(keepFollowing, RETRY_MS);
    };
    void keepFollowing();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [token]);
  return live;
}
