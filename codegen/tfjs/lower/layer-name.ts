/**
 * A stage path as the name of a tfjs layer, whose weights' names allow no brackets: `encoder[2].conv[1]` is
 * `encoder_2.conv_1`. Different paths stay different: every part of a path but the first is a name and a number.
 */
export function layerName(path: string): string {
  return path.replace(/\[([\d,]+)\]/g, (_, numbers: string) => `_${numbers.replaceAll(',', '_')}`);
}
