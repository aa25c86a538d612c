"""Writes results into a page of docs/measured for this kind of machine, between the lines that mark their place."""

from __future__ import annotations

import datetime
import json
import os
import re
import subprocess
import sys
from typing import Any, Dict, List

import tables
from processors import FAST

BEGIN = "<!-- Written by `make bench`: what is below is replaced by the next run. -->"
END = "<!-- End of what `make bench` writes. -->"


VENDORS = {"GenuineIntel": "intel", "AuthenticAMD": "amd"}


def processor() -> Dict[str, str]:
    """What the system says of the first processor."""
    facts: Dict[str, str] = {}
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        for line in f:
            name, _, value = line.partition(":")
            facts.setdefault(name.strip(), value.strip())
    return facts


def cpu_level(strata: str) -> str:
    """What a compiled model would choose, as the program tells it."""
    doctor = subprocess.run([strata, "doctor"], text=True, capture_output=True).stdout
    level = re.search(r"level (\w+)", doctor)
    return level.group(1) if level else "unknown"


def page(folder: str, strata: str) -> str:
    """The path of this machine's page, which is begun if it is not there."""
    facts = processor()
    vendor = VENDORS.get(facts.get("vendor_id", ""), os.uname().machine)
    name = "-".join([vendor, facts.get("cpu family", "0"), facts.get("model", "0"), cpu_level(strata)])
    path = os.path.join(folder, name + ".md")
    if not os.path.exists(path):
        os.makedirs(folder, exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(f"# Measured on {name}\n\nHow to read it: [performance.md](../performance.md#measured).\n\n"
                    f"{BEGIN}\n{END}\n")
    return path


def machine(strata: str) -> List[str]:
    """Processor, what it can do of what matters here, memory, system."""
    facts = processor()
    flags = facts.get("flags", facts.get("Features", "")).split()
    telling = ("avx2", "fma", "avx512f", "avx512_bf16", "avx512_vnni", "amx_tile", "amx_bf16", "asimd", "sve")
    count = len(os.sched_getaffinity(0))
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2 ** 30
    return [f"{count} processors: {facts.get('model name', 'unknown')}, family {facts.get('cpu family', '?')} model "
            f"{facts.get('model', '?')} ({' '.join(flag for flag in telling if flag in flags)}"
            + (", virtual" if "hypervisor" in flags else "") + f"), {gigabytes:.0f} GiB of memory.",
            f"CPU level of the code: `{cpu_level(strata)}`."]


def gemm_table(data: Dict[str, Any]) -> List[str]:
    """Medians of each library for each shape, and the ratio of the best of them to Strata."""
    lines = []
    for threads, by_library in sorted(data["results"].items()):
        others = [name for name in by_library if name != "Strata"]
        lines += ["", f"Matrix products in f32, M×N×K, {threads} thread{'s' if threads != '1' else ''}, median / minimum "
                  "in microseconds:", "",
                  "| shape | Strata | " + " | ".join(others) + " | best / Strata | GFLOP/s of Strata |",
                  "|---" * (len(others) + 4) + "|"]
        for shape, mine in by_library.get("Strata", {}).items():
            m, n, k = map(int, shape.split("x"))
            found = {name: by_library[name].get(shape) for name in others}
            best = min((r["median_us"] for r in found.values() if r), default=float("nan"))
            cells = [f"{r['median_us']:.4g} / {r['min_us']:.4g}" if r else "" for r in found.values()]
            lines.append(f"| {m}×{n}×{k} | {mine['median_us']:.4g} / {mine['min_us']:.4g} | " + " | ".join(cells)
                         + f" | {best / mine['median_us']:.2f} | {2e-3 * m * n * k / mine['median_us']:.1f} |")
    return lines


def errors(strata: str) -> List[str]:
    """The error of every kind of kernel against float64, and how near each is to the machine's roofline."""
    done = subprocess.run(
        [strata, "check", "--errors", "--rooflines", "--threads", "1"], text=True, capture_output=True)
    if done.returncode:
        return []
    return ["", "Error of every kind of kernel on random inputs (`strata check --errors --rooflines --threads 1`): the largest "
            "difference over the largest element, and the root of the mean square over that of the result. Then the sum of its "
            "kernels' shortest times, and the share of the least time that the machine allows for its operations, with "
            "inputs read once and results written once. An exponential counts as one operation.", "", "```text",
            done.stdout.rstrip("\n"), "```"]


def text(results: tables.Results, gemm: Dict[str, Any], strata: str) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in tables.versions(results).items())
    libraries = ", ".join(f"{name} (`{file}`)" for name, file in gemm.get("libraries", {}).items() if name != "Strata")
    lines = [BEGIN, "", " ".join(machine(strata)).strip(), "",
             f"Date: {datetime.date.today().isoformat()}. Versions: {versions}.", "",
             "Ratios are the best f32 peer's time over Strata's: above 1, Strata is faster. Every program was run on processors that a fixed "
             "loop had just found fast, and again, up to three times, where they were not so afterwards or the median was more than a "
             "quarter above the minimum; then the least median counts. The last column says which share of their best rate the "
             f"processors had before and after, at least, Strata's and the peer's; ° marks what was below {FAST}.", "",
             *tables.summary(results), "",
             "Every program, medians on one and two threads (* computes in a shorter format, and counts for no ratio):", "",
             *tables.medians(results)]
    if gemm:
        lines += [*gemm_table(gemm), "", f"Libraries: {libraries}."]
    wrong = tables.check(results)
    lines += ["", "Every loss is within tolerance of its float64 reference, and every checksum agrees with the other programs'."
              if not wrong else "**These did other work than the rest:** " + "; ".join(wrong) + "."]
    lines += errors(strata)
    return "\n".join(lines + ["", END])


def load(path: str) -> Dict[str, Any]:
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def write(folder: str, results_path: str, gemm_path: str, strata: str) -> None:
    path = page(folder, strata)
    with open(path, encoding="utf-8") as f:
        content = f.read()
    if BEGIN not in content or END not in content:
        sys.exit(f"{path}: no place for the tables, between the lines\n{BEGIN}\n{END}")
    before, after = content.split(BEGIN)[0], content.split(END)[1]
    written = before + text(load(results_path), load(gemm_path), strata) + after
    with open(path, "w", encoding="utf-8") as f:
        f.write(written)
    print(f"{path}: tables written")
