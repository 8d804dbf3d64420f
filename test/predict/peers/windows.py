"""Predicts images by the sliding windows of nnU-Net and MONAI, for each case on standard input.

The network is the same for all cases of a rank: it is written as net2.onnx and net3.onnx. Its norm makes each output depend
on the whole window. Writes the logits of case i as float32 to i.out, and those of nnU-Net as it is, with its sums in
float16, to i.half.
"""

import json
import sys
from types import SimpleNamespace

import numpy as np
import onnx
import torch
from monai.inferers import sliding_window_inference
from nnunetv2.inference import predict_from_raw_data
from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor
from onnx import TensorProto, helper, numpy_helper
from torch import nn

CHANNELS, HIDDEN, CLASSES = 2, 6, 3
torch.set_num_threads(2)


def network(rank):
    torch.manual_seed(rank)
    conv, norm = (nn.Conv2d, nn.InstanceNorm2d) if rank == 2 else (nn.Conv3d, nn.InstanceNorm3d)
    return nn.Sequential(
        conv(CHANNELS, HIDDEN, 3, padding=1),
        norm(HIDDEN, affine=True),
        nn.LeakyReLU(0.01),
        conv(HIDDEN, CLASSES, 3, padding=1),
    ).eval()


def write_onnx(net, rank, path):
    first, norm, _, last = net
    named = {
        "w1": first.weight, "b1": first.bias, "scale": norm.weight, "shift": norm.bias, "w2": last.weight, "b2": last.bias,
    }
    weights = [numpy_helper.from_array(value.detach().numpy(), name) for name, value in named.items()]
    same = {"kernel_shape": [3] * rank, "pads": [1] * (2 * rank)}
    nodes = [
        helper.make_node("Conv", ["image", "w1", "b1"], ["a"], **same),
        helper.make_node("InstanceNormalization", ["a", "scale", "shift"], ["b"], epsilon=norm.eps),
        helper.make_node("LeakyRelu", ["b"], ["c"], alpha=0.01),
        helper.make_node("Conv", ["c", "w2", "b2"], ["logits"], **same),
    ]
    axes = ["d", "h", "w"][-rank:]
    value = lambda name, channels: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", channels, *axes])
    graph = helper.make_graph(nodes, "net", [value("image", CHANNELS)], [value("logits", CLASSES)], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def by_nnunet(net, image, case):
    predictor = nnUNetPredictor(
        tile_step_size=case["step"], use_mirroring=case["mirror"], device=torch.device("cpu"), allow_tqdm=False
    )
    predictor.network = net
    predictor.configuration_manager = SimpleNamespace(patch_size=case["window"])
    predictor.label_manager = SimpleNamespace(num_segmentation_heads=CLASSES)
    rank = len(case["window"])
    predictor.allowed_mirroring_axes = tuple(range(rank))
    # nnU-Net takes an image for a volume of one slice.
    volume = image if rank == 3 else image[:, None]
    return predictor.predict_sliding_window_return_logits(volume).numpy().reshape(CLASSES, *image.shape[1:])


def in_float32(run):
    """Runs with the sums and weights of nnU-Net in float32 instead of float16."""
    half, weights = torch.half, predict_from_raw_data.compute_gaussian
    try:
        torch.half = torch.float32
        predict_from_raw_data.compute_gaussian = lambda *args, **named: weights(*args, dtype=torch.float32, **named)
        return run()
    finally:
        torch.half = half
        predict_from_raw_data.compute_gaussian = weights


def by_monai(net, image, case):
    with torch.inference_mode():
        found = sliding_window_inference(
            image[None], case["window"], 2, net, overlap=1 - case["step"], mode="gaussian", padding_mode=case["padding"]
        )
    return found[0].numpy()


# What nnU-Net prints.
answers, sys.stdout = sys.stdout, sys.stderr
request = json.load(sys.stdin)
folder = request["folder"]
nets = {rank: network(rank) for rank in (2, 3)}
for rank, net in nets.items():
    write_onnx(net, rank, f"{folder}/net{rank}.onnx")
for i, case in enumerate(request["cases"]):
    image = torch.from_numpy(np.fromfile(f"{folder}/{i}.in", "<f4").reshape(case["shape"]))
    net = nets[len(case["window"])]
    if case["by"] == "nnunet":
        by_nnunet(net, image, case).astype("<f4").tofile(f"{folder}/{i}.half")
        found = in_float32(lambda: by_nnunet(net, image, case))
    else:
        found = by_monai(net, image, case)
    found.astype("<f4").tofile(f"{folder}/{i}.out")
