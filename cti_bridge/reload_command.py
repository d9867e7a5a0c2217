"""``cti-bridge reload``: asks the running bridge to take the changed configuration over, and prints the changes."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cti_bridge.exit_codes import ExitCode
from cti_bridge.operator_access import OperatorAccess
from cti_bridge.terminal import complain, say

WITHIN_S = 120.0
"""The limit of the answer, in seconds. Ten thousand agents take some seconds, and so may another reload before this
one."""
_NAMES = {
    "services": "services",
    "queues": "queues",
    "scenarios": "numbers",
    "calling_numbers": "calling numbers",
    "agents": "agents",
    "hours": "opening hours",
}
_MOST_NAMED = 5


def reload(access: OperatorAccess, url: str | None, path: Path) -> int:
    """Ask the bridge, print its answer, and return the exit code. ``url`` is the bridge's address, where that is not
    the bridge's own word. ``path`` is where ``access`` was read."""
    return asyncio.run(_reload(access, url, path))


async def _reload(access: OperatorAccess, other: str | None, path: Path) -> int:
    import aiohttp

    url, trust = (access.url, access.trust()) if other is None else (other, True)
    headers = {"Authorization": f"Bearer {access.token}"}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=WITHIN_S)) as session,
            session.post(f"{url}/api/v1/reload", headers=headers, ssl=trust) as response,
        ):
            status, answer = response.status, await response.json()
    except TimeoutError:
        complain(f"The bridge at {url} has not answered within {WITHIN_S:.0f} s. Its log says what came of it.")
        return ExitCode.FAILED
    except (aiohttp.ClientError, OSError) as error:
        complain(f"No bridge answers at {url}: {error or type(error).__name__}")
        return ExitCode.FAILED
    except ValueError:
        complain(f"What answers at {url} is not a bridge.")
        return ExitCode.FAILED
    if status == 401:
        complain(f"The bridge at {url} does not know the token in {path}: another one made it. Is this its spool?")
        return ExitCode.FAILED
    return _tell(status, answer)


def _tell(status: int, answer: Mapping[str, Any]) -> int:
    if status == 200:
        say("\n".join(["taken over", *(f"  {line}" for line in changes(answer))]))
        for warning in answer["warnings"]:
            complain(warning)
        return ExitCode.OK
    lines = [str(answer.get("detail", f"The bridge answered {status}."))]
    lines += [f"  {error['field']}: {error['message']}".replace("  : ", "  ") for error in answer.get("errors", ())]
    complain("\n".join(lines))
    return ExitCode.WRONG_USE if status == 422 else ExitCode.FAILED


def changes(answer: Mapping[str, Any]) -> Iterator[str]:
    """Return the changes of a reload, in words."""
    nothing = True
    for kind, name in _NAMES.items():
        parts = [f"{what} {_listed(names)}" for what, names in answer[kind].items() if names]
        if parts:
            nothing = False
            yield f"{name}: {'; '.join(parts)}"
    if answer["policy_changed"]:
        nothing = False
        yield "policy: changed"
    if nothing:
        yield "nothing that concerns calls has changed"
    if answer["calls_moved"]:
        yield f"calls moved to another queue: {answer['calls_moved']}"
    if answer["calls_without_queue"]:
        yield f"calls whose queue is no more, without another one: {answer['calls_without_queue']}"
    if answer["overrides_ended"]:
        yield f"opening hours that are no more, and were set by hand: {_listed(answer['overrides_ended'])}"
    if answer["logged_out"]:
        yield f"logged out: {_listed(answer['logged_out'])}"
    if answer["leaving_after_their_call"]:
        yield f"logged out after their call: {_listed(answer['leaving_after_their_call'])}"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_MOST_NAMED])
    more = len(names) - _MOST_NAMED
    return f"{len(names)} ({shown} and {more} more)" if more > 0 else f"{len(names)} ({shown})"
