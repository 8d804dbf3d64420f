"""The intensity properties of nnU-Net's fingerprint, written out.

nnU-Net 2.6, nnunetv2/experiment_planning/dataset_fingerprint/fingerprint_extractor.py: of each case, the same number of
foreground values is drawn with replacement, by a generator of seed 1234; the mean, the standard deviation and the
percentiles are those of all drawn values. Reads cases from standard input as JSON: [{"shape", "image", "segmentation"}].
"""
import json
import sys

import numpy as np

SAMPLES = 10_000_000

cases = json.load(sys.stdin)
drawn = []
for case in cases:
    images = np.array(case["image"], dtype=np.float32).reshape(case["shape"])
    segmentation = np.array(case["segmentation"]).reshape(case["shape"][1:])
    state = np.random.RandomState(1234)
    of_case = []
    for channel in images:
        foreground = channel[segmentation > 0]
        count = SAMPLES // len(cases)
        of_case.append(state.choice(foreground, count, replace=True) if len(foreground) > 0 else [])
    drawn.append(of_case)

properties = []
for channel in range(cases[0]["shape"][0]):
    values = np.concatenate([case[channel] for case in drawn]).astype(np.float64)
    low, high = np.percentile(values, [0.5, 99.5])
    properties.append({"low": low, "high": high, "mean": values.mean(), "std": values.std()})
json.dump(properties, sys.stdout)
