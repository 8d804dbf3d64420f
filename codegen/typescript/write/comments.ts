import type { StagePath } from '../../../src/ir/stage-path.js';
import type { Network } from '../analyse/items.js';
import type { LevelGroup, LevelLoop } from '../analyse/level-loops.js';
import { loopLevelOf } from '../analyse/level-runs.js';
import { capital } from '../template/names.js';

const ENCODER_PATH = 'Encoder path';
const DECODER_PATH = 'Decoder path';

/** The comments of the network's code: the name of each part, and its sizes. */
export class Comments {
  constructor(
    private readonly network: Network,
    /** Whether sizes are free: then the comments contain none. */
    private readonly dynamic: boolean,
  ) {}

  loop({ upwards }: LevelLoop, levels: readonly number[] | undefined, before: string, after: string): string {
    const which = levels ? `, levels ${levels[0]} to ${levels.at(-1)}` : '';
    return `${upwards ? DECODER_PATH : ENCODER_PATH}${which}${this.sizes(before, after)}`;
  }

  stages(stages: readonly StagePath[], before: string, after: string): string {
    return `${title(stages)}${this.sizes(before, after)}`;
  }

  /** The sizes of a level on the encoder path and on the decoder path. */
  row({ loops }: LevelGroup, index: number): string | undefined {
    if (this.dynamic) return undefined;
    const [first, ...rest] = loops.flatMap(({ rounds }, loop) => {
      const round = rounds[index];
      if (!round) return [];
      const stage = loop === 0 ? round.stageOf[0] : round.stageOf.at(-1);
      const own = stage ? round.stageOf.lastIndexOf(stage) : -1;
      return [sizesText(this.network.sizeOf(round.outputs[own] ?? ''))];
    });
    if (first === undefined || rest.every((size) => size === first)) return first;
    return `encoder ${first}, decoder ${rest.at(-1)}`;
  }

  private sizes(before: string, after: string): string {
    if (this.dynamic) return '';
    const [from, to] = [before, after].map((value) => sizesText(this.network.sizeOf(value)));
    return from === to ? `: ${to}` : `: ${from} to ${to}`;
  }
}

export function sizesText(sizes: readonly number[]): string {
  return sizes.join(' x ');
}

function title([first]: readonly StagePath[]): string {
  const level = first && loopLevelOf(first);
  if (level === undefined) return capital(first?.text ?? '');
  switch (first?.stage) {
    case 'encoder':
    case 'pool':
      return `${ENCODER_PATH}, level ${level}`;
    case 'up':
    case 'skip':
    case 'decoder':
      return `${DECODER_PATH}, level ${level}`;
    default:
      return `Level ${level}`;
  }
}
