"""Everything that can be wrong with a configuration is refused, or warned of, with its place."""

import os
import stat
from pathlib import Path

import pytest

from cti_bridge.config.reading import LARGEST
from cti_bridge.settings import ConfigurationError, load_settings
from tests.support.certificates import make_certificate
from tests.support.configuration import BASE, ENVIRONMENT, HASH, agent, configuration, problems

SERVICE_B = '[[services]]\nid = "beta"\nallowed_prefixes = ["+1"]\n[[queues]]\nid = "b"\nservice = "beta"\n'


def with_table(name: str, text: str) -> str:
    return "".join({**BASE, name: text}.values())


REFUSED = {
    "unknown section": (with_table("policy", "[polcy]\n"), "[polcy]", 'unknown key "polcy"; did you mean "policy"?'),
    "unknown key": (
        with_table("policy", "[policy]\nafter_mised = 'rest'\n"),
        "after_mised",
        'unknown key "after_mised"; did you mean "after_missed"?',
    ),
    "key of an entry": (
        with_table("agents", BASE["agents"] + agent("a2", "1002", "anwser = 'auto'\n")),
        "anwser",
        'unknown key "anwser"; did you mean "answer"?',
    ),
    "emergency number": (
        with_table("policy", "[policy]\nemergency_numbers = ['112', '11a']\n"),
        "emergency_numbers",
        '"emergency_numbers", entry 2: write two to six digits, as in "112", not "11a"',
    ),
    "country in small letters": (
        with_table("asterisk", BASE["asterisk"] + "country = 'kr'\n"),
        "country",
        '"country": write a country as the two capital letters of ISO 3166, as in "KR", not "kr"; did you mean "KR"?',
    ),
    "country of three letters": (
        with_table("asterisk", BASE["asterisk"] + "country = 'DEU'\n"),
        "country",
        '"country": write a country as the two capital letters of ISO 3166, as in "KR", not "DEU"; did you mean "DE"?',
    ),
    "country that is none": (
        with_table("asterisk", BASE["asterisk"] + "country = 'UK'\n"),
        "country",
        '"country": write a country as the two capital letters of ISO 3166, as in "KR", not "UK"; did you mean "GB"?',
    ),
    "country by its code": (
        with_table("asterisk", BASE["asterisk"] + "country = '+82'\n"),
        "country",
        '"country": write a country as the two capital letters of ISO 3166, as in "KR", not "+82"; did you mean "KR"?',
    ),
    "CTI number of an emergency": (
        with_table("policy", "[policy]\nemergency_numbers = ['1001']\n"),
        "cti_number",
        '"1001" is an emergency number; choose another CTI number',
    ),
    "wrong word": (
        with_table("policy", "[policy]\ndefault_status = 'redy'\n"),
        "default_status",
        '"default_status" must be "business", "ready" or "rest", not "redy"; did you mean "ready"?',
    ),
    "text for a number": (
        with_table("asterisk", "policy.hold_reminder_s = '20'\n" + BASE["asterisk"]),
        "hold_reminder_s",
        '"hold_reminder_s" must be a number, not a text',
    ),
    "number for a text": (with_table("api", "[api]\nlisten = 8080\n"), "listen", '"listen" must be a text in quotes'),
    "number for a switch": (
        with_table("policy", "[policy]\ncancel_resumes = 1\n"),
        "cancel_resumes",
        '"cancel_resumes" must be true or false, not a whole number',
    ),
    "text for a list": (
        with_table("agents", agent("a1", "1001", "queues = 'support'\n")),
        "queues = 'support'",
        '"queues" must be a list, not a text',
    ),
    "table for an array": (with_table("queues", "[queues]\nid = 'x'\n"), "[queues]", "must be an array of tables"),
    "value for a table": (with_table("asterisk", "asterisk = 3\n"), "asterisk = 3", '"asterisk" must be a table'),
    "negative time": (
        with_table("policy", "[policy]\nagent_lost_s = -1\n"),
        "agent_lost_s",
        '"agent_lost_s" must be greater than 0, not -1',
    ),
    "zero pickup time": (
        with_table("queues", BASE["queues"] + "pickup_time_s = 0\n"),
        "pickup_time_s",
        '"pickup_time_s" must be greater than 0, not 0',
    ),
    "endless time": (
        with_table("queues", BASE["queues"] + "longest_wait_s = inf\n"),
        "longest_wait_s",
        '"longest_wait_s" must be',
    ),
    "no lines": (
        with_table("services", BASE["services"] + "max_outbound_calls = 0\n"),
        "max_outbound_calls",
        '"max_outbound_calls" must be at least 1, not 0',
    ),
    "empty reasons": (
        with_table("policy", "[policy]\nbusiness_reasons = []\n"),
        "business_reasons",
        '"business_reasons" must not be empty',
    ),
    "agent of no service": (
        with_table("agents", agent("a1", "1001").replace('["acme"]', "[]")),
        "services = []",
        '"services" must not be empty',
    ),
    "no services at all": (
        with_table("services", "").replace("[asterisk", "services = []\n[asterisk", 1),
        "services = []",
        '"services" must not be empty',
    ),
    "reserved reason": (
        with_table("policy", '[policy]\nbusiness_reasons = ["meeting",\n "missed"]\n'),
        ' "missed"]',
        '"missed" is a reason that the bridge gives itself',
    ),
    "reserved reason of rest": (
        with_table("policy", '[policy]\nrest_reasons = ["meal",\n "phone_busy"]\n'),
        ' "phone_busy"]',
        '"phone_busy" is a reason that the bridge gives itself',
    ),
    "reason twice": (
        with_table("policy", '[policy]\nbusiness_reasons = ["meeting",\n "meeting"]\n'),
        ' "meeting"]',
        '"meeting" stands in this list twice',
    ),
    "reason of rest twice": (
        with_table("policy", '[policy]\nrest_reasons = ["meal",\n "meal"]\n'),
        ' "meal"]',
        '"meal" stands in this list twice',
    ),
    "reason of rest that is no word": (
        with_table("policy", '[policy]\nrest_reasons = ["lunch time"]\n'),
        "lunch time",
        "rest_reasons",
    ),
    "agent's service": (
        with_table("agents", agent("a1", "1001").replace('"acme"', '"acm"')),
        'services = ["acm"]',
        'there is no service "acm"; did you mean "acme"?',
    ),
    "agent's queue": (
        with_table("agents", agent("a1", "1001", 'queues = [\n "support",\n "suport"]\n')),
        ' "suport"]',
        'there is no queue "suport"; did you mean "support"?',
    ),
    "agent's node": (
        with_table("agents", agent("a1", "1001", 'node = "mian"\n')),
        "node =",
        'there is no [asterisk.mian]; did you mean "main"?',
    ),
    "scenario's queue": (
        with_table("scenarios", BASE["scenarios"].replace("support", "nobody")),
        'queue = "nobody"',
        'there is no queue "nobody"',
    ),
    "scenario's service": (
        with_table("scenarios", BASE["scenarios"].replace("acme", "acmee")),
        'service = "acmee"',
        'there is no service "acmee"; did you mean "acme"?',
    ),
    "calling number's service": (
        with_table("calling_numbers", BASE["calling_numbers"].replace("acme", "zzz")),
        'service = "zzz"',
        'there is no service "zzz"',
    ),
    "queue's service": (
        with_table("queues", BASE["queues"].replace("acme", "zzz")),
        'service = "zzz"',
        'there is no service "zzz"',
    ),
    "return queue": (
        with_table("services", BASE["services"] + 'return_queue = "suport"\n'),
        "return_queue",
        'there is no queue "suport"; did you mean "support"?',
    ),
    "another service's queue": (
        with_table("scenarios", SERVICE_B + BASE["scenarios"].replace("support", "b")),
        'queue = "b"',
        'queue "b" belongs to service "beta", not to "acme"',
    ),
    "CTI ID twice": (
        with_table("agents", BASE["agents"] + agent("a1", "1002").replace('"a1"', '"a1" #2')),
        '"a1" #2',
        'cti_id "a1" stands in this file twice',
    ),
    "CTI number twice": (
        with_table("agents", BASE["agents"] + agent("a2", "1001").replace('"1001"', '"1001" #2')),
        '"1001" #2',
        'agent "a1" has the CTI number "1001" already',
    ),
    "scenario twice": (
        with_table("scenarios", BASE["scenarios"] * 2 + "#2\n"),
        None,
        'number "+8225550000" stands in this file twice',
    ),
    "number without a plus": (
        with_table("scenarios", BASE["scenarios"].replace("+82", "82")),
        "number =",
        "lacks the plus",
    ),
    "number too short": (
        with_table("calling_numbers", BASE["calling_numbers"].replace("+8225551234", "+8225")),
        "number = ",
        "is not a",
    ),
    "number with spaces": (
        with_table("calling_numbers", BASE["calling_numbers"].replace("+8225551234", "+82 2-555-1234")),
        "number = ",
        'write it in E.164, "+8225551234"',
    ),
    "prefix": (
        with_table("services", '[[services]]\nid = "acme"\nallowed_prefixes = ["+82",\n "0"]\n'),
        ' "0"]',
        "write a plus and the first digits",
    ),
    "type of number": (
        with_table("services", '[[services]]\nid = "acme"\nallowed_types = ["premium"]\n'),
        "allowed_types",
        "premium_rate",
    ),
    "region": (
        with_table("services", '[[services]]\nid = "acme"\nallowed_regions = ["Canada"]\n'),
        "allowed_regions",
        "write a country as the two capital letters",
    ),
    "dial string in a CTI number": (
        with_table("agents", agent("a1", "1001&PJSIP/1002")),
        "cti_number",
        '"cti_number": write letters, digits',
    ),
    "control character in a name": (
        with_table("agents", agent("a1", "1001", 'name = "A\\u0007"\n')),
        "name =",
        "without control characters",
    ),
    "no placeholder": (
        with_table("asterisk", BASE["asterisk"] + "agent_endpoint = 'PJSIP/1001'\n"),
        "agent_endpoint",
        "{cti_number}",
    ),
    "wrong placeholder": (
        with_table("asterisk", BASE["asterisk"] + "trunk_endpoint = 'PJSIP/{cti_number}@trunk'\n"),
        "trunk_endpoint",
        "{number}",
    ),
    "ARI address": (
        with_table("asterisk", BASE["asterisk"].replace("http:", "ws:")),
        "url =",
        "write the address of ARI",
    ),
    "the same PBX twice": (
        with_table("asterisk", BASE["asterisk"] + "[asterisk.two]\npassword='x'\n" + BASE["asterisk"][16:] + "#2\n"),
        None,
        "the same PBX and application as [asterisk.main]",
    ),
    "node name": (
        with_table("asterisk", BASE["asterisk"] + "[asterisk.Second-one]\nurl='http://h/ari'\npassword='x'\n"),
        "[asterisk.Second-one]",
        "lower-case letters",
    ),
    "node without a password": (
        with_table("asterisk", BASE["asterisk"] + "[asterisk.two]\nurl='http://h/ari'\n"),
        "[asterisk.two]",
        "CTI_BRIDGE_ASTERISK__TWO__PASSWORD",
    ),
    "password and file": (
        with_table(
            "asterisk", BASE["asterisk"] + "[asterisk.two]\nurl='http://h/ari'\npassword='x'\npassword_file='y'\n"
        ),
        "password_file",
        'both "password" and "password_file" are given',
    ),
    "password file": (
        with_table("asterisk", BASE["asterisk"] + "[asterisk.two]\nurl='http://h/ari'\npassword_file='not-there'\n"),
        "password_file",
        "cannot be read: No such file",
    ),
    "database address": (
        with_table("database", "[database]\nurl = 'mysql://u:top-secret@h/d'\n"),
        "url = 'mysql",
        "write the address as in",
    ),
    "listen without a port": (with_table("api", "[api]\nlisten = 'localhost'\n"), "listen", "write HOST:PORT"),
    "listen beyond the ports": (with_table("api", "[api]\nlisten = 'h:65536'\n"), "listen", "write HOST:PORT"),
    "listen without brackets": (with_table("api", "[api]\nlisten = '::1:80'\n"), "listen", "brackets"),
    "origin": (
        with_table("api", "[api]\nallowed_origins = ['https://crm.example.com/']\n"),
        "allowed_origins",
        "an origin is a scheme and a host",
    ),
    "star origin": (with_table("api", "[api]\nallowed_origins = ['https://*']\n"), "allowed_origins", "star"),
    "proxy by name": (
        with_table("api", "[api]\ntrusted_proxies = ['proxy.example.com']\n"),
        "trusted_proxies",
        'write an address or a network, as in "192.0.2.10" or "10.1.0.0/16", not "proxy.example.com"',
    ),
    "proxies behind others, on their line": (
        with_table("api", "[api]\ntrusted_proxies = [\n  '127.0.0.1',\n  '10.0.0.1:80',\n]\n"),
        "10.0.0.1:80",
        "write an address or a network",
    ),
    "everybody a proxy": (
        with_table("api", "[api]\ntrusted_proxies = ['127.0.0.1', '0.0.0.0/0']\n"),
        "trusted_proxies",
        '"0.0.0.0/0" is everybody',
    ),
    "everybody a proxy by IPv6": (
        with_table("api", "[api]\ntrusted_proxies = ['::1', '::/0']\n"),
        "trusted_proxies",
        '"::/0" is everybody',
    ),
    "proxy with a network behind it": (
        with_table("api", "[api]\ntrusted_proxies = ['::1', '10.1.2.3/8']\n"),
        "trusted_proxies",
        '"10.1.2.3/8" is an address within the network "10.0.0.0/8"',
    ),
    "proxy twice": (
        with_table("api", "[api]\ntrusted_proxies = ['::1', '::1']\n"),
        "trusted_proxies",
        '"::1" stands in this list twice',
    ),
    "proxies without a list": (with_table("api", "[api]\ntrusted_proxies = '::1'\n"), "trusted_proxies", "must be"),
    "certificate without key": (with_table("api", "[api]\ntls_cert = 'c'\n"), "tls_cert", 'needs "tls_key" beside it'),
    "certificate not there": (
        with_table("api", "[api]\ntls_key = 'k'\ntls_cert = 'c'\n"),
        "tls_cert",
        "cannot be read: No such file",
    ),
    "no password hash": (
        with_table("agents", '# one\n[[agents]]\ncti_id = "a1"\ncti_number = "1001"\nservices = ["acme"]\n'),
        "[[agents]]",
        "no password_hash; make one with: cti-bridge hash-password",
    ),
    "plain-text password": (
        with_table("agents", agent("a1", "1001").replace(HASH, "top-secret")),
        "password_hash",
        "this is not an argon2id hash",
    ),
    "half a hash": (
        with_table("agents", agent("a1", "1001").replace(HASH, HASH.rsplit("$", 1)[0])),
        "password_hash",
        "this is not an argon2id hash",
    ),
    "cheap hash": (
        with_table("agents", agent("a1", "1001").replace("m=7168,t=5", "m=7168,t=4")),
        "password_hash",
        "this hash (m=7168, t=4) is too cheap: who gets it guesses the password; make one with: cti-bridge",
    ),
    "hash of little memory": (
        with_table("agents", agent("a1", "1001").replace("m=7168,t=5", "m=1024,t=500")),
        "password_hash",
        "too cheap",
    ),
    "hash that takes the machine's memory": (
        with_table("agents", agent("a1", "1001").replace("m=7168,t=5", "m=4194304,t=3")),
        "password_hash",
        "this hash takes 4096 MiB at each login",
    ),
    "number for a password": (
        with_table("agents", agent("a1", "1001").replace(f'"{HASH}"', "73500123")),
        "password_hash",
        '"password_hash" must be a text in quotes, not a whole number',
    ),
    "every address by a star": (
        with_table("api", "[api]\nlisten = '*:8080'\n"),
        "listen",
        'every one of this machine is "0.0.0.0" (IPv4) or "[::]" (IPv6)',
    ),
    "address in two brackets": (with_table("api", "[api]\nlisten = '[[::1]]:80'\n"), "listen", '"[::1]" is no address'),
    "proxies that are every IPv4 client": (
        with_table("api", "[api]\ntrusted_proxies = ['::ffff:0:0/96']\n"),
        "trusted_proxies",
        "is everybody",
    ),
    "origin with a long IPv6 address": (
        with_table("api", "[api]\nallowed_origins = ['https://[2001:db8:0:0:0:0:0:1]:8443']\n"),
        "allowed_origins",
        'a browser writes this origin "https://[2001:db8::1]:8443"',
    ),
    "origin with a short IPv4 address": (
        with_table("api", "[api]\nallowed_origins = ['https://127.1']\n"),
        "allowed_origins",
        '"127.1" is no address',
    ),
    **{
        f"origin {host!r}": (
            with_table("api", f"[api]\napi_origins = ['https://{host}']\n"),
            "api_origins",
            "is no host",
        )
        for host in ("ex ample", "a;script-src x", "a..b", "%61.com", "a\\b", "a,b")
    },
    "an idle time that requests would not keep up": (
        with_table("policy", "[policy]\nsession_idle_s = 30\n"),
        "session_idle_s",
        "write 0 for never, or at least 120",
    ),
    "spool that is a directory's name": (with_table("spool", "[spool]\npath = '/'\n"), "path =", "names no file"),
    "file with a NUL": (with_table("spool", '[spool]\npath = "a\\u0000b"\n'), "path =", "names no file"),
    "days without an end": (
        with_table("database", "[database]\nkeep_days = 999999999\n"),
        "keep_days",
        '"keep_days" must be at most 36500',
    ),
    "name that ends its section": (
        with_table("asterisk", BASE["asterisk"] + 'username = "a]b"\n'),
        "username",
        "a name without spaces",
    ),
    "message": (
        with_table("scenarios", BASE["scenarios"] + 'greeting = "cti/welcome"\n'),
        "greeting",
        'write a message as "sound:NAME"',
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_is_refused_at_its_line(case: str, tmp_path: Path) -> None:
    text, at, expected = REFUSED[case]
    found = [problem for problem in problems(configuration(tmp_path, base=text)) if problem.severity == "error"]
    fitting = [problem for problem in found if expected in problem.text]
    assert fitting, [str(problem) for problem in found]
    assert fitting[0].place.source == str(tmp_path / "cti_bridge.toml")
    if at is not None:
        lines = [number for number, line in enumerate(text.splitlines(), 1) if at in line]
        assert fitting[0].place.line in lines
    assert not any(secret in str(problem) for problem in found for secret in ("top-secret", "73500123"))


BROWSER = agent("a2", "1002", "answer = 'browser'\n")
PBX = '[browser_phone]\nurl = "wss://pbx.example.com:8089/ws"\n'

REFUSED |= {
    "ticket url of another scheme": (
        with_table("panel", "[panel]\nticket_url = 'javascript:alert(1)'\n"),
        "ticket_url",
        "write it as in",
    ),
    "ticket url with an unknown placeholder": (
        with_table("panel", "[panel]\nticket_url = 'https://crm.example.com/{ticket}'\n"),
        "ticket_url",
        '"{ticket}" is none of {ticket_id}, {call_id}, {customer_number}',
    ),
    "ticket url with a lonely brace": (
        with_table("panel", "[panel]\nticket_url = 'https://crm.example.com/{ticket_id'\n"),
        "ticket_url",
        '"{" is none of',
    ),
    "ticket url with a placeholder for the host": (
        with_table("panel", "[panel]\nticket_url = 'https://{ticket_id}/'\n"),
        "ticket_url",
        "the host is the same for all tickets",
    ),
    "unknown language": (with_table("panel", "[panel]\nlanguage = 'fr'\n"), "language", 'must be "en" or "ko"'),
    "unknown key of the browser phone": (
        with_table("phone", PBX + "domian = 'x'\n"),
        "domian",
        'unknown key "domian"; did you mean "domain"?',
    ),
    "browser phone without url": (
        with_table("phone", "[browser_phone]\ndomain = 'x'\n"),
        "[browser_phone]",
        '"url" is missing',
    ),
    "browser phone over http": (
        with_table("phone", "[browser_phone]\nurl = 'https://pbx.example.com/ws'\n"),
        "url = 'https://pbx",
        "write the WebSocket of the PBX",
    ),
    "browser phone at a host that is none": (
        with_table("phone", "[browser_phone]\nurl = 'wss://a;script-src x/ws'\n"),
        "url = 'wss",
        "is no host",
    ),
    "ice server that is none": (
        with_table("phone", PBX + "[[browser_phone.ice_servers]]\nurls = ['http://x']\n"),
        "urls = ['http",
        'write it as in "stun:',
    ),
    "answer in the browser without a PBX": (
        with_table("agents", BASE["agents"] + BROWSER + "sip_password = 'x'\n"),
        "answer = 'browser'",
        "the phone in the panel needs [browser_phone]",
    ),
    "answer in the browser without a password": (
        with_table("agents", PBX + BASE["agents"] + BROWSER),
        "answer = 'browser'",
        "the phone in the panel has no password for the PBX",
    ),
}

WARNED = {
    "SIP password in the file": (
        with_table("agents", PBX + BASE["agents"] + BROWSER + "sip_password = 'x'\n"),
        "sip_password",
        "a password is better kept in a sip_password_file",
    ),
    "browser phone without TLS": (
        with_table("phone", "[browser_phone]\nurl = 'ws://pbx.example.com/ws'\n"),
        "url = 'ws:",
        "without TLS",
    ),
    "proxies elsewhere before a bridge on loopback": (
        with_table("api", "[api]\ntrusted_proxies = ['192.0.2.10']\n"),
        "trusted_proxies",
        "listens on loopback only, where none of these proxies can come from",
    ),
    "open to others without TLS": (with_table("api", "[api]\nlisten = '0.0.0.0:80'\n"), "listen", "without TLS"),
    "queue without agents": (
        with_table("queues", BASE["queues"] + "[[queues]]\nid = 'empty'\nservice = 'acme'\n"),
        "id = 'empty'",
        'no agent with the phone permission serves queue "empty"',
    ),
    "queue whose agents may not phone": (
        with_table("agents", agent("a1", "1001", 'queues = ["support"]\nphone_permission = false\n')),
        'id = "support"',
        "no agent with the phone permission",
    ),
    "outbound to nowhere": (
        with_table("services", "[[services]]\nid = 'acme'\n"),
        "[[services]]",
        "no number can be dialled",
    ),
    "password in a file": (
        with_table("asterisk", BASE["asterisk"] + "[asterisk.two]\nurl='http://h/ari'\npassword='x'\n"),
        "password='x'",
        "better kept in CTI_BRIDGE_ASTERISK__TWO__PASSWORD",
    ),
    "nobody": (with_table("agents", ""), None, "nobody can log in"),
    "outbound without a calling number": (
        with_table("calling_numbers", ""),
        "[[services]]",
        'no [[calling_numbers]] of service "acme" is "confirmed"',
    ),
    "outbound with calling numbers that may not be shown": (
        with_table("calling_numbers", BASE["calling_numbers"].replace("confirmed", "new")),
        "[[services]]",
        "so nobody can dial",
    ),
    "numbers of several countries and none of the PBX": (
        with_table("calling_numbers", BASE["calling_numbers"].replace("+8225551234", "+12025550199")),
        "[asterisk.main]",
        "without a country none without a plus can be read",
    ),
    "a prefix of another country than its code's": (
        with_table("services", '[[services]]\nid = "acme"\nallowed_prefixes = ["+82",\n "+1876"]\n'),
        '"+1876"]',
        'name allowed_regions = ["JM"]',
    ),
    "a prefix of premium numbers": (
        with_table("services", '[[services]]\nid = "acme"\nallowed_prefixes = ["+82",\n "+8260"]\n'),
        '"+8260"]',
        'name allowed_types = ["premium_rate"]',
    ),
    "a country code of satellites": (
        with_table("services", '[[services]]\nid = "acme"\nallowed_prefixes = ["+82",\n "+870"]\n'),
        '"+870"]',
        'name allowed_types = ["satellite"]',
    ),
    "queue whose agents are all at one of two PBXs": (
        with_table("agents", agent("a1", "1001", 'queues = ["support"]\nnode = "main"\n')).replace(
            "[asterisk.main]", "[asterisk.two]\nurl = 'http://192.0.2.2:8088/ari'\npassword = 'x'\n[asterisk.main]", 1
        ),
        'id = "support"',
        "a call that comes in at two reaches none of them",
    ),
    "ARI's address without ARI's path": (
        with_table("asterisk", BASE["asterisk"].replace("/ari", "")),
        "url =",
        'the address of ARI ends in "/ari"',
    ),
}


@pytest.mark.parametrize("case", WARNED)
def test_what_is_hardly_meant_is_warned_of_at_its_line(case: str, tmp_path: Path) -> None:
    text, at, expected = WARNED[case]
    found = problems(configuration(tmp_path, base=text))
    fitting = [problem for problem in found if expected in problem.text]
    assert fitting, [str(problem) for problem in found]
    assert {problem.severity for problem in found} == {"warning"}
    if at is not None:
        assert at in text.splitlines()[(fitting[0].place.line or 0) - 1]


MISNAMED = {
    "services": (with_table("services", BASE["services"].replace("services", "service")), "service"),
    "queues": (with_table("queues", BASE["queues"].replace("queues", "queue")), "queue"),
    "agents": (with_table("agents", BASE["agents"].replace("agents", "agent")), "agent"),
    "asterisk": (
        with_table("asterisk", BASE["asterisk"].replace("asterisk", "asterix"))
        + agent("a2", "1002", 'node = "main"\n'),
        "asterix",
    ),
}


@pytest.mark.parametrize("table", MISNAMED)
def test_given_a_misnamed_table_then_nothing_that_follows_from_it_is_said(table: str, tmp_path: Path) -> None:
    text, wrong = MISNAMED[table]
    directory = configuration(tmp_path, base=text)
    with pytest.raises(ConfigurationError) as refused:
        load_settings(directory / "cti_bridge.toml", {} if table == "asterisk" else ENVIRONMENT)
    texts = [problem.text for problem in refused.value.problems]
    expected = [f'unknown key "{wrong}"; did you mean "{table}"?']
    expected += ["there are no [[services]]"] * (table == "services")
    expected += ["there is no PBX, [asterisk.NAME]"] * (table == "asterisk")
    assert sorted(texts) == sorted(expected)


@pytest.mark.parametrize("table", ["queues", "services"])
def test_given_a_table_of_the_wrong_kind_then_no_name_is_said_to_be_missing(table: str, tmp_path: Path) -> None:
    text = with_table(table, f"[{table}]\nid = 'x'\n")
    texts = [problem.text for problem in problems(configuration(tmp_path, base=text))]
    assert not [text for text in texts if "there is no" in text]


KINDS = ("7", "1.5", "true", '"text"', "[]", '["text"]', "[[1]]", "{}", "{x = 1}", "2026-11-30", "[{}]")
"""A value of each kind that TOML has."""


@pytest.mark.parametrize("table", BASE)
def test_given_a_value_of_whatever_kind_then_it_is_refused_in_words_or_taken(table: str, tmp_path: Path) -> None:
    head, *lines = BASE[table].splitlines()
    for line in lines:
        key = line.partition(" ")[0]
        for kind in KINDS:
            changed = [f"{key} = {kind}" if other == line else other for other in lines]
            problems(configuration(tmp_path, base=with_table(table, "\n".join([head, *changed, ""]))))


def test_given_no_queue_at_all_then_the_scenario_that_names_one_is_refused(tmp_path: Path) -> None:
    text = with_table("queues", "").replace('queues = ["support"]', "")
    assert [p.text for p in problems(configuration(tmp_path, base=text))] == ['there is no queue "support"']


def test_what_is_wrong_with_one_of_a_list_is_said_without_a_stray_comma(tmp_path: Path) -> None:
    (problem,) = problems(configuration(tmp_path, "[api]\nallowed_origins = ['https://crm.example.com/']\n"))
    assert problem.text.startswith('"allowed_origins", entry 1: an origin is a scheme and a host')


def test_without_a_pbx_the_configuration_is_refused(tmp_path: Path) -> None:
    for number, asterisk in enumerate(("", "[asterisk]\n")):
        directory = configuration(tmp_path / str(number), base=with_table("asterisk", asterisk))
        with pytest.raises(ConfigurationError, match=r"there is no PBX, \[asterisk.NAME\]"):
            load_settings(directory / "cti_bridge.toml", {})


def test_given_many_faults_in_many_files_then_all_of_them_are_listed(tmp_path: Path) -> None:
    directory = configuration(
        tmp_path,
        "[policy]\nagent_lost_s = 0\n",
        **{
            "10.toml": "\n[[agents]]\ncti_id = 'a1'\nanswer = 'fone'\n",
            "20.toml": "[[queues]]\nid = 'support'\nservice = 'acne'\nmusik = 'x'\n",
        },
    )
    found = problems(directory, CTI_BRIDGE_API__LISTN="x")
    places = [(Path(problem.place.source).name, problem.place.line) for problem in found]
    assert ("10.toml", 4) in places
    assert ("20.toml", 3) in places
    assert ("20.toml", 4) in places
    assert ("CTI_BRIDGE_API__LISTN", None) in places
    assert any(name == "cti_bridge.toml" for name, _ in places)


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("CTI_BRIDGE_API__LISTN", "x", 'there is no setting "api.listn"; did you mean "listen"?'),
        ("CTI_BRIDGE_APY__LISTEN", "x", 'there is no setting "apy"; did you mean "api"?'),
        ("CTI_BRIDGE_API__", "x", "there is no setting"),
        ("CTI_BRIDGE_API__LISTEN__PORT", "1", 'there is no setting "api.listen.port"'),
        ("CTI_BRIDGE_API__LISTEN", "nowhere", "write HOST:PORT"),
        ("CTI_BRIDGE_POLICY__AGENT_LOST_S", "long", '"agent_lost_s" must be a number, not a text'),
        ("CTI_BRIDGE_POLICY__AGENT_LOST_S", "-3", '"agent_lost_s" must be greater than 0, not -3'),
        ("CTI_BRIDGE_POLICY__CANCEL_RESUMES", "maybe", '"cancel_resumes" must be true or false'),
        ("CTI_BRIDGE_API__ALLOWED_ORIGINS", "https://a", "that is not JSON"),
        ("CTI_BRIDGE_POLICY", "[", "that is not JSON"),
        ("CTI_BRIDGE_POLICY", '{"after_call": "x"}', '"after_call" must be'),
        ("CTI_BRIDGE_DATABASE__URL", "mysql://u:top-secret@h", "write the address as in"),
        ("CTI_BRIDGE_DATABASE__URL_FILE", "not-there", "cannot be read"),
    ],
)
def test_a_wrong_variable_is_refused_by_its_name(variable: str, value: str, expected: str, tmp_path: Path) -> None:
    found = [problem for problem in problems(configuration(tmp_path), **{variable: value}) if expected in problem.text]
    assert [str(problem.place) for problem in found] == [variable]
    assert "top-secret" not in str(found[0])


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("CTI_BRIDGE_DATABASE_URL", "CTI_BRIDGE_DATABASE__URL"),
        ("CTI_BRIDGE_SPOOLPATH", "CTI_BRIDGE_SPOOL__PATH"),
        ("CTI_BRIDGE_POLICY_AGENT_LOST_S", "CTI_BRIDGE_POLICY__AGENT_LOST_S"),
        ("CTI_BRIDGE_ASTERISK_MAIN_PASSWORD", "CTI_BRIDGE_ASTERISK__MAIN__PASSWORD"),
        ("CTI_BRIDGE_ASTERISK_NEW_YORK_AGENT_ENDPOINT", "CTI_BRIDGE_ASTERISK__NEW_YORK__AGENT_ENDPOINT"),
    ],
)
def test_a_variable_that_is_nearly_a_setting_is_warned_of_by_the_name_that_was_meant(
    variable: str, meant: str, tmp_path: Path
) -> None:
    (problem,) = problems(configuration(tmp_path), **{variable: "top-secret"})
    assert problem.severity == "warning"
    assert str(problem) == f'{variable}: warning: this is no setting, and is ignored; did you mean "{meant}"?'


def test_a_variable_like_no_setting_is_warned_of_and_those_of_others_are_not(tmp_path: Path) -> None:
    others = {f"CTI_BRIDGE_{name}": "x" for name in ("CONFIG", "VAR", "CACHE", "DEBIAN_MIRROR", "DEBUG")}
    (problem,) = problems(configuration(tmp_path), CTI_BRIDGE_XYZZY="x", **others)
    assert str(problem) == "CTI_BRIDGE_XYZZY: warning: this is no setting, and is ignored"


def test_a_file_that_is_no_toml_is_refused_at_its_line_and_the_others_too(tmp_path: Path) -> None:
    directory = configuration(tmp_path, **{"10.toml": "a = 1\nb = \n", "20.toml": "a = 1\na = 2\n", "30.toml": "x = ["})
    assert [(Path(p.place.source).name, p.place.line) for p in problems(directory)] == [
        ("10.toml", 2),
        ("20.toml", 2),
        ("30.toml", 1),
    ]


def test_a_file_that_is_not_utf_8_is_refused_at_its_line(tmp_path: Path) -> None:
    directory = configuration(tmp_path)
    (directory / "conf.d" / "10.toml").write_bytes(b'a = 1\nname = "M\xfcller"\n')
    assert [(p.place.line, p.text) for p in problems(directory)] == [(2, "this is not UTF-8, which TOML must be")]


def test_a_file_that_cannot_be_read_is_refused_and_nothing_is_said_to_be_missing(tmp_path: Path) -> None:
    assert [str(problem) for problem in problems(tmp_path)] == [
        f"{tmp_path / 'cti_bridge.toml'}: the file cannot be read: No such file or directory"
    ]
    directory = configuration(tmp_path / "b")
    (directory / "conf.d" / "10.toml").mkdir()
    assert [problem.text for problem in problems(directory)] == ["the file cannot be read: Is a directory"]


def test_a_certificate_with_its_key_is_taken_and_ends_the_warning(tmp_path: Path) -> None:
    directory = configuration(tmp_path, "[api]\nlisten = '0.0.0.0:80'\ntls_cert = 'c.pem'\ntls_key = 'k.pem'\n")
    certificate = make_certificate(directory, "x.example")
    certificate.cert.rename(directory / "c.pem")
    certificate.key.rename(directory / "k.pem")
    assert problems(directory) == []
    (directory / "k.pem").write_text("no key")
    (directory / "k.pem").chmod(stat.S_IRUSR)
    assert ["no certificate" in problem.text for problem in problems(directory)] == [True]


def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    directory = configuration(tmp_path)
    (file := directory / "conf.d" / "10.toml").symlink_to("/dev/zero")
    assert [p.text for p in problems(directory)] == ["the file cannot be read: it is no file, but a device"]
    file.unlink()
    os.mkfifo(file)
    assert [p.text for p in problems(directory)] == ["the file cannot be read: it is no file, but a FIFO"]
    file.rename(directory / "secret")
    file.write_text("[asterisk.main]\npassword_file = 'secret'\n[api]\ntls_cert = 'secret'\ntls_key = 'secret'\n")
    assert [p.text for p in problems(directory, CTI_BRIDGE_ASTERISK__MAIN__PASSWORD="")] == [
        f"{directory / 'secret'} cannot be read: it is no file, but a FIFO",
        "tls_cert or tls_key cannot be read: it is no file, but a FIFO",
    ]
    file.write_bytes(b"#" * (LARGEST + 1))
    (problem,) = problems(directory)
    assert problem.text.startswith("the file is too large:")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = " + "[" * 5000 + "]" * 5000, "this cannot be read: values stand too deep within each other"),
        ("a = " + "9" * 5000, "this is not TOML: Exceeds the limit"),
    ],
)
def test_a_value_that_no_program_can_read_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (problem,) = problems(configuration(tmp_path, **{"10.toml": text}))
    assert problem.text.startswith(said) and problem.place.source.endswith("10.toml")
    (problem, *_) = problems(configuration(tmp_path / "b"), CTI_BRIDGE_AGENTS="[" * 5000)
    assert problem.severity == "error"


def test_the_mark_of_windows_editors_is_no_text(tmp_path: Path) -> None:
    directory = configuration(tmp_path)
    (directory / "conf.d" / "10.toml").write_bytes(b"\xef\xbb\xbf[policy]\r\nnonsense = 'x'\r\n")
    assert [problem.place.line for problem in problems(directory)] == [2]


def test_a_conf_d_that_cannot_be_listed_is_refused_for_what_it_holds_would_seem_to_be_gone(tmp_path: Path) -> None:
    directory = configuration(tmp_path)
    (conf_d := directory / "conf.d").rmdir()
    assert problems(directory) == []
    conf_d.symlink_to(directory / "gone")
    assert [str(problem) for problem in problems(directory)] == [
        f"{conf_d}: the directory cannot be read: No such file or directory"
    ]
    conf_d.unlink()
    conf_d.write_text("")
    assert [problem.text for problem in problems(directory)] == ["the directory cannot be read: Not a directory"]
