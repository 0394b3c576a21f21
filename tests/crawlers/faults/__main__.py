"""``python -m tests.crawlers.faults [SOURCES]``: the whole matrix, its table, and what went otherwise than it must."""

from __future__ import annotations

import logging
import sys

from tests.crawlers.faults.matrix import run, table, worst
from tests.crawlers.faults.shapes import shapes


def main(arguments: list[str]) -> int:
    logging.disable(logging.CRITICAL)
    outcomes = list(run(shapes(int(arguments[0]) if arguments else 42)))
    print(table(outcomes))
    bad = worst(outcomes)
    print("\n".join(bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
