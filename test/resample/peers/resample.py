"""Resamples a volume as nnU-Net does, for each case on standard input, and writes the numbers as float32.

Output: for each case one line of JSON to standard output, with the separate axis, the sizes and the name of a file.
"""

import json
import sys

import numpy as np
from nnunetv2.preprocessing.resampling.default_resampling import (
    compute_new_shape,
    determine_do_sep_z_and_axis,
    resample_data_or_seg_to_shape,
)

request = json.load(sys.stdin)
folder = request["folder"]
results = []
for i, case in enumerate(request["cases"]):
    data = np.fromfile(f"{folder}/{i}.in", "<f4").reshape(case["shape"])
    current, target = case["current"], case["target"]
    sizes = compute_new_shape(case["shape"][1:], current, target)
    separate, axis = determine_do_sep_z_and_axis(None, current, target)
    found = resample_data_or_seg_to_shape(
        data, sizes, current, target, order=case["order"], order_z=0, force_separate_z=None
    )
    found.astype("<f4").tofile(f"{folder}/{i}.out")
    results.append(
        {"separate": int(axis) if separate else None, "sizes": [int(size) for size in sizes]}
    )
json.dump(results, sys.stdout)
