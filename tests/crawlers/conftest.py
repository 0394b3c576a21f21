"""The loopback web of the crawler tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.crawlers.web import Web


@pytest.fixture
def web() -> Iterator[Web]:
    """A web of the test's own on loopback."""
    served = Web()
    yield served
    served.close()
