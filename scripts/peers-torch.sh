#!/usr/bin/env bash
# Makes a Python environment with PyTorch and the frameworks that write checkpoints, for the tests of peers
# (npm run test:peers). It is made once, outside of the checkout: in $UNET_PEERS_TORCH, or ~/.cache/unet-lang/peers-torch.
# PyTorch from Python's index comes with CUDA: without Triton, 2.6 GB are downloaded, and 4.4 GB installed.
set -euo pipefail
folder=${UNET_PEERS_TORCH:-$HOME/.cache/unet-lang/peers-torch}
if [ ! -x "$folder/bin/python" ]; then python3 -m venv "$folder"; fi
install() { "$folder/bin/pip" install --quiet --no-cache-dir --only-binary :all: "$@"; }
# --no-deps: Triton is as large as everything that is needed of the frameworks, and only compiled networks need it.
install --no-deps torch==2.15.0 \
  nvidia-cublas==13.4.1.3 nvidia-cuda-nvrtc==13.2.86 nvidia-cuda-runtime==13.2.86 nvidia-cufft==12.2.0.57 \
  nvidia-nvjitlink==13.5.37 nvidia-cufile==1.17.1.22 nvidia-cuda-cupti==13.2.86 nvidia-cusolver==12.2.0.11 \
  nvidia-cusparse==12.7.10.12 nvidia-nvtx==13.2.86 nvidia-cudnn-cu13==9.26.0.51 nvidia-cusparselt-cu13==0.8.1 \
  nvidia-nccl-cu13==2.30.7 nvidia-nvshmem-cu13==3.7.2 cuda-bindings==13.5.0 cuda-pathfinder==1.9.1
install filelock typing-extensions sympy networkx jinja2 fsspec 'setuptools>=77.0.3' numpy==2.4.6
install --no-deps monai==1.6.1 dynamic-network-architectures==0.4.4 timm==1.0.31 lightning==2.6.6 \
  pytorch-lightning==2.6.6 lightning-utilities==0.15.3 torchmetrics==1.9.0 onnx==1.23.2 onnxscript==0.7.2 onnx-ir==1.1.0 \
  ml_dtypes==0.6.0 protobuf pyyaml tqdm packaging einops==0.8.2 safetensors==0.8.0
# nnU-Net's data loading comes as source packages, which pip builds.
"$folder/bin/pip" install --quiet --no-cache-dir --no-deps \
  nnunetv2==2.8.1 acvl_utils==0.2.6 batchgeneratorsv2==0.3.6 batchgenerators==0.25.5 fft-conv-pytorch==1.2.0
install scipy pandas scikit-learn scikit-image SimpleITK nibabel matplotlib seaborn tifffile imagecodecs yacs blosc2 \
  graphviz connected-components-3d requests threadpoolctl future pydicom
"$folder/bin/python" -c 'import torch, monai, lightning; print("PyTorch", torch.__version__, "is in", __import__("sys").prefix)'
