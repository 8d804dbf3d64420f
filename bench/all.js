// All benches, or those that are named: npm run bench -- check parse
//
// --json prints the measurements as JSON. --save appends a line for each ratio to bench/results.jsonl, with the commit
// and its date, or the one that --date gives; npm run bench:trend shows them.
import { chdir } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { textOf } from './measurement.js';
import { entriesOf, save, whatCannotBeSaved } from './results.js';

const benches = ['check', 'parse', 'write', 'forward', 'train', 'data', 'resample', 'metrics', 'predict'];
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, save: { type: 'boolean' }, date: { type: 'string' } },
});
chdir(fileURLToPath(new URL('..', import.meta.url)));
const unknown = positionals.filter((name) => !benches.includes(name));
const problem =
  unknown.length > 0
    ? `there is no bench ${unknown.join(', ')}; there are ${benches.join(', ')}`
    : values.save
      ? whatCannotBeSaved()
      : undefined;
if (problem !== undefined) {
  console.error(problem);
  process.exit(2);
}

const measurements = [];
for (const name of positionals.length === 0 ? benches : positionals) {
  const { measure } = await import(`./${name}.js`);
  const found = await measure();
  measurements.push(...found);
  if (!values.json) for (const one of found) console.log(textOf(one));
}
if (values.json) console.log(JSON.stringify(measurements, null, 2));
if (values.save) save(entriesOf(measurements, values.date));
