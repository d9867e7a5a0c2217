"""The API server, put together from the parts that it asks."""

from collections.abc import Sequence
from functools import partial
from socket import socket
from typing import TYPE_CHECKING

from cti_bridge.api.login_limits import UsualPlaces
from cti_bridge.api.operator import Operator
from cti_bridge.api.server import ApiConfig, ApiServer
from cti_bridge.condition import measurements, problems, warnings
from cti_bridge.panel_config import panel_config
from cti_bridge.reports.day import AgentDays
from cti_bridge.reports.reading import Reading
from cti_bridge.settings import Settings
from cti_bridge.storage.call_numbers import CallNumbers
from cti_bridge.storage.login_places import keep_places, take_up_places
from cti_bridge.storage.spool import SpoolFailed
from cti_bridge.version import own_version

if TYPE_CHECKING:
    from cti_bridge.app import App


def make_api(app: "App", operator: Operator) -> ApiServer:
    """Return the API of the bridge, not started yet."""
    acting, shipping = app.acting, app.shipping
    api = ApiServer(
        _config(app.settings, acting.sockets if acting is not None else ()),
        app.engine,
        app.journal.desk,
        lambda: app.engine.center.floor.directory,
        frequent_numbers=app.frequent_numbers,
        problems=lambda: problems(app),
        warnings=lambda: warnings(app),
        measure=lambda: measurements(app),
        storage_faults=(SpoolFailed,),
        clock=app.clock,
        watch=app.supervisor.watch,
        places=_places(app),
        files=app.recordings.keeper,
        archive=app.recordings.archive,
        operator=operator,
        sounds=app.sounds,
        nodes_without=partial(_nodes_without, app),
        call_numbers=CallNumbers(app.database),
        alerts=lambda: app.alerts.present,
        acting=acting,
        pair=acting.describe if acting is not None else None,
        acknowledge=shipping.acknowledge if shipping is not None and _waits_for_shipping(app.settings) else None,
        reports=Reading(app.database.session, lambda: app.engine.center.floor.directory, app.clock),
        days=AgentDays(app.database.session, lambda: app.engine.center.floor.directory, app.clock),
    )
    app.journal.desk.on_change = api.live.on_ticket
    app.journal.desk.catch_up = app.engine.flush
    return api


def _config(settings: Settings, sockets: Sequence[socket]) -> ApiConfig:
    api = settings.api
    return ApiConfig(
        host=api.host,
        port=api.port,
        tls_cert=api.tls_cert,
        tls_key=api.tls_key,
        allowed_origins=tuple(api.allowed_origins),
        api_origins=tuple(api.api_origins),
        trusted_proxies=tuple(api.trusted_proxies),
        monitors=None if api.monitors is None else tuple(api.monitors),
        password_hashes=settings.password_hashes(),
        panel=panel_config(settings),
        version=own_version(),
        sockets=sockets,
    )


def _places(app: "App") -> UsualPlaces:
    known = take_up_places(app.spool, app.journal.load(), app.settings.password_hashes())
    return UsualPlaces(known, lambda cti_id, places: keep_places(app.spool, cti_id, places))


def _waits_for_shipping(settings: Settings) -> bool:
    return settings.spare is not None and settings.spare.ack == "shipped"


async def _nodes_without(app: "App", sound: str) -> list[str]:
    """Return the PBXs that say that they do not have the sound."""
    return [name for name, node in app.nodes.items() if await node.lacks_sound(sound)]
