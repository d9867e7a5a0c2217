"""The version of the program."""

from importlib.metadata import PackageNotFoundError, version


def own_version() -> str:
    """Return the installed version; empty for a source tree that was never installed."""
    try:
        return version("cti-bridge")
    except PackageNotFoundError:
        return ""
