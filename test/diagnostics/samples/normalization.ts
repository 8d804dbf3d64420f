import type { normalizationCodes } from '../../../src/diagnostics/codes/normalization.js';
import type { CodeArguments } from '../../../src/diagnostics/codes.js';

const network = 'Small';

/** Arguments of every variant of every message about the values of images. */
export const normalizationSamples: {
  readonly [C in keyof typeof normalizationCodes]: readonly CodeArguments<C>[];
} = {
  'normalize-not-measured': [
    { network, measured: undefined },
    {
      network,
      measured: { normalize: 'ct(-100.5, 231, 80.1, 40.2)', spec: `runs/ct/spec.unet#${network}` },
    },
    { network, measured: { normalize: 'ct(-100.5, 231, 80.1, 40.2)', spec: undefined } },
    { network: undefined, measured: undefined },
  ],
  'normalize-not-measurable': [
    { network, unmeasured: { channel: 1, problem: 'no-foreground' } },
    { network, unmeasured: { channel: 2, problem: 'equal-values', value: -1024 } },
  ],
  'normalize-missing': [{ network }],
  'normalize-not-in-graph': [{ network, normalize: 'percentile(0.5, 99.5, nonzero: true)' }],
  'normalize-of-part': [
    { normalize: 'zscore', windows: 4, isPadded: true },
    { normalize: 'zscore', windows: 1, isPadded: true },
    { normalize: 'zscore', windows: 1, isPadded: false },
  ],
  'normalize-unknown': [{ text: '{"kind":"sqrt"}' }],
};
