"""What the store's errors become on the command line: one sentence and exit 1."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from store.errors import StoreError, explained


@contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Within the block, whatever the store or SQLite says about the file ``path`` becomes a click.ClickException."""
    try:
        with explained(path):
            yield
    except StoreError as error:
        raise click.ClickException(str(error)) from error
