"""How the commands end. The systemd unit and the documentation build upon the numbers: they do not change."""

from enum import IntEnum


class ExitCode(IntEnum):
    OK = 0
    """Done; for ``run``: ended as asked, by SIGTERM or SIGINT."""
    FAILED = 1
    """Something that was needed is not there or not well, or a part has ended that must not; trying again may help."""
    WRONG_USE = 2
    """The command line or the configuration is wrong: trying again does not help."""
    STEPPED_DOWN = 3
    """Another bridge process has taken the PBX over. Starting this one again would take it back, and so on for
    ever."""
    SPOOL_LOCKED = 4
    """Another process uses the spool."""
    SPOOL_DAMAGED = 5
    """What the spool's file holds is no spool any more: only an operator can say whether to go on without it."""
