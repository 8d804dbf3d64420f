import { test } from 'vitest';
import { Random } from './random.js';
import { randomProgram } from './random-program.js';
import { read } from './reading.js';
test('x', () => {
  const count = new Map<string, number>(); const ex = new Map<string,string>();
  let bad = 0;
  for (let seed = 0; seed < 600; seed += 1) {
    const text = randomProgram(new Random(seed), 0);
    const p = read(text);
    if (p.diagnostics.length) bad++;
    for (const d of p.diagnostics.slice(0,1)) { count.set(d.message, (count.get(d.message) ?? 0) + 1); 
      if (!ex.has(d.message)) ex.set(d.message, JSON.stringify(text.slice(Math.max(0,d.span.start-70), d.span.start) + '>>>' + text.slice(d.span.start, d.span.start+30))); }
  }
  console.log(bad);
  for (const [m, n] of [...count].sort((a, b) => b[1] - a[1]).slice(0, 25)) console.log(n, m, ex.get(m));
});
