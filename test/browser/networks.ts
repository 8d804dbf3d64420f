import { type CompiledNetwork, compile } from '../../src/compiler/compile.js';
import { renderText } from '../../src/diagnostics/render/index.js';

/**
 * Small networks that between them have every norm, activation, padding, pooling, way up, block, skip and head, in
 * two and three dimensions.
 */
const bodies: Readonly<Record<string, string>> = {
  Plain2D: `
    input = 1 x 16 x 24  classes = 3  depth = 2  channels = 4  padding = same  norm = batch
    activation = leaky_relu(0.1)  up = transpose(3x3, stride: 2x2)  head = logits`,
  Custom2D: `
    input = 2 x 16 x 24  classes = 2  depth = 1  channels = 4  padding = reflect  norm = group(groups: 2)
    activation = prelu  up = bilinear  pool = avg(2x2)  block = residual`,
  Corners2D: `
    input = 1 x 12 x 20  classes = 1  depth = 1  channels = 6  padding = replicate  norm = layer  activation = silu
    up = bilinear(2x2, conv: 1x1, align_corners: true)  pool = conv(stride: 2x2)  head = sigmoid`,
  Valid2D: `
    input = 3 x 20 x 28  classes = 2  depth = 1  channels = 4  norm = instance  activation = elu(0.7)  up = nearest
    block = separable  skip = none`,
  Same3D: `
    input = 2 x 8 x 12 x 16  classes = 3  depth = 1  channels = 4  padding = same  norm = batch(affine: false)
    activation = gelu  skip = add`,
  Valid3D: `
    input = 1 x 12 x 18 x 20  classes = 2  depth = 1  channels = 4  kernel = 1x3x3  norm = group(groups: 2)
    activation = relu  up = trilinear  pool = avg(2)`,
  Reflect3D: `
    input = 1 x 4 x 8 x 12  classes = 2  depth = 1  channels = 4  padding = reflect  norm = layer  activation = prelu
    up = nearest  pool = conv(stride: 2x2x2)`,
};

export const networkNames: readonly string[] = Object.keys(bodies);

export function specOf(name: string): string {
  return `unet ${name} {${bodies[name]}\n}\n`;
}

/** The only network of a text, compiled here and not in a browser. */
export function compiled(text: string): CompiledNetwork {
  const { networks, diagnostics } = compile('network.unet', text);
  const [network] = networks;
  if (!network) throw new Error(renderText(diagnostics, { color: false }));
  return network;
}
