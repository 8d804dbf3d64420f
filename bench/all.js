// All benches, or those that are named: npm run bench -- train
const benches = { run: './run.js', forward: './forward.js', train: './train.js' };
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
  console.error(`there is no bench ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`);
  process.exit(2);
}
process.argv.splice(2);
for (const name of asked.length === 0 ? Object.keys(benches) : asked) await import(benches[name]);
