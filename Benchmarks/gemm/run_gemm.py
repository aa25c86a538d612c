"""Times f32 matrix products: what Strata compiles against the libraries that peers call.

    python run_gemm.py --strata PATH --env DIR --build DIR --out gemm.json

Each library runs in processes of its own, in turn with the others and `--rounds` times, so that no thread pool disturbs
another and a change of the machine's speed meets all. Of the rounds the best median and the best minimum count.
"""

from __future__ import annotations

import argparse
import glob
import json
import os
import subprocess
import sys
from typing import Any, Dict, List, NamedTuple, Optional

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "peers"))
from processors import FAST, Processors  # noqa: E402
from quiet import Quiet, clean_environment  # noqa: E402

SHAPES = ["16x16x16", "32x32x32", "64x64x64", "128x128x128", "512x512x512", "1024x1024x1024",
          "1x512x784", "64x10x256", "8x2048x512", "2048x16x512", "127x129x131"]

GRAPH = """module v1 @gemm_{name} {{
  func @main(%a: f32[{m},{k}] "a", %b: f32[{k},{n}] "b") {{
    %0 = dot %a, %b contract [1],[0] : f32[{m},{n}]
    output %0 : f32[{m},{n}] "c"
  }}
}}
"""


class Library(NamedTuple):
    name: str
    kind: str
    path: str


def first(pattern: str) -> Optional[str]:
    found = sorted(glob.glob(pattern))
    return os.path.realpath(found[0]) if found else None


def libraries(env: str) -> List[Library]:
    """What there is of the libraries; the newest oneDNN first."""
    packages = os.path.join(env, "{}", "lib", "python3*", "site-packages")
    candidates = [
        ("MKL", "cblas", [os.path.join(env, "mkl", "lib", "libmkl_rt.so*")]),
        ("oneDNN", "dnnl", [os.path.join(env, "onednn", "lib", "libdnnl.so*"),
                            "/usr/lib/*-linux-gnu/libdnnl.so.*"]),
        ("OpenBLAS", "cblas", [os.path.join(packages.format("numpy"), "numpy.libs", "lib*openblas*.so")]),
    ]
    found = []
    for name, kind, patterns in candidates:
        path = next((p for p in map(first, patterns) if p), None)
        if path:
            found.append(Library(name, kind, path))
        else:
            print(f"{name}: not installed, skipped", file=sys.stderr)
    return found


def compile_graphs(strata: str, folder: str, shapes: List[str]) -> None:
    os.makedirs(folder, exist_ok=True)
    for shape in shapes:
        m, n, k = shape.split("x")
        graph = os.path.join(folder, f"gemm_{shape}.graph")
        with open(graph, "w", encoding="utf-8") as f:
            f.write(GRAPH.format(name=shape, m=m, n=n, k=k))
        subprocess.run([strata, "compile", graph, "-o", folder], check=True, stdout=subprocess.DEVNULL)


def run_undisturbed(program: str, library: Library, threads: int, seconds: float, processors: Processors) -> Dict[str, Any]:
    """The try, of three at most, in which the processors stayed fastest."""
    best_rate, best_made = -1.0, {}
    for _ in range(3):
        chosen, rate = processors.choose(threads)
        made = run(program, library, threads, seconds, chosen)
        rate = min(rate, processors.lowest(chosen))
        if rate > best_rate:
            best_rate, best_made = rate, made
        if rate >= FAST or "error" in made:
            break
    return best_made


def run(program: str, library: Library, threads: int, seconds: float, chosen: List[int]) -> Dict[str, Any]:
    environment = clean_environment()
    for key in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        environment[key] = str(threads)
    if threads == 1:
        environment["MKL_THREADING_LAYER"] = "SEQUENTIAL"
    folder = os.path.dirname(library.path)
    environment["LD_LIBRARY_PATH"] = folder + ":" + environment.get("LD_LIBRARY_PATH", "")
    done = subprocess.run([program, library.kind, library.path, str(seconds), *SHAPES], env=environment, text=True,
                          capture_output=True, preexec_fn=lambda: os.sched_setaffinity(0, chosen))
    if done.returncode:
        return {"error": (done.stderr or done.stdout).strip()[-300:]}
    return json.loads(done.stdout)


def best(old: Dict[str, Any], new: Dict[str, Any]) -> Dict[str, Any]:
    """The better median and the better minimum of two rounds."""
    if not old:
        return new
    return {**new, **{key: min(old[key], new[key]) for key in ("median_us", "min_us")}}


def disagreements(results: Dict[str, Any]) -> List[str]:
    """Libraries whose products differ from the others'."""
    out = []
    for threads, by_library in results.items():
        for shape in SHAPES:
            sums = {name: r[shape]["abs_sum"] for name, r in by_library.items() if shape in r}
            middle = sorted(sums.values())[len(sums) // 2] if sums else 0.0
            out += [f"{name} {shape}, {threads} threads: sum of absolute values {value}, others {middle}"
                    for name, value in sums.items() if abs(value - middle) > 1e-4 * middle]
    return out


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strata", required=True, help="the built program")
    parser.add_argument("--env", required=True, help="the folder of the environments")
    parser.add_argument("--build", required=True, help="a folder for the compiled program and graphs")
    parser.add_argument("--out", required=True)
    parser.add_argument("--seconds", type=float, default=0.15, help="timed for each shape and round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--lock", default="", help="a file to lock around each round")
    parser.add_argument("--rates", default="", help="the compiled processor_rate.c: measure on fast processors only")
    options = parser.parse_args()

    os.makedirs(options.build, exist_ok=True)
    program = os.path.join(options.build, "gemm")
    subprocess.run(["cc", "-O2", os.path.join(HERE, "gemm.c"), "-o", program, "-ldl", "-lm"], check=True)
    compile_graphs(options.strata, options.build, SHAPES)
    contenders = [Library("Strata", "strata", options.build)] + libraries(options.env)
    processors = Processors(options.rates)
    results: Dict[str, Any] = {}
    for _ in range(options.rounds):
        for threads in map(int, options.threads.split(",")):
            of_threads = results.setdefault(str(threads), {})
            with Quiet(options.lock):
                for library in contenders:
                    made = run_undisturbed(program, library, threads, options.seconds, processors)
                    if "error" in made:
                        print(f"{library.name}: {made['error']}", file=sys.stderr)
                        continue
                    known = of_threads.setdefault(library.name, {})
                    for shape, timing in made.items():
                        known[shape] = best(known.get(shape, {}), timing)
    with open(options.out, "w", encoding="utf-8") as f:
        json.dump({"results": results, "libraries": {c.name: os.path.basename(c.path) for c in contenders}}, f, indent=1)
    wrong = disagreements(results)
    for line in wrong:
        print(f"products differ: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
