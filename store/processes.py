"""Which process of which machine did something, written so that another can tell later whether it still lives.

A process id is used again; with the start of the process and of the machine beside it, it is not mistaken for another.
"""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path


def this_process(label: str = "") -> str:
    """This process: JSON with host, process id, the process's start and a label for what it does."""
    return json.dumps({"host": socket.gethostname(), "pid": os.getpid(), "start": _started(os.getpid()), "label": label})


def lives_here(process: str) -> bool:
    """Whether a process of this machine that called itself ``process`` surely lives."""
    who = json.loads(process)
    return who["host"] == socket.gethostname() and bool(who["start"]) and _started(who["pid"]) == who["start"]


def died_here(process: str) -> bool:
    """Whether a process of this machine that called itself ``process`` is surely no more; of other machines nobody knows."""
    who = json.loads(process)
    return who["host"] == socket.gethostname() and bool(who["start"]) and _started(who["pid"]) != who["start"]


def _started(pid: int) -> str:
    """When a process began, in clock ticks since the machine started, with the machine's own start; "" when it is no more."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    # Field 22 of proc(5) is starttime; after the command's bracket it is the 20th. State Z is dead, only not yet fetched.
    return "" if fields[0] == "Z" else f"{boot}:{fields[19]}"
