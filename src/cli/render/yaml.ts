import { stringify } from 'yaml';
import { inertJson } from './inert-text.ts';

/** A value as YAML. Text that a terminal would obey is quoted, so that it can stand as an escape. */
export function renderYaml(value: unknown): string {
  const plain: unknown = JSON.parse(JSON.stringify(value));
  const text = stringify(plain, { lineWidth: 0 });
  if (inertJson(text) === text) return text;
  const quoted = stringify(plain, { lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'QUOTE_DOUBLE' });
  return inertJson(quoted);
}
