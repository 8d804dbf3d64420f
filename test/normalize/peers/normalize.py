"""What NumPy computes by the formulas of nnU-Net, MONAI and torchio, written out.

Reads cases from standard input as JSON, and writes the normalised images as JSON. Each formula is the one of the project
that the case names:
- nnU-Net 2.6, nnunetv2/preprocessing/normalization/default_normalization_schemes.py: ZScoreNormalization,
  CTNormalization, RescaleTo01Normalization;
- MONAI 1.5, monai/transforms/intensity/array.py: NormalizeIntensity, ScaleIntensity, ScaleIntensityRange,
  ScaleIntensityRangePercentiles;
- torchio 0.20, torchio/transforms/preprocessing/intensity/rescale.py: RescaleIntensity with percentiles.
"""
import json
import sys

import numpy as np


def nnunet_zscore(x, nonzero):
    x = x.astype(np.float64)
    if not nonzero:
        return (x - x.mean()) / max(x.std(), 1e-8)
    mask = x != 0
    out = x.copy()
    if mask.any():
        out[mask] = (x[mask] - x[mask].mean()) / max(x[mask].std(), 1e-8)
    return out


def nnunet_ct(x, low, high, mean, std):
    return (np.clip(x.astype(np.float64), low, high) - mean) / max(std, 1e-8)


def nnunet_rescale(x):
    x = x.astype(np.float64)
    return (x - x.min()) / np.clip(x.max() - x.min(), 1e-8, None)


def monai_normalize_intensity(x, nonzero):
    x = x.astype(np.float64)
    slices = x != 0 if nonzero else np.ones(x.shape, dtype=bool)
    out = x.copy()
    if not slices.any():
        return out
    subtract, divide = x[slices].mean(), x[slices].std()
    out[slices] = (x[slices] - subtract) / (1.0 if divide == 0 else divide)
    return out


def monai_scale_range(x, low, high, clip):
    out = (x.astype(np.float64) - low) / (high - low)
    return np.clip(out, 0, 1) if clip else out


def monai_percentiles(x, low, high, clip):
    a, b = np.percentile(x.astype(np.float64), [low, high])
    return monai_scale_range(x, a, b, clip)


def torchio_rescale(x, low, high):
    cutoff = np.percentile(x.astype(np.float64), (low, high))
    clipped = np.clip(x.astype(np.float64), *cutoff)
    return (clipped - clipped.min()) / (clipped.max() - clipped.min())


formulas = {
    "nnunet_zscore": nnunet_zscore,
    "nnunet_ct": nnunet_ct,
    "nnunet_rescale": nnunet_rescale,
    "monai_normalize_intensity": monai_normalize_intensity,
    "monai_scale_range": monai_scale_range,
    "monai_percentiles": monai_percentiles,
    "torchio_rescale": torchio_rescale,
}

results = []
for case in json.load(sys.stdin):
    image = np.array(case["data"], dtype=np.float32).reshape(case["shape"])
    formula = formulas[case["formula"]]
    if case["channelwise"]:
        out = np.stack([formula(channel, *case["arguments"]) for channel in image])
    else:
        out = formula(image, *case["arguments"])
    results.append(out.ravel().tolist())
json.dump(results, sys.stdout)
