"""The condition of the running bridge: problems and warnings of /readyz, and the numbers of /metrics."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cti_bridge.api.ports import Measurement
from cti_bridge.config.certificates import warning as certificate_warning
from cti_bridge.descriptors import descriptor_words, descriptors
from cti_bridge.domain.queue.out_of_reach import out_of_reach
from cti_bridge.domain.queue.phones_gone import phones_gone
from cti_bridge.left_behind import draining_words, in_words
from cti_bridge.metrics import (
    full_words,
    measure,
    of_certificate,
    of_last_talks,
    of_lookups,
    of_recordings,
    of_shipping,
    of_time,
)
from cti_bridge.set_by_hand import emergency_words, override_words
from cti_bridge.spare.description import measured

if TYPE_CHECKING:
    from cti_bridge.app import App


EDGE_AWAY = "the edge does not answer it, so it can ring no phone"


def problems(app: "App") -> list[str]:
    """Return in words why the bridge is not ready."""
    found = [f"PBX {name}: {node.problem}" for name, node in app.nodes.items() if node.problem]
    found += [f"PBX {name}: not connected yet" for name in app.settings.asterisk if _not_yet(app, name)]
    floor = app.engine.center.floor
    found += [f"PBX {name}: {EDGE_AWAY}" for name in floor.edges if floor.node_up(name) and floor.edge_away(name)]
    if not app.settings.asterisk:
        found.append("no PBX is configured")
    if app.spool.problem:
        found.append(f"spool: {app.spool.problem}")
    return found


def _not_yet(app: "App", name: str) -> bool:
    """The API answers before the nodes are made."""
    node = app.nodes.get(name)
    return node is None or (node.problem is None and node.state != "up")


def warnings(app: "App") -> list[str]:
    """Return in words what an operator should know, though calls go on."""
    floor, now = app.engine.center.floor, app.clock()
    found = [*draining_words(floor), *override_words(floor, now), *emergency_words(floor, now)]
    found += [f"PBX {name}: {in_words(calls)}, unserved" for name, calls in app.left_behind.items()]
    found += [f"PBX {name} lacks {what}" for name, node in app.nodes.items() for what in node.lacks]
    found += [f"PBX {name}: {words}" for name, node in app.nodes.items() for words in node.warnings]
    found += [f"spool: {words}" for words in app.spool.pace.words]
    found += descriptor_words(*descriptors())
    found += [f"PBX {found.node}: {found}" for found in out_of_reach(floor)]
    found += [str(gone) for gone in phones_gone(floor)]
    if app.spool.written_anew:
        found.append(f"spool: its file was gone, and was written anew ({app.spool.written_anew} times)")
    if app.spool.set_aside_entries:
        found.append(f"spool: {app.spool.set_aside_entries} entries that could not be read are set aside")
    if roles := floor.unknown_roles:
        found.append(f"PBX: {len(roles)} channels of calls have roles that a newer release knows; they are left alone")
    if soon := certificate_warning(app.certificate_expires_at, now):
        found.append(f"API: {soon}")
    found += [*app.recordings.store.warnings(), *app.recordings.keeper.warnings(), *app.unrecorded.warnings(now)]
    found += app.engine.read(full_words)
    found += app.unknown_numbers.warnings(now)
    found += app.failing_lines.warnings(now)
    found += app.reloader.warnings()
    if app.acting is not None:
        found += app.acting.warnings()
    if app.shipping is not None:
        found += app.shipping.warnings()
    if app.database.fault:
        found.append(f"database: {app.database.fault}")
    if app.sink is not None and app.sink.problem:
        found.append(app.sink.problem)
    return [*found, *(app.pulse.words if app.pulse is not None else ())]


def measurements(app: "App") -> Sequence[Measurement]:
    """Return the numbers of /metrics."""
    lost_lines = app.sink.lost if app.sink is not None else 0
    lost = Measurement("cti_log_lines_lost", "Log lines that were never written", lost_lines, counter=True)
    floor = measure(app.engine, app.nodes, app.spool, app.writer, app.clock())
    others = [*of_time(app.pulse), *app.unknown_numbers.measure(), *app.failing_lines.measure(), *app.alerts.measure()]
    others += [*app.reloader.measure(), *of_lookups(app.lookups), *of_last_talks(app.last_talks)]
    others += of_recordings(app.engine.center.floor, app.recordings.store, app.recordings.keeper)
    if app.acting is not None:
        others += measured(app.acting.describe())
    others += of_shipping(app.shipping)
    return [*floor, *others, *of_certificate(app.certificate_expires_at), lost]
