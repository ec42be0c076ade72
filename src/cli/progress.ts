import type { Console } from './console.ts';

const EVERY = 30_000;

/** Progress of long work, on stderr. */
export interface Progress {
  finished(unit: string, result: string): void;
  end(): void;
}

/** A live line on a terminal; else a line for each finished unit and one every 30 seconds. */
export function createProgress(console: Console, total: number): Progress {
  const { progress } = console.options;
  if (progress === 'none' || console.options.quiet || total <= 1)
    return { finished: () => undefined, end: () => undefined };
  const live = progress === 'auto' && process.stderr.isTTY;
  let done = 0;
  const timer = setInterval(() => {
    if (!live) console.say(`${done} of ${total} units checked`);
  }, EVERY);
  timer.unref();
  return {
    finished(unit, result) {
      done += 1;
      if (live) process.stderr.write(`\r\u001B[2K${done} of ${total} units checked: ${unit} ${result}`);
      else console.say(`${done}/${total} ${unit} ${result}`);
    },
    end() {
      clearInterval(timer);
      if (live) process.stderr.write('\r\u001B[2K');
    },
  };
}
