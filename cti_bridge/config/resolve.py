"""Makes paths absolute, and reads secrets from their files, before any check."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cti_bridge.config.lines import Path as KeyPath
from cti_bridge.config.merge import Merged
from cti_bridge.config.reading import Unreadable, read_text
from cti_bridge.config.schema.process import SpoolSettings
from cti_bridge.config.schema.whole import PREFIX


def resolve(merged: Merged, base: Path, *, alone: bool = False) -> None:
    """Resolve paths and secrets. Relative paths are taken from ``base``, an absolute directory. When a secret and its
    file are both given, the one from the environment wins; two in the files are an error. ``alone``: no PBX is asked,
    so a password that is missing does not matter."""
    spool = merged.values.setdefault("spool", {})
    if isinstance(spool, dict) and spool.get("path", "") == "":
        spool["path"] = str(SpoolSettings.model_fields["path"].default)
    _beside_the_spool(merged.values, base)
    named = (("spool", "path"), ("api", "tls_cert"), ("api", "tls_key"))
    for table, key in (("recordings", "directory"), ("sounds", "directory"), *named):
        _absolute(merged.values.get(table), key, base)
    if isinstance(database := merged.values.get("database"), dict):
        _secret(merged, database, ("database",), "url", base)
    _edge_secret(merged, base)
    _objects_secret(merged, base, alone)
    hours = merged.values.get("hours")
    for one in hours if isinstance(hours, list) else ():
        if isinstance(one, dict) and isinstance(files := one.get("holiday_files"), list):
            one["holiday_files"] = [str(base / file) if isinstance(file, str) and file else file for file in files]
    sounds = merged.values.get("sounds")
    languages = sounds.get("languages") if isinstance(sounds, dict) else None
    for language in languages.values() if isinstance(languages, dict) else ():
        _absolute(language, "recordings", base)
    lists = merged.values.get("number_lists")
    for one in lists if isinstance(lists, list) else ():
        _absolute(one, "file", base)
    for path, owner, name in _panel_secrets(merged.values):
        _secret(merged, owner, path, name, base)
    nodes = merged.values.get("asterisk")
    for name, node in nodes.items() if isinstance(nodes, dict) else ():
        if isinstance(node, dict):
            _secret(merged, node, ("asterisk", name), "password", base)
            _node_password(merged, node, name, alone)
            if isinstance(pbx := node.get("pbx_config"), dict):
                _secret(merged, pbx, ("asterisk", name, "pbx_config"), "trunk_password", base)


def _edge_secret(merged: Merged, base: Path) -> None:
    if isinstance(edge := merged.values.get("edge"), dict):
        _secret(merged, edge, ("edge",), "database_url", base)


def _objects_secret(merged: Merged, base: Path, alone: bool) -> None:
    recordings, path = merged.values.get("recordings"), ("recordings", "s3")
    objects = recordings.get("s3") if isinstance(recordings, dict) else None
    if not isinstance(objects, dict):
        return
    _secret(merged, objects, path, "secret_access_key", base)
    if not alone and not objects.get("secret_access_key") and not objects.get("secret_access_key_file"):
        variable = f"{PREFIX}RECORDINGS__S3__SECRET_ACCESS_KEY"
        merged.error(path, f"this storage has no secret; give it in {variable}, or name a secret_access_key_file")
    if merged.is_in_file((*path, "secret_access_key")) and not objects.get("secret_access_key_file"):
        merged.warn((*path, "secret_access_key"), "it is better kept in a secret_access_key_file")


def _beside_the_spool(values: dict[str, Any], base: Path) -> None:
    """Give the directories of recordings and sounds their places, where none is configured."""
    spool = values.get("spool")
    path = spool.get("path") if isinstance(spool, dict) else None
    for name in ("recordings", "sounds"):
        table = values.setdefault(name, {})
        if isinstance(table, dict) and table.get("directory", "") == "" and isinstance(path, str):
            table["directory"] = str((base / path).parent / name)


def _panel_secrets(values: dict[str, Any]) -> Iterator[tuple[KeyPath, dict[str, Any], str]]:
    """Yield the secrets that agents' browsers get: path, table and key."""
    phone = values.get("browser_phone")
    servers = phone.get("ice_servers") if isinstance(phone, dict) else None
    for index, server in enumerate(servers if isinstance(servers, list) else ()):
        if isinstance(server, dict):
            yield ("browser_phone", "ice_servers", index), server, "credential"
    agents = values.get("agents")
    for index, agent in enumerate(agents if isinstance(agents, list) else ()):
        if isinstance(agent, dict):
            yield ("agents", index), agent, "sip_password"


def _absolute(table: Any, key: str, base: Path) -> None:
    """Make a path absolute. An empty name is left."""
    if isinstance(table, dict) and isinstance(table.get(key), str):
        if not table[key]:
            del table[key]
        else:
            table[key] = str(base / table[key])


def _secret(merged: Merged, table: dict[str, Any], path: KeyPath, key: str, base: Path) -> None:
    file_key = f"{key}_file"
    _absolute(table, file_key, base)
    if table.get(key) and table.get(file_key):
        loser = _loser(merged, path, key, file_key)
        if loser is None:
            merged.error((*path, file_key), f'both "{key}" and "{file_key}" are given; keep one')
        else:
            del table[loser]
    file = table.get(file_key)
    if isinstance(file, str) and file and not table.get(key):
        _read_secret(merged, table, path, key, Path(file))


def _loser(merged: Merged, path: KeyPath, key: str, file_key: str) -> str | None:
    in_file = [name for name in (key, file_key) if merged.is_in_file((*path, name))]
    return in_file[0] if len(in_file) == 1 else None


def _read_secret(merged: Merged, table: dict[str, Any], path: KeyPath, key: str, file: Path) -> None:
    file_path = (*path, f"{key}_file")
    try:
        secret = read_text(file).strip("\r\n")
    except Unreadable as error:
        merged.error(file_path, f"{file} {error.text}")
    else:
        if not secret:
            merged.error(file_path, f"{file} is empty")
        table[key] = secret
        merged.origins[(*path, key)] = merged.origins[file_path]


def _node_password(merged: Merged, node: dict[str, Any], name: str, alone: bool) -> None:
    variable = f"{PREFIX}ASTERISK__{name.upper()}__PASSWORD"
    if alone and not node.get("password"):
        node["password"] = "none"
    elif not node.get("password") and not node.get("password_file"):
        merged.error(("asterisk", name), f"this PBX has no password; give it in {variable}, or name a password_file")
    elif node.get("password") and not node.get("password_file") and merged.is_in_file(("asterisk", name, "password")):
        merged.warn(("asterisk", name, "password"), f"a password is better kept in {variable}, or in a password_file")
