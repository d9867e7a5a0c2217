"""Which codings of an answer a client takes."""


def accepted(header: str) -> frozenset[str]:
    """Of an Accept-Encoding header. RFC 9110, section 12.5.3: a coding is refused with the weight 0."""
    items = [item.partition(";") for item in header.lower().replace(" ", "").split(",")]
    return frozenset(coding for coding, _, weight in items if weight.rstrip("0") not in ("q=", "q=0."))
