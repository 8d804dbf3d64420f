import { test } from 'vitest';
import { meaning, read } from './reading.js';
test('x', () => {
  for (const s of ['ablation A of B { vary }', 'ablation A of B { vary a }', 'ablation A of B { vary 3 \n a = 1}', 'param', 'language', 'unet A { a = f(: , b: ) . }', 'training'])
  console.log(s, JSON.stringify(meaning(read(s).tree)), read(s).diagnostics.map((d) => d.message));
});
