"""The languages that texts for tests must cover."""

from __future__ import annotations

OFFICIAL = "bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv".split()  # noqa: SIM905
NEIGHBOURS = ["uk", "sr", "tr", "is", "nb"]
