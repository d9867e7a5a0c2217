"""The sounds that the bridge provides: which texts and recordings the configuration has, whether all can be made, and
whether callers of each language hear theirs (requirement H7)."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from pydantic import BaseModel

from cti_bridge.config.kinds import fields_with_media
from cti_bridge.config.languages import Languages, languages
from cti_bridge.config.lines import Path
from cti_bridge.config.merge import Merged
from cti_bridge.config.schema.sounds import SoundsSettings
from cti_bridge.config.schema.whole import Schema
from cti_bridge.domain.model.directory import Directory
from cti_bridge.sounds.message import FILE, SAY, SOUND, base_of, source_in, sources
from cti_bridge.sounds.provided import Provided
from cti_bridge.sounds.sentences import DIGITS, ENGLISH, sentences
from cti_bridge.sounds.speech import CannotMake, Made, Recorded, Spoken, lacking, make, recorded, voice_of

_TO_AGENTS = "agent_sound"
"""The message of queues that callers do not hear."""
AT_A_TIME = 2
"""Programs that speak beside each other: calls go on meanwhile."""


@dataclass(slots=True)
class Wanted:
    """``made`` is what the bridge provides, with ``places`` by its name, and ``on_pbx`` the sounds that a PBX must have
    in a language, as ``sound:NAME?LANGUAGE``."""

    made: dict[tuple[str, str], Made] = field(default_factory=dict)
    places: dict[str, Path] = field(default_factory=dict)
    on_pbx: set[str] = field(default_factory=set)

    def add(self, source: str, language: str, made: Made, path: Path) -> None:
        """Add what a caller of this language hears for the source."""
        self.made[source, language] = made
        self.places.setdefault(made.name, path)


def wanted_sounds(merged: Merged, settings: Schema, directory: Callable[[], Directory], base: FilePath) -> Wanted:
    """Return what the configuration wants, and add what is wrong to the problems of ``merged``. Relative paths are
    taken from ``base``."""
    wanted, house = Wanted(), settings.sounds.language
    if not _is_asked_for(settings):
        return wanted
    found = languages(directory())
    for path, message, spoken in _messages(settings, found):
        _message(merged, settings, wanted, base, path, message, {language or house for language in spoken or {""}})
    for language in sorted({house, *(language or house for language in found.all)}):
        _own(merged, settings, wanted, language)
    by_name = {made.name: made for made in wanted.made.values()}
    for name, path in wanted.places.items():
        made = by_name[name]
        if not (settings.sounds.directory / f"{name}.wav").is_file() and (why := lacking(made)):
            merged.error(path, why)
    if wanted.made and settings.api.tls_cert and not settings.sounds.listen and not settings.sounds.address:
        text = 'the PBX would fetch sounds by TLS here: set "listen" in [sounds], or "address" where it trusts [api]'
        merged.error(("api", "tls_cert"), text)
    return wanted


def _is_asked_for(settings: Schema) -> bool:
    """Return False where all messages are English sounds of the PBX: nothing is to be looked at then."""
    named = {scenario.language for scenario in settings.scenarios}
    named |= {step.language for scenario in settings.scenarios for step in scenario.steps.values()}
    tables = (settings.scenarios, settings.hours, settings.queues, settings.services)
    messages = (message for table in tables for _, message in _within(table, ()))
    return (
        settings.sounds != SoundsSettings(directory=settings.sounds.directory)
        or named != {None}
        or any(not message.startswith(SOUND) for message in messages)
    )


def make_sounds(merged: Merged, wanted: Wanted, directory: FilePath) -> None:
    """Make what is not made yet, and add what cannot be to the problems of ``merged``."""
    by_name = {made.name: made for made in wanted.made.values()}
    with ThreadPoolExecutor(AT_A_TIME, "sounds") as pool:
        jobs = {name: pool.submit(make, made, directory) for name, made in by_name.items()}
    for name, job in jobs.items():
        try:
            job.result()
        except CannotMake as error:
            merged.error(wanted.places[name], str(error))


def provided(settings: Schema, wanted: Wanted) -> Provided:
    """Return what the bridge provides."""
    return Provided(settings.sounds.directory, settings.sounds.language, wanted.made)


def _messages(settings: Schema, found: Languages) -> Iterator[tuple[Path, str, set[str]]]:
    """Yield each message with its path, and the languages of those who hear it."""
    for index, scenario in enumerate(settings.scenarios):
        for name, step in scenario.steps.items():
            for path, message in _within(step, ("scenarios", index, "steps", name)):
                yield path, message, found.at.get((scenario.name, name)) or {scenario.language or ""}
        for key in ("greeting", "on_longest_wait"):
            if message := getattr(scenario, key):
                yield ("scenarios", index, key), message, {scenario.language or ""}
    for path, message in _within(settings.hours, ("hours",)):
        yield path, message, found.of_hours.get(settings.hours[int(path[1])].id, set())
    for path, message in _within(settings.queues, ("queues",)):
        of_agents = path[-1] == _TO_AGENTS
        yield path, message, {""} if of_agents else found.of_queue.get(settings.queues[int(path[1])].id, set())
    for path, message in _within(settings.services, ("services",)):
        service = settings.services[int(path[1])]
        yield path, message, found.of_service.get(service.id, set()) | ({""} if service.outbound else set())


def _within(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Yield the messages in a value of the settings."""
    if isinstance(value, BaseModel):
        media = fields_with_media(type(value))
        for name in type(value).model_fields:
            child = getattr(value, name)
            if name in media:
                yield from _texts(child, (*path, name))
            elif isinstance(child, BaseModel | dict | list):
                yield from _within(child, (*path, name))
        return
    pairs = value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ())
    for key, child in pairs:
        yield from _within(child, (*path, key))


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str) and value:
        yield path, value
    for index, child in enumerate(value if isinstance(value, list) else ()):
        yield from _texts(child, (*path, index))


def _message(
    merged: Merged, settings: Schema, wanted: Wanted, base: FilePath, path: Path, message: str, spoken: set[str]
) -> None:
    there = sources(message)
    if "" in there and len(spoken) > 1 and there[""].startswith(SAY):
        example = ", ".join(f'{language} = "{SAY}…"' for language in sorted(spoken))
        text = f"callers hear this in several languages: write a text for each, {{ {example} }}"
        merged.error(path, text)
        return
    for language in sorted(spoken):
        if "" not in there and language not in there and base_of(language) not in there:
            merged.error(path, f'callers hear this in the language "{language}", and no message is in it')
            continue
        source = source_in(message, language, language)
        if source.startswith(SOUND):
            if base_of(language) != ENGLISH and (source, language) not in wanted.made:
                wanted.on_pbx.add(f"{source}?{language}")
            continue
        if made := _made(merged, settings, base, path, source, language):
            wanted.add(source, language, made, path)


def _made(merged: Merged, settings: Schema, base: FilePath, path: Path, source: str, language: str) -> Made | None:
    if source.startswith(SAY):
        return _spoken(settings, source.removeprefix(SAY), language)
    try:
        return recorded(base / source.removeprefix(FILE))
    except CannotMake as error:
        merged.error(path, str(error))
        return None


def _spoken(settings: Schema, text: str, language: str) -> Spoken:
    named = settings.sounds.languages.get(language)
    return Spoken(text, named.voice if named and named.voice else voice_of(language), language)


def _own(merged: Merged, settings: Schema, wanted: Wanted, language: str) -> None:
    """Add the bridge's own sentences in a language. English ones are sounds of the PBX."""
    named = settings.sounds.languages.get(language)
    english = (*sentences()[ENGLISH], *DIGITS)
    if named is not None and named.on_pbx:
        wanted.on_pbx |= {f"{sound}?{language}" for sound in english}
        return
    directory = named.recordings if named is not None else None
    own = _recordings(merged, directory, ("sounds", "languages", language, "recordings"), english)
    is_english = base_of(language) == ENGLISH
    texts = {} if is_english else (sentences().get(language) or sentences().get(base_of(language), {}))
    path = _first(settings, language)
    for sound in english:
        if sound in own:
            wanted.add(sound, language, own[sound], ("sounds", "languages", language, "recordings"))
        elif sound in texts:
            wanted.add(sound, language, _spoken(settings, texts[sound], language), path)
    missing = [sound for sound in english if (sound, language) not in wanted.made]
    if missing and not is_english:
        name = missing[0].removeprefix(SOUND).removeprefix("cti/")
        text = (
            f'the bridge has no sentences in "{language}", and callers would hear them in English: record them '
            f"({name}.wav … in the directory sounds.languages.{language}.recordings), or set on_pbx there if the PBX "
            "has them"
        )
        merged.error(path, text)
    wanted.on_pbx = {one for one in wanted.on_pbx if tuple(one.split("?")) not in wanted.made}


def _recordings(merged: Merged, directory: FilePath | None, path: Path, sounds: Iterable[str]) -> dict[str, Recorded]:
    """Return the recordings in the directory, by the sound whose place they take."""
    if directory is None:
        return {}
    if not directory.is_dir():
        merged.error(path, f"{directory} is no directory")
        return {}
    found: dict[str, Recorded] = {}
    for sound in sounds:
        file = directory / f"{sound.removeprefix(SOUND).removeprefix('cti/')}.wav"
        try:
            if file.exists():
                found[sound] = recorded(file)
        except CannotMake as error:
            merged.error(path, str(error))
    return found


def _first(settings: Schema, language: str) -> Path:
    """Return the first place that names the language."""
    for index, scenario in enumerate(settings.scenarios):
        if scenario.language == language:
            return "scenarios", index, "language"
        for name, step in scenario.steps.items():
            if step.language == language:
                return "scenarios", index, "steps", name, "language"
    return "sounds", "language"
