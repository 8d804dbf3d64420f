import { type Failure, failure } from '../../../diagnostics/failure.js';
import type { FoundCases, PredictCase } from '../../../predict/cases/find-cases.js';
import { labelPath } from '../../../predict/labels/label-path.js';
import { mapPath } from '../../../predict/maps/map-path.js';
import type { ResultMap } from '../../../predict/maps/result-map.js';
import { isFolder, isSameFolder } from '../../../runtime/files/folders.js';
import { isInput } from '../../input/is-input.js';

const ENDINGS = ['.png', '.tif', '.tiff', '.nii.gz', '.nii', '.nrrd', '.mha', '.npy', '.zarr'] as const;

/** Whether a path is that of one output, and not of a folder for several. An OME-Zarr is a folder itself. */
function isOneOutput(path: string): boolean {
  return /\.zarr\/?$/i.test(path) || !isFolder(path);
}

/** The file of a case's labels. */
export function caseOutput(one: PredictCase, { isOne }: FoundCases, output: string): string {
  return isOne && isOneOutput(output) ? output.replace(/[\\/]+$/, '') : labelPath(one, output);
}

/** Whether the path of the only output has an ending that says no format. */
export function endingProblem({ isOne }: FoundCases, output: string): Failure | undefined {
  const path = output.toLowerCase().replace(/\/$/, '');
  if (!isOne || !isOneOutput(output) || ENDINGS.some((one) => path.endsWith(one))) return undefined;
  const problem = { case: 'ending', endings: ENDINGS } as const;
  return failure('invalid-output-path', { option: '-o', path: output, problem });
}

/** Whether a report would be written into the folder of an input. */
export function reportProblem(report: string | undefined, inputs: readonly string[]): Failure | undefined {
  if (report === undefined || !inputs.some((input) => isSameFolder(report, input))) return undefined;
  const problem = { case: 'is-input' } as const;
  return failure('invalid-output-path', { option: '--report', path: report, problem });
}

/** Whether a file would be written onto an input, or onto that of another case. */
export function outputProblem(
  found: FoundCases,
  output: string,
  maps: readonly ResultMap[],
): Failure | undefined {
  const inputs = found.cases.flatMap(({ paths }) => paths);
  const written = new Map<string, PredictCase>();
  for (const one of found.cases) {
    const own = caseOutput(one, found, output);
    for (const path of [own, ...maps.map((map) => mapPath(own, map))]) {
      if (inputs.some((input) => isInput(path, input))) {
        return failure('invalid-output-path', { option: '-o', path, problem: { case: 'is-input' } });
      }
      const other = written.get(path);
      if (other) {
        const paths = [other, one].map(({ paths: [first], name }) => first ?? name);
        return failure('case-names-clash', { name: path, paths });
      }
      written.set(path, one);
    }
  }
  return undefined;
}
