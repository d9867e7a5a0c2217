"""Sections of Asterisk's files that the house may not name anew. Two sections of one name and type make Asterisk refuse
the whole file: no phone and no trunk would be there."""

import re
from collections.abc import Iterator, Mapping

_NAMED_BY_THE_HOUSE = {
    "pjsip.conf": ("cti/agents.conf", "a CTI number"),
    "musiconhold.conf": ("cti/music.conf", "a queue's music"),
    "ari.conf": ("cti/ari.conf", "ARI's username"),
}
"""By the file that includes it: the file whose sections have names of the configuration, and what those are."""
_SECTION = re.compile(r"^\[([^\]\n]+)\]", re.MULTILINE)
_INCLUDED = re.compile(r'^#include "([^"]+)"', re.MULTILINE)


def taken(files: Mapping[str, str]) -> Iterator[str]:
    """Yield, in words, each name of the configuration that a section of another kind has already. ``files`` are all
    files by their path below Asterisk's directory."""
    for main, (named, what) in _NAMED_BY_THE_HOUSE.items():
        others = [main, *(name for name in _INCLUDED.findall(files[main]) if name != named)]
        reserved = {section for name in others for section in _SECTION.findall(files.get(name, ""))}
        for section in dict.fromkeys(_SECTION.findall(files.get(named, ""))):
            if section in reserved:
                yield f'{what} is "{section}", which is a section of {main} already; choose another name'
