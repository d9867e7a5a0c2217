"""Counters of one node's adapter since it was made. The metrics read them."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Counters:
    events: int = 0
    """Frames that came on the event socket, replies not included."""
    ignored: int = 0
    """Events of an unused type, or about an unused object."""
    malformed: int = 0
    """Frames that are not what ARI describes."""
    requests: dict[str, int] = field(default_factory=dict)
    """Requests sent, by kind: the name of the action, or ``http`` for the adapter's own."""
    failures: dict[str, int] = field(default_factory=dict)
    """Requests that failed, by kind. A refusal that says that all is already as wanted is no failure."""
    dropped: int = 0
    """Actions thrown away because the node was not connected."""
    reconnects: int = 0
    """Connections of the event socket after the first."""
    reconciles: int = 0
    unreadable: int = 0
    """Channels that the PBX could not put into JSON, and that we have ended."""
    hung: int = 0
    """Event sockets that were given up because they carried out no orders."""
    stuck: int = 0
    """Channels that were found to carry out no orders."""

    def sent(self, kind: str) -> None:
        self.requests[kind] = self.requests.get(kind, 0) + 1

    def failed(self, kind: str) -> None:
        self.failures[kind] = self.failures.get(kind, 0) + 1
