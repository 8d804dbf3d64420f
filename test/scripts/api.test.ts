import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { apiReports } from '../../scripts/api/report.js';
import { packageReports } from '../../scripts/api.js';

const root = join(import.meta.dirname, '../..');

describe('the public API is the one in docs/api (else: npm run api)', () => {
  it.each(packageReports())('$path', ({ path, text }) => {
    const stored = existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '';
    expect(text, `the API differs from ${path}: read the change, then run npm run api`).toBe(stored);
  });
});

describe('a report', () => {
  const folder = mkdtempSync(join(tmpdir(), 'unet-api-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const reports = (files: Readonly<Record<string, string>>, ...entries: string[]) => {
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
    const asked = entries.map((file) => ({ specifier: file.replace('.d.ts', ''), file }));
    return apiReports(folder, asked).map(({ text }) =>
      [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, block]) => block),
    );
  };

  it('has exported names in order, then the types that they use, without comments and private members', () => {
    const files = {
      'index.d.ts': "export { f, C } from './a.js';\nexport * from './b.js';\n",
      'a.d.ts': `
        import type { Used, Shown as Other } from './b.js';
        interface Local { readonly used: Used }
        /** Does something. */
        export declare function f(local: Local, other: Other): void;
        export declare function f(text: string): import('./d.js').Deep;
        export declare class C { #hidden; private secret: Secret; private constructor(); static made(): C }
        interface Secret { readonly a: 1 }
        export interface NotExported { readonly b: 2 }`,
      'b.d.ts': 'interface Used { readonly c: 3 }\nexport interface Shown {}\nexport type { Used };',
      'd.d.ts': 'export type Deep = 4;',
    };
    expect(reports(files, 'index.d.ts')).toEqual([
      [
        [
          'class C {\n    private constructor();\n    static made(): C;\n}',
          'interface Shown {\n}',
          'interface Used {\n    readonly c: 3;\n}',
          "function f(local: Local, other: Other): void;\nfunction f(text: string): import('./d.js').Deep;\n",
        ].join('\n\n'),
        'type Deep = 4;\n\ninterface Local {\n    readonly used: Used;\n}\n',
      ],
    ]);
  });

  it('names what has another name outside, what belongs to a package, and shows a used type once', () => {
    const files = {
      'one.d.ts': "export { type Inner as Outer } from './inner.js';\nexport { tool } from 'package';\n",
      'two.d.ts': "import type { Inner } from './inner.js';\nexport type Two = Inner[];\n",
      'inner.d.ts': 'export interface Inner {}',
    };
    expect(reports(files, 'one.d.ts', 'two.d.ts')).toEqual([
      ["export { Inner as Outer };\n\nexport { tool } from 'package';\n", 'interface Inner {\n}\n'],
      ['type Two = Inner[];\n'],
    ]);
  });
});
