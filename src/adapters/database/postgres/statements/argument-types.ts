import type { TypeName } from './target.ts';

const PART = '[a-z_][a-z0-9_$]*';
const TYPE = new RegExp(`^(?:(${PART})\\.)?(${PART})$`);

function readType(text: string): TypeName | undefined {
  const [, schema = 'pg_catalog', name] = TYPE.exec(text.trim()) ?? [];
  return name === undefined ? undefined : { schema, name };
}

/**
 * Reads the argument types of a function by the names of their catalog rows (`int4, _text, shop.money`);
 * undefined when one is not plain enough to be read without doubt.
 */
export function readArgumentTypes(text: string): readonly TypeName[] | undefined {
  if (text.trim() === '') return [];
  const types = text.split(',').map(readType);
  return types.every((type) => type !== undefined) ? types : undefined;
}
