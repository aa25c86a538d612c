"""Strata beside other programs: sets up the peers, runs everything in turn, writes this machine's page of docs/measured.

    python3 Benchmarks/bench.py [--peers "jax torch"] [--workloads "T1 T2"] [--seconds 1]

`make bench` builds Strata and calls this. What it makes lies in .bench/: environments, models, results. A result that is
there is not taken again unless --again is given, so that a run that was stopped goes on.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from typing import List

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.path[:0] = [HERE, os.path.join(HERE, "peers")]
import environments  # noqa: E402
import report  # noqa: E402
from tables import INFERENCE, TRAINING  # noqa: E402

PEERS = "torch jax onnxruntime openvino numpy"
# The graphs there are recipes for.
WORKLOADS = "T1 T2 T3 T3long T4 I0 I1b1 I1b64 I2 I2b8 I3 I3b8 I4 I5a I5b"


def words(text: str) -> List[str]:
    return text.replace(",", " ").split()


def run(command: List[str], **more) -> int:
    return subprocess.run(command, cwd=ROOT, **more).returncode


def prepare_native(strata: str, folder: str) -> None:
    """The program that calls libraries from C, the perceptron's library, and the program that says how fast processors are."""
    os.makedirs(folder, exist_ok=True)
    source = os.path.join(HERE, "peers", "native_runner.c")
    subprocess.run(["cc", "-O2", source, "-o", os.path.join(folder, "native_runner"), "-ldl", "-lm"], check=True)
    source = os.path.join(HERE, "peers", "processor_rate.c")
    subprocess.run(["cc", "-O2", source, "-o", os.path.join(folder, "processor_rate")], check=True)
    subprocess.run([strata, "compile", "graphs/mlp.graph", "-o", folder], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def prepare_models(env: str, folder: str, workloads: List[str]) -> None:
    """The ONNX files of the inference workloads, if the package that writes them is there."""
    wanted = [w for w in workloads if w in INFERENCE and not os.path.exists(os.path.join(folder, w + ".onnx"))]
    python = environments.python(env, "onnxruntime")
    if wanted and os.path.exists(python):
        run([python, os.path.join(HERE, "peers", "onnx_models.py"), "--out", folder, *wanted])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", default="", help=f"peers, or peer@environment (default: {PEERS})")
    parser.add_argument("--workloads", default="", help=f"(default: {WORKLOADS})")
    parser.add_argument("--seconds", default="", help="length of each timed part (default: 1)")
    parser.add_argument("--rounds", default="", help="(default: 1)")
    parser.add_argument("--variants", default="", help="only these variants of the peers")
    parser.add_argument("--lock", default="", help="a file to lock around each measurement")
    parser.add_argument("--folder", default=os.path.join(ROOT, ".bench"))
    parser.add_argument("--strata", default=os.path.join(ROOT, ".build", "release", "strata"))
    parser.add_argument("--again", action="store_true", help="measure anew what there are results of")
    parser.add_argument("--report", action="store_true", help="write the tables of the results there are, and stop")
    options = parser.parse_args()

    folder, strata = os.path.abspath(options.folder), os.path.abspath(options.strata)
    env, models, native = (os.path.join(folder, name) for name in ("env", "models", "native"))
    results, gemm = os.path.join(folder, "results.json"), os.path.join(folder, "gemm.json")
    os.makedirs(env, exist_ok=True)
    failed = 0
    if not options.report:
        peers = words(options.peers or PEERS)
        workloads = words(options.workloads or WORKLOADS)
        for name in workloads:
            if name not in TRAINING + INFERENCE:
                parser.error(f"no workload {name}; there are {' '.join(TRAINING + INFERENCE)}")
        usable = [p for p in peers if environments.prepare(env, p.rpartition("@")[2] or p)]
        for library in ("numpy", "mkl", "onednn"):
            environments.prepare(env, library)
        prepare_models(env, models, workloads)
        prepare_native(strata, native)
        more = ["--again"] if options.again else []
        seconds = options.seconds or "1"
        failed |= run(
            [sys.executable, os.path.join(HERE, "peers", "run_peers.py"), "--venvs", env, "--models", models,
             "--out", results, "--peers", ",".join(["strata", *usable, "native"]), "--workloads", ",".join(workloads),
             "--seconds", seconds, "--rounds", options.rounds or "1", "--lock", options.lock,
             "--rates", os.path.join(native, "processor_rate"),
             "--variants", options.variants, *more],
            env={**os.environ, "STRATA": strata, "PEERS_NATIVE": native}, stdout=subprocess.DEVNULL)
        if "I5a" in workloads or "I5b" in workloads:
            failed |= run(
                [sys.executable, os.path.join(HERE, "gemm", "run_gemm.py"), "--strata", strata, "--env", env,
                 "--build", os.path.join(folder, "gemm"), "--out", gemm, "--lock", options.lock,
                 "--rates", os.path.join(native, "processor_rate")])
    report.write(os.path.join(ROOT, "docs", "measured"), results, gemm, strata)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
