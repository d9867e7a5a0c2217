"""A message of the configuration: a sound of the PBX, a recording, or a text that is spoken.

A source is ``sound:NAME``, ``file:PATH`` or ``say:TEXT``; a message is one source, or one for each language. The core
carries a message as one text and does not look into it. It puts several into one with commas between them, as ARI does.
So the text of a message has no comma of its own: signs that mean something are written as in an address (``%2C``).
"""

import re
from collections.abc import Mapping
from urllib.parse import unquote

SOUND, FILE, SAY = "sound:", "file:", "say:"
LANGUAGES = "languages:"
"""Before the sources of a message that has one for each language."""
LONGEST_TEXT = 1_000
"""Characters; a minute and more."""

_LANGUAGE = re.compile(r"[a-z]{2,3}([_-][A-Za-z0-9]{2,8})?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def written(value: str | Mapping[str, str]) -> str:
    """Return the message of what stands in the configuration: a source, or a table of them by language. Raises
    ValueError, in words."""
    if isinstance(value, str):
        return _quoted(_source(value)) if value else ""
    if not value:
        raise ValueError('write a message for each language, as in { en = "say:Hello.", ko = "say:안녕하세요." }')
    for language, source in value.items():
        if _LANGUAGE.fullmatch(language) is None:
            raise ValueError(f'write a language, as in "en", not "{language}"')
        if not isinstance(source, str) or not source:
            raise ValueError(f'the message in "{language}" is missing')
    each = (f"{language}={_quoted(_source(source))}" for language, source in value.items())
    return LANGUAGES + "&".join(each)


def sources(message: str) -> dict[str, str]:
    """Return the sources by language. That of a message without languages stands under ""."""
    if not message.startswith(LANGUAGES):
        return {"": unquote(message)} if message else {}
    pairs = (each.partition("=") for each in message.removeprefix(LANGUAGES).split("&"))
    return {language: unquote(source) for language, _, source in pairs}


def source_in(message: str, language: str, house: str) -> str:
    """Return the source that a caller of this language hears; else that of the language of the house, else the first
    one."""
    found = sources(message)
    named = (found[each] for each in (language, base_of(language), house, base_of(house), "") if each in found)
    return next(named, next(iter(found.values()), ""))


def in_words(media: str, language: str, house: str) -> list[str]:
    """Return the sources of several messages with commas between them, as people write them."""
    return [source_in(one, language or house, house) for one in media.split(",")]


def base_of(language: str) -> str:
    """Return ``en`` of ``en_GB``."""
    return re.split("[_-]", language)[0]


def _source(text: str) -> str:
    for kind in (SAY, FILE):
        if text.startswith(kind):
            rest = text.removeprefix(kind).strip()
            if not rest or _CONTROL.search(rest):
                raise ValueError(f'write a {"text" if kind == SAY else "file"} in one line behind "{kind}"')
            if len(rest) > LONGEST_TEXT:
                raise ValueError(f"this text has {len(rest)} characters, more than {LONGEST_TEXT}")
            return kind + rest
    if not text.startswith(SOUND):
        known = '"sound:NAME", as in "sound:cti/welcome", as "file:PATH" or as "say:TEXT"'
        raise ValueError(f'write a message as {known}, not "{text}"')
    if any(letter.isspace() or letter in ",&?#" for letter in text) or text == SOUND:
        raise ValueError(f'"{text}" is not the name of a sound')
    return text


def _quoted(source: str) -> str:
    """The name of a sound stays as it is: it has none of these signs but ``%`` and ``=``."""
    for sign in "%,&=":
        source = source.replace(sign, f"%{ord(sign):02X}")
    return source
