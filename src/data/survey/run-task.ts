import { Failure } from '../../diagnostics/failure.js';
import { readPair } from './pair-contents.js';
import { indexedMask, surveyedImage } from './sample-contents.js';
import type { SurveyedImage, SurveyPart, SurveyTask } from './survey-messages.js';

/** The parts that a task reads, and the memory in them that another thread may take over. */
export interface TaskResult {
  readonly parts: readonly SurveyPart[];
  readonly moved: readonly ArrayBufferLike[];
}

function memoryOf({ image, summary }: SurveyedImage): ArrayBufferLike[] {
  const sampled = summary?.channels.map(({ sample }) => sample.buffer) ?? [];
  return image ? [image.data.buffer, ...sampled] : sampled;
}

/** Reads what a task asks for, one file after the other, so that a thread has the memory of one. */
export async function runTask(task: SurveyTask): Promise<TaskResult> {
  const parts: SurveyPart[] = [];
  const moved: ArrayBufferLike[] = [];
  if (task.kind === 'pairs') {
    for (const pair of task.pairs) {
      const read = await readPair(pair, task.options, task.contents);
      if (!('facts' in read)) {
        parts.push(read.map(({ parts }) => parts));
        continue;
      }
      parts.push(read);
      for (const { mask, image } of read.contents) {
        if (mask?.positions) moved.push(mask.positions.buffer);
        if (image) moved.push(...memoryOf(image));
      }
    }
    return { parts, moved };
  }
  for (const [i, sample] of task.samples.entries()) {
    const read =
      task.kind === 'masks'
        ? await indexedMask(sample, task.withPositions)
        : await surveyedImage(sample, { ...task, isKept: task.isKept[i] ?? false });
    if (read instanceof Failure) {
      parts.push(read.parts);
      continue;
    }
    parts.push(read);
    if ('divisor' in read) moved.push(...memoryOf(read));
    else if (read.positions) moved.push(read.positions.buffer);
  }
  return { parts, moved };
}
