/** Settings that steer what a session may see or what is written down of it. */
const STEERING: ReadonlySet<string> = new Set([
  'role',
  'search_path',
  'session_preload_libraries',
  'local_preload_libraries',
  'shared_preload_libraries',
  'row_security',
  'session_authorization',
  'default_transaction_read_only',
  'password_encryption',
]);

/** Whether a setting is one of those that give access or hide something. */
export function isSteering(name: string): boolean {
  const plain = name.slice(name.lastIndexOf(':') + 1).toLowerCase();
  return (
    STEERING.has(plain) || plain.startsWith('log_') || plain.startsWith('pgaudit.') || plain === 'logging_collector'
  );
}

const BYTES: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1_024,
  MB: 1_048_576,
  GB: 1_073_741_824,
  TB: 1_099_511_627_776,
  '8kB': 8_192,
  '16MB': 16_777_216,
};
const MILLISECONDS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

function inUnits(value: string, unit: string | undefined): string | undefined {
  const hit = /^(-?\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(value.trim());
  if (hit === null || unit === undefined) return undefined;
  const table = Object.hasOwn(BYTES, unit) ? BYTES : Object.hasOwn(MILLISECONDS, unit) ? MILLISECONDS : undefined;
  const factor = table?.[hit[2] === '' ? unit : (hit[2] ?? '')];
  return factor === undefined ? undefined : String(Number(hit[1]) * factor);
}

const FLAGS: Readonly<Record<string, string>> = {
  on: 'on',
  true: 'on',
  yes: 'on',
  1: 'on',
  off: 'off',
  false: 'off',
  no: 'off',
  0: 'off',
};

/** A setting as it is meant: units folded, lists without spaces, flags in one word. */
export function foldSetting(value: string, unit: string | undefined, isFlag: boolean): string {
  const sized = inUnits(value, unit);
  if (sized !== undefined) return sized;
  if (isFlag) return FLAGS[value.trim().toLowerCase()] ?? value;
  return value
    .split(',')
    .map((part) => part.trim().replace(/^"(.*)"$/, '$1'))
    .join(', ');
}
