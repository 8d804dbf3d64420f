// The trend of each measure by commit. Ratios alone are compared: both of their sides ran in turn on one machine, so
// that a ratio says the same on another one, more or less. The medians themselves are never compared.

/** A ratio that has grown by more than this share is marked. */
const TOLERANCE = 0.1;

export function trendText(lines) {
  const entries = lines
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line));
  const measures = new Map();
  for (const entry of entries) measures.set(entry.measure, [...(measures.get(entry.measure) ?? []), entry]);
  return [...measures].map(([measure, own]) => [measure, ...rowsOf(own), ''].join('\n')).join('\n');
}

/** A row for each commit on each version of Node, in the order of the file. */
function rowsOf(entries) {
  const runs = new Map();
  for (const entry of entries) {
    const key = `${entry.commit} ${majorOf(entry)}`;
    runs.set(key, [...(runs.get(key) ?? []), entry]);
  }
  const last = new Map();
  return [...runs.values()].map((run) => {
    const [first] = run;
    const ratio = median(run.map((entry) => entry.ratio));
    // The same program starts and runs unlike on another version of Node: that is no trend.
    const before = last.get(majorOf(first));
    last.set(majorOf(first), ratio);
    const change = before === undefined ? undefined : ratio / before - 1;
    return [
      `  ${first.commit.padEnd(10)}  ${first.date}  Node ${first.node.padEnd(9)}`,
      `${ratio.toFixed(2)}x`.padStart(7),
      change === undefined ? '' : percent(change).padStart(6),
      before !== undefined && ratio > before * (1 + TOLERANCE) ? 'REGRESSION' : '',
      first.cpu,
    ]
      .filter((part) => part !== '')
      .join('  ');
  });
}

const majorOf = ({ node }) => node.split('.')[0];

function percent(change) {
  const rounded = Math.round(100 * change);
  return `${rounded > 0 ? '+' : ''}${rounded} %`;
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
