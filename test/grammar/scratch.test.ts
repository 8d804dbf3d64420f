import { test } from 'vitest';
import { read } from './reading.js';
import { format } from '../../grammar/print.js';
const n = Number(process.env.N ?? 30000);
const fill = (s: string, size = n) => s.repeat(Math.floor(size / s.length));
const cases: Record<string, string> = {
  commaErrors: `unet A {${fill(' , a = 1\n')}}`,
  colonErrors: `unet A {${fill('a: 1\n')}}`,
  eqeq: `unet A {${fill('a == 1\n')}}`,
  missing: `unet A {${fill('a = \n')}}`,
  missing2: `unet A {${fill('a = ;\n')}}`,
  listErr: `unet A { a = [${fill('1 , , ')}] }`,
  listErr2: `unet A { a = [${fill('1 2 ')}] }`,
  argErr: `unet A { a = f(${fill('a b, ')}) }`,
  junk1: fill('§ '), junk2: fill('a '), junk3: fill('unet '), junk4: fill('unet A {'), junk5: fill('}'), junk6: fill('('.repeat(90)+'\n'), junk7: fill('unet A { a = ( }'),
  quotes: fill('"'), quotes2: fill('"\n'), openc: fill('/*'), openc2: fill('/* *'), dots: fill('.'), arrows: fill('->'), block: `block A { ${fill('-> ')}`,
  arrowsOk: `block A { a ${fill('-> a ')} }`,
  sums: `unet A { a = 1${' + 1'.repeat(n / 20)} }`, sumsLines: `unet A { a = 1${'\n+ 1'.repeat(50000)} }`,
  pow: `unet A { a = 1${'^1'.repeat(n / 20)} }`, dims: `unet A { a = 1${'x1'.repeat(50000)} }`,
  listOk: `unet A { a = [1${', 1'.repeat(n/3)}] }`,
  listOkLines: `unet A { a = [1${',\n 1'.repeat(n/5)}] }`,
  attrs: `unet A {${fill('a = 1\n')}}`,
  rows: `unet A { expect {${fill('a == 1\n')}}}`,
  rowsErr: `unet A { expect {${fill('a = 1\n')}}}`,
  decls: fill('param a = 1\n'), decls2: fill('unet A {}'), declsErr: fill('unet A { a = }\n'), declsErr2: fill('unet A { a = #}\n'), declsHalf: fill('unet A {\n'),
  comments: fill('// c\n'), comments2: `unet A { a = 1 ${fill('/* c */ ')} }`, comments3: `unet A { a = [${fill('/* c */\n1, ')} 1 ] }`,
  semis: `unet A {${fill(';')}}`, nested: '('.repeat(10000), x: fill('x'), xs: fill('1 x '), xx: `unet A { a = ${fill('1 x ')}1 }`, selector: `unet A { ${fill('a[1,1,1,1,1,1,1] ')} }`, blockNames: `block A { ${fill('a = b\n')} a }`, num: '1'.repeat(n), und: fill('1_'), curly: fill('{}'), sq: `unet A {a = ${fill('[]')}}`, cr: `unet A {${fill('a = 1\r')}}`,
  vary: `ablation A of B {${fill('variant C { a = } ')}}`, imp: `import {${fill('a b ')}} from "x"`, pars: `block A(${fill('a = , ')}) { a }`, idx: `unet A { a = ${fill('b[1].c ')} }`,
  minus: `unet A { a = ${fill('- ')} 1 }`, calls: `unet A { a = ${fill('f(')} }`,
  withins: `unet A { expect {${fill('within ')}}}`,
};
test('x', () => {
  for (const [k, c] of Object.entries(cases)) { if (!["attrs","cr","sumsLines","dims","vary","rows"].includes(k)) continue;
    const t0 = performance.now();
    try {
      const p = read(c);
      const t1 = performance.now();
      const f = format(p);
      const t2 = performance.now();
      if (t2 - t0 > Number(process.env.T ?? 300) || process.env.ALL) console.log(k, Math.round(t1 - t0), Math.round(t2 - t1), p.diagnostics.length, p.diagnostics[0]?.message.slice(0, 60), f?.length);
    } catch (e) { console.log('THROWS', k, Math.round(performance.now() - t0), String(e).slice(0, 200)); }
  }
}, 500000);
