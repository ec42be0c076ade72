// Looks once at the unit of an installation in a process of its own, and prints how far the resident memory grew, in bytes.
import { openKedge } from '../src/app/kedge.ts';
import { look } from '../src/engine/look.ts';
import { unitOf } from '../src/engine/in-force.ts';

const [folder = '', unit = ''] = process.argv.slice(2);
const signal = new AbortController().signal;
const kedge = await openKedge({ workingDirectory: folder, environment: {}, log: () => undefined, signal });
const before = process.memoryUsage().rss;
await look(
  kedge.context,
  { set: kedge.context.workingSet(), unit: unitOf(kedge.context, unit), record: undefined, acting: false },
  signal,
);
process.stdout.write(String(process.resourceUsage().maxRSS * 1_024 - before));
await kedge.close();
