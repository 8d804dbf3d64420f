// Prints how many files and lines each room has, against the budget in scripts/budget.json. A room above its budget is a
// warning, no error: either its code gets shorter, or somebody raises the budget on purpose, with
// `npm run budget -- --write`, and a review sees it.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { budgetOf, budgetText } from './budget-text.js';
import { entryPoints, files, roomOf, textOf } from './house.js';

const stored = fileURLToPath(new URL('budget.json', import.meta.url));

const counts = new Map();
for (const file of files) {
  const isLoose = entryPoints.includes(file) || file.endsWith('.d.ts');
  const room = isLoose ? 'entry points' : roomOf(file);
  const { files: before = 0, lines = 0 } = counts.get(room) ?? {};
  counts.set(room, { files: before + 1, lines: lines + textOf(file).split('\n').length - 1 });
}

if (process.argv.includes('--write')) {
  writeFileSync(stored, `${JSON.stringify(budgetOf(counts), null, 2)}\n`);
} else {
  console.log(budgetText(counts, JSON.parse(readFileSync(stored, 'utf8'))));
}
