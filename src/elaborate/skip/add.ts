import { originText } from '../../semantics/network-spec.js';
import { align } from './align.js';
import type { SkipMode } from './skip-mode.js';

/** Element-wise sum: the skip and the map from below must have equally many channels. */
export const joinAdd: SkipMode<'add'> = (request) => {
  const { level, origin, decoderLayers } = request;
  const { elaboration, path } = decoderLayers;
  const left = elaboration.channels(request.skip);
  const right = elaboration.channels(request.up);
  if (left !== right) {
    return elaboration.reporter.report(
      'channels-not-equal',
      origin.span,
      { op: `skip[${level.level}] = add`, left, right },
      {
        notes: [
          {
            message: `encoder[${level.level}] has ${left}; ${originText(level.channels, 'channels')}`,
            span: level.channels.span,
          },
          { message: `up[${level.level}] has ${right}; ${originText(level.up, 'up')}`, span: level.up.span },
        ],
        help: `let the way up end with ${left} channels: \`channels: skip\` in \`up\`${request.level.up.value.kind === 'transpose' ? '' : ', with a `conv`'}`,
      },
    );
  }
  const aligned = align(request);
  return aligned && elaboration.add('add', [aligned.skip, aligned.up], {}, path, origin);
};
