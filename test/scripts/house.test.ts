import { describe, expect, it } from 'vitest';
import { sourceFileOf } from '../../scripts/house/source-file.js';

const bare = (text: string) => sourceFileOf('one.ts', text).bareAssertions.map((one) => one.text);

describe('an assertion is covered', () => {
  it.each([
    ['by a comment on its line', 'const a = b as A; // b is an A'],
    ['by a comment on the line above', '// b is an A\nconst a = b as A;'],
    ['by a comment above the argument', 'f(\n  // b is an A\n  b as A,\n  c,\n);'],
    ['by a comment above the statement that contains it', '// b is an A\nreturn f({\n  b: b as A,\n});'],
    ['by a comment on its last line', 'const a = {\n  b,\n} as A; // it has all fields of an A'],
    ['with its neighbours', '// Both are numbers.\nconst a = x[0] as A;\nconst b = x[1] as A;'],
    [
      'by a comment on its function that names it',
      '/** `as A`: ... */\nfunction f() {\n  g();\n  return b as A;\n}',
    ],
    ['by a comment at the top that names it', "// `as A`: ...\nimport x from 'x';\n\ng();\nh(b as A);"],
    ['by a comment between blank lines that names it', 'g();\n\n// `as A`: ...\n\nh();\nh(b as A);'],
    [
      'by a name over two lines',
      '/**\n * Here `as unknown as\n * A` is right.\n */\nfunction f() {\n  g();\n  h(b as unknown as A);\n}',
    ],
    ['without a null, by a comment that names it', '/** `!`: ... */\nfunction f() {\n  g();\n  h(b!);\n}'],
  ])('%s', (_, text) => expect(bare(text)).toEqual([]));

  it.each([
    ['by nothing', 'const a = b as A;', 'b as A'],
    ['by a comment two lines above', '// about g\ng();\nconst a = b as A;', 'b as A'],
    ['by a comment after the code above', 'g(); // about g\nconst a = b as A;', 'b as A'],
    [
      'by a comment inside of it',
      'const a = {\n  // about b\n  b,\n} as A;',
      '{\n  // about b\n  b,\n} as A',
    ],
    [
      'by a comment on its function about something else',
      '/** An A. */\nfunction f() {\n  g();\n  return b as A;\n}',
      'b as A',
    ],
    [
      'by a comment that names another',
      '/** `as B`: ... */\nfunction f() {\n  g();\n  return b as A;\n}',
      'b as A',
    ],
    [
      'by a comment that names it on another function',
      '/** `as A` */\nfunction f() {}\nfunction g() {\n  h();\n  return b as A;\n}',
      'b as A',
    ],
    ['by a comment that names it further down', 'h(b as A);\ng();\n\n// `as A`: ...\n\nf();', 'b as A'],
    [
      'with a neighbour that asserts something else',
      '// a number\nconst a = x as A;\nconst b = y as B;',
      'y as B',
    ],
    ['with a neighbour after a blank line', '// a number\nconst a = x as A;\n\nconst b = y as A;', 'y as A'],
    ['in angle brackets', 'const a = <A>b;', '<A>b'],
    ['as not null', 'const a = b!;', 'b!'],
    ['of a field', 'class C {\n  a!: A;\n}', 'a!: A;'],
    ['in a template', `const a = \`\n\${b as A}\`;`, 'b as A'],
  ])('not %s', (_, text, asserted) => expect(bare(text)).toEqual([asserted]));

  it('where there is one', () => {
    expect(bare('const a = [b] as const;')).toEqual([]);
    expect(bare('import { b as a } from "b";\nexport { a as c };')).toEqual([]);
    expect(bare('const a = `what is written as it is`;\nconst b = !a;')).toEqual([]);
    expect(bare('const a = b satisfies A;')).toEqual([]);
  });
});

describe('a source file', () => {
  it('imports in every form', () => {
    const text = `
      import a, { b } from './one.js';
      import type { C } from './two.js';
      export * from './three.js';
      export { d } from './four.js';
      const e = await import('./five.js');
      type F = import('./six.js').F;
      const text = \`import g from './seven.js'\`;`;
    expect(sourceFileOf('one.ts', text).imports).toEqual(
      ['one', 'two', 'three', 'four', 'five', 'six'].map((name) => `./${name}.js`),
    );
  });

  it('exports in every form', () => {
    const text = `
      import { b as c } from './b.js';
      export function f() {}
      export const [g, { h }] = i;
      export { c as d, c as default };
      export { j as k } from './j.js';
      export * from './l.js';
      export interface M {}
      const text = \`export const n = 1;\`;`;
    expect(sourceFileOf('one.ts', text).exports).toEqual([
      { name: 'f', local: 'f' },
      { name: 'g', local: 'g' },
      { name: 'h', local: 'h' },
      { name: 'd', local: 'b', from: './b.js' },
      { name: 'default', local: 'b', from: './b.js' },
      { name: 'k', local: 'j', from: './j.js' },
      { name: '*', local: '*', from: './l.js' },
      { name: 'M', local: 'M' },
    ]);
  });
});
