"""The parts of a bridge with a spare that need neither Postgres nor a PBX: the fence, the judgement of who would serve
more, and who may open a PBX's socket."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from cti_bridge.ari.errors import PbxProblem, PbxUnreachable
from cti_bridge.ari.gatekeeper import NotActing
from cti_bridge.spare.admission import SURE_S, Admission, Mark, mark_of
from cti_bridge.spare.fence import BEAT_S, STILL_S, Fence
from cti_bridge.spare.holding import FEWER_FOR_S, NONE_FOR_S, Holding
from cti_bridge.spare.lease import LeaseUnknown, Note, Notes, Phase, steady

STOPPED_S = STILL_S + BEAT_S + 0.1
TURN_S = STILL_S / 2


class Time:
    """Steady seconds that go on as they are told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Asked:
    """The question who acts, whose answers are given by the test."""

    def __init__(self) -> None:
        self.times = 0
        self.answers: asyncio.Queue[bool] = asyncio.Queue()

    async def __call__(self) -> bool:
        self.times += 1
        return await self.answers.get()


async def a_turn() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_given_a_loop_that_turns_then_the_fence_is_open() -> None:
    time, acts = Time(), Asked()
    fence = Fence(acts, time)
    time.now += TURN_S
    assert not fence.closed
    assert await fence.passed()
    assert acts.times == 0


async def test_given_a_loop_that_stood_still_then_nothing_passes_before_it_is_known_that_this_bridge_acts() -> None:
    time, acts = Time(), Asked()
    fence = Fence(acts, time)
    time.now += STOPPED_S
    assert fence.closed, "at the very first look, whoever looks"
    passing = asyncio.create_task(fence.passed())
    await a_turn()
    assert not passing.done() and fence.closed
    acts.answers.put_nowait(True)
    assert await passing
    assert not fence.closed
    assert (acts.times, fence.stops) == (1, 1)


async def test_given_another_bridge_that_acts_then_nothing_passes_any_more() -> None:
    time, acts = Time(), Asked()
    fence = Fence(acts, time)
    time.now += STOPPED_S
    passing = [asyncio.create_task(fence.passed()) for _ in range(3)]
    acts.answers.put_nowait(False)
    assert await asyncio.gather(*passing) == [False, False, False]
    assert fence.closed
    assert not await fence.passed()


async def test_given_a_second_stop_while_it_asks_then_that_answer_does_not_count() -> None:
    time, acts = Time(), Asked()
    fence = Fence(acts, time)
    time.now += STOPPED_S
    passing = asyncio.create_task(fence.passed())
    await a_turn()
    time.now += STOPPED_S
    acts.answers.put_nowait(True)
    await a_turn()
    assert acts.times == 2 and not passing.done()
    acts.answers.put_nowait(False)
    assert not await passing


async def test_given_a_question_that_fails_then_nothing_passes() -> None:
    async def fails() -> bool:
        raise RuntimeError("as a fault of ours")

    time = Time()
    fence = Fence(fails, time)
    time.now += STOPPED_S
    assert not await fence.passed()


async def test_given_a_fence_that_is_shut_while_it_asks_then_those_who_wait_are_let_go() -> None:
    time, acts = Time(), Asked()
    fence = Fence(acts, time)
    time.now += STOPPED_S
    passing = asyncio.create_task(fence.passed())
    await a_turn()
    fence.shut()
    acts.answers.put_nowait(True)
    assert not await passing


class FakeLease:
    """Answers as it is told: True, False, or None for a Postgres that is away."""

    def __init__(self, *answers: bool | None) -> None:
        self.holder, self.term, self.fault, self.held_until = "a", 7, None, -1.0
        self.answers, self.asked = list(answers), 0
        self.spares: tuple[Note, ...] = ()

    async def renew(self, reaches: Any, phase: Phase) -> bool:
        self.asked += 1
        answer = self.answers.pop(0)
        if answer is None:
            raise LeaseUnknown("away")
        return answer

    async def read(self) -> Notes:
        return Notes(None, self.spares)


def spare(*reaches: str, phase: Phase = Phase.WARM, left_s: float = 2.0, holder: str = "b") -> Note:
    return Note(f"spare {holder}", holder, 7, left_s, reaches, phase)


def holding(lease: Any, *mine: str) -> tuple[Holding, list[str]]:
    made = Holding(lease)
    told: list[str] = []
    made.reaches = lambda: mine
    made.better = told.append
    made.lost = lambda: told.append("lost")
    made.phase = Phase.ACTIVE
    return made, told


@pytest.mark.parametrize(
    ("mine", "spares", "after_s"),
    [
        ((), [spare("main")], NONE_FOR_S),
        (("main",), [spare("main", "west")], FEWER_FOR_S),
        (("main",), [spare("main")], None),
        (("main", "west"), [spare("main")], None),
        ((), [], None),
        ((), [spare()], None),
        ((), [spare("main", phase=Phase.LOADING)], None),
        ((), [spare("main", left_s=-1.0)], None),
        ((), [spare("main", holder="a")], None),
    ],
)
async def test_a_bridge_hands_over_to_a_warm_spare_that_would_serve_more(
    mine: tuple[str, ...], spares: list[Note], after_s: float | None
) -> None:
    lease = FakeLease(True)
    lease.spares = tuple(spares)
    made, told = holding(lease, *mine)
    assert await made.look()
    for at in (0.0, NONE_FOR_S - 0.1, NONE_FOR_S, FEWER_FOR_S - 0.1, FEWER_FOR_S, 60.0):
        made.judge(100.0 + at)
        assert len(told) == int(after_s is not None and at >= after_s), at


async def test_given_a_pbx_that_comes_back_in_time_then_nobody_hands_over() -> None:
    lease = FakeLease(True)
    lease.spares = (spare("main"),)
    made, told = holding(lease)
    await made.look()
    made.judge(100.0)
    made.reaches = lambda: ["main"]
    made.judge(102.0)
    made.reaches = list
    made.judge(104.0)
    made.judge(106.0)
    assert told == []
    made.judge(107.0)
    assert len(told) == 1


async def test_given_a_postgres_that_is_away_then_the_bridge_goes_on_and_a_lease_that_is_lost_is_told_once() -> None:
    lease = FakeLease(None, None, False, False)
    made, told = holding(lease, "main")
    assert [await made.look(), await made.look()] == [None, None]
    assert made.unknown_since is not None and told == []
    assert await made.look() is False
    assert await made.look() is False
    assert told == ["lost"]


class FakeMark:
    """The global variable of a PBX; None: the PBX does not answer."""

    def __init__(self, text: str | None = "") -> None:
        self.text, self.written = text, 0

    async def read(self) -> str:
        if self.text is None:
            raise PbxUnreachable("gone")
        return self.text

    async def write(self, mark: str) -> None:
        self.text, self.written = mark, self.written + 1


def admission(lease: FakeLease, *marks: FakeMark) -> tuple[Admission, list[int]]:
    outdone: list[int] = []
    made: Any = lease
    every: Any = marks
    return Admission(made, Holding(made), lambda: every, outdone.append), outdone


async def refusal(admit: Callable[[Any], Awaitable[None]], mark: FakeMark) -> type[PbxProblem] | None:
    try:
        await admit(mark)
    except PbxProblem as problem:
        return type(problem)
    return None


@pytest.mark.parametrize("answer", [True, False, None])
@pytest.mark.parametrize(
    ("there", "is_later"),
    [("", False), ("6:b", False), ("7:a", False), ("7:b", True), ("8:b", True), ("8:a", True), ("nonsense", False)],
)
async def test_a_socket_is_opened_by_who_holds_the_lease_and_while_nobody_knows_by_who_was_there_last(
    there: str, is_later: bool, answer: bool | None
) -> None:
    mark = FakeMark(there)
    made, outdone = admission(FakeLease(answer), mark)
    refused = await refusal(made.admit, mark)
    assert (refused is None) == (answer is not False and not is_later)
    assert mark.text == (there if refused else "7:a")
    assert made.closed == (answer is not False and is_later), "who is outdone sends nothing any more"
    assert outdone == ([int(there[0])] if made.closed else [])


async def test_given_a_lease_that_still_lasts_then_no_connection_waits_for_postgres() -> None:
    lease, mark = FakeLease(None), FakeMark()
    made, _ = admission(lease, mark)
    lease.held_until = steady() + SURE_S + 1
    assert await refusal(made.admit, mark) is None
    assert lease.asked == 0
    lease.held_until = steady() + SURE_S / 2
    assert await refusal(made.admit, mark) is None
    assert lease.asked == 1
    assert mark.written == 1, "our own mark is not written again"


async def test_given_a_pbx_that_does_not_take_the_mark_then_its_socket_is_not_opened() -> None:
    mark = FakeMark(None)
    made, _ = admission(FakeLease(True), mark)
    assert await refusal(made.admit, mark) is PbxUnreachable


@pytest.mark.parametrize(
    ("answer", "marks", "acts"),
    [
        (True, ["8:b"], True),
        (False, ["7:a"], False),
        (None, ["7:a", ""], True),
        (None, ["7:a", "8:b"], False),
        (None, [None, "8:b"], False),
        (None, [None, "7:a"], True),
        (None, [None], True),
    ],
)
async def test_after_a_stop_the_lease_says_who_acts_and_while_postgres_is_away_the_pbxs_do(
    answer: bool | None, marks: list[str | None], acts: bool
) -> None:
    made, _ = admission(FakeLease(answer), *map(FakeMark, marks))
    assert await made.acts() is acts


def test_a_mark_that_is_not_ours_is_none() -> None:
    assert mark_of(str(Mark(3, "bridge-1.example"))) == Mark(3, "bridge-1.example")
    for text in ("", "3", "3:", ":a", "-3:a", "3:a b", "٣:a", "3:a\n"):
        assert mark_of(text) is None


def test_a_refusal_to_connect_is_a_problem_of_the_pbx_for_its_node() -> None:
    assert issubclass(NotActing, PbxProblem)
