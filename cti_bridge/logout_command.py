"""``cti-bridge logout``: asks the running bridge to end an agent's session."""

import asyncio
from typing import Any
from urllib.parse import quote

from cti_bridge.exit_codes import ExitCode
from cti_bridge.operator_access import OperatorAccess
from cti_bridge.terminal import complain, say

WITHIN_S = 10.0


def log_out(access: OperatorAccess, cti_id: str) -> int:
    """Ask the bridge, print its answer, and return the exit code."""
    return asyncio.run(_log_out(access, cti_id))


async def _log_out(access: OperatorAccess, cti_id: str) -> int:
    import aiohttp

    path = f"{access.url}/api/v1/agents/{quote(cti_id, safe='')}/logout"
    headers = {"Authorization": f"Bearer {access.token}"}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=WITHIN_S)) as session,
            session.post(path, headers=headers, ssl=access.trust()) as response,
        ):
            status, answer = response.status, await response.json()
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        complain(f"No bridge answers at {access.url}: {error or type(error).__name__}")
        return ExitCode.FAILED
    except ValueError:
        complain(f"What answers at {access.url} is not a bridge.")
        return ExitCode.FAILED
    return _tell(cti_id, status, answer)


def _tell(cti_id: str, status: int, answer: Any) -> int:
    if status == 404:
        complain(f"There is no agent {cti_id}.")
        return ExitCode.WRONG_USE
    if status != 200:
        complain(str(answer.get("detail", f"The bridge answered {status}.")))
        return ExitCode.FAILED
    gone = answer["agent"]["status"] == "offline"
    say(f"{cti_id} is logged out" if gone else f"{cti_id} is in a call, and is logged out when it ends")
    return ExitCode.OK
