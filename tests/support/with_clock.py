"""Runs a program as an operator does, on a machine whose wall clock is ahead by as much as a file says:
``python -m tests.support.with_clock FILE PYTHON -m MODULE ARGUMENT…``."""

from __future__ import annotations

import runpy
import sys

from tests.support.wrong_clock import put_ahead

if __name__ == "__main__":
    _, file, _, _, *sys.argv = sys.argv
    put_ahead(file)
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
