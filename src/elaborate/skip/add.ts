import type { ValueId } from '../../ir/graph.js';
import { originText } from '../../language/resolve/network-spec.js';
import { align } from './align.js';
import type { SkipMode, SkipRequest } from './skip-mode.js';

/**
 * Adds the skip to the map from below. Both must have the same number of channels, or else a 1x1 conv projects the skip
 * first (the projection shortcut of He et al. 2015, arXiv:1512.03385, section 3.2).
 */
export const joinAdd: SkipMode<'add'>['join'] = (request) => {
  const { elaboration, path } = request.decoderLayers;
  const equal = elaboration.channels(request.skip) === elaboration.channels(request.up);
  if (!equal && !request.setting.project) return reportChannels(request);
  const aligned = align(request);
  if (!aligned) return undefined;
  const skip = equal ? aligned.skip : projected(request, aligned.skip);
  return elaboration.add('add', [skip, aligned.up], {}, path, request.origin);
};

/** The skip, projected to the channels of the map from below. */
function projected({ skipLayers, up, origin }: SkipRequest<'add'>, skip: ValueId) {
  const { elaboration } = skipLayers;
  const kernel = Array.from({ length: elaboration.builder.rank }, () => 1);
  return skipLayers.conv(skip, { kernel, channels: elaboration.channels(up), padding: 'valid' }, origin);
}

function reportChannels({ level, skip, up, decoderLayers, origin }: SkipRequest<'add'>): undefined {
  const { elaboration } = decoderLayers;
  const [left, right] = [elaboration.channels(skip), elaboration.channels(up)];
  const { kind } = level.up.value;
  const channels =
    kind === 'block'
      ? `end the block of \`up\` with ${left} channels`
      : `make ${left} channels in \`up\` with \`channels: skip\`${kind === 'transpose' ? '' : ' and a `conv`'}`;
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
      help: `${channels}, or put a 1x1 conv on the skip with \`add(project: true)\``,
    },
  );
}
