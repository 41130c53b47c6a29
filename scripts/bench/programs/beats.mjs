// Notes when each beat is made, by standing in front of the timer that loopwatch takes for it.
import timers from 'node:timers';

const { setInterval } = timers;

globalThis.lastBeatMs = null;
timers.setInterval = (callback, ...rest) => {
  const beat = () => {
    callback();
    globalThis.lastBeatMs = performance.now();
  };
  return setInterval(beat, ...rest);
};
