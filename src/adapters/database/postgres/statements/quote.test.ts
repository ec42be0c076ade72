import { describe, expect, it } from 'vitest';
import { integerLiteral, quoteIdentifier, quoteLiteral, quoteQualified } from './quote.ts';

describe('quoteIdentifier', () => {
  it('quotes every name and doubles its quotation marks', () => {
    expect(quoteIdentifier('reporting')).toBe('"reporting"');
    expect(quoteIdentifier('x"; DROP ROLE y; --')).toBe('"x""; DROP ROLE y; --"');
    expect(quoteQualified('Sales EU', 'we"ird')).toBe('"Sales EU"."we""ird"');
  });

  it('takes 63 bytes and refuses 64, counted in UTF-8', () => {
    expect(quoteIdentifier('a'.repeat(63))).toHaveLength(65);
    expect(() => quoteIdentifier('a'.repeat(64))).toThrow('64 bytes');
    expect(() => quoteIdentifier('ä'.repeat(32))).toThrow('64 bytes');
  });

  it('refuses what no name can hold', () => {
    expect(() => quoteIdentifier('')).toThrow('empty');
    expect(() => quoteIdentifier('a\0b')).toThrow('NUL');
    expect(() => quoteIdentifier('\ud800')).toThrow('surrogate');
  });
});

describe('quoteLiteral', () => {
  it('doubles apostrophes and leaves backslashes alone', () => {
    expect(quoteLiteral(String.raw`it's \n`)).toBe(String.raw`'it''s \n'`);
    expect(() => quoteLiteral('a\0')).toThrow('NUL');
  });
});

describe('integerLiteral', () => {
  it('refuses what the server would not read as an integer', () => {
    expect(integerLiteral(-1)).toBe('-1');
    expect(() => integerLiteral(1.5)).toThrow('32-bit');
    expect(() => integerLiteral(Number.NaN)).toThrow('32-bit');
    expect(() => integerLiteral(2_147_483_648)).toThrow('32-bit');
  });
});
