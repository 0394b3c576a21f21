"""``python -m tests.bench [NAME ...]``: run the benches and print their ratios. Speed is measured here and asserted nowhere."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path


def main(names: list[str]) -> None:
    """Run the benches called ``names`` (all when empty) and print a row for each figure."""
    found = sorted(path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py"))
    unknown = [name for name in names if name not in found]
    if unknown:
        sys.exit(f"No bench called {', '.join(unknown)}. There are: {', '.join(found)}.")
    for name in names or found:
        for title, ratio, said in importlib.import_module(f"tests.bench.bench_{name}").bench():
            print(f"{ratio:12.2f}  {title}  ({said})", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
