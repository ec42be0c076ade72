import { describe, expect, it } from 'vitest';
import { parseYamlDocuments } from './yaml-document.ts';

const HEAD = 'apiVersion: kedge.dev/v1alpha1\nkind: Thing\nmetadata: {name: a}\n';

function codes(content: string): readonly string[] {
  return parseYamlDocuments('f.yaml', content).diagnostics.map((each) => each.code);
}

describe('YAML documents', () => {
  it('reads several documents and finds each value again by line and column', () => {
    const { documents, diagnostics } = parseYamlDocuments('f.yaml', `${HEAD}spec:\n  list:\n    - x: 1\n---\n${HEAD}`);

    expect(diagnostics).toEqual([]);
    expect(documents.map((each) => [each.kind, each.name, each.index])).toEqual([
      ['Thing', 'a', 0],
      ['Thing', 'a', 1],
    ]);
    expect(documents[0]?.locate('/spec/list/0/x')).toEqual({ file: 'f.yaml', line: 6, column: 10 });
    expect(documents[0]?.locateKey('/spec/list/0/x')).toEqual({ file: 'f.yaml', line: 6, column: 7 });
    expect(documents[0]?.locate('/spec/list/0/missing')).toMatchObject({ line: 6 });
  });

  it('EV-59: refuses bombs, depth, duplicate and machinery keys in bounded time', () => {
    const bomb = `a: &a [x,x]\n${Array.from({ length: 40 }, (_, n) => `a${n}: &b${n} [${`*${n === 0 ? 'a' : `b${n - 1}`},`.repeat(10)}]`).join('\n')}`;
    const deep = `${HEAD}spec: ${'['.repeat(10_000)}${']'.repeat(10_000)}`;
    const started = performance.now();

    expect(codes(HEAD + bomb)).toContain('YAML_ALIASES');
    expect(
      codes(
        `${HEAD}spec: {a: &a [${'x,'.repeat(9)}], ${'bcdefg'.replaceAll(/./g, (name) => `${name}: &${name} [${`*${String.fromCharCode(name.charCodeAt(0) - 1)},`.repeat(9)}], `)}}`,
      ),
    ).toEqual(['YAML_ALIASES']);
    expect(codes(`${HEAD}spec: {a: *nothing}`)).toContain('YAML_ALIASES');
    expect(codes(`${HEAD}spec: &s {owner: *s}`)).toEqual(['YAML_ALIASES']);
    expect(codes('a: &a [*a]')).toEqual(['YAML_ALIASES']);
    expect(codes(`${HEAD}spec: {owner: "pay\\uD800x"}`)).toEqual(['YAML_TEXT']);
    expect(codes(`${HEAD}spec: {"pay\\uDC00x": 1}`)).toEqual(['YAML_TEXT']);
    expect(codes(deep)).toEqual(['DOCUMENT_TOO_DEEP']);
    expect(codes(`${HEAD}spec: {a: 1, a: 2}`)).toEqual(['YAML_DUPLICATE_KEY']);
    expect(codes(`${HEAD}spec: {__proto__: {x: 1}}`)).toEqual(['YAML_KEY']);
    expect(codes(`${HEAD}spec: ${'x'.repeat(1024 * 1024)}`)).toEqual(['DOCUMENT_TOO_LARGE']);
    expect(codes(`${HEAD}spec: !!js/function x`)).toContain('YAML_TAG');
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it.each([
    ['300,000 aliases', `${HEAD}spec: [${'*a,'.repeat(300_000)}]`, 'DOCUMENT_TOO_COMPLEX'],
    ['300,000 anchors', `${HEAD}spec: ${'&a '.repeat(300_000)}`, 'DOCUMENT_TOO_COMPLEX'],
    ['80,000 pairs in one list', `${HEAD}spec: [${'a: '.repeat(80_000)}]`, 'DOCUMENT_TOO_COMPLEX'],
    ['200,000 empty documents', '---\n'.repeat(200_000), 'DOCUMENT_TOO_COMPLEX'],
    ['a body of 10 MiB', `${HEAD}spec: ${'x'.repeat(10 * 1024 * 1024)}`, 'DOCUMENT_TOO_LARGE'],
    ['10,000 nested keys', `${HEAD}spec: ${'? '.repeat(10_000)}a`, 'YAML_SYNTAX'],
    ['10,000 nested items', `${HEAD}spec:\n  ${'- '.repeat(10_000)}a`, 'DOCUMENT_TOO_DEEP'],
    ['a key named constructor', `${HEAD}spec: {constructor: 1}`, 'YAML_KEY'],
  ])('EV-59: refuses %s in bounded time and memory', (_, content, code) => {
    const started = performance.now();

    const { documents, diagnostics } = parseYamlDocuments('f.yaml', content);

    expect(documents).toEqual([]);
    expect(diagnostics.map((each) => each.code)).toContain(code);
    expect(diagnostics.length).toBeLessThan(502);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('EV-59: reads 20,000 keys of one map in bounded time, and still sees the one that stands twice', () => {
    const keys = Array.from({ length: 20_000 }, (_, index) => `  k${index}: 1`).join('\n');
    const started = performance.now();

    expect(codes(`${HEAD}spec:\n${keys}\n`)).toEqual([]);
    expect(codes(`${HEAD}spec:\n${keys}\n  k7: 2\n`)).toEqual(['YAML_DUPLICATE_KEY']);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('names every fault of a file at once', () => {
    expect(
      codes(`${HEAD}spec: {a: 1, a: 2, b: 1, b: 2}\n---\nkind: Thing\n---\napiVersion: v1\nkind: Other\n`),
    ).toEqual(['YAML_DUPLICATE_KEY', 'YAML_DUPLICATE_KEY', 'DOCUMENT_INVALID', 'DOCUMENT_INVALID']);
  });
});
