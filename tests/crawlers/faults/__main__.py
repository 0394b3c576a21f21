"""``python -m tests.crawlers.faults [SOURCES]``: the whole matrix, its table, and what went otherwise than it must; then the faults
of the wire over loopback.
"""

from __future__ import annotations

import logging
import sys

from tests.crawlers.faults.matrix import run, table, worst
from tests.crawlers.faults.network import WIRE, over_the_wire
from tests.crawlers.faults.shapes import shapes


def main(arguments: list[str]) -> int:
    logging.disable(logging.CRITICAL)
    chosen = shapes(int(arguments[0]) if arguments else 42)
    outcomes = list(run(chosen))
    print(table(outcomes))
    bad = worst(outcomes)
    print("\n".join(bad))
    wire = [one for shape in chosen for one in over_the_wire(shape)]
    for name in WIRE:
        mine = [one for one in wire if one.fault == name]
        print(
            f"{name:36} {len(mine):7} {sum(one.verdict != 'healthy' for one in mine):7} {sum(one.withdrawn + one.changed for one in mine):4}",
            flush=True,
        )
    lost = [one for one in wire if not one.good]
    print(
        f"over the wire: noticed {sum(one.verdict != 'healthy' for one in wire)} of {len(wire)}, lost or changed {sum(one.withdrawn + one.changed for one in wire)}"
    )
    print("\n".join(f"{one.fault} on {one.shape.name}: {one.verdict} {one.reasons}" for one in lost))
    return 1 if bad or lost else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
