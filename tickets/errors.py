"""Reasons why a change of a ticket is refused.

TicketError
├── VersionConflict: somebody else has changed the ticket meanwhile
├── UnknownStatus: not a status of tickets
├── TooManyComments: a ticket is no place for a log of a program
└── UnusableText: a text that is empty, too long, or holds what cannot be stored
"""


class TicketError(Exception):
    """The ticket cannot be changed like this."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or (type(self).__doc__ or ""))


class VersionConflict(TicketError):
    """The ticket has changed since you read it. Read it again."""


class UnknownStatus(TicketError):
    """A ticket is open, pending or resolved."""


class TooManyComments(TicketError):
    """This ticket has 200 comments, and takes no more."""


class UnusableText(TicketError):
    """A comment has 1 to 10,000 characters, none of them NUL."""
