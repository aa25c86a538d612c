"""What must be shipped to run I1 (the MLP, batch 1), and how fast it starts.

    python deploy.py --venvs DIR --models DIR --native DIR [--lock FILE] --out deploy.json

--native is a folder with the compiled native_runner and libmlp.so, as ../bench.py makes it.

For peers with a C interface or a native tool the start is measured without
Python: process start to the first result, repeated --runs times.
"""

from __future__ import annotations

import argparse
import fcntl
import glob
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any, Dict, List

import numpy as np

import peer_native
import recipe

LIBRARIES = {  # relative to site-packages; patterns, resolved links counted once
    "onnxruntime": ["onnxruntime/capi/libonnxruntime.so.*"],
    "openvino": ["openvino/libs/libopenvino_c.so*", "openvino/libs/libopenvino.so*",
                 "openvino/libs/libopenvino_intel_cpu_plugin.so", "openvino/libs/libtbb.so*",
                 "openvino/libs/libopenvino_onnx_frontend.so*"],
    "iree": ["iree/_runtime_libs/iree-run-module", "iree_base_runtime.libs/*.so*"],
    "tvm": ["tvm/lib/libtvm_runtime.so", "tvm_ffi/lib/libtvm_ffi.so"],
    "torch": ["torch/lib/libtorch_cpu.so", "torch/lib/libtorch.so", "torch/lib/libc10.so",
              "torch/lib/libgomp*", "torch.libs/*.so*"],
    "tensorflow": ["tensorflow/libtensorflow_cc.so.2", "tensorflow/libtensorflow_framework.so.2"],
    "jax": ["jaxlib/*.so", "jaxlib/**/*.so"],
    "mlx": ["mlx/lib*/libmlx.so", "mlx_cpu.libs/*.so*"],
}


def site_packages(venvs: str, peer: str) -> str:
    found = glob.glob(os.path.join(venvs, peer, "lib", "python3*", "site-packages"))
    return found[0] if found else ""


def library_files(venvs: str, peer: str) -> Dict[str, int]:
    root, out = site_packages(venvs, peer), {}
    for pattern in LIBRARIES[peer]:
        for path in glob.glob(os.path.join(root, pattern), recursive=True):
            real = os.path.realpath(path)
            out[os.path.relpath(real, os.path.realpath(root))] = os.path.getsize(real)
    return out


def timed(command: List[str], runs: int) -> Dict[str, Any]:
    """Runs a program that prints JSON; medians of what it reports."""
    rows, walls = [], []
    for _ in range(runs):
        start = time.clock_gettime(time.CLOCK_MONOTONIC)
        done = subprocess.run(command, env={**os.environ, "PEER_T0": repr(start)}, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
        walls.append(time.clock_gettime(time.CLOCK_MONOTONIC) - start)
        if done.stdout.lstrip().startswith("{"):
            rows.append(json.loads(done.stdout))
    out = {"process_wall_s": statistics.median(walls), "process_wall_min_s": min(walls)}
    for key in (rows[0] if rows else {}):
        out[key] = statistics.median(r[key] for r in rows)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--venvs", required=True)
    parser.add_argument("--models", required=True)
    parser.add_argument("--native", required=True, help="folder of native_runner and libmlp.so")
    parser.add_argument("--lock", default="")
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--out", default="deploy.json")
    options = parser.parse_args()

    folder = tempfile.mkdtemp(prefix="deploy-")
    result: Dict[str, Any] = {}
    runner = os.path.join(options.native, "native_runner")
    own = os.path.join(options.native, "libmlp.so")
    parameters = peer_native.parameters_file(options.native)
    result["strata"] = {"libraries": {"libmlp.so": os.path.getsize(own)}, "library_bytes": os.path.getsize(own),
                        "model_bytes": os.path.getsize(parameters)}
    for peer in LIBRARIES:
        files = library_files(options.venvs, peer)
        result[peer] = {"libraries": files, "library_bytes": sum(files.values())}
    model = os.path.join(options.models, "I1b1.onnx")
    model_bytes = os.path.getsize(model)
    result["onnxruntime"]["model_bytes"] = result["openvino"]["model_bytes"] = model_bytes

    tools = os.path.join(options.venvs, "iree", "bin")
    mlir, vmfb = os.path.join(folder, "m.mlir"), os.path.join(folder, "m.vmfb")
    have_iree = os.path.exists(tools)
    if have_iree:
        import peer_iree
        subprocess.run([os.path.join(tools, "iree-import-onnx"), model, "--opset-version", "17",
                        "-o", mlir], check=True, capture_output=True)
        subprocess.run([os.path.join(tools, "iree-compile"), *peer_iree.FLAGS, mlir, "-o", vmfb],
                       check=True, capture_output=True)
        result["iree"]["model_bytes"] = os.path.getsize(vmfb)

    for workload in ("I1b1", "I1b64"):
        data = os.path.join(folder, workload + ".bin")
        recipe.inputs(workload)["x"].tofile(data)
        npy = os.path.join(folder, workload + ".npy")
        np.save(npy, recipe.inputs(workload)["x"])

    lock = open(options.lock, "w") if options.lock else None
    if lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
    cpus = sorted(os.sched_getaffinity(0))
    for threads in (1, 2):
        os.sched_setaffinity(0, cpus[-threads:])
        for workload, batch in (("I1b1", 1), ("I1b64", 64)):
            row = [runner, "strata", own, parameters, os.path.join(folder, workload + ".bin"), f"{batch}x784",
                   str(threads), "0", str(batch * 10)]
            result["strata"][f"{workload}/{threads}"] = timed(row, options.runs)
        for peer, kind, pattern in (("onnxruntime", "ort", "onnxruntime/capi/libonnxruntime.so.*"),
                                    ("openvino", "openvino", "openvino/libs/libopenvino_c.so*")):
            library = glob.glob(os.path.join(site_packages(options.venvs, peer), pattern))
            if not library:
                continue
            for workload, batch in (("I1b1", 1), ("I1b64", 64)):
                command = [runner, kind, os.path.realpath(library[0]),
                           os.path.join(options.models, workload + ".onnx"),
                           os.path.join(folder, workload + ".bin"), f"{batch}x784", str(threads), "0", str(batch * 10)]
                row = timed(command, options.runs)
                row.update({k: v for k, v in timed(command[:-2] + ["0.7", command[-1]], 1).items()
                            if k in ("median_us", "min_us", "repetitions")})
                result[peer][f"{workload}/{threads}"] = row
    if have_iree:
        native = os.path.join(site_packages(options.venvs, "iree"), "iree", "_runtime_libs",
                              "iree-run-module")
        entry = [line.split("@")[1].split("(")[0] for line in open(mlir, encoding="utf-8")
                 if "func.func" in line][0]
        os.sched_setaffinity(0, cpus[-1:])
        result["iree"]["I1b1/1"] = timed(
            [native, f"--module={vmfb}", f"--function={entry}", "--device=local-sync",
             f"--input=@{os.path.join(folder, 'I1b1.npy')}", "--output="], options.runs)
    if lock:
        lock.close()
    with open(options.out, "w", encoding="utf-8") as f:
        json.dump(result, f, indent=1)
    json.dump(result, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
