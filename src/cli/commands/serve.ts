import { serve } from '../../server/serve.ts';
import type { Invocation } from '../invocation.ts';

function onHangUp(reload: () => void): () => void {
  process.on('SIGHUP', reload);
  return () => process.off('SIGHUP', reload);
}

/** Serves until it is told to stop; then it has done its work. */
export async function run(invocation: Invocation): Promise<number> {
  const kedge = await invocation.open({ anyVariable: false, log: (line) => process.stderr.write(line) });
  await serve(kedge, {
    stop: invocation.signal,
    onReload: onHangUp,
    say: (text) => {
      invocation.console.say(text);
    },
  });
  return 0;
}
