import { readFileSync } from 'node:fs';
import { test } from 'vitest';
import { parse } from '../../grammar/parse.js';
import { format } from '../../grammar/print.js';
import { SourceFile } from '../../src/source/source-file.js';
const show = (text: string) => {
  const p = parse(new SourceFile('a', text));
  console.log(p.diagnostics.map((d) => d.message), '\n' + format(p));
};
test('x', () => {
  for (const f of ['unet2d', 'unet3d', 'lib/blocks']) show(readFileSync(`specs/${f}.unet`, 'utf8'));
  show(`/* head */ // and
import {A,B} from "x" // t
param base=64;param d=1 // x

param longer = 2
// about A
unet A extends B{skip=add;up= bilinear}
unet C{ // c
// own

expect{ // rows
x3 == 5;-4 <= 1; x (3) == 2
input==1x3x3 /* in */
b //d
a ==  1 x 2x 3;;
}
block[2]=residual
/* lead */ a = [1,
2,3,  // three
4] // t
b = f(
  a: 1, b:-2^ -3, // c
  c // d
)
k = input -> a
-> b(1 , 2) // e
->c
/* end */}
block double(c,k=3x3){ h=input->a;
(h +
h)[1] }
`.replace('(h +\nh)[1]', '(h +\nh)'));
});
