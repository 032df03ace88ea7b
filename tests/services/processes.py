"""The processes of this machine, as the kernel tells of them (Linux)."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path


def parents() -> Mapping[int, int]:
    """Return the parent of every process that runs."""
    found = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = status.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue  # it ended while we looked
        if state != "Z":
            found[int(status.parent.name)] = int(parent)
    return found


def family(pid: int) -> Sequence[int]:
    """Return the process and all that it started, each after the one that started it."""
    found, tree = [pid], parents()
    for each in found:
        found += [child for child, parent in tree.items() if parent == each]
    return found


def running(pids: Sequence[int]) -> set[int]:
    """Return those that have not ended."""
    return parents().keys() & set(pids)


def command(pid: int) -> str:
    """Return what the process was started with, empty if it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def memory_mib(pid: int, *, peak: bool = False) -> float:
    """Return the memory that the process has, or the most that it ever had; 0 if it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(r"VmHWM:\s+(\d+) kB" if peak else r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


def role(pid: int) -> str:
    """Name what a process of `maverick up` does, empty if it has ended.

    `supervisor`, `relay`, a queue for the master that leads its workers, `QUEUE's worker`.
    """
    try:
        leader = os.getpgid(pid)
    except ProcessLookupError:
        return ""
    found = re.search(r"maverick_runners\.(?:master )?(\w+)", command(leader))
    if not found:
        return "supervisor"
    return found[1] if pid == leader else f"{found[1]}'s worker"
