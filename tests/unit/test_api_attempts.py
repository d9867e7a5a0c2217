"""How often a login may fail."""

from cti_bridge.api.attempts import Attempts


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_given_as_many_failures_as_allowed_then_the_next_must_wait_until_the_first_is_old() -> None:
    clock = Clock()
    attempts = Attempts(2, 60, clock)
    attempts.count("a1")
    clock.now += 10
    attempts.count("a1")
    assert attempts.wait_s("a1") == 50
    clock.now += 50
    assert attempts.wait_s("a1") == 0


def test_given_a_success_then_only_the_failures_count() -> None:
    attempts = Attempts(2, 60, Clock())
    for _ in range(10):
        attempts.count("a1")
        attempts.take_back("a1")
    attempts.count("a1")
    assert attempts.wait_s("a1") == 0


def test_given_one_key_is_exhausted_then_others_are_not() -> None:
    attempts = Attempts(1, 60, Clock())
    attempts.count("a1")
    assert attempts.wait_s("a1") > 0
    assert attempts.wait_s("a2") == 0


def test_given_more_keys_than_are_kept_then_the_quietest_is_forgotten() -> None:
    attempts = Attempts(1, 60, Clock(), most_keys=2)
    for key in ("first", "second", "third"):
        attempts.count(key)
    assert attempts.wait_s("first") == 0
    assert attempts.wait_s("second") > 0 < attempts.wait_s("third")


def test_given_more_attempts_than_are_allowed_then_the_wait_is_until_so_many_are_old() -> None:
    clock = Clock()
    attempts = Attempts(2, 60, clock)
    for _ in range(5):
        attempts.count("a1")
        clock.now += 1
    assert attempts.wait_s("a1") == 58
    clock.now += 58
    assert attempts.wait_s("a1") == 0


def test_given_an_attempt_beyond_the_limit_that_is_taken_back_then_the_failures_are_still_counted() -> None:
    attempts = Attempts(2, 60, Clock())
    for _ in range(2):
        attempts.count("a1")
    for _ in range(3):
        attempts.count("a1")
        attempts.take_back("a1")
    assert attempts.wait_s("a1") > 0
