"""The first few instructions of a child that must not outlive its parent; then it becomes the real program.

Run as `python -I -S child.py PARENT SIGNAL UID GID PROGRAM ARGUMENT…`. This is a separate program and not a
`preexec_fn`. A `preexec_fn` runs Python between fork and exec, which is unsafe beside threads and refused by other
event loops.

Order matters. The kernel forgets the parent-death signal when the user changes, so the user comes first. A parent may
have died before the signal was set, so the child looks once more (prctl(2), PR_SET_PDEATHSIG).
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main(words: list[str]) -> None:
    """Leave the terminal, take on the user, bind to the parent, and become the command."""
    parent, signal, uid, gid = map(int, words[:4])
    command = words[4:]
    # A Ctrl-C at the terminal is for the parent alone, which stops its children in its own order.
    os.setsid()
    if os.getuid() != uid:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != parent:
        sys.exit("the parent has gone")
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
