/** A clock that draws its component again each second, on the second of the server. */
import { useEffect, useState } from '../vendor/preact-htm.js';
import { usePanel } from '../views/hooks.js';

/** The server's time, in ms; another one each second. */
export function useNow() {
  const { clockOffsetMs } = usePanel().state;
  const read = () => Date.now() + clockOffsetMs;
  const [now, tick] = useState(read);
  useEffect(() => {
    const timer = setInterval(() => tick(read()), 1_000);
    tick(read());
    return () => clearInterval(timer);
  }, [clockOffsetMs]);
  return now;
}

export const secondsSince = (at, now) => Math.max(0, (now - Date.parse(at)) / 1000);
