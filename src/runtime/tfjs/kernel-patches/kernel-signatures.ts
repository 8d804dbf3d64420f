import type {
  AvgPool3DAttrs,
  AvgPool3DGradAttrs,
  AvgPoolGradAttrs,
  BatchMatMulAttrs,
  Conv2DAttrs,
  Conv2DBackpropFilterAttrs,
  Conv2DBackpropInputAttrs,
  Conv3DAttrs,
  Conv3DBackpropFilterV2Attrs,
  Conv3DBackpropInputV2Attrs,
  DepthwiseConv2dNativeAttrs,
  DepthwiseConv2dNativeBackpropFilterAttrs,
  DepthwiseConv2dNativeBackpropInputAttrs,
  FusedBatchNormAttrs,
  FusedConv2DAttrs,
  FusedDepthwiseConv2DAttrs,
  MaxPool3DAttrs,
  MaxPool3DGradAttrs,
  MaxPoolGradAttrs,
  MeanAttrs,
  MirrorPadAttrs,
  PadV2Attrs,
  ResizeBilinearGradAttrs,
  ResizeNearestNeighborGradAttrs,
  SliceAttrs,
  SplitVAttrs,
  SumAttrs,
  TileAttrs,
} from '@tensorflow/tfjs';

type NoAttributes = Record<never, never>;

/** The attributes that tfjs-core's ops pass to the kernels that we patch or refuse. */
export interface KernelAttributes {
  readonly Add: NoAttributes;
  readonly AvgPool3D: AvgPool3DAttrs;
  readonly AvgPool3DGrad: AvgPool3DGradAttrs;
  readonly AvgPoolGrad: AvgPoolGradAttrs;
  readonly BatchMatMul: BatchMatMulAttrs;
  readonly Conv2D: Conv2DAttrs;
  readonly Conv2DBackpropFilter: Conv2DBackpropFilterAttrs;
  readonly Conv2DBackpropInput: Conv2DBackpropInputAttrs;
  readonly Conv3D: Conv3DAttrs;
  readonly Conv3DBackpropFilterV2: Conv3DBackpropFilterV2Attrs;
  readonly Conv3DBackpropInputV2: Conv3DBackpropInputV2Attrs;
  readonly DepthwiseConv2dNative: DepthwiseConv2dNativeAttrs;
  readonly DepthwiseConv2dNativeBackpropFilter: DepthwiseConv2dNativeBackpropFilterAttrs;
  readonly DepthwiseConv2dNativeBackpropInput: DepthwiseConv2dNativeBackpropInputAttrs;
  readonly Equal: NoAttributes;
  readonly FusedBatchNorm: FusedBatchNormAttrs;
  readonly FusedConv2D: FusedConv2DAttrs;
  readonly FusedDepthwiseConv2D: FusedDepthwiseConv2DAttrs;
  readonly Greater: NoAttributes;
  readonly GreaterEqual: NoAttributes;
  readonly Less: NoAttributes;
  readonly LessEqual: NoAttributes;
  readonly LogicalAnd: NoAttributes;
  readonly LogicalOr: NoAttributes;
  readonly MaxPool3D: MaxPool3DAttrs;
  readonly MaxPool3DGrad: MaxPool3DGradAttrs;
  readonly MaxPoolGrad: MaxPoolGradAttrs;
  readonly Maximum: NoAttributes;
  readonly Mean: MeanAttrs;
  readonly Minimum: NoAttributes;
  readonly MirrorPad: MirrorPadAttrs;
  readonly Multiply: NoAttributes;
  readonly NotEqual: NoAttributes;
  readonly PadV2: PadV2Attrs;
  readonly Pow: NoAttributes;
  readonly Prelu: NoAttributes;
  readonly RealDiv: NoAttributes;
  readonly ResizeBilinear: ResizeBilinearGradAttrs;
  readonly ResizeBilinearGrad: ResizeBilinearGradAttrs;
  readonly ResizeNearestNeighbor: ResizeNearestNeighborGradAttrs;
  readonly ResizeNearestNeighborGrad: ResizeNearestNeighborGradAttrs;
  readonly Select: NoAttributes;
  readonly Slice: SliceAttrs;
  readonly SplitV: SplitVAttrs;
  readonly SquaredDifference: NoAttributes;
  readonly Sub: NoAttributes;
  readonly Sum: SumAttrs;
  readonly Tile: TileAttrs;
}

export type KernelName = keyof KernelAttributes;
