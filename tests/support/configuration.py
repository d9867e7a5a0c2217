"""A small configuration without a fault, and ways to spoil it."""

from pathlib import Path

from cti_bridge.settings import ConfigurationError, Problem, load_settings

PASSWORD = "pbx-password"
ENVIRONMENT = {"CTI_BRIDGE_ASTERISK__MAIN__PASSWORD": PASSWORD}
HASH = "$argon2id$v=19$m=7168,t=5,p=1$Zvo50Ic1ywUagFzCn2MCpw$JQ9jxTmCDXbgscxgIy00Qn8g+AsZtce2psqfhq5kfh8"
"""As cheap as may be; of "correct horse"."""


def agent(cti_id: str, cti_number: str, more: str = "") -> str:
    return (
        f'[[agents]]\ncti_id = "{cti_id}"\ncti_number = "{cti_number}"\npassword_hash = "{HASH}"\n'
        f'services = ["acme"]\n{more}'
    )


BASE = {
    "asterisk": '[asterisk.main]\nurl = "http://127.0.0.1:8088/ari"\n',
    "services": '[[services]]\nid = "acme"\nname = "Acme"\nallowed_prefixes = ["+82"]\n',
    "calling_numbers": '[[calling_numbers]]\nnumber = "+8225551234"\nservice = "acme"\nstate = "confirmed"\n',
    "queues": '[[queues]]\nid = "support"\nservice = "acme"\n',
    "scenarios": '[[scenarios]]\nnumber = "+8225550000"\nservice = "acme"\nqueue = "support"\n',
    "agents": agent("a1", "1001", 'name = "Agent One"\nqueues = ["support"]\n'),
}
"""By table; together they have no fault."""


def configuration(directory: Path, more: str = "", /, base: str | None = None, **files: str) -> Path:
    """Write the base (or another one) with ``more`` behind it, and ``files`` into conf.d; returns the directory."""
    (directory / "conf.d").mkdir(parents=True, exist_ok=True)
    text = "".join(BASE.values()) if base is None else base
    (directory / "cti_bridge.toml").write_text(text + more)
    for name, content in files.items():
        (directory / "conf.d" / name).write_text(content)
    return directory


def problems(directory: Path, **environ: str) -> list[Problem]:
    """Everything that is wrong, or hardly meant."""
    try:
        return load_settings(directory / "cti_bridge.toml", {**ENVIRONMENT, **environ}).warnings
    except ConfigurationError as error:
        return error.problems
