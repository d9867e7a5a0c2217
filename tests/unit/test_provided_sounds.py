"""Texts and recordings of the configuration: how they are written, what is refused with file and line, what each caller
hears, and what is made of them."""

import os
import shutil
import wave
from pathlib import Path

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_bridge.app import App
from cti_bridge.config.languages import languages
from cti_bridge.settings import Settings, load_settings
from cti_bridge.sounds import speech
from cti_bridge.sounds.message import in_words, source_in, sources, written
from cti_bridge.sounds.provided import AtPbx, Provided
from cti_bridge.sounds.sentences import sentences
from cti_bridge.sounds.speech import CannotMake, Recorded, Spoken, make, recorded
from tests.support.certificates import make_certificate
from tests.support.configuration import BASE, ENVIRONMENT, configuration, problems

NOWHERE = {"CTI_BRIDGE_DATABASE__URL": "postgresql://cti@127.0.0.1:9/nowhere"}
SPEAKS = pytest.mark.skipif(
    not (shutil.which("espeak-ng") and shutil.which("sox")), reason="espeak-ng and sox are not installed"
)
TEXTS = st.text(
    st.characters(min_codepoint=33, max_codepoint=0xD7FF, exclude_characters="\x7f"), min_size=1, max_size=40
)


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """All programs are there, and have all voices that are asked for."""
    monkeypatch.setattr(speech, "voices", lambda: frozenset({"en-us", "en-gb", "ko", "de", "fr-fr", "es", "ja"}))
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")


@pytest.fixture
def no_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "voices", frozenset)
    monkeypatch.setattr(shutil, "which", lambda name: None)


def scenario(steps: str, more: str = "") -> str:
    head = f'[[scenarios]]\nid = "s"\nservice = "acme"\nnumbers = ["+8225550000"]\nstart = "a"\n{more}'
    return "".join({**BASE, "scenarios": head + steps}.values())


def loaded(tmp_path: Path, steps: str, more: str = "", behind: str = "") -> Settings:
    directory = configuration(tmp_path, behind, base=scenario(steps, more))
    return load_settings(directory / "cti_bridge.toml", ENVIRONMENT)


def told(tmp_path: Path, steps: str, more: str = "", behind: str = "") -> list[str]:
    directory = configuration(tmp_path, behind, base=scenario(steps, more))
    return [str(problem).removeprefix(f"{tmp_path}/") for problem in problems(directory) if problem.severity == "error"]


def tone(path: Path, *, rate: int = 8000, width: int = 2, channels: int = 1, frames: int = 800) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(width)
        sound.setframerate(rate)
        sound.writeframes(bytes(range(256)) * (frames * width * channels // 256 + 1))
    return path


def step(sound: str, name: str = "a") -> str:
    return f'[scenarios.steps.{name}]\ndo = "hangup"\nsound = {sound}\n'


# ---- how they are written


@given(st.dictionaries(st.sampled_from(["en", "ko", "de_AT", "fr"]), TEXTS, min_size=1))
def test_a_message_in_languages_comes_back_as_it_was_written_and_has_no_comma(texts: dict[str, str]) -> None:
    wanted = {language: f"say:{text.strip()}" for language, text in texts.items() if text.strip()}
    if wanted:
        message = written(wanted)
        assert sources(message) == wanted
        assert "," not in message
        assert in_words(f"{message},sound:cti/confirm", "ko", "en")[1] == "sound:cti/confirm"


@given(TEXTS)
def test_a_text_comes_back_as_it_was_written_and_has_no_comma(text: str) -> None:
    if text.strip():
        message = written(f"say:{text}")
        assert (sources(message), "," in message) == ({"": f"say:{text.strip()}"}, False)


@pytest.mark.parametrize("name", ["sound:cti/welcome", "sound:a%20b=c"])
def test_the_name_of_a_sound_reaches_the_pbx_as_it_is(name: str) -> None:
    assert AtPbx().media(written(name), "") == name or "%" in name
    assert sources(written(name)) == {"": name}


@pytest.mark.parametrize(
    ("sound", "words"),
    [
        ('"hello"', 'as "sound:NAME", as in "sound:cti/welcome", as "file:PATH" or as "say:TEXT"'),
        ('"say: "', "write a text in one line"),
        ('"file:"', "write a file in one line"),
        ('"sound:a b"', "is not the name of a sound"),
        ("{}", "for each language"),
        ('{ english = "say:x" }', 'write a language, as in "en"'),
        ('{ en = "" }', 'the message in "en" is missing'),
        ("5", "must be a text"),
    ],
)
def test_a_message_that_is_written_wrongly_is_refused_with_its_line(tmp_path: Path, sound: str, words: str) -> None:
    (problem,) = told(tmp_path, step(sound))
    assert problem.startswith("cti_bridge.toml:") and words in problem


# ---- what each caller hears


def test_a_caller_hears_their_language_else_that_of_the_house_else_any() -> None:
    message = written({"ko": "say:가", "en": "say:a"})
    heard = [source_in(message, language, "en") for language in ("ko", "ko_KR", "fr", "")]
    assert heard == ["say:가", "say:가", "say:a", "say:a"]
    assert source_in(written({"ko": "say:가"}), "fr", "en") == "say:가"


def test_the_languages_at_a_step_are_those_of_the_ways_that_lead_there(tmp_path: Path) -> None:
    steps = """
[scenarios.steps.a]
do = "menu"
sound = "sound:x"
keys = { 1 = "korean", 2 = "wait" }
otherwise = "wait"
[scenarios.steps.korean]
do = "set"
language = "ko"
next = "wait"
[scenarios.steps.wait]
do = "queue"
queue = "support"
longest_wait = "bye"
[scenarios.steps.bye]
do = "hangup"
"""
    off = "[sounds.languages.ko]\non_pbx = true\n"
    found = languages(loaded(tmp_path, steps, behind=off).directory())
    assert {name: found.at["s", name] for name in ("a", "korean", "wait", "bye")} == {
        "a": {""}, "korean": {""}, "wait": {"", "ko"}, "bye": {"", "ko"},
    }  # fmt: skip
    assert found.of_queue == {"support": {"", "ko"}}


TWO = """
[scenarios.steps.a]
do = "menu"
sound = "say:For English press 1. 한국어는 이번."
keys = { 2 = "korean" }
otherwise = "bye"
[scenarios.steps.korean]
do = "set"
language = "ko"
next = "bye"
"""


@pytest.mark.usefixtures("programs")
def test_what_agents_hear_is_in_the_language_of_the_house_whatever_callers_speak(tmp_path: Path) -> None:
    waits = '[scenarios.steps.a]\ndo = "queue"\nqueue = "support"\nlongest_wait = "bye"\n' + step('"say:안녕."', "bye")
    queue = BASE["queues"] + 'agent_sound = "say:Sales."\n'
    base = scenario(waits, 'language = "ko"\n').replace(BASE["queues"], queue)
    settings = load_settings(configuration(tmp_path, base=base) / "cti_bridge.toml", ENVIRONMENT)
    assert settings.directory().queues["support"].agent_sound == "say:Sales."
    made = settings.sounds_provided().made
    assert {language for source, language in made if source == "say:Sales."} == {"en"}
    assert {language for source, language in made if source == "say:안녕."} == {"ko"}


@pytest.mark.usefixtures("programs")
def test_a_text_that_is_heard_in_two_languages_is_refused_and_one_that_only_one_hears_is_not(tmp_path: Path) -> None:
    (problem,) = told(tmp_path, TWO + step('"say:Bye."', "bye"))
    assert 'in several languages: write a text for each, { en = "say:…", ko = "say:…" }' in problem
    line = int(problem.split(":")[1])
    assert 'sound = "say:Bye."' in (tmp_path / "cti_bridge.toml").read_text().splitlines()[line - 1]
    assert told(tmp_path, TWO + step('{ en = "say:Bye.", ko = "say:안녕." }', "bye")) == []


@pytest.mark.usefixtures("programs")
def test_a_language_without_its_text_is_refused_and_nobody_falls_back_to_english(tmp_path: Path) -> None:
    (problem,) = told(tmp_path, TWO + step('{ en = "say:Bye." }', "bye"))
    assert 'callers hear this in the language "ko", and no message is in it' in problem
    (problem,) = told(tmp_path, step('"sound:x"'), 'language = "it"\n')
    assert 'the bridge has no sentences in "it"' in problem and problem.startswith("cti_bridge.toml:")
    assert told(tmp_path, step('"sound:x"'), 'language = "it"\n', "[sounds.languages.it]\non_pbx = true\n") == []


@pytest.mark.usefixtures("programs")
def test_a_scenario_in_another_language_has_the_bridges_own_sentences_and_digits_in_it(tmp_path: Path) -> None:
    settings = loaded(tmp_path, step('"sound:acme/x"'), 'language = "ko"\n')
    at_pbx = AtPbx(settings.sounds_provided(), "http://192.0.2.1:80")
    digit = Spoken("사", "ko", "ko")
    heard = at_pbx.media("sound:digits/4,sound:cti/confirm", "ko").split(",")
    assert heard[0] == f"sound:http://192.0.2.1:80/sounds/{digit.name}.wav"
    assert heard[1].startswith("sound:http://192.0.2.1:80/sounds/")
    assert at_pbx.media("sound:digits/4,sound:cti/confirm", "en") == "sound:digits/4,sound:cti/confirm"
    assert "sound:acme/x?ko" in settings.media()


@pytest.mark.usefixtures("programs")
def test_a_plain_text_is_spoken_in_the_language_of_those_who_hear_it_by_the_voice_of_the_house(tmp_path: Path) -> None:
    behind = '[sounds.languages.de]\nvoice = "flite/slt"\n'
    settings = loaded(tmp_path, step('"say:Hallo, Welt."'), 'language = "de"\n', behind)
    made = settings.sounds_provided().made["say:Hallo, Welt.", "de"]
    assert made == Spoken("Hallo, Welt.", "flite/slt", "de")


def test_the_bridges_sentences_in_all_languages_are_the_same_ones() -> None:
    english = sentences()["en"]
    digits = {f"sound:digits/{digit}" for digit in range(10)}
    assert set(sentences()) == {"en", "de", "es", "fr", "ko"}
    assert all(set(texts) - digits == set(english) for texts in sentences().values())
    assert all(digits <= set(texts) for language, texts in sentences().items() if language != "en")


@pytest.mark.usefixtures("programs")
def test_recordings_of_the_house_take_the_place_of_the_sentences_one_by_one(tmp_path: Path) -> None:
    tone(tmp_path / "own" / "goodbye.wav")
    tone(tmp_path / "own" / "digits" / "4.wav")
    behind = '[sounds.languages.en]\nrecordings = "own"\n'
    provided = loaded(tmp_path, step('"sound:x"'), behind=behind).sounds_provided()
    assert {source for source, _ in provided.made} == {"sound:cti/goodbye", "sound:digits/4"}
    (problem,) = told(tmp_path, step('"sound:x"'), behind='[sounds.languages.en]\nrecordings = "none"\n')
    assert "is no directory" in problem


def test_a_call_of_an_earlier_configuration_whose_recording_is_gone_gets_a_sound_that_fails_at_once() -> None:
    provided = Provided(made={("say:a", "en"): Spoken("a", "en-us", "en")})
    assert AtPbx(provided, "http://x").media("file:gone.wav,sound:cti/welcome", "") == (
        "sound:cti/not-there-any-more,sound:cti/welcome"
    )


# ---- what is refused


@pytest.mark.usefixtures("no_programs")
def test_a_text_without_a_synthesiser_is_refused_with_its_line_and_no_text_needs_none(tmp_path: Path) -> None:
    (problem,) = told(tmp_path, step('"say:Hello."'))
    assert "espeak-ng and sox (apt-get install espeak-ng sox)" in problem and problem.startswith("cti_bridge.toml:")
    assert told(tmp_path, step('"sound:hello"')) == []
    tone(tmp_path / "menu.wav")
    assert told(tmp_path, step('"file:menu.wav"')) == []
    tone(tmp_path / "menu.wav", rate=44100)
    (problem,) = told(tmp_path, step('"file:menu.wav"'))
    assert "is not of 8000 Hz, 16 bits and one channel, and sox is not installed" in problem


def test_a_synthesiser_that_is_installed_while_the_bridge_runs_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (problem,) = told(tmp_path, step('"say:Hello."'))
    assert "to speak this text takes espeak-ng and sox" in problem
    (tmp_path / "bin").mkdir()
    said = "Pty Language Age VoiceName File\\n 2 en-us --/M English gmw/en-US\\n 5 ja --/F x mb/mb-jp1\\n"
    for name in ("espeak-ng", "sox"):
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\nprintf '{said}'\n")
        (tmp_path / "bin" / name).chmod(0o755)
    assert told(tmp_path, step('"say:Hello."')) == []
    assert speech.voices() == {"en-us"}, "voices of mbrola need a program more"


@pytest.mark.usefixtures("no_programs")
def test_a_text_that_was_made_already_needs_no_synthesiser(tmp_path: Path) -> None:
    made = tmp_path / "var" / "sounds" / f"{Spoken('Hello.', 'en-us', 'en').name}.wav"
    tone(made)
    assert told(tmp_path, step('"say:Hello."')) == []


@pytest.mark.usefixtures("programs")
def test_an_unknown_voice_and_kanji_are_refused(tmp_path: Path) -> None:
    (problem,) = told(tmp_path, step('"say:Hi."'), behind='[sounds.languages.en]\nvoice = "xx"\n')
    assert 'espeak-ng has no voice "xx"' in problem
    behind = "[sounds.languages.ja]\non_pbx = true\n"
    (problem,) = told(tmp_path, step('"say:電話です。"'), 'language = "ja"\n', behind)
    assert "write kana" in problem
    assert told(tmp_path, step('"say:でんわです。"'), 'language = "ja"\n', behind) == []


CUT_OFF = b"RIFF\x18\0\0\0WAVELIST\xff\0\0\0INFOabcd"
"""Within what stands before the sound."""


@pytest.mark.parametrize("content", [b"", b"hello", b"RIFF\x04\x00\x00\x00WAVE", CUT_OFF])
def test_a_recording_that_is_none_is_refused_with_its_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "menu.wav").write_bytes(content)
    (problem,) = told(tmp_path, step('"file:menu.wav"'))
    assert "menu.wav is no WAV file with PCM" in problem and problem.startswith("cti_bridge.toml:")


def test_a_recording_that_is_missing_or_empty_is_refused_with_its_line(tmp_path: Path) -> None:
    (problem,) = told(tmp_path, step('"file:menu.wav"'))
    assert "menu.wav cannot be read: No such file or directory" in problem
    with wave.open(str(tmp_path / "menu.wav"), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
    (problem,) = told(tmp_path, step('"file:menu.wav"'))
    assert "menu.wav holds no sound" in problem


@pytest.mark.timeout(10)
def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "menu.wav")
    (problem,) = told(tmp_path, step('"file:menu.wav"'))
    assert "menu.wav cannot be read: it is no file, but a FIFO" in problem


@pytest.mark.usefixtures("programs")
def test_texts_with_a_certificate_of_the_api_need_a_way_without_it(tmp_path: Path) -> None:
    made = make_certificate(tmp_path, "localhost")
    api = f'[api]\ntls_cert = "{made.cert}"\ntls_key = "{made.key}"\n'
    assert any('set "listen" in [sounds]' in one for one in told(tmp_path, step('"say:Hi."'), behind=api))
    behind = f'{api}[sounds]\nlisten = "127.0.0.1:0"\n'
    assert not any('set "listen"' in one for one in told(tmp_path, step('"say:Hi."'), behind=behind))


# ---- what is made


def test_what_differs_in_text_language_or_voice_has_another_name() -> None:
    same = {Spoken(*given).name for given in [("a", "v", "l"), ("b", "v", "l"), ("a", "w", "l"), ("a", "v", "m")]}
    assert len(same) == 4 and all(len(name) == 64 for name in same)


@SPEAKS
def test_a_text_is_spoken_into_the_form_of_telephones_once_and_the_same_each_time(tmp_path: Path) -> None:
    spoken = Spoken("Please hold the line.", "en-us", "en")
    make(spoken, tmp_path / "one")
    (file,) = (tmp_path / "one").iterdir()
    found = recorded(file)
    with wave.open(str(file)) as sound:
        assert 1 < sound.getnframes() / 8000 < 4
    assert (file.stem, found.fits) == (spoken.name, True)
    made_at = file.stat().st_mtime_ns
    make(spoken, tmp_path / "one")
    assert file.stat().st_mtime_ns == made_at
    make(spoken, tmp_path / "two")
    assert (tmp_path / "two" / file.name).read_bytes() == file.read_bytes()


@SPEAKS
@pytest.mark.parametrize("language", ["de", "es", "fr", "ko"])
def test_the_bridges_sentences_are_spoken_in_each_of_its_languages(tmp_path: Path, language: str) -> None:
    text = sentences()[language]["sound:cti/position-1"]
    make(Spoken(text, speech.voice_of(language), language), tmp_path)
    (file,) = tmp_path.iterdir()
    assert file.stat().st_size > 16_000


@SPEAKS
def test_a_recording_of_another_form_is_brought_into_that_of_telephones(tmp_path: Path) -> None:
    source = recorded(tone(tmp_path / "in.wav", rate=44100, channels=2, frames=44100))
    make(source, tmp_path / "made")
    found = recorded(tmp_path / "made" / f"{source.name}.wav")
    with wave.open(str(found.path)) as sound:
        assert (found.fits, round(sound.getnframes() / 8000, 1)) == (True, 1.0)


def test_a_recording_that_fits_stays_as_it_is_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    source = recorded(tone(tmp_path / "in.wav"))
    make(source, tmp_path / "made")
    (file,) = (tmp_path / "made").iterdir()
    assert file.read_bytes() == (tmp_path / "in.wav").read_bytes()


def test_a_directory_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "made").write_text("a file")
    with pytest.raises(CannotMake, match="cannot be written"):
        make(Recorded(tone(tmp_path / "in.wav"), "x", True), tmp_path / "made")


def test_a_program_that_fails_is_told_in_its_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    for name in ("espeak-ng", "sox"):
        (bin_ / name).write_text("#!/bin/sh\necho 'out of memory' >&2\nexit 3\n")
        (bin_ / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(bin_))
    monkeypatch.setattr(speech, "voices", lambda: frozenset({"en-us"}))
    with pytest.raises(CannotMake, match="espeak-ng has failed: out of memory"):
        make(Spoken("Hi.", "en-us", "en"), tmp_path / "made")
    assert list((tmp_path / "made").iterdir()) == []


# ---- where they are served


@pytest.mark.parametrize("listen", ["", '[sounds]\nlisten = "127.0.0.1:0"\n'])
async def test_sounds_are_served_where_the_api_is_or_at_an_address_of_their_own(tmp_path: Path, listen: str) -> None:
    tone(tmp_path / "menu.wav")
    behind = f'[spool]\npath = "spool.db"\n[api]\nlisten = "127.0.0.1:0"\n{listen}'
    path = configuration(tmp_path, behind, base=scenario(step('"file:menu.wav"'))) / "cti_bridge.toml"
    settings = load_settings(path, {**ENVIRONMENT, **NOWHERE}, sounds=True)
    async with App(settings) as app, aiohttp.ClientSession() as session:
        at_pbx = app._sounds_of(settings, "main")
        assert (at_pbx.base == f"http://127.0.0.1:{app.address[1]}") is not bool(listen)
        (address,) = at_pbx.addresses()
        async with session.get(address) as response:
            assert (response.status, await response.read()) == (200, (tmp_path / "menu.wav").read_bytes())
            assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        async with session.get(f"{at_pbx.base}/api/v1/me") as response:
            assert response.status == (404 if listen else 401)


def test_each_pbx_may_reach_the_bridge_under_an_address_of_its_own(tmp_path: Path) -> None:
    (problem,) = told(tmp_path, step('"sound:x"'), behind='[sounds]\naddress = "192.0.2.1:80"\n')
    assert 'write it as in "http://192.0.2.10:8080"' in problem
    made = Provided(made={("file:a.wav", "en"): Recorded(Path("a.wav"), "x", True)})
    heard = {AtPbx(made, base).media("file:a.wav", "") for base in ("http://192.0.2.1:80", "http://198.51.100.1:80")}
    assert len(heard) == 2
