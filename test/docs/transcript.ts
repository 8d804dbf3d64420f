/** A line that stands for any number of lines. */
const OMITTED = '...';

/**
 * Makes times equal, which differ from run to run, and what a training measured: another processor may add in another
 * order.
 */
function masked(text: string): string {
  return text
    .replace(/\b\d+(\.\d+)? s\b/g, '# s')
    .replace(/ *\b\d+\.\d\d ms\b/g, ' # ms')
    .replace(/("(?:load|run|total|ms)": )[\d.]+/g, '$1#')
    .replace(/\b((?:loss|validation|Dice|IoU) )\d\.\d{4}\b/g, '$1#')
    .replace(/("value": )0\.\d+/g, '$1#');
}

function linesOf(text: string): readonly string[] {
  return masked(text)
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/^\n+|\n+$/g, '')
    .split('\n');
}

/** Whether an output is what a page shows: line by line, where `...` stands for any lines. */
export function matches(shown: string, output: string): boolean {
  return matchLines(linesOf(shown), linesOf(output));
}

function matchLines(shown: readonly string[], output: readonly string[]): boolean {
  const [first, ...rest] = shown;
  if (first === undefined) return output.length === 0;
  if (first.trim() === OMITTED)
    return output.some((_, i) => matchLines(rest, output.slice(i))) || rest.length === 0;
  return output[0] === first && matchLines(rest, output.slice(1));
}

/**
 * What a page should show now: the whole output, or as many lines before the first and behind the last `...` as it
 * showed before. Undefined where only a person can say it.
 */
export function refreshed(shown: string, output: string): string | undefined {
  const before = shown.split('\n');
  const now = output
    .replace(/^\n+|\n+$/g, '')
    .split('\n')
    .map((line) => line.trimEnd());
  const places = before.flatMap((line, i) => (line.trim() === OMITTED ? [i] : []));
  const [place, ...others] = places;
  if (place === undefined) return now.join('\n');
  const tail = before.length - place - 1;
  if (others.length > 0 || place + tail > now.length) return undefined;
  return [...now.slice(0, place), before[place], ...(tail === 0 ? [] : now.slice(-tail))].join('\n');
}
