"""Run the benchmarks and write their table: `make bench`, or `python -m benchmarks order gaussian` for some of them.

Each file runs in a process of its own with one thread, two of them at a time where there are two cores. Files whose two
sides run one after the other may then have different neighbours; BENCH_JOBS=1 gives each file the machine. The results go to notebooks/recorded/benchmarks.json,
which a page of the book shows, with the machine and the date.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).resolve().parent.parent / "notebooks" / "recorded" / "benchmarks.json"
NAMES = ("scale", "minimal_set", "correlation", "grid_exact", "elastic_net", "gaussian", "grid", "order")  # the longest first
ON_REQUEST = ("gpu",)  # needs one


def processor() -> str:
    """The processor in words, where the system tells."""
    info = Path("/proc/cpuinfo")
    found = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")] if info.exists() else []
    return found[0] if found else platform.processor() or platform.machine()


def hardware(name: str) -> str:
    """What a benchmark runs on: the processor, or the GPU."""
    if name != "gpu":
        return processor()
    from .gpu import hardware

    return hardware()


def measure(name: str, environment: dict) -> tuple[str, float, list | None]:
    """(name, seconds that it took, its rows; None where it failed)."""
    started = time.monotonic()
    code = f"import json; from benchmarks.{name} import run; print('@' + json.dumps([r.as_dict() for r in run()]))"
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], env=environment, stdout=subprocess.PIPE, text=True, check=False)
    rows = None if done.returncode else json.loads(next(line[1:] for line in done.stdout.splitlines() if line.startswith("@")))
    return name, time.monotonic() - started, rows


def main(names) -> int:
    wrong = sorted(set(names) - {*NAMES, *ON_REQUEST})
    if wrong:
        print(f"no benchmark {', '.join(wrong)}; there is {', '.join(NAMES + ON_REQUEST)}", file=sys.stderr)
        return 2
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {"benchmarks": {}}
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    print(f"{'':46}{'peer s':>9}{'ours s':>9}{'ratio':>8}{'goal':>7}")
    failed = False
    with ThreadPoolExecutor(int(os.environ.get("BENCH_JOBS", 0)) or min(2, os.cpu_count() or 1)) as pool:
        for done in as_completed([pool.submit(measure, name, environment) for name in names or NAMES]):
            name, seconds, rows = done.result()
            if rows is None:
                print(f"{name}: failed", file=sys.stderr)
                failed = True
                continue
            kept["benchmarks"][name] = {"rows": rows, "date": datetime.now(UTC).date().isoformat(), "processor": hardware(name), "threads": 1, "wall_seconds": round(seconds)}
            for row in rows:
                if "claim" in row:  # the others are points of a curve
                    print(f"{row['claim'][:45]:46}{row['peer_seconds']:9.3g}{row['seconds']:9.3g}{row['ratio']:8.3g}{row['goal']:7.3g}  {'' if row['agrees'] else 'DISAGREES: '}{row['agreement']}", flush=True)
            RESULTS.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
