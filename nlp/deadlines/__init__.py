"""Deadlines: civil time, zone, instant, precision and flags, from text and from fields. Needs no model and no spaCy."""

from __future__ import annotations

from nlp.deadlines.reader import read_date, read_deadlines
from nlp.deadlines.resolve import resolve
from nlp.deadlines.score import score_deadlines

__all__ = ["read_date", "read_deadlines", "resolve", "score_deadlines"]
