"""What every test shares: no network but loopback, and the recorded bytes when they are beside the checkout."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# No test asserts a time: how long an example takes belongs to tests/bench.
settings.register_profile("project", deadline=None)
settings.load_profile("project")

ROOT = Path(__file__).parent.parent
RECORDED = ROOT.parent / "shared" / "recorded"

_real_connect = socket.socket.connect


def _loopback_only(self: socket.socket, address: Any) -> Any:
    if self.family in (socket.AF_INET, socket.AF_INET6):
        host = str(address[0])
        if not (host.startswith("127.") or host in {"::1", "localhost"}):
            raise RuntimeError(f"A test tried to reach {host}: tests use loopback only.")
    return _real_connect(self, address)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sockets reach loopback and nothing else."""
    monkeypatch.setattr(socket.socket, "connect", _loopback_only)


@pytest.fixture(scope="session")
def recorded() -> Path:
    """The folder of recorded real bytes; the test is skipped, visibly, where it is not."""
    if not RECORDED.is_dir():
        pytest.skip("../shared/recorded is not here")
    return RECORDED
