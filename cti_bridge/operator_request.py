"""A request of the machine's operator to the running bridge, as commands make it."""

from typing import Any

from cti_bridge.operator_access import OperatorAccess

WITHIN_S = 10.0


class NoAnswer(Exception):
    """The bridge does not answer; the message says how."""


async def ask(access: OperatorAccess, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
    """Return status and answer of the bridge. Raises NoAnswer."""
    import aiohttp

    headers = {"Authorization": f"Bearer {access.token}"}
    json = body if method == "PUT" else None
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=WITHIN_S)) as session,
            session.request(
                method, f"{access.url}/api/v1{path}", headers=headers, json=json, ssl=access.trust()
            ) as response,
        ):
            return response.status, await response.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise NoAnswer(f"No bridge answers at {access.url}: {error or type(error).__name__}") from None
    except ValueError:
        raise NoAnswer(f"What answers at {access.url} is not a bridge.") from None
