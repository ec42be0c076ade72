import { describe, expect, it } from 'vitest';
import { readArgumentTypes } from './argument-types.ts';

describe('readArgumentTypes', () => {
  it('reads the names of catalog rows', () => {
    expect(readArgumentTypes('')).toEqual([]);
    expect(readArgumentTypes('int4, _text, shop.money')).toEqual([
      { schema: 'pg_catalog', name: 'int4' },
      { schema: 'pg_catalog', name: '_text' },
      { schema: 'shop', name: 'money' },
    ]);
  });

  it('says nothing about a name that could be read in two ways', () => {
    expect(readArgumentTypes('int4, a.b.c')).toBeUndefined();
    expect(readArgumentTypes('odd name')).toBeUndefined();
  });
});
