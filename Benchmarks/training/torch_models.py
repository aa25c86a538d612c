"""The models of Examples/MoreModels in PyTorch: one training step, timed.

    torch_models.py MODEL --batch N --threads N [--compile] [--seconds S]

prints JSON: the number of parameters, and the times of a step as the peers' `measure` gives them, in microseconds.
"""

from __future__ import annotations

import argparse
import json
import os
import sys

import torch
import torch.nn.functional as F
from torch import nn

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "peers"))
import peerlib  # noqa: E402  (the peers' stopwatch)


def conv_norm(inputs, outputs, size, stride=1, groups=1):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride, size // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs))


class ResNetBlock(nn.Module):
    def __init__(self, inputs, width, stride):
        super().__init__()
        self.first, self.second = conv_norm(inputs, width, 3, stride), conv_norm(width, width, 3)
        self.shortcut = conv_norm(inputs, width, 1, stride) if stride > 1 else nn.Identity()

    def forward(self, x):
        return F.relu(self.second(F.relu(self.first(x))) + self.shortcut(x))


class ResNet18(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, blocks, inputs = conv_norm(3, 64, 3), [], 64
        for width, stride in [(64, 1), (128, 2), (256, 2), (512, 2)]:
            blocks += [ResNetBlock(inputs, width, stride), ResNetBlock(width, width, 1)]
            inputs = width
        self.blocks, self.head = nn.Sequential(*blocks), nn.Linear(512, 10)

    def forward(self, x):
        return self.head(self.blocks(F.relu(self.stem(x))).mean((2, 3)))


class InvertedResidual(nn.Module):
    def __init__(self, inputs, outputs, stride, expansion):
        super().__init__()
        width = inputs * expansion
        self.expand = conv_norm(inputs, width, 1) if expansion > 1 else None
        self.depthwise = conv_norm(width, width, 3, stride, groups=width)
        self.project = conv_norm(width, outputs, 1)
        self.is_residual = stride == 1 and inputs == outputs

    def forward(self, x):
        wide = F.relu6(self.expand(x)) if self.expand else x
        y = self.project(F.relu6(self.depthwise(wide)))
        return x + y if self.is_residual else y


class MobileNetV2(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, blocks, inputs = conv_norm(3, 32, 3, 2), [], 32
        for expansion, outputs, count, stride in [
                (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
                (6, 320, 1, 1)]:
            for at in range(count):
                blocks.append(InvertedResidual(inputs, outputs, stride if at == 0 else 1, expansion))
                inputs = outputs
        self.blocks, self.last, self.head = nn.Sequential(*blocks), conv_norm(320, 1280, 1), nn.Linear(1280, 100)

    def forward(self, x):
        return self.head(F.relu6(self.last(self.blocks(F.relu6(self.stem(x))))).mean((2, 3)))


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.memory = nn.Embedding(1000, 128), nn.LSTM(128, 128, batch_first=True)
        self.head = nn.Linear(128, 2)
        # PyTorch has two biases, of which the sum counts: one stays 0.
        nn.init.zeros_(self.memory.bias_hh_l0)
        self.memory.bias_hh_l0.requires_grad_(False)

    def forward(self, x):
        return self.head(self.memory(self.words(x))[0][:, -1])


class TableRegressor(nn.Sequential):
    def __init__(self):
        layers, inputs = [], 64
        for _ in range(3):
            layers += [nn.Linear(inputs, 512), nn.BatchNorm1d(512), nn.ReLU(), nn.Dropout(0.1)]
            inputs = 512
        super().__init__(*layers, nn.Linear(512, 1))


class UNet(nn.Module):
    def __init__(self):
        super().__init__()

        def pair(inputs, width):
            return nn.Sequential(conv_norm(inputs, width, 3), nn.ReLU(), conv_norm(width, width, 3), nn.ReLU())

        self.down = nn.ModuleList([pair(3, 32), pair(32, 64), pair(64, 128)])
        self.up = nn.ModuleList([nn.ConvTranspose2d(128, 64, 2, 2), nn.ConvTranspose2d(64, 32, 2, 2)])
        self.joined = nn.ModuleList([pair(128, 64), pair(64, 32)])
        self.head = nn.Conv2d(32, 1, 1)

    def forward(self, x):
        large = self.down[0](x)
        middle = self.down[1](F.max_pool2d(large, 2))
        small = self.down[2](F.max_pool2d(middle, 2))
        half = self.joined[0](torch.cat([self.up[0](small), middle], 1))
        return self.head(self.joined[1](torch.cat([self.up[1](half), large], 1)))


def images(size):
    return lambda batch: torch.randn(batch, 3, size, size).contiguous(memory_format=torch.channels_last)


def classes(count):
    return lambda batch: torch.randint(count, (batch,))


def momentum(parameters):
    return torch.optim.SGD(parameters, 0.1, momentum=0.9)


# Of each: the model, inputs and labels for a batch, loss, optimizer.
MODELS = {
    "resnet18": (ResNet18, images(32), classes(10), F.cross_entropy, momentum),
    "mobilenet": (MobileNetV2, images(96), classes(100), F.cross_entropy, momentum),
    "unet": (UNet, images(64), lambda batch: torch.rand(batch, 1, 64, 64).round(),
             F.binary_cross_entropy_with_logits, torch.optim.Adam),
    "reader": (Reader, lambda batch: torch.randint(1000, (batch, 128)), classes(2), F.cross_entropy,
               torch.optim.Adam),
    "table": (TableRegressor, lambda batch: torch.randn(batch, 64), lambda batch: torch.randn(batch, 1), F.mse_loss,
              torch.optim.Adam),
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model", choices=MODELS)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--seconds", type=float, default=2)
    options = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(options.threads)
    make, inputs, labels, loss, optimizer = MODELS[options.model]
    model = make().train()
    x, y = inputs(options.batch), labels(options.batch)
    if x.dim() == 4:
        model = model.to(memory_format=torch.channels_last)
    parameters = [p for p in model.parameters() if p.requires_grad]
    steps = optimizer(parameters)
    forward = torch.compile(model) if options.compile else model

    def step():
        steps.zero_grad(set_to_none=True)
        loss(forward(x), y).backward()
        steps.step()

    times = peerlib.measure(step, options.seconds)
    print(json.dumps({"parameters": sum(p.numel() for p in parameters), **times}))


if __name__ == "__main__":
    main()
