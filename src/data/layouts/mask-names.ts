import { type Failure, failure } from '../../diagnostics/failure.js';
import { channelOf, imageKey, maskKey } from '../files/file-names.js';
import type { Item } from './list-folder.js';

/** What an image's name has to do with a mask's. */
export interface Match {
  readonly mask: Item;
  /** Set where the mask has the name without the channel's number. */
  readonly channel?: { readonly base: string; readonly channel: number };
}

/** Finds masks by the whole name, then by the name without the words for images and masks. */
export class MaskNames {
  private readonly byStem = new Map<string, Item>();
  private readonly byKey = new Map<string, Item>();
  /** Masks of an image that has one already. */
  readonly twins = new Map<Item, Failure>();

  constructor(masks: readonly Item[]) {
    for (const mask of masks) {
      const [stem, key] = [mask.stem, maskKey(mask.stem)];
      const other = this.byStem.get(stem) ?? this.byKey.get(key);
      if (other !== undefined) {
        const clash = { case: 'masks', path: mask.path, other: other.name } as const;
        this.twins.set(mask, failure('ambiguous-pair', { clash }));
        continue;
      }
      this.byStem.set(stem, mask);
      this.byKey.set(key, mask);
    }
  }

  /** The mask of an image, by the image's name without its ending. */
  matchOf(stem: string): Match | undefined {
    const mask = this.find(stem);
    if (mask !== undefined) return { mask };
    const channel = channelOf(stem);
    const whole = channel && this.find(channel.base);
    return whole && { mask: whole, channel };
  }

  private find(stem: string): Item | undefined {
    return this.byStem.get(stem) ?? this.byKey.get(stem) ?? this.byKey.get(imageKey(stem));
  }
}
