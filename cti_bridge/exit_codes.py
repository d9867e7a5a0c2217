"""The exit codes of the commands. The systemd unit and the documentation build upon the numbers: they do not change."""

from enum import IntEnum


class ExitCode(IntEnum):
    OK = 0
    """Done; for ``run``: ended as asked, by SIGTERM or SIGINT."""
    FAILED = 1
    """A required thing is missing or faulty, or a part has ended that must not. Another try may help."""
    WRONG_USE = 2
    """The command line or the configuration is wrong. Another try does not help."""
    STEPPED_DOWN = 3
    """Another bridge process has taken the PBX over. If this one started again it would take the PBX back, and so on
    for ever."""
    SPOOL_LOCKED = 4
    """Another process uses the spool."""
    SPOOL_DAMAGED = 5
    """The spool's file is no spool any more. Only an operator can decide whether to go on without it."""
