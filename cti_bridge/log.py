"""Logs are events with ids (``call_id``, ``cti_id``, ``node``): JSON lines for machines, a console format for
people.

Telephone numbers are masked and secrets left out by a processor, that is, wherever they come from: a fact in
an event, the text of an exception, or a line of a library."""

import json
import logging
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TextIO, cast

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from cti_bridge.numbers.e164 import mask

Format = Literal["json", "console"]
Level = Literal["debug", "info", "warning", "error"]

HIDDEN = "[hidden]"

_NUMBER_KEYS = frozenset({"number", "caller", "callee", "dialed", "shown"})
_SECRET_KEYS = frozenset(
    {
        "password",
        "password_hash",
        "token",
        "csrf",
        "session",
        "authorization",
        "cookie",
        "secret",
        "withheld_number",
        "withheld_key",
        "digit",
        "variables",
        "values",
    }
)
"""Passwords and their like. The keys and variables of callers are among them, for they may hold one."""
_NAME_KEYS = frozenset({"caller_name"})
_IN_NAME = re.compile(r"\+?\d[\d .()-]{4,}\d")
"""Some networks put the number where a name should be."""
_E164 = re.compile(r"\+\d{6,15}")
_SIP_USER = re.compile(r"(?<=sip:)\+?\d{6,15}(?=@)|(?<=/)\+?\d{6,15}(?=@)")
_CREDENTIALS = re.compile(r"(?<=://)([^\s/@:]*):[^\s/@]*@")
_AUTHORIZATION = re.compile(r"(?i)\b(bearer|basic) [A-Za-z0-9._~+/=-]{8,}")


def configure_logging(form: Format | None = None, level: Level = "info", stream: TextIO | None = None) -> None:
    """Send all logs, those of libraries too, to ``stream`` (standard error). Without a ``form`` a terminal gets the
    console's, any other stream JSON. A call that logs never raises, as long as ``stream`` does not."""
    out = stream or sys.stderr
    chosen = form or ("console" if out.isatty() else "json")
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[_Safely([*_common(), *_rendering(chosen, colors=out.isatty())])],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_: _Lines(out),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *_common()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _Safely(_rendering(chosen, colors=out.isatty())),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(number, logging.WARNING), force=True)


class _Lines:
    """structlog's writer. It locks nothing: one write is one line."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def msg(self, line: str) -> None:
        self._out.write(line + "\n")

    debug = info = warning = warn = error = critical = exception = fatal = failure = log = err = msg


class _Safely:
    """All processors as one. An event that cannot be rendered is logged as such. Its logger is in the middle of
    something else, and must not fail by it."""

    def __init__(self, processors: Sequence[Processor]) -> None:
        self._processors = processors

    def __call__(self, logger: WrappedLogger, name: str, event: EventDict) -> Any:
        what, done = event.get("event"), cast(Any, event)
        try:
            for process in self._processors:
                done = process(logger, name, done)
        except structlog.DropEvent:
            raise
        except Exception as fault:
            of = what if isinstance(what, str) else ""
            return json.dumps({"event": "log_line_failed", "level": "error", "of": of, "fault": type(fault).__name__})
        return done


def _common() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]


def _rendering(form: Format, *, colors: bool) -> list[Processor]:
    """Tracebacks become text first, so that they are masked as well; they never show local variables."""
    last: Processor = (
        structlog.dev.ConsoleRenderer(colors=colors, timestamp_key="at")
        if form == "console"
        else structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    )
    return [structlog.processors.format_exc_info, mask_private, last]


def mask_private(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """The processor: numbers masked, secrets hidden, at any depth. Ids, CTI numbers and times stay as they
    are."""
    return {key: _masked(key, value) for key, value in event.items()}


def _masked(key: str, value: Any) -> Any:
    if key in _SECRET_KEYS:
        return HIDDEN
    if isinstance(value, str):
        return _masked_text(key, value)
    if isinstance(value, Mapping):
        return {str(inner): _masked(str(inner), item) for inner, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(key, item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return mask_text(str(value))


def _masked_text(key: str, text: str) -> str:
    if _is_number_key(key):
        return mask(text)
    return mask_text(_IN_NAME.sub(lambda found: mask(found[0]), text) if key in _NAME_KEYS else text)


def _is_number_key(key: str) -> bool:
    return key in _NUMBER_KEYS or (key.endswith("_number") and key != "cti_number")


def mask_text(text: str) -> str:
    """Return a text with its numbers and credentials masked: E.164, the user of a SIP address, ``user:password@`` of a
    URL."""
    text = _CREDENTIALS.sub(rf"\1:{HIDDEN}@", text)
    text = _AUTHORIZATION.sub(rf"\1 {HIDDEN}", text)
    text = _SIP_USER.sub(lambda found: mask(found[0]), text)
    return _E164.sub(lambda found: mask(found[0]), text)
