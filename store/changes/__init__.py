"""What changed between two readings of one thing, told by meaning."""

from __future__ import annotations

from store.changes.diff import created, diff

__all__ = ["created", "diff"]
