"""The log of the HTTP library, without what clients have sent: a malformed request may hold a session's cookie."""

import logging
import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import structlog
from aiohttp.http_exceptions import HttpProcessingError

_log = structlog.get_logger("cti_bridge.api")

_ExcInfo = (
    bool
    | tuple[type[BaseException], BaseException, TracebackType | None]
    | tuple[None, None, None]
    | BaseException
    | None
)


class HttpFaults(logging.Logger):
    """Takes the library's lines. Of a malformed request the kind of fault is written alone. Other faults are ours."""

    def __init__(self) -> None:
        super().__init__("cti_bridge.api.http", logging.DEBUG)
        self.malformed = 0

    def _log(
        self,
        level: int,
        msg: object,
        args: Any,
        exc_info: _ExcInfo = None,
        extra: Mapping[str, object] | None = None,
        stack_info: bool = False,
        stacklevel: int = 1,
    ) -> None:
        fault = exc_info if isinstance(exc_info, BaseException) else sys.exception() if exc_info else None
        if isinstance(fault, HttpProcessingError):
            self.malformed += 1
            _log.debug("request_malformed", fault=type(fault).__name__, status=fault.code)
        elif level >= logging.WARNING:
            _log.error("http_fault", text=str(msg), exc_info=fault)
