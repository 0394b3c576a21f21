"""Batches of work for processes of our own, in order, and never more under way than they can chew."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from scheduler.errors import ProcessEnded

Given = TypeVar("Given")
Made = TypeVar("Made")
PROCESSES = 2


def by_others(
    work: Callable[[Given], Made], batches: Iterable[Given], *, processes: int = PROCESSES
) -> Generator[tuple[Given, Made]]:
    """Each batch with what ``work`` made of it in one of ``processes`` others, in order, at most two a process under way.

    ``work`` must be importable, batches and results must pickle. Whoever stops asking ends the processes after the batches they have
    begun. Raises ProcessEnded when one of them dies.
    """
    pool = ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn"), initializer=_end_with_parent)
    under_way: deque[tuple[Given, Future[Made]]] = deque()
    try:
        for batch in batches:
            under_way.append((batch, pool.submit(work, batch)))
            if len(under_way) > 2 * processes:
                first, made = under_way.popleft()
                yield first, made.result()
        for first, made in under_way:
            yield first, made.result()
    except BrokenProcessPool as error:
        raise ProcessEnded(
            "A process that helped was ended, perhaps for want of memory: start again; it goes on where it was."
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """A process of the pool waits for work for ever, even when the one that gives it was killed: end it then."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
