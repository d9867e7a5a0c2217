"""Codings of an answer that a client accepts."""


def accepted(header: str) -> frozenset[str]:
    """Return the codings of an Accept-Encoding header. The weight 0 refuses a coding (RFC 9110, section 12.5.3)."""
    items = [item.partition(";") for item in header.lower().replace(" ", "").split(",")]
    return frozenset(coding for coding, _, weight in items if weight.rstrip("0") not in ("q=", "q=0."))
