"""The topic of the work that waits for an agent: callers in the own queues, and messages. Each agent has an own one."""

from collections import Counter
from collections.abc import Collection, Iterable

from cti_bridge.api.ports import Changes, Engine
from cti_bridge.domain.border.views import WorkView
from cti_bridge.domain.callbacks.entries import open_in
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.visits import places
from cti_bridge.domain.rights.asker import Asker


class Work:
    """``work:CTI_ID``. Every panel listens to one, so a view costs a look at each of the agent's queues."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._messages: Counter[str] | None = None
        """By queue, as of the last change of a call-back. None: not counted."""

    def permits(self, cti_id: str, name: str) -> bool:
        return cti_id == name

    def view(self, name: str) -> WorkView:
        return self._engine.read(lambda floor: self._of(floor, name))

    def touched(self, changes: Changes, names: Collection[str]) -> Iterable[str]:
        kinds = {kind for kind, _ in changes}
        if "callback" in kinds:
            self._messages = None
        return names if kinds & {"call", "callback"} else ()

    def _of(self, floor: Floor, cti_id: str) -> WorkView:
        entry = floor.directory.agents.get(cti_id)
        queues = entry.queues if entry is not None else ()
        with_messages = Asker(floor.directory, cti_id).queues
        if self._messages is None:
            self._messages = open_in(floor)
        messages = self._messages
        return WorkView(sum(places(floor, queue) for queue in queues), sum(messages[queue] for queue in with_messages))
