"""What results are worth: tables of them, and whether all did the same work."""

from __future__ import annotations

import json
import os
import statistics
from typing import Any, Dict, Iterable, List, Optional, Tuple

from processors import FAST

HERE = os.path.dirname(os.path.abspath(__file__))
Results = Dict[str, Dict[str, Any]]

TRAINING = ("T1", "T2", "T3", "T3long", "T4")
INFERENCE = ("I0", "I1b1", "I1b64", "I2", "I2b8", "I3", "I3b8", "I4", "I5a", "I5b")

TITLES = {
    "T1": "T1 MLP 784-512-256-10, batch 128, training step",
    "T2": "T2 LeNet-like CNN, batch 64, training step",
    "T3": "T3 GPT-like, 4 layers x 256, 8x128 tokens, training step",
    "T3long": "T3long the same, 1x2048 tokens, training step",
    "T4": "T4 linear 784->10, batch 128, training step",
    "I0": "I0 x + 1 on [1,10] (dispatch floor)",
    "I1b1": "I1 MLP, batch 1", "I1b64": "I1 MLP, batch 64",
    "I2": "I2 ResNet-50, 1x3x224x224", "I2b8": "I2 ResNet-50, batch 8",
    "I3": "I3 encoder 6 x 384, 1x128 tokens", "I3b8": "I3 encoder, batch 8",
    "I4": "I4 gelu/sigmoid/row-norm on [1024,1024]",
    "I5a": "I5 matmul 512^3", "I5b": "I5 matmul 1024^3",
}

# Formats shorter than float32, which are shown but are no measure for float32.
SHORTER = {("openvino", "auto"), ("strata", "tf"), ("strata", "bf16")}
# Called from C: compared with each other only.
NATIVE = "native"


def split(key: str) -> Tuple[str, str, str, int]:
    workload, label, variant, threads = key.split("/")
    return workload, label, variant, int(threads)


def timed(results: Results, workload: str, threads: int) -> Dict[Tuple[str, str], Dict[str, Any]]:
    """The results of a workload that have times, by peer and variant."""
    found = {}
    for key, result in results.items():
        w, label, variant, t = split(key)
        if w == workload and t == threads and "median_us" in result:
            found[(label, variant)] = result
    return found


# --------------------------------------------------------------------------
# Numbers
# --------------------------------------------------------------------------

def duration(us: Optional[float]) -> str:
    if us is None:
        return "-"
    if us >= 1e5:
        return f"{us / 1e3:.0f} ms"
    if us >= 1e3:
        return f"{us / 1e3:.2f} ms"
    return f"{us:.1f} us"


def rate(result: Dict[str, Any]) -> str:
    return f"{result['processor_rate']:.2f}" if "processor_rate" in result else "-"


def cell(result: Optional[Dict[str, Any]], key: str) -> str:
    if not result:
        return "-"
    slow = "°" if result.get("processor_rate", 1.0) < FAST else ""
    return ("~" if result.get("clock") == "cpu" else "") + duration(result.get(key)) + slow


# --------------------------------------------------------------------------
# Checks
# --------------------------------------------------------------------------

def loss_tolerance(workload: str, variant: str, step: int) -> float:
    """Relative: float32 programs differ more and more as training goes on, and most with convolutions."""
    short = {"tf": 10.0, "bf16": 100.0}.get(variant, 1.0)
    return short * (1e-4 if step <= 10 else 5e-3 if workload in ("T2", "T3", "T3long") else 1e-3)


def check(results: Results) -> List[str]:
    """What differs from the float64 losses, or in its checksum from most others."""
    with open(os.path.join(HERE, "reference.json"), encoding="utf-8") as f:
        reference = json.load(f)["losses"]
    wrong = []
    sums: Dict[str, List[float]] = {}
    for key, result in results.items():
        if "abs_sum" in result.get("checksum", {}):
            sums.setdefault(split(key)[0], []).append(result["checksum"]["abs_sum"])
    for key, result in results.items():
        workload, label, variant, _ = split(key)
        # Two peers put Adam's epsilon elsewhere (README.md): their losses show it.
        slack = 5.0 if label.startswith("tensorflow") else 1.0
        for step, loss in result.get("losses", {}).items():
            wanted = reference.get(workload, {}).get(step)
            if wanted and abs(loss - wanted) > slack * loss_tolerance(workload, variant, int(step)) * abs(wanted):
                wrong.append(f"{key}: L[{step}] is {loss}, in float64 {wanted}")
        if "abs_sum" in result.get("checksum", {}):
            middle = statistics.median(sums[workload])
            allowed = 3e-2 if (label, variant) in SHORTER else 1e-4
            if abs(result["checksum"]["abs_sum"] - middle) > allowed * middle:
                wrong.append(f"{key}: sum of absolute values {result['checksum']['abs_sum']}, most have {middle}")
    return wrong


# --------------------------------------------------------------------------
# All results of each workload
# --------------------------------------------------------------------------

def tables(results: Results) -> str:
    lines: List[str] = []
    for workload in TRAINING + INFERENCE:
        names = list(dict.fromkeys(split(key)[1:3] for key in results if split(key)[0] == workload))
        if names:
            lines += one_table(results, workload, names)
    return "\n".join(lines)


def one_table(results: Results, workload: str, names: List[Tuple[str, str]]) -> List[str]:
    train = workload in TRAINING
    lines = ["", f"### {TITLES[workload]}", "",
             "| peer | median 1t | min 1t | median 2t | min 2t | "
             + ("no-wait 2t | " if train else "") + "GFLOP/s 1t / 2t | first result | peak RSS | "
             + ("L[50] |" if train else "sum |"),
             "|---" * (10 if train else 9) + "|"]

    def order(name: Tuple[str, str]) -> float:
        r = [results.get(f"{workload}/{name[0]}/{name[1]}/{t}", {}) for t in (1, 2)]
        return min((x["median_us"] for x in r if "median_us" in x), default=1e12)

    for label, variant in sorted(names, key=order):
        r1, r2 = (results.get(f"{workload}/{label}/{variant}/{t}") for t in (1, 2))
        lines.append(row(label, variant, r1, r2, train))
    return lines


def row(label: str, variant: str, r1: Optional[Dict[str, Any]], r2: Optional[Dict[str, Any]], train: bool) -> str:
    any_ = next((r for r in (r1, r2) if r and "median_us" in r), None)
    if any_ is None:
        bad = r1 or r2 or {}
        if "losses" in bad:  # the float64 reference, not timed
            return f"| {label} {variant} (float64) |" + " - |" * 8 + f" {bad['losses']['50']:.9g} |"
        why = (bad.get("unsupported") or bad.get("error") or "?").replace("\n", " ")
        return f"| {label} {variant} | failed: {why[:150]} |"
    rate = " / ".join(f"{r['gflops']:.1f}" if r and "gflops" in r else "-" for r in (r1, r2))
    if train:
        last = [r["losses"]["50"] for r in (r1, r2) if r and "50" in r.get("losses", {})]
        tail = f"{last[-1]:.7g}" if last else "-"
    else:
        tail = f"{any_['checksum']['sum']:.7g}"
    return (f"| {label} {variant} | {cell(r1, 'median_us')} | {cell(r1, 'min_us')} | "
            f"{cell(r2, 'median_us')} | {cell(r2, 'min_us')} | "
            + (f"{cell(r2, 'pipelined_us')} | " if train else "")
            + f"{rate} | {'~' if any_.get('clock') == 'cpu' else ''}{any_['first_result_s'] * 1e3:.0f} ms"
            f" | {any_.get('peak_rss_mib', 0):.0f} MiB | {tail} |")


# --------------------------------------------------------------------------
# Strata against the best peer
# --------------------------------------------------------------------------

def best_peer(found: Dict[Tuple[str, str], Dict[str, Any]], key: str, skip: Iterable[str]) -> Optional[Tuple[str, str]]:
    """The float32 peer with the least `key`."""
    names = [n for n in found if n[0] not in skip and n not in SHORTER]
    return min(names, key=lambda n: found[n][key], default=None)


def summary(results: Results) -> List[str]:
    """A row for each workload and number of threads: Strata, the best peer, the ratios of their times."""
    lines = ["| workload | threads | Strata median / min | best peer | its median / min | ratio of medians | of minima "
             "| first result, Strata | that peer's | processors at |", "|---" * 10 + "|"]
    for workload in TRAINING + INFERENCE:
        for threads in (1, 2):
            found = timed(results, workload, threads)
            lines += summary_row(found, workload, threads, ("strata", "f32"), skip=("strata", NATIVE))
            if workload.startswith("I1"):
                natives = {n: r for n, r in found.items() if n[0] == NATIVE}
                lines += summary_row(natives, workload + " from C", threads, (NATIVE, "strata"), skip=())
    return lines


def summary_row(found, workload: str, threads: int, own: Tuple[str, str], skip: Iterable[str]) -> List[str]:
    others = {n: r for n, r in found.items() if n != own}
    name = best_peer(others, "median_us", skip)
    if own not in found or name is None:
        return []
    mine, theirs = found[own], others[name]
    least = others[best_peer(others, "min_us", skip)]["min_us"]
    label = " ".join(name) if name[0] != NATIVE else name[1]
    return [f"| {workload} | {threads} | {duration(mine['median_us'])} / {duration(mine['min_us'])} | {label} "
            f"| {duration(theirs['median_us'])} / {duration(theirs['min_us'])} "
            f"| {theirs['median_us'] / mine['median_us']:.2f} | {least / mine['min_us']:.2f} "
            f"| {mine['first_result_s']:.3f} s | {theirs['first_result_s']:.3f} s "
            f"| {rate(mine)}, {rate(theirs)} |"]


def medians(results: Results) -> List[str]:
    """One row a workload, one column a peer: medians on one and two threads."""
    names = list(dict.fromkeys(split(key)[1:3] for key in results if split(key)[1] != NATIVE
                               and "median_us" in results[key]))
    names.sort(key=lambda name: name[0] != "strata")
    lines = ["| workload | " + " | ".join(f"{a} {b}" + (" *" if (a, b) in SHORTER else "") for a, b in names) + " |",
             "|---" * (len(names) + 1) + "|"]
    for workload in TRAINING + INFERENCE:
        cells = []
        for label, variant in names:
            pair = [results.get(f"{workload}/{label}/{variant}/{t}") for t in (1, 2)]
            cells.append(" / ".join(cell(r, "median_us") for r in pair) if any(pair) else "")
        if any(cells):
            lines.append(f"| {workload} | " + " | ".join(cells) + " |")
    return lines


def versions(results: Results) -> Dict[str, str]:
    """What every peer calls its version."""
    found = {}
    for key, result in results.items():
        if result.get("version") and split(key)[1] != NATIVE:
            found[split(key)[1]] = result["version"]
    return dict(sorted(found.items()))
