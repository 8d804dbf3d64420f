import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { statOf } from '../../runtime/files/folders.js';

/** Whether a path is a file that is read, or one in a folder that is read, under any name. */
export function isInput(output: string, input: string): boolean {
  const [written, read] = [output, input].map(statOf);
  if (written === undefined || read === undefined) return false;
  const holder = read.isDirectory() ? statSync(dirname(join(output))) : written;
  return holder.dev === read.dev && holder.ino === read.ino;
}
