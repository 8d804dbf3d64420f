"""Times nnU-Net's resampling, which calls skimage.transform.resize and scipy, on one thread: seconds, on standard output."""

import json
import sys
import time

import numpy as np
from nnunetv2.preprocessing.resampling.default_resampling import resample_data_or_seg

case = json.loads(sys.argv[1])
data = np.random.default_rng(0).random(case["shape"], dtype=np.float32)
sizes = np.array(case["sizes"])
separate = case.get("separate")
if data.ndim == 3:
    # nnU-Net's images are volumes of one slice, which is resampled on its own.
    data, sizes, separate = data[:, None], np.array([1, *sizes]), 0
seconds = []
for _ in range(3):
    start = time.perf_counter()
    resample_data_or_seg(data, sizes, axis=separate, order=case["order"], do_separate_z=separate is not None)
    seconds.append(time.perf_counter() - start)
print(min(seconds))
