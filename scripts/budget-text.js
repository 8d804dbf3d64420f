// The budget of files and lines for each room, and how a table of it is printed.

/** What a room may grow by before somebody has to look at it. */
const HEADROOM = 1.1;

/** A budget with some headroom over what is there now. */
export function budgetOf(counts) {
  return Object.fromEntries(
    [...counts].map(([room, { files, lines }]) => [
      room,
      { files: Math.ceil(files * HEADROOM), lines: Math.ceil((lines * HEADROOM) / 50) * 50 },
    ]),
  );
}

/** A row for each room, then what is above its budget, has none, or has one and is gone. */
export function budgetText(counts, budget) {
  const rows = [...counts].map(([room, { files, lines }]) => [room, files, lines, budget[room]]);
  const width = Math.max(...rows.map(([room]) => room.length), 'all'.length);
  const line = (room, files, lines, bounds) =>
    `${room.padEnd(width)}  ${cell(files, bounds?.files)} files  ${cell(lines, bounds?.lines)} lines`;
  const sum = (at) => rows.reduce((total, row) => total + row[at], 0);
  return [
    ...rows.map((row) => line(...row)),
    line('all', sum(1), sum(2)),
    ...rows.flatMap(([room, files, lines, bounds]) => warningsOf(room, { files, lines }, bounds)),
    ...Object.keys(budget)
      .filter((room) => !counts.has(room))
      .map((room) => `warning: ${room} has a budget, but no files`),
  ].join('\n');
}

function cell(count, bound) {
  return `${String(count).padStart(6)}${bound === undefined ? '        ' : ` / ${String(bound).padEnd(5)}`}`;
}

function warningsOf(room, counts, bounds) {
  if (!bounds) return [`warning: ${room} has no budget`];
  return Object.entries(counts)
    .filter(([what, count]) => count > bounds[what])
    .map(
      ([what, count]) => `warning: ${room} has ${count} ${what}, ${count - bounds[what]} above its budget`,
    );
}
