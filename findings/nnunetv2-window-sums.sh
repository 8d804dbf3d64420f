#!/usr/bin/env bash
# Version: nnunetv2 2.8.1 with torch 2.15.0 (CPU), x86-64, Python 3.11.
#
# Behaviour: nnU-Net's sliding window keeps its sums and its weights in float16. The weight of a window is a Gaussian, and in
# the corners of a volume it is smaller than what float16 can tell apart. A network whose output depends on one voxel alone
# gives each voxel the same logits in all windows, so their weighted mean must be these logits. In the corner voxel of a volume
# the logits of both classes become 1, so that the classes cannot be told apart; about one voxel in a hundred is off by
# more than 1 %. An image of two axes is off by at most 2.4 %.
#
# Output seen:
#   nnunetv2 2.8.1, torch 2.15.0
#   96 x 96 x 96, windows of 64: corner [1.0000, 1.0000] instead of [1.4963, 0.7481], 1.27 % of logits off by more than 1 %
#   512 x 512, windows of 256: corner [1.4736, 0.7368] instead of [1.4963, 0.7481], 0.02 % of logits off by more than 1 %
#
# Right values: those after "instead of", which the network alone gives. With torch.half set to torch.float32 they are found.
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
env/bin/pip install --quiet --only-binary :all: filelock typing-extensions sympy networkx jinja2 fsspec 'setuptools>=77.0.3' \
  numpy==2.4.6 scipy pandas scikit-learn scikit-image SimpleITK==2.5.7 nibabel==5.4.2 matplotlib seaborn tifffile imagecodecs yacs \
  blosc2 graphviz connected-components-3d requests threadpoolctl future pyyaml tqdm packaging einops==0.8.2
env/bin/pip install --quiet --only-binary :all: --no-deps dynamic-network-architectures==0.4.4 timm==1.0.31
env/bin/pip install --quiet --no-deps \
  nnunetv2==2.8.1 acvl_utils==0.2.6 batchgeneratorsv2==0.3.6 batchgenerators==0.25.5 fft-conv-pytorch==1.2.0

cat >finding.py <<'PY'
import sys
from importlib.metadata import version
from types import SimpleNamespace

# nnU-Net prints to standard output.
answers, sys.stdout = sys.stdout, sys.stderr

import torch
from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor

seen = [f"nnunetv2 {version('nnunetv2')}, torch {torch.__version__.split('+')[0]}"]
for size, window in (((96, 96, 96), 64), ((512, 512), 256)):
    network = (torch.nn.Conv3d if len(size) == 3 else torch.nn.Conv2d)(1, 2, 1, bias=False).eval()
    with torch.no_grad():
        network.weight[:] = torch.tensor([1.0, 0.5]).reshape(network.weight.shape)
    torch.manual_seed(0)
    image = 1 + torch.rand(1, *size)
    predictor = nnUNetPredictor(tile_step_size=0.5, use_mirroring=False, device=torch.device("cpu"), allow_tqdm=False)
    predictor.network = network
    predictor.configuration_manager = SimpleNamespace(patch_size=(window,) * len(size))
    predictor.label_manager = SimpleNamespace(num_segmentation_heads=2)
    with torch.no_grad():
        right = network(image[None])[0]
        # nnU-Net takes an image for a volume of one slice.
        found = predictor.predict_sliding_window_return_logits(image if len(size) == 3 else image[:, None])
    found = found.float().reshape(right.shape)
    corner = (slice(None),) + (0,) * len(size)
    text = lambda logits: "[" + ", ".join(f"{one:.4f}" for one in logits[corner].tolist()) + "]"
    share = 100 * ((found - right).abs() > 0.01 * right).float().mean().item()
    what = f"{' x '.join(map(str, size))}, windows of {window}"
    seen.append(f"{what}: corner {text(found)} instead of {text(right)}, {share:.2f} % of logits off by more than 1 %")
for line in seen:
    print(line, file=answers)
if seen[1:] != [
    "96 x 96 x 96, windows of 64: corner [1.0000, 1.0000] instead of [1.4963, 0.7481], 1.27 % of logits off by more than 1 %",
    "512 x 512, windows of 256: corner [1.4736, 0.7368] instead of [1.4963, 0.7481], 0.02 % of logits off by more than 1 %",
]:
    print("the behaviour has changed", file=sys.stderr)
    sys.exit(1)
PY
env/bin/python -W ignore finding.py
