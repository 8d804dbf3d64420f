"""The same training step in PyTorch, for bench/train.js: the median time and the peak memory as JSON."""
import json
import resource
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

one = json.loads(sys.argv[1])
rank = len(one["size"])
conv = [nn.Conv2d, nn.Conv3d][rank - 2]
transposed = [nn.ConvTranspose2d, nn.ConvTranspose3d][rank - 2]
pool = [F.max_pool2d, F.max_pool3d][rank - 2]
torch.set_num_threads(one["threads"])


def double(before, after):
    layers = [conv(before, after, 3, padding=1), nn.ReLU(True), conv(after, after, 3, padding=1), nn.ReLU(True)]
    return nn.Sequential(*layers)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        c = [one["base"] * 2**level for level in range(one["depth"] + 1)]
        self.down = nn.ModuleList([double(1 if i == 0 else c[i - 1], c[i]) for i in range(one["depth"])])
        self.bottom = double(c[-2], c[-1])
        self.up = nn.ModuleList([transposed(c[i + 1], c[i], 2, 2) for i in range(one["depth"])])
        self.decode = nn.ModuleList([double(2 * c[i], c[i]) for i in range(one["depth"])])
        self.head = conv(c[0], 2, 1)

    def forward(self, x):
        skips = []
        for block in self.down:
            x = block(x)
            skips.append(x)
            x = pool(x, 2)
        x = self.bottom(x)
        for i in reversed(range(one["depth"])):
            x = self.decode[i](torch.cat([skips[i], self.up[i](x)], 1))
        return self.head(x)


net = Net()
optimizer = torch.optim.Adam(net.parameters(), 1e-3)
images = torch.randn(one["batch"], 1, *one["size"])
labels = torch.randint(0, 2, (one["batch"], *one["size"]))
times = []
for _ in range(one["steps"]):
    begun = time.perf_counter()
    optimizer.zero_grad()
    F.cross_entropy(net(images), labels).backward()
    optimizer.step()
    times.append((time.perf_counter() - begun) * 1000)
ordered = sorted(times[2:])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"version": torch.__version__, "step": ordered[len(ordered) // 2], "peak": peak}))
