"""The dialplan of an operator who has not taken over the newest one, beside the present one, for numbers of its own.

It lets through what the present one keeps out: a Call-ID and a dialled number that are no text.
"""

INBOUND, KEYPAD = "+8288", "088"
"""In front of a number."""

LINES = f"""
[from-trunk]
exten => _{INBOUND}!,1,Goto(cti-inbound,+${{FILTER(0-9,${{EXTEN:{len(INBOUND)}}})}},1)
[from-agents]
exten => _{KEYPAD}!,1,Stasis(${{CTI_APP}},keypad,${{FILTER(+*#0-9,${{EXTEN:{len(KEYPAD)}}})}})
"""


def inbound(number: str) -> str:
    """What a caller dials to reach the number past the present dialplan."""
    return INBOUND + number.removeprefix("+")
