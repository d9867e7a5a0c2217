"""Processor time and memory of processes, as the kernel counts them (proc(5))."""

import os
import resource
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def cpu_s(pid: int) -> float:
    """Processor time of all threads since the process began, in seconds."""
    user, system, _, _ = _times(pid)
    return (user + system) / TICKS


def tree_cpu_s(pid: int) -> float:
    """The same for a server and its children, those included that have ended and that it has waited for."""
    return (sum(_times(pid)) + sum(sum(_times(child)) for child in _children(pid))) / TICKS


def family_cpu_s(pid: int) -> float:
    """The same for a process, its children, their children, and so on."""
    return sum(_times(pid)) / TICKS + sum(family_cpu_s(child) for child in _children(pid))


def own_cpu_s() -> float:
    """Processor time of this process and of the children that it has waited for, in seconds."""
    usages = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def machine_cpu_s() -> float:
    """Processor time that everybody on the machine has used, all processors together, in seconds."""
    user, nice, system, _idle, _iowait, *interrupts = map(int, Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + sum(interrupts)) / TICKS


def rss_mb(pid: int) -> float:
    """Resident memory, in MB."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE / 1e6


def _times(pid: int) -> tuple[int, int, int, int]:
    """utime, stime, cutime, cstime in ticks; zeros for a process that has just ended."""
    try:
        # The name in parentheses may hold anything; field 3 comes behind it.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0, 0, 0, 0
    user, system, children_user, children_system = (int(field) for field in fields[11:15])
    return user, system, children_user, children_system


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []
