import type { SkipMode } from './skip-mode.js';

/** No skip: the decoder sees only what came up from below. */
export const joinNone: SkipMode<'none'> = ({ up }) => up;
