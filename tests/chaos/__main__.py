"""``make chaos``: the run by hand. Ends with 1 on a breach or when something took too long, 2 when it cannot run."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.sipp import SippMissing, find_sipp
from cti_bridge.local.errors import LocalServerError
from cti_bridge.local.ports import claim_ports
from tests.chaos.faults import FAULTS
from tests.chaos.people import PORTS
from tests.chaos.report import as_json, table
from tests.chaos.run import Plan, Run


def main() -> int:
    """Run what was asked for; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--rate", type=float, default=3.0, help="calls a second")
    parser.add_argument("--fault", action="append", help="only faults whose name has this (a regular expression)")
    parser.add_argument("--times", type=int, default=1, help="how often all of it comes")
    parser.add_argument("--chance", type=int, metavar="N", help="N faults by chance, one every 20 s: 180 are an hour")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="a file for the result")
    parser.add_argument("--keep", action="store_true", help="keep the directory with all logs, also without a breach")
    arguments = parser.parse_args()
    faults = [
        fault for fault in FAULTS if not arguments.fault or any(re.search(part, fault.name) for part in arguments.fault)
    ]
    directory = Path(tempfile.mkdtemp(prefix="cti-chaos-"))
    ports = claim_ports(2 * PORTS)
    keep = arguments.keep
    try:
        find_sipp()
        if arguments.chance:
            faults = random.Random(arguments.seed).choices(faults, k=arguments.chance)
        plan = Plan(faults * arguments.times, arguments.rate, seed=arguments.seed)
        outcome = asyncio.run(Run(plan, directory, ports.first, _say).run())
        keep = keep or not outcome.well
    except (SippMissing, LocalServerError, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    except KeyboardInterrupt:
        return 130
    finally:
        ports.release()
        if not keep:
            shutil.rmtree(directory, ignore_errors=True)
        else:
            _say(f"kept: {directory}")
    _say(table(outcome))
    if arguments.json:
        arguments.json.write_text(json.dumps(as_json(outcome), indent=1))
    return 0 if outcome.well and not any(line.late for line in outcome.lines) else 1


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
