"""The perceptron's prediction called from C: native_runner.c, with no Python in what is timed.

Takes the environments' folder from $PEERS_ENV, the ONNX files' from $PEERS_MODELS, and from $PEERS_NATIVE a folder with the
compiled native_runner and libmlp.so.
"""

from __future__ import annotations

import argparse
import glob
import json
import os
import subprocess
import sys
import time

import processors
import recipe

LIBRARIES = {"onnxruntime": ("ort", "onnxruntime/capi/libonnxruntime.so.*"),
             "openvino": ("openvino", "openvino/libs/libopenvino_c.so*")}


def parameters_file(folder: str) -> str:
    """The parameters of I1 as native_runner reads them."""
    path = os.path.join(folder, "I1.parameters")
    with open(path, "wb") as f:
        for name, value in recipe.parameters("I1b1").items():
            f.write(f"{name} {value.nbytes}\n".encode())
            f.write(value.tobytes())
    return path


def command(options: argparse.Namespace) -> list:
    native, models = os.environ["PEERS_NATIVE"], os.environ.get("PEERS_MODELS", "")
    x = recipe.inputs(options.workload)["x"]
    data = os.path.join(native, options.workload + ".bin")
    x.tofile(data)
    if options.variant == "strata":
        kind, library = "strata", os.path.join(native, "libmlp.so")
        model = parameters_file(native)
    else:
        kind, pattern = LIBRARIES[options.variant]
        packages = os.path.join(os.environ["PEERS_ENV"], options.variant, "lib", "python3*", "site-packages")
        found = glob.glob(os.path.join(packages, pattern))
        library = os.path.realpath(found[0]) if found else ""
        model = os.path.join(models, options.workload + ".onnx")
    for path in (library, model):
        if not os.path.exists(path):
            raise FileNotFoundError(path or f"the library of {options.variant}")
    return [os.path.join(native, "native_runner"), kind, library, model, data, "x".join(map(str, x.shape)),
            str(options.threads), str(options.seconds), str(x.shape[0] * 10)]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--workload", required=True, choices=("I1b1", "I1b64"))
    parser.add_argument("--variant", default="strata", choices=("strata", *LIBRARIES))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--json", action="store_true")
    options, _ = parser.parse_known_args()
    result = {"peer": "native", "variant": options.variant, "workload": options.workload,
              "threads": options.threads, "version": ""}
    try:
        run = command(options)
        os.sched_setaffinity(0, processors.given(options.threads))
        rows = []
        for seconds in ["0"] * 5 + [str(options.seconds)]:  # starts, then one timed run
            run[7] = seconds
            start = time.clock_gettime(time.CLOCK_MONOTONIC)
            done = subprocess.run(run, env={**os.environ, "PEER_T0": repr(start)}, text=True, capture_output=True)
            if done.returncode:
                raise RuntimeError(done.stderr.strip()[-300:])
            rows.append(json.loads(done.stdout))
        timed = rows[-1]
        result.update({key: timed[key] for key in ("median_us", "min_us", "repetitions", "peak_rss_mib")})
        result["other_load"] = 0.0
        result["first_result_s"] = sorted(row["load_to_first_s"] for row in rows)[len(rows) // 2]
        result["process_to_first_s"] = sorted(row["process_to_first_s"] for row in rows)[len(rows) // 2]
        result["checksum"] = {"sum": timed["sum"], "abs_sum": timed["abs_sum"], "first": [timed["first"]]}
        result["gflops"] = recipe.flops(options.workload) / result["median_us"] / 1e3
    except (OSError, RuntimeError, KeyError) as error:
        result["error"] = f"{type(error).__name__}: {error}"
    print(json.dumps(result))
    return 1 if "error" in result else 0


if __name__ == "__main__":
    sys.exit(main())
