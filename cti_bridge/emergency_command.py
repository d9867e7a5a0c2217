"""``cti-bridge emergency``: has the running bridge switch the emergency of a service on or off, and prints what is
on."""

import asyncio
import time
from datetime import datetime
from typing import Any
from urllib.parse import quote

from cti_bridge.exit_codes import ExitCode
from cti_bridge.hours.zone import local
from cti_bridge.operator_access import OperatorAccess
from cti_bridge.operator_request import NoAnswer, ask
from cti_bridge.sounds.message import sources
from cti_bridge.terminal import complain, say

NO_END = "none"


def show(access: OperatorAccess, service: str | None) -> int:
    """Print the switch of this service, or of all, and return the exit code."""
    try:
        status, answer = asyncio.run(ask(access, "GET", "/services"))
    except NoAnswer as error:
        complain(str(error))
        return ExitCode.FAILED
    if status != 200:
        complain(f"The bridge answered {status}.")
        return ExitCode.FAILED
    found = [one for one in answer if service in (None, one["id"])]
    if service is not None and not found:
        complain(f"The running bridge has no service {service}.")
        return ExitCode.WRONG_USE
    for one in found:
        say(line(one))
    return ExitCode.OK


def switch(access: OperatorAccess, service: str, on: bool, message: str | None, until: str | None) -> int:
    """Switch it on or off, print what is on then, and return the exit code."""
    path = f"/services/{quote(service, safe='')}/emergency"
    body: dict[str, Any] = {} if message is None else {"message": message}
    if until is not None:
        body["until"] = None if until == NO_END else until
    try:
        status, answer = asyncio.run(ask(access, "PUT" if on else "DELETE", path, body))
    except NoAnswer as error:
        complain(str(error))
        return ExitCode.FAILED
    if status == 404:
        complain(f"The running bridge has no service {service}.")
        return ExitCode.WRONG_USE
    if status != 200:
        reasons = [error["message"] for error in answer.get("errors", ())]
        complain(" ".join([str(answer.get("detail", f"The bridge answered {status}.")), *reasons]))
        return ExitCode.WRONG_USE if status == 422 else ExitCode.FAILED
    say(line(answer["service"]))
    if not on and answer["service"]["emergency"] is not None:
        complain("It is on in the configuration: take that away there, and reload.")
        return ExitCode.FAILED
    return ExitCode.OK


def line(service: dict[str, Any]) -> str:
    """Return the text for one service of the API."""
    one = service["emergency"]
    if one is None:
        return f"{service['id']}: off"
    until = ""
    if one["until"] is not None:
        at = datetime.fromisoformat(one["until"]).timestamp()
        until = f" until {local(service['timezone'], at, time.time())}"
    heard = " / ".join(sources(one["message"]).values()) or "no message"
    return f"{service['id']}: on{until} by {one['by']}; {heard}, then {one['next']}"
