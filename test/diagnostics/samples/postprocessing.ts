import type { postprocessingCodes } from '../../../src/diagnostics/codes/postprocessing.js';
import type { CodeArguments } from '../../../src/diagnostics/codes.js';

const names = ['largest', 'fill-holes', 'min-size'];

export const postprocessingSamples: { [C in keyof typeof postprocessingCodes]: readonly CodeArguments<C>[] } =
  {
    'invalid-postprocessing': [
      { text: 'bigest', problem: { case: 'step', name: 'bigest', names, nearest: 'largest' } },
      { text: 'open', problem: { case: 'step', name: 'open', names, nearest: undefined } },
      { text: 'class 1:', problem: { case: 'step', name: '', names, nearest: undefined } },
      { text: 'largest: 0', problem: { case: 'value', step: 'largest', value: '0' } },
      { text: 'fill-holes: 3', problem: { case: 'value', step: 'fill-holes', value: '3' } },
      { text: 'min-size', problem: { case: 'value', step: 'min-size', value: '' } },
      { text: 'class a: largest', problem: { case: 'class', value: 'a' } },
      { text: 'foreground: fill-holes', problem: { case: 'scope', step: 'fill-holes' } },
      { text: 'largest, 8', problem: { case: 'option', value: '8' } },
    ],
    'objects-exceed-memory': [
      { what: 'distance', sizes: [40000, 40000], most: 134217728 },
      { what: 'border', sizes: [40000, 40000], most: 134217728 },
      { what: 'export', sizes: [40000, 40000], most: 536870912 },
    ],
    'unfit-postprocessing': [
      { step: 'class 4: largest', problem: { case: 'class', label: 4, classes: 3 } },
      { step: 'border: 1', problem: { case: 'no-inside', border: 1 } },
      { step: 'largest, connectivity 3', problem: { case: 'connectivity', connectivity: 3, rank: 2 } },
      { step: 'min-size: 5 um2', problem: { case: 'no-spacing' } },
      { step: 'min-size: 5 um2', problem: { case: 'power', power: 2, rank: 3 } },
      { step: 'min-size: 5 mm3', problem: { case: 'power', power: 3, rank: 2 } },
    ],
  };
