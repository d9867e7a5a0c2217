"""``make bench``: what a call costs and how long it takes, beside Asterisk's own app_queue; the core alone; minutes of
all kinds of calls at once, after which nothing may be left; and the panel in a browser."""

import argparse
import asyncio
import resource
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from benchmarks import watching
from benchmarks.comparison import Measured, Plan, run_comparison
from benchmarks.core import CoreResult, measure
from benchmarks.mix.report import as_json, met, table
from benchmarks.mix.run import Mix, run_mix
from benchmarks.panel import report as panel_report
from benchmarks.panel.browser import ChromiumMissing, find_chromium
from benchmarks.panel.page import PanelFailed
from benchmarks.panel.run import PanelRun, Sizes, run_panel
from benchmarks.report import tables, write_json
from benchmarks.sipp import SippFailed, SippMissing, find_sipp
from cti_bridge.local.errors import LocalServerError

RESULTS = Path(__file__).with_name("results")

FULL = Plan(seconds={20: 20, 60: 20}, rounds=3, warm_up_s=4, calls_up=500)
QUICK = Plan(seconds={20: 3}, rounds=1, warm_up_s=1, calls_up=100)
CORE_FULL, CORE_QUICK = (10, 100, 1_000, 10_000), (10, 1_000)
CORE_SKILLS = 50
PANEL_FULL, PANEL_QUICK = Sizes(30, (1_000, 10_000)), Sizes(5, (500, 1_500))
MIX_RATE, MIX_FULL_S, MIX_QUICK_S = 20.0, 300.0, 10.0


def main() -> int:
    arguments = _arguments()
    signal.signal(signal.SIGTERM, _interrupt)
    _allow_many_files()
    directory = Path(tempfile.mkdtemp(prefix="cti-bench-"))
    parts = _parts(arguments)
    measured, core, mix, panel = Measured(), list[CoreResult](), None, None
    try:
        if parts - {"core"}:
            find_sipp()
        if "core" in parts:
            core = _core(CORE_QUICK if arguments.quick else CORE_FULL)
            _say(watching.told(watching.measure()))
        if "comparison" in parts:
            measured = run_comparison(QUICK if arguments.quick else FULL, directory, _say)
        if "mix" in parts:
            mix = _mix(arguments, directory / "mix")
        if "panel" in parts:
            panel = _panel(arguments, directory / "panel")
    except (SippMissing, SippFailed, ChromiumMissing, PanelFailed, LocalServerError, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    except KeyboardInterrupt:
        return 130
    finally:
        if not arguments.keep:
            shutil.rmtree(directory, ignore_errors=True)
    _tell(parts, measured, core, mix, panel)
    failed = any(one.failed for one in measured.rounds) or (mix and not met(mix))
    return 1 if failed or (panel and not panel_report.met(panel)) else 0


def _tell(
    parts: set[str], measured: Measured, core: Sequence[CoreResult], mix: Mix | None, panel: PanelRun | None
) -> None:
    """Tables, and where the numbers are."""
    if measured.rounds or core:
        _say("\n" + tables(measured, core))
    if mix:
        _say("\n" + table(mix))
    if panel:
        _say("\n" + panel_report.table(panel))
    elif "panel" in parts:
        _say("\nThe panel: NOT RUN, see above")
    others = {"mix": as_json(mix) if mix else None, "panel": panel_report.as_json(panel) if panel else None}
    _say(f"\n{write_json(RESULTS, measured, core, others)}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("part", nargs="?", choices=["mix", "panel"], help="only this; without it everything")
    parser.add_argument("--quick", action="store_true", help="whether it works, in 70 s; not to be quoted")
    parser.add_argument("--core-only", action="store_true", help="only the core alone")
    parser.add_argument("--no-core", action="store_true", help="only the comparison with app_queue")
    parser.add_argument("--keep", action="store_true", help="keep the directory with SIPp's logs")
    parser.add_argument("--seconds", type=float, help=f"how long the mix lasts ({MIX_FULL_S:g})")
    parser.add_argument("--rate", type=float, default=MIX_RATE, help=f"calls a second of the mix ({MIX_RATE:g})")
    return parser.parse_args()


def _parts(arguments: argparse.Namespace) -> set[str]:
    if arguments.part:
        return {arguments.part}
    if arguments.core_only:
        return {"core"}
    return {"comparison"} if arguments.no_core else {"comparison", "core", "mix", "panel"}


def _mix(arguments: argparse.Namespace, directory: Path) -> Mix:
    directory.mkdir()
    seconds = arguments.seconds or (MIX_QUICK_S if arguments.quick else MIX_FULL_S)
    return asyncio.run(run_mix(round(seconds * arguments.rate), arguments.rate, directory, _say))


def _panel(arguments: argparse.Namespace, directory: Path) -> PanelRun | None:
    """None, and said so, without a browser; asked for alone it is an error then."""
    try:
        find_chromium()
    except ChromiumMissing as missing:
        if arguments.part:
            raise
        _say(f"The panel: NOT RUN. {missing}")
        return None
    directory.mkdir()
    return asyncio.run(run_panel(PANEL_QUICK if arguments.quick else PANEL_FULL, directory, _say))


def _core(sizes: tuple[int, ...]) -> list[CoreResult]:
    _say(f"The core alone, with {', '.join(map(str, sizes))} agents")
    skilled = [size for size in sizes if size >= CORE_SKILLS]  # Fewer agents would not have them all.
    return [*(measure(agents) for agents in sizes), *(measure(agents, skills=CORE_SKILLS) for agents in skilled)]


def _allow_many_files() -> None:
    """A call has a dozen descriptors in Asterisk; children inherit the limit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
