// What a bench gives: a list of measurements.
//
// - measure: its short name, which results.jsonl and the trend go by
// - what: the same in words
// - figures: medians by what was timed, ours first; `unit` is theirs
// - ratio: ours against the peer that ran in turn with it; undefined without a peer
// - bar, holds: what the design asks of it, and whether it is met here; may be left out
// - note: more lines to print
//
// A bench never decides a test. A timing depends on the machine; a ratio within one run depends on it much less.

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

export function milliseconds(work) {
  const begun = performance.now();
  work();
  return performance.now() - begun;
}

export function textOf({ what, figures, unit, ratio, bar, holds, note = [] }) {
  const state = holds === undefined ? '      ' : holds ? 'holds ' : 'MISSED';
  const shown = Object.entries(figures).map(([name, value]) => `${name} ${rounded(value)} ${unit}`);
  const factor = ratio === undefined ? '' : `: ${ratio.toFixed(2)}x`;
  const result = `${shown.join(', ')}${factor}${bar ? `; bar: ${bar}` : ''}`;
  return [`${state}  ${what}`, result, ...note].join('\n        ');
}

/** Three significant digits, without an exponent. */
function rounded(value) {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
