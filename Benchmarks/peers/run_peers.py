"""Runs every peer on every workload and prints one table per workload.

    python run_peers.py --venvs DIR --models DIR --out results.json \
        [--lock FILE] [--peers jax,torch] [--workloads T1,I2] [--threads 1,2]

DIR/<peer>/bin/python must exist for each peer that is to run.  `torch@other`
runs peer `torch` with the environment DIR/other and records it under that name.
The peers of a workload run in turn, `--rounds` times; the better median and the
better minimum count, and the first result of the first round.  Results are
written after each job; a job that is already in the file is not run again
unless --again is given.  `--table` prints the tables of a file and stops.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import subprocess
import sys
import time
from typing import Any, Dict, Iterator, List, NamedTuple, Optional

from processors import FAST, Processors
from quiet import clean_environment
from tables import INFERENCE, TRAINING, check, duration, tables

HERE = os.path.dirname(os.path.abspath(__file__))
# Above this ratio of the median to the minimum, something disturbed a measurement.
STEADY = 1.25


class Entry(NamedTuple):
    peer: str
    variant: str
    workloads: tuple


ENTRIES = [
    Entry("torch", "eager", TRAINING + INFERENCE),
    Entry("torch", "compile", TRAINING + INFERENCE),
    Entry("torch", "reference", TRAINING),
    Entry("jax", "jit", TRAINING + INFERENCE),
    Entry("onnxruntime", "run", INFERENCE),
    Entry("onnxruntime", "bound", INFERENCE),
    Entry("openvino", "f32", INFERENCE),
    Entry("openvino", "auto", INFERENCE),
    Entry("numpy", "blas", ("I5a", "I5b")),
    Entry("native", "onnxruntime", ("I1b1", "I1b64")),
    Entry("native", "openvino", ("I1b1", "I1b64")),
    Entry("native", "strata", ("I1b1", "I1b64")),
    Entry("tensorflow", "graph", TRAINING + INFERENCE),
    Entry("tensorflow", "xla", TRAINING + INFERENCE),
    Entry("tensorflow", "keras", ("T1", "T2", "T4")),
    Entry("tensorflow", "keras-xla", ("T1", "T2", "T4")),
    Entry("iree", "python", INFERENCE),
    Entry("tvm", "default", INFERENCE),
    Entry("mlx", "compile", TRAINING + INFERENCE),
    Entry("mlx", "eager", TRAINING),
    Entry("tinygrad", "jit", TRAINING + INFERENCE),
    Entry("strata", "f32", TRAINING + INFERENCE),
    Entry("strata", "tf", TRAINING + INFERENCE),
    Entry("strata", "bf16", TRAINING + INFERENCE),
]


def selected(options: argparse.Namespace) -> Iterator[Dict[str, Any]]:
    wanted = options.peers.split(",") if options.peers else None
    workloads = options.workloads.split(",") if options.workloads else TRAINING + INFERENCE
    variants = options.variants.split(",") if options.variants else None
    labels = wanted or sorted({e.peer for e in ENTRIES}, key=[e.peer for e in ENTRIES].index)
    for workload in workloads:
        for label in labels:
            peer, _, environment = label.partition("@")
            for entry in ENTRIES:
                if entry.peer != peer or workload not in entry.workloads:
                    continue
                if variants and entry.variant not in variants:
                    continue
                for threads in map(int, options.threads.split(",")):
                    if entry.variant == "reference" and threads != 1:
                        continue
                    yield {"label": label, "peer": peer, "environment": environment or peer,
                           "variant": entry.variant, "workload": workload, "threads": threads}


class Lock:
    """A file lock, kept over several jobs but not longer than `hold`."""

    def __init__(self, path: str, hold: float, shared: bool):
        self.path, self.hold, self.file, self.since = path, hold, None, 0.0
        self.kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX

    def take(self, wanted: float) -> float:
        """Returns the seconds the next job may take; may release and take again."""
        left = self.hold - (time.monotonic() - self.since)
        if self.file is not None and left < wanted:
            self.release()
            time.sleep(0.2)
        if self.file is None:
            if self.path:
                self.file = open(self.path, "w")
                fcntl.flock(self.file, self.kind)
            self.since = time.monotonic()
            left = self.hold
        return left

    def release(self) -> None:
        if self.file is not None:
            self.file.close()
            self.file = None


def run_job(job: Dict[str, Any], options: argparse.Namespace, lock: Lock, processors: Processors) -> Dict[str, Any]:
    python = os.path.join(options.venvs, job["environment"], "bin", "python")
    if job["peer"] == "native":
        python = os.path.join(options.venvs, "numpy", "bin", "python")
    if job["peer"] == "strata":  # a program of its own, any Python will do
        python = sys.executable
    if not os.path.exists(python):
        return {"error": "not installed"}
    script = os.path.join(HERE, f"peer_{job['peer']}.py")
    if not os.path.exists(script):
        return {"error": "no script"}
    command = [python, script, "--workload", job["workload"], "--variant", job["variant"],
               "--threads", str(job["threads"]), "--seconds", str(options.seconds), "--json"]
    if job["threads"] == 1 and job["variant"] != "reference":
        command.append("--no-losses")  # the run with more threads reports them
    if options.shared:
        command.append("--cpu-clock")
    environment = clean_environment()
    environment["PEERS_ENV"] = options.venvs
    environment["OPENBLAS_NUM_THREADS"] = str(job["threads"])  # read when NumPy is imported, before any limit
    if options.models:
        environment["PEERS_MODELS"] = options.models
    environment["TF_CPP_MIN_LOG_LEVEL"] = "3"
    slow = job["variant"] in ("compile", "beam", "tuned") or job["workload"] in ("T2", "T3", "T3long")
    for wanted in (options.expect * (2.0 if slow else 1.0), options.hold):
        limit = min(options.timeout, lock.take(wanted))
        chosen, before = processors.choose(job["threads"])
        environment["PEER_PROCESSORS"] = ",".join(map(str, chosen))
        environment["PEER_T0"] = repr(time.clock_gettime(time.CLOCK_MONOTONIC))
        child = subprocess.Popen(command, env=environment, text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            out, err = child.communicate(timeout=limit)
            break
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
            if limit >= options.timeout - 5:
                return {"error": f"stopped after {limit:.0f} s"}
    else:
        return {"error": f"stopped after {limit:.0f} s"}
    for line in reversed(out.splitlines()):
        if line.startswith("{"):
            rate = {"processor_rate": min(before, processors.lowest(chosen))} if options.rates else {}
            return {**json.loads(line), **rate}
    return {"error": f"exit {child.returncode}: {(err or out).strip()[-600:]}"}


def key_of(job: Dict[str, Any]) -> str:
    return "/".join((job["workload"], job["label"], job["variant"], str(job["threads"])))


def save(results: Dict[str, Any], path: str) -> None:
    with open(path + ".tmp", "w", encoding="utf-8") as f:
        json.dump(results, f, indent=1)
    os.replace(path + ".tmp", path)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--venvs", default="")
    parser.add_argument("--models", default="")
    parser.add_argument("--lock", default="", help="file to lock exclusively around each job")
    parser.add_argument("--out", default="results.json")
    parser.add_argument("--peers", default="")
    parser.add_argument("--variants", default="")
    parser.add_argument("--workloads", default="")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--threads", default="2,1")
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--timeout", type=float, default=85.0)
    parser.add_argument("--hold", type=float, default=86.0,
                        help="longest time to keep the lock at a stretch")
    parser.add_argument("--expect", type=float, default=12.0,
                        help="release the lock when less than this is left of --hold "
                             "(twice this for jobs that compile long)")
    parser.add_argument("--shared", action="store_true",
                        help="share the lock and time one thread with the processor clock: "
                             "indicative results on a busy machine, marked ~ in the tables")
    parser.add_argument("--quiet-load", type=float, default=0.25,
                        help="repeat a job when other processes used more processors than this")
    parser.add_argument("--rates", default="", help="the compiled processor_rate.c: measure on fast processors only")
    parser.add_argument("--patience", type=float, default=45.0, help="seconds to wait for fast processors at most")
    parser.add_argument("--tries", type=int, default=3, help="times a job is run until the processors stay fast")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--table", action="store_true", help="print the tables of --out, stop")
    parser.add_argument("--merge", nargs="*", default=[], help="add these files to --out, stop")
    options = parser.parse_args()

    results: Dict[str, Dict[str, Any]] = {}
    if os.path.exists(options.out):
        with open(options.out, encoding="utf-8") as f:
            results = json.load(f)
    for path in options.merge:
        with open(path, encoding="utf-8") as f:
            for key, value in json.load(f).items():
                old = results.get(key, {})
                if "median_us" not in old or (value.get("clock") != "cpu"
                                              or old.get("clock") == "cpu") and "median_us" in value:
                    results[key] = value
    if options.merge:
        save(results, options.out)
    if options.table or options.merge:
        print(tables(results))
        return 0

    lock = Lock(options.lock, options.hold, options.shared)
    processors = Processors(options.rates, options.patience)
    before = set() if options.again else {key for key, value in results.items() if "error" not in value}
    for job in (job for workload in by_workload(options) for job in workload):
        key = key_of(job)
        if key in before:
            continue
        result = run_undisturbed(job, options, lock, processors)
        results[key] = better(results.get(key) if job["round"] else None, result)
        note = result.get("error") or result.get("unsupported") or (
            f"median {duration(result.get('median_us'))}, min {duration(result.get('min_us'))}, "
            f"others {result.get('other_load', 0.0):.2f}, processors at {result.get('processor_rate', 1.0):.2f}")
        print(f"{time.strftime('%T')} {key}: {note[:160]}", file=sys.stderr, flush=True)
        save(results, options.out)
    lock.release()
    print(tables(results))
    return 1 if check(results) else 0


def by_workload(options: argparse.Namespace) -> Iterator[List[Dict[str, Any]]]:
    """The jobs of each workload: all peers in turn, as many times as there are rounds."""
    jobs = list(selected(options))
    for workload in dict.fromkeys(job["workload"] for job in jobs):
        yield [{**job, "round": number} for number in range(options.rounds) for job in jobs
               if job["workload"] == workload and (number == 0 or job["variant"] != "reference")]


def run_undisturbed(job: Dict[str, Any], options: argparse.Namespace, lock: Lock,
                    processors: Processors) -> Dict[str, Any]:
    """The first of a few tries that neither other processes nor neighbours of the processors disturbed, else the fastest."""
    def is_disturbed(result: Dict[str, Any]) -> bool:
        return (result.get("other_load", 0.0) > options.quiet_load and not options.shared
                or result.get("processor_rate", 1.0) < FAST
                or result["median_us"] > STEADY * result["min_us"])

    best: Dict[str, Any] = {}
    for _ in range(1 if job["variant"] == "reference" else options.tries):
        result = run_job(job, options, lock, processors)
        if "median_us" not in result:
            return best or result
        if not best or result["median_us"] < best["median_us"]:
            best = result
        if not is_disturbed(result):
            break
    return best


def better(old: Optional[Dict[str, Any]], new: Dict[str, Any]) -> Dict[str, Any]:
    """Joins a round to those before it."""
    if not old or "median_us" not in old:
        return new
    if "median_us" not in new:
        return old
    joined = dict(old)
    for key in ("median_us", "min_us", "p90_us", "pipelined_us"):
        if key in old and key in new:
            joined[key] = min(old[key], new[key])
    if new["median_us"] < old["median_us"] and "processor_rate" in new:
        joined["processor_rate"] = new["processor_rate"]
    if "gflops" in old and old["median_us"]:
        joined["gflops"] = old["gflops"] * old["median_us"] / joined["median_us"]
    return joined


if __name__ == "__main__":
    sys.exit(main())
