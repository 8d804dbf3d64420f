import { basename } from 'node:path';
import type { PredictCase } from '../../../predict/cases/find-cases.js';
import type { CasePrediction } from '../../../predict/predict-case.js';
import { countText, print, reportNote, sizeText } from '../output.js';

const rounded = (value: number) => Math.round(value * 1000) / 1000;

/** Prints what a case has become: its notes, and a line with its files, size and time. */
export function printPredictedCase(
  { name, paths }: PredictCase,
  files: readonly string[],
  { shape, objects, maps, windows, notes, clock }: CasePrediction,
): void {
  for (const note of notes) reportNote(`${basename(paths[0] ?? name)}: ${note}`);
  const found = objects ? `, ${countText(objects.values.length - 1)} objects` : '';
  const measured = maps.map((map) => measuresText(map)).join('');
  const seconds = rounded(clock.seconds.total);
  print(`${files.join(', ')}: ${sizeText(shape)}, ${windows}${found}${measured}, ${seconds} s`);
}

/** The same for machines. */
export function predictedCaseJson(
  { name, paths }: PredictCase,
  files: readonly string[],
  { shape, counts, objects, maps, windows, notes, unlike, clock }: CasePrediction,
): object {
  return {
    ...{ name, input: paths, output: files, shape, windows, counts, notes, unlike },
    ...(objects ? { objects: objects.values.length - 1 } : {}),
    ...(maps.length > 0
      ? { maps: maps.map(({ map, measures }, i) => ({ name: map.name, file: files[i + 1], ...measures })) }
      : {}),
    seconds: Object.fromEntries(Object.entries(clock.seconds).map(([part, value]) => [part, rounded(value)])),
  };
}

/** The mean of a map in words; nothing for a region, whose file shows it. */
function measuresText({ map, measures }: CasePrediction['maps'][number]): string {
  if (!('mean' in measures)) return '';
  const { mean, foreground, unit } = measures;
  const shown = (value: number) => Number(value.toPrecision(3));
  const inside = foreground === null ? '' : ` (${shown(foreground)} in the foreground)`;
  return `, ${map.name} ${shown(mean)} ${unit}${inside}`;
}
