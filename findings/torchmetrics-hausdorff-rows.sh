#!/usr/bin/env bash
# Version: torchmetrics 1.9.0 with torch 2.15.0 (CPU), scipy 1.17.1, x86-64, Python 3.11.
#
# Behaviour: hausdorff_distance of torchmetrics is right for square images only. Two single pixels that are (6, 8) apart have
# the distance 10. In an image wider than high the function returns another number without a warning; in one higher than
# wide it raises an IndexError. It finds the distances of a position by its number in the flat image, which it computes
# with the height where the width belongs.
#
# Output seen:
#   torchmetrics 1.9.0
#   16 x 16: right 10, found 10
#   16 x 32: right 10, found 3.60555
#   32 x 16: right 10, found IndexError
#
# Right values: 10 in all three, as scipy's directed_hausdorff gives.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
# The libraries of CUDA that torch loads on every machine; without Triton, which nothing here needs.
env/bin/pip install --quiet --only-binary :all: --no-deps torch==2.15.0 \
  nvidia-cublas==13.4.1.3 nvidia-cuda-nvrtc==13.2.86 nvidia-cuda-runtime==13.2.86 nvidia-cufft==12.2.0.57 \
  nvidia-nvjitlink==13.5.37 nvidia-cufile==1.17.1.22 nvidia-cuda-cupti==13.2.86 nvidia-cusolver==12.2.0.11 \
  nvidia-cusparse==12.7.10.12 nvidia-nvtx==13.2.86 nvidia-cudnn-cu13==9.26.0.51 nvidia-cusparselt-cu13==0.8.1 \
  nvidia-nccl-cu13==2.30.7 nvidia-nvshmem-cu13==3.7.2 cuda-bindings==13.5.0 cuda-pathfinder==1.9.1
env/bin/pip install --quiet --only-binary :all: torchmetrics==1.9.0 --no-deps
env/bin/pip install --quiet --only-binary :all: filelock typing-extensions sympy networkx jinja2 fsspec setuptools==80.9.0 \
  lightning-utilities==0.15.3 scipy==1.17.1 numpy==2.4.6

cat >finding.py <<'PY'
import sys

import numpy
import torch
import torchmetrics
from scipy.spatial.distance import directed_hausdorff
from torchmetrics.functional.segmentation import hausdorff_distance

print(f"torchmetrics {torchmetrics.__version__}")
seen = []
for shape in ((16, 16), (16, 32), (32, 16)):
    masks = numpy.zeros((2, *shape), bool)
    masks[0, 3, 4] = masks[1, 9, 12] = True
    places = [numpy.argwhere(mask) for mask in masks]
    right = max(directed_hausdorff(*places)[0], directed_hausdorff(*places[::-1])[0])
    one, other = (torch.tensor(mask).long()[None, None] for mask in masks)
    try:
        value = hausdorff_distance(one, other, num_classes=1, include_background=True, input_format="one-hot")
        found = f"{float(value):g}"
    except IndexError:
        found = "IndexError"
    print(f"{shape[0]} x {shape[1]}: right {right:g}, found {found}")
    seen.append((f"{right:g}", found))
if seen != [("10", "10"), ("10", "3.60555"), ("10", "IndexError")]:
    print("the behaviour has changed", file=sys.stderr)
    sys.exit(1)
PY
env/bin/python finding.py
