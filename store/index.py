"""The structures that readers query, derived from the golden record and its tags."""

from __future__ import annotations

from collections.abc import Collection

from sqlite_utils import Database


def refresh(db: Database, opportunity_ids: Collection[int]) -> None:
    """Bring the index up to date for these opportunities, inside the caller's transaction."""
