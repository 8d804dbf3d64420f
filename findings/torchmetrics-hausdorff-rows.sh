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
env/bin/pip install --quiet --only-binary :all: --extra-index-url https://download.pytorch.org/whl/cpu \
  torch==2.15.0 torchmetrics==1.9.0 scipy==1.17.1 numpy==2.4.6

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
