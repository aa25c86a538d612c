"""Training steps of models that are not among the recipes, beside PyTorch: Strata, PyTorch as written and compiled, in turn.

    python3 Benchmarks/training/run.py [--models "reader unet"] [--rounds 3] [--seconds 2] [--strata BIN]

Prints a table in Markdown. `make bench` must have set up PyTorch's environment in .bench/env; the models are those of
Examples/MoreModels. The medians of the rounds' medians are compared; both programs must have equally many parameters.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BATCHES = {"resnet18": 16, "mobilenet": 16, "unet": 4, "reader": 32, "table": 1024}


def output(command):
    """The JSON that a command prints, or None with a message if it fails."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no reason given"]
        print(f"{os.path.basename(command[0])}: {lines[-1]}", file=sys.stderr)
        return None
    return json.loads(done.stdout.strip().splitlines()[-1])


def parameters(graph):
    """The number of elements of a graph file's parameters."""
    total = 0
    with open(graph, encoding="utf-8") as text:
        for line in text:
            if line.lstrip().startswith("state ") and "] parameter " in line:
                sizes = line.split("[", 1)[1].split("]", 1)[0]
                count = 1
                for size in filter(None, sizes.split(",")):
                    count *= int(size)
                total += count
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default=" ".join(BATCHES))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--threads", default="1 2")
    parser.add_argument("--without-compile", action="store_true", help="leave torch.compile out")
    parser.add_argument("--strata", default=os.path.join(ROOT, ".build", "release", "strata"))
    parser.add_argument("--graphs", default=os.path.join(ROOT, ".bench", "training"))
    parser.add_argument("--python", default=os.path.join(ROOT, ".bench", "env", "torch", "bin", "python"))
    options = parser.parse_args()
    for model in options.models.split():
        if model not in BATCHES:
            parser.error(f"no model {model}; there are {' '.join(BATCHES)}")
    if not os.path.exists(options.python):
        parser.error(f"no {options.python}: run 'make bench PEERS=torch WORKLOADS=I0' first, or give --python")
    os.makedirs(options.graphs, exist_ok=True)
    subprocess.run(["swift", "run", "-c", "release", "MoreModels", options.graphs], cwd=ROOT, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    torch = [options.python, os.path.join(HERE, "torch_models.py")]
    print("| model | batch | threads | Strata | torch eager | torch compile | best / Strata |")
    print("|---|---|---|---|---|---|---|")
    for model in options.models.split():
        batch, graph = BATCHES[model], os.path.join(options.graphs, model + ".graph")
        for threads in options.threads.split():
            shared = ["--batch", str(batch), "--threads", threads, "--seconds", str(options.seconds)]
            commands = {
                "strata": [options.strata, "bench", graph, "--function", "train", "--json", *shared],
                "eager": [*torch, model, *shared],
                "compile": [*torch, model, "--compile", *shared],
            }
            if options.without_compile:
                del commands["compile"]
            times = {name: [] for name in commands}
            for _ in range(options.rounds):
                for name, command in commands.items():
                    result = output(command)
                    if result is None:
                        continue
                    if "parameters" in result and result["parameters"] != parameters(graph):
                        sys.exit(f"{model}: {result['parameters']} parameters, Strata has {parameters(graph)}")
                    times[name].append(result.get("compiled", result)["median_us"])
            medians = {name: statistics.median(found) for name, found in times.items() if found}
            others = [value for name, value in medians.items() if name != "strata"]
            ratio = f"{min(others) / medians['strata']:.2f}" if others and "strata" in medians else ""
            cells = [f"{medians[name] / 1e3:.1f} ms" if name in medians else ""
                     for name in ("strata", "eager", "compile")]
            print(f"| {model} | {batch} | {threads} | {' | '.join(cells)} | {ratio} |", flush=True)


if __name__ == "__main__":
    main()
