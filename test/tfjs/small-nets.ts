import { type CompiledNetwork, compile } from '../../src/compiler/compile.js';

/** Small networks that train, with tfjs's own layers and with those that tfjs lacks, in two and three dimensions. */
const text = `
unet Plain2D {
  input = 2 x 20 x 28  classes = 3  depth = 1  channels = 4  padding = valid
}
unet Normed2D {
  input = 1 x 16 x 24  classes = 2  depth = 2  channels = 4  padding = same  norm = batch  activation = leaky_relu(0.1)
  up = bilinear  pool = conv(stride: 2x2)
}
unet Grouped2D {
  input = 1 x 12 x 20  classes = 2  depth = 1  channels = 4  padding = reflect  norm = group(groups: 2)
  activation = prelu  pool = avg(2x2)  up = nearest
}
unet Normed3D {
  input = 2 x 8 x 12 x 16  classes = 3  depth = 2  channels = 4  padding = same  norm = batch  activation = elu
}
unet Valid3D {
  input = 1 x 20 x 20 x 24  classes = 2  depth = 1  channels = 2  padding = valid  norm = instance
  activation = gelu  up = trilinear
}
`;

export const smallNets: readonly CompiledNetwork[] = compiled();

function compiled(): readonly CompiledNetwork[] {
  const { networks, diagnostics } = compile('small.unet', text);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
  return networks;
}
