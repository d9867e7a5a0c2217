"""Tests of times and audio that failed beside others are tried once more, alone.

What they measure is a promise about a machine that has nothing else to do, and three processes of tests are something
else. A fault of the product fails again. What passed alone is told, test by test: mend the one that is told often.
"""

import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

import pytest

MEASURED = ("acceptance", "chaos", "farm", "integration", "pair", "panel")
"""The packages whose tests share processors with phones, browsers and servers."""
FEW = 8
"""More that failed are no matter of a busy machine."""


def may_be_busy(nodeids: Collection[str]) -> bool:
    """Whether all that failed may have failed because of what ran beside it."""
    return 0 < len(nodeids) <= FEW and all(Path(nodeid.partition("::")[0]).parts[1] in MEASURED for nodeid in nodeids)


class TriedAlone:
    """A plugin of the process that hands tests out to others."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """All other processes are gone."""
        reporter = self._config.pluginmanager.getplugin("terminalreporter")
        assert reporter is not None
        failed = {report.nodeid: report for kind in ("failed", "error") for report in reporter.stats.get(kind, ())}
        if session.exitstatus != pytest.ExitCode.TESTS_FAILED or not may_be_busy(failed):
            return
        reporter.ensure_newline()
        reporter.write_line(f"{len(failed)} failed beside others, and are tried alone")
        root = self._config.rootpath
        if subprocess.run([sys.executable, "-m", "pytest", "-q", *failed], cwd=root, check=False).returncode:
            return
        for kind in ("failed", "error"):
            reporter.stats.pop(kind, None)
        passed = reporter.stats.setdefault("passed", [])
        had = {report.nodeid for report in passed}  # One that could not be ended has passed, too.
        passed.extend(report for nodeid, report in failed.items() if nodeid not in had)
        session.exitstatus, session.testsfailed = pytest.ExitCode.OK, 0
        for nodeid, report in failed.items():
            reporter.section(f"passed alone: {nodeid}", "_")
            reporter.write_line(report.longreprtext)
