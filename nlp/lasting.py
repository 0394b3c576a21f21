"""What is made once and lives as long as the process: vocabularies, hundreds of thousands of small objects.

Python's cyclic collector walks them again and again while they are made, and at every full pass afterwards, though none of them can
become garbage. Paused meanwhile and told to leave them alone afterwards (``gc.freeze``), it costs a third less time at the start.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_R = TypeVar("_R")


def lasting(make: Callable[_P, _R]) -> Callable[_P, _R]:
    """Decorate a function whose result is kept for good (put it below ``cache``); it may call others of its kind."""

    @wraps(make)
    def made(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        collecting = gc.isenabled()
        gc.disable()
        try:
            return make(*args, **kwargs)
        finally:
            gc.freeze()
            if collecting:
                gc.enable()

    return made
