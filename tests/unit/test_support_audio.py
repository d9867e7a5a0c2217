"""The measures by which acceptance tests judge what was heard, on signals whose content is known."""

from pathlib import Path

import numpy as np
import pytest

from tests.support.audio import RATE, Recording, Samples, silence, tone


def recorded(*parts: Samples, began_at: float = 100.0) -> Recording:
    recording = Recording()
    samples = np.concatenate(parts)
    recording.append(samples.tobytes(), began_at + len(samples) / RATE)
    return recording


def test_given_one_tone_then_it_is_heard_and_no_other() -> None:
    recording = recorded(tone(700, 1))
    assert recording.hears(700)
    assert all(recording.hears_nothing_of(hz) for hz in range(400, 3300, 50) if hz != 700)


def test_given_two_tones_mixed_then_both_are_heard_and_no_third() -> None:
    recording = recorded(tone(700, 1) + tone(750, 1))
    assert recording.hears(700)
    assert recording.hears(750)
    assert recording.hears_nothing_of(800)


def test_given_noise_then_no_tone_is_heard_and_it_is_not_silent() -> None:
    noise = np.random.default_rng(7).normal(0, 800, RATE).astype(np.int16)
    recording = recorded(noise)
    assert recording.hears_nothing_of(700)
    assert recording.longest_silence() == 0


def test_given_a_tone_under_noise_then_it_is_heard() -> None:
    noise = np.random.default_rng(7).normal(0, 800, RATE).astype(np.int16)
    assert recorded(tone(700, 1) + noise).hears(700)


def test_given_a_hole_then_its_length_is_measured() -> None:
    recording = recorded(tone(700, 1), silence(0.3), tone(700, 1))
    assert recording.longest_gap(700) == pytest.approx(0.3, abs=0.02)
    assert recording.longest_silence() == pytest.approx(0.3, abs=0.02)
    assert recording.longest_gap(700, until=101.0) == 0


def test_given_another_tone_in_the_hole_then_there_is_a_gap_but_no_silence() -> None:
    recording = recorded(tone(700, 1), tone(900, 0.3), tone(700, 1))
    assert recording.longest_gap(700) == pytest.approx(0.3, abs=0.02)
    assert recording.longest_silence() == 0


def test_given_a_tone_between_others_then_its_begin_and_end_are_found() -> None:
    recording = recorded(silence(0.5), tone(700, 0.06), tone(900, 0.44), tone(700, 1), silence(0.5))
    assert recording.tone_began(700) == pytest.approx(101.0, abs=0.02)
    assert recording.tone_ended(700) == pytest.approx(102.0, abs=0.02)
    assert recording.tone_began(1100) is None
    assert recording.tone_ended(1100) is None


def test_given_audio_that_comes_late_then_the_hole_is_in_the_recording() -> None:
    recording = Recording()
    recording.append(tone(700, 0.2).tobytes(), 100.2)
    recording.append(tone(700, 0.2).tobytes(), 100.7)
    assert recording.longest_gap(700) == pytest.approx(0.3, abs=0.02)
    assert recording.ended_at == pytest.approx(100.7)


def test_given_a_reader_that_was_late_but_lost_nothing_then_there_is_no_hole() -> None:
    recording = Recording()
    recording.append(tone(700, 0.2).tobytes(), 100.2)
    recording.append(tone(700, 0.5).tobytes(), 100.7)
    assert recording.longest_gap(700) == 0


def test_given_a_range_beyond_the_recording_then_it_is_silent_there() -> None:
    recording = recorded(tone(700, 1))
    assert recording.longest_silence(since=99.5, until=101.7) == pytest.approx(0.7, abs=0.02)
    assert Recording().longest_silence(since=0.0, until=2.0) == pytest.approx(2.0)


def test_given_a_wav_file_then_it_reads_back_the_same(tmp_path: Path) -> None:
    recorded(tone(700, 1)).save(tmp_path / "a.wav")
    assert Recording.load(tmp_path / "a.wav").hears(700)


@pytest.mark.parametrize("hz", [0, 725, 4000, -50])
def test_given_a_tone_that_could_not_be_told_from_others_then_it_is_refused(hz: int) -> None:
    with pytest.raises(ValueError, match="not a multiple"):
        tone(hz, 1)
