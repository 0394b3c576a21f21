"""Forty invented sources, two dozen ways of going wrong, and what must come of each."""
