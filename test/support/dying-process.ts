// A process of its own that kills itself at a named step: `node dying-process.ts FOLDER TASK STEP COUNT`.
import { openKedge } from '../../src/app/kedge.ts';
import { passUnit } from '../../src/engine/pass.ts';
import { reconcileAction } from '../../src/engine/reconcile.ts';
import { appendEntries } from './append-entries.ts';

const [folder = '.', task = '', step = '', count = '1'] = process.argv.slice(2);
const NEVER = new AbortController().signal;

let left = Number(count);

/** Ends this process at once, as a power cut would, when the step has come so often. */
function dieAt(name: string): void {
  if (name !== step) return;
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
}

type Method = (...given: readonly unknown[]) => Promise<unknown>;

/** Puts a death before and after each call of the named methods. */
function mortal(object: object, prefix: string, methods: readonly string[]): void {
  const target = object as Record<string, Method>;
  for (const method of methods) {
    const original = target[method];
    if (original === undefined) throw new Error(`no method ${method}`);
    target[method] = async (...given) => {
      dieAt(`before ${prefix}.${method}`);
      const answer = await original.apply(target, [...given]);
      dieAt(`after ${prefix}.${method}`);
      return answer;
    };
  }
}

const kedge = await openKedge({ workingDirectory: folder, environment: {}, log: () => undefined, signal: NEVER });
const { context } = kedge;

if (task === 'publish') {
  const recorded = await appendEntries(kedge, 40);
  process.stdout.write(`${recorded.join('\n')}\n`);
  mortal(kedge.evidence, 'evidence', ['putOnce', 'extend', 'replace']);
  mortal(kedge.store.entries, 'entries', ['order', 'saveLeafHashes', 'markPublished']);
  await context.publisher.publish(NEVER);
}

if (task === 'act' || task === 'pass') {
  const dying = {
    ...context,
    adapterOf: (type: string) => {
      const known = context.adapterOf(type);
      if (known === undefined) return undefined;
      const { adapter } = known;
      return {
        ...known,
        adapter: {
          ...adapter,
          actuator: (given: never) => {
            const actuator = adapter.actuator?.(given);
            if (actuator !== undefined) mortal(actuator, 'actuator', ['act', 'settle']);
            return actuator;
          },
        },
      };
    },
  } as typeof context;
  mortal(dying.publisher, 'publisher', ['publishEntry']);
  mortal(dying.store, 'store', ['write']);
  const [unit] = context.workingSet().units;
  if (task === 'act') await reconcileAction(dying, process.argv[6] ?? '', NEVER);
  else if (unit !== undefined) await passUnit(dying, { unit, lockTimeout: 10_000 }, NEVER);
}
await kedge.close();
