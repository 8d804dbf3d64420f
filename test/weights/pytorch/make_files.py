"""Makes the PyTorch files of the tests: state dicts of small networks, and what the networks make of an input.

    python3 make_files.py FOLDER [SEED]

Element i of an input is (37 i mod 101) / 50 - 1. Every file is compressed with gzip: most of it is zeros.

The modules have the names of the networks that the built-in maps are for, in fewer channels:
github.com/milesial/Pytorch-UNet (unet/unet_parts.py) and MONAI's BasicUNet (monai/networks/nets/basic_unet.py).
"""

import gzip
import io
import json
import os
import sys

import torch
from torch import nn


def double_conv(inputs, outputs, middle, bias):
    module = nn.Module()
    module.double_conv = nn.Sequential(
        nn.Conv2d(inputs, middle, 3, padding=1, bias=bias),
        nn.BatchNorm2d(middle),
        nn.ReLU(),
        nn.Conv2d(middle, outputs, 3, padding=1, bias=bias),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )
    module.forward = module.double_conv.forward
    return module


class UNet(nn.Module):
    """Two levels and a bottleneck of 2, 4 and 8 channels (bilinear: 2, 4, 4)."""

    def __init__(self, bilinear, bias):
        super().__init__()
        self.inc = double_conv(1, 2, 2, bias)
        bottom = 4 if bilinear else 8
        for number, (inputs, outputs) in enumerate([(2, 4), (4, bottom)], 1):
            down = nn.Module()
            down.maxpool_conv = nn.Sequential(nn.MaxPool2d(2), double_conv(inputs, outputs, outputs, bias))
            self.add_module(f"down{number}", down)
        for number, (inputs, outputs) in enumerate([(8, 2 if bilinear else 4), (4, 2)], 1):
            up = nn.Module()
            if bilinear:
                up.up = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)
                up.conv = double_conv(inputs, outputs, inputs // 2, bias)
            else:
                up.up = nn.ConvTranspose2d(inputs, inputs // 2, 2, stride=2)
                up.conv = double_conv(inputs, outputs, outputs, bias)
            self.add_module(f"up{number}", up)
        self.outc = nn.Module()
        self.outc.conv = nn.Conv2d(2, 2, 1)

    def forward(self, x):
        first = self.inc(x)
        second = self.down1.maxpool_conv(first)
        below = self.down2.maxpool_conv(second)
        for up, skip in [(self.up1, second), (self.up2, first)]:
            below = up.conv(torch.cat([skip, up.up(below)], dim=1))
        return self.outc.conv(below)


def two_convs(rank, inputs, outputs, activation):
    convs = nn.Sequential()
    for number, before in enumerate([inputs, outputs]):
        conv = nn.Sequential()
        conv.add_module("conv", getattr(nn, f"Conv{rank}d")(before, outputs, 3, padding=1))
        adn = nn.Sequential()
        adn.add_module("N", getattr(nn, f"InstanceNorm{rank}d")(outputs, affine=True))
        adn.add_module("A", activation())
        conv.add_module("adn", adn)
        convs.add_module(f"conv_{number}", conv)
    return convs


class BasicUNet(nn.Module):
    """Two levels and a bottleneck; the last decoder has channels of its own, as MONAI's has."""

    def __init__(self, rank, activation):
        super().__init__()
        features, last = [2, 2, 4], 3
        self.conv_0 = two_convs(rank, 1, features[0], activation)
        for level in [1, 2]:
            down = nn.Sequential()
            down.add_module("max_pooling", getattr(nn, f"MaxPool{rank}d")(2))
            down.add_module("convs", two_convs(rank, features[level - 1], features[level], activation))
            self.add_module(f"down_{level}", down)
        for level, inside, outputs in [(2, 2, 2), (1, 2, last)]:
            upcat = nn.Module()
            deconv = getattr(nn, f"ConvTranspose{rank}d")(features[level], inside, 2, stride=2)
            upcat.upsample = nn.Sequential()
            upcat.upsample.add_module("deconv", deconv)
            upcat.convs = two_convs(rank, features[level - 1] + inside, outputs, activation)
            self.add_module(f"upcat_{level}", upcat)
        self.final_conv = getattr(nn, f"Conv{rank}d")(last, 2, 1)

    def forward(self, x):
        x0 = self.conv_0(x)
        x1 = self.down_1(x0)
        x2 = self.down_2(x1)
        for upcat, skip in [(self.upcat_2, x1), (self.upcat_1, x0)]:
            x2 = upcat.convs(torch.cat([skip, upcat.upsample(x2)], dim=1))
        return self.final_conv(x2)


def randomize(net):
    """Parameters and statistics that all matter: none is 0 or 1 as it is when a network starts."""
    for name, tensor in net.state_dict().items():
        if tensor.dtype == torch.float32:
            low, high = (0.5, 1.5) if name.endswith("running_var") else (-0.6, 0.6)
            tensor.uniform_(low, high)


class Folder:
    def __init__(self, path):
        self.path = path

    def write(self, name, content):
        with open(os.path.join(self.path, name + ".gz"), "wb") as file:
            file.write(gzip.compress(content, mtime=0))

    def save(self, name, value, **options):
        buffer = io.BytesIO()
        torch.save(value, buffer, **options)
        self.write(name, buffer.getvalue())


def values_of(tensor):
    return {"shape": list(tensor.shape), "values": [float(f"{value:.8g}") for value in tensor.flatten().tolist()]}


def main(folder, seed):
    torch.manual_seed(seed)
    networks = {
        "unet.pth": (UNet(bilinear=False, bias=False), (1, 1, 8, 12)),
        "unet-bilinear-bias.pth": (UNet(bilinear=True, bias=True), (1, 1, 8, 12)),
        "basic-unet-3d.pth": (BasicUNet(3, lambda: nn.LeakyReLU(0.1)), (1, 1, 4, 8, 12)),
        "basic-unet-2d-prelu.pth": (BasicUNet(2, nn.PReLU), (1, 1, 8, 12)),
    }
    results = {}
    for name, (net, shape) in networks.items():
        randomize(net)
        net.eval()
        count = torch.Size(shape).numel()
        image = torch.tensor([(37 * i % 101) / 50 - 1 for i in range(count)]).reshape(shape)
        with torch.no_grad():
            results[name] = {"input": list(shape), "output": values_of(net(image))}
        folder.save(name, net.state_dict())

    # A training program's checkpoint, of a network inside a wrapper, with types and strides that are not the usual.
    conv = nn.Conv2d(3, 2, (2, 3))
    randomize(conv)
    tensors = {
        "weight": conv.weight.detach().contiguous(memory_format=torch.channels_last),
        "half": torch.arange(6.0).reshape(2, 3).t().half(),
        "bfloat": torch.tensor([1.0, -2.5, 3.0]).bfloat16()[1:],
        "double": torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64)[:, 1],
    }
    optimizer = torch.optim.Adam(conv.parameters(), lr=1e-3)
    conv(torch.randn(1, 3, 4, 4)).sum().backward()
    state = {f"module.{name}": tensor for name, tensor in tensors.items()}
    state["module.norm.num_batches_tracked"] = torch.tensor(7)
    results["checkpoint.pt"] = {name: values_of(tensor) for name, tensor in tensors.items()}
    optimizer.step()
    checkpoint = {"epoch": 12, "best": 0.75, "state_dict": state, "optimizer": optimizer.state_dict()}
    folder.save("checkpoint.pt", checkpoint)
    folder.save("checkpoint-protocol-4.pt", checkpoint, pickle_protocol=4)
    folder.write("results.json", json.dumps(results).encode())

    # Files that are no state dicts of today.
    one = nn.Conv2d(1, 1, 1)
    folder.save("legacy.pth", one.state_dict(), _use_new_zipfile_serialization=False)
    folder.save("whole-model.pt", one)
    script = io.BytesIO()
    torch.jit.save(torch.jit.script(one), script)
    folder.write("script.pt", script.getvalue())


if __name__ == "__main__":
    main(Folder(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
