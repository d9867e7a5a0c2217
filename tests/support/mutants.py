"""The core broken on purpose, one line at a time, to see that its tests notice.

``python -m tests.support.mutants [NAME …]`` tries each mutant on a copy of the package and prints who found it: the
unit tests, the random runs, what only `make soak` goes through, or nobody. It ends with 1 when one lived.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOMAIN = "cti_bridge/domain"
RANDOM_RUNS = "tests/unit/test_random_runs.py"
UNIT_TESTS = [
    f"tests/unit/test_{name}.py"
    for name in (
        "inbound",
        "announcements",
        "expected_wait",
        "matrix",
        "races",
        "refusals",
        "tables",
        "serving_order",
        "status",
        "recovery",
        "recovery_conversation",
        "confirming",
        "orders_that_fail",
        "inspection",
        "checkpoint",
        "ticket_processing",
        "deadlines",
        "emergency_kept",
        "clock_moved",
        "stalls",
        "deadline_kinds",
        "conversation",
        "phone_hold",
        "far_holds",
        "messages",
        "matrix_conversation",
        "matrix_transfers",
        "browser_phone",
        "permitted_numbers",
        "warning",
        "marks",
        "no_calls",
        "two_nodes",
        "reach",
        "newer_roles",
        "ids",
        "waiting_memory",
        "outside",
        "shown",
        "configuration_changed",
        "voicemail",
        "callback_step",
        "step_transfer",
        "step_dialplan",
        "send_on",
        "scenarios",
        "scenario_values",
        "collect",
        "lookup",
        "number_lists",
        "stages",
        "not_taken",
        "queue_exits",
        "last_agent",
        "lending_hours",
        "emergency_switch",
        "agent_sound",
        "rights",
    )
]


SWEPT = [f"tests/unit/test_{name}.py" for name in ("orders_that_fail", "outside", "races", "reach", "random_runs")]
"""Modules of which `make test` has a share (:mod:`tests.support.sweeps`), and `make soak` all."""


@dataclass(frozen=True)
class Mutant:
    name: str
    file: str
    old: str
    new: str


MUTANTS = (
    Mutant(
        "a transfer of a step that fails goes to nobody",
        "target.py",
        "    elif call.sender is None and call.cti_id is None and state in BY_STEP:",
        "    elif False:",
    ),
    Mutant("callers do not hear of an emergency", "inbound.py",
           "EMERGENCY if emergency is not None else", "EMERGENCY if False else"),
    Mutant("a call in an emergency has a queue", "inbound.py",
           "scenario.queue if begins_as_always else None", "scenario.queue"),
    Mutant("an emergency goes on for ever at a start", "hours/emergency_switch.py",
           "        if not _holds(switch.until, floor.now):\n            over(floor, switch)\n", ""),
    Mutant("an emergency outlives its message", "hours/emergency_switch.py",
           "service is None or not _with(service, switch).is_there", "service is None"),
    Mutant("a message of now is not heard", "hours/emergency_switch.py",
           "replace(service.emergency, message=switch.message) if switch.message else service.emergency",
           "service.emergency"),
    Mutant("a customer is in the bridge while the agent is told of the call", "wiring.py",
           "return Place.MESSAGE if role is _A else Place.MUSIC", "return Place.MESSAGE if role is _A else place"),
    Mutant("nobody tells the agent of the call", "offer/offer.py", "    if sound := _agent_sound(floor, call):",
           "    if sound := None:"),
    Mutant("an agent is told of the call without end", "offer/offer.py", "AGENT_SOUND_S = 15.0",
           "AGENT_SOUND_S = 86_400.0"),
    Mutant("both do not meet when the agent was told", "offer/offer.py",
           'of the queue: both go into the bridge."""\n    rewire(floor, call)', 'of the queue."""'),
    Mutant("any key confirms", "confirm.py", " or key != KEY:", ":"),
    Mutant("who is transferred by a step keeps the place", "consult.py", "        visits.give_up(floor, call)\n", ""),
    Mutant("the longest talk of a step does not count", "transfer.py", "(service.longest_transferred_s, of_step)",
           "(service.longest_transferred_s,)"),
    Mutant("a leg in the dialplan is ordered about", "rewire.py", " or _DIALPLAN in (leg.place, want):", ":"),
    Mutant("a look of before takes a leg for one that was not sent", "scenario/dialplan.py",
           "    elif not believe:\n        return\n", ""),
    Mutant("a leg that is back is sent there again", "scenario/dialplan.py",
           "    elif what.back is not None:\n        back(floor, what.back)\n", ""),
    Mutant("a memo is lost", "send_on.py", "    if command.memo is not None:", "    if False:"),
    Mutant("who is sent on counts as come back", "queueing.py",
           "call.wait.returned, call.wait.since = queue, False,", "call.wait.returned, call.wait.since = queue, True,"),
    Mutant(
        "who is registered keeps the place",
        "scenario/callback.py",
        "    visits.give_up(floor, call)",
        "    pass",
    ),
    Mutant(
        "callers enter the numbers of many",
        "entries.py",
        " or (caller is not None and _has_entered(floor, call, caller))",
        "",
    ),
    Mutant(
        "a second wish is another entry",
        "entries.py",
        "    if (found := open_wish(floor, queue, number)) is not None:",
        "    if (found := None) is not None:",
    ),
    Mutant(
        "a number of another country is called back",
        "called_back.py",
        "or kind.region == ours.region else None",
        "or True else None",
    ),
    Mutant(
        "a wish is found wrong behind the sentence",
        "matrix.py",
        "    if left_by in (MESSAGE_LEFT, CALLBACK_REGISTERED):",
        "    if left_by in (MESSAGE_LEFT,):",
    ),
    Mutant(
        "a hang-up rings a phone",
        "voicemail.py",
        "        floor.set_deadline(Kind.STEP, call, floor.now + (FILE_WITHIN_S if way.unsure else GONE_WITHIN_S))",
        "        leave(floor, call, way.then)",
    ),
    Mutant(
        "nothing said is a message",
        "recordings.py",
        "    if said_s is not None and said_s < LEAST_S:",
        "    if False:",
    ),
    Mutant(
        "a call that ends takes its message along",
        "outcome.py",
        "        recordings.call_over(floor, call)",
        "        pass",
    ),
    Mutant(
        "messages are everybody's",
        "asker.py",
        "return everywhere or callback.queue",
        "return True or callback.queue",
    ),
    Mutant(
        "a supervisor acts on agents of all teams",
        "asker.py",
        "return self.is_supervisor and in_team and",
        "return self.is_supervisor and",
    ),
    Mutant(
        "a supervisor sets the hours of others",
        "asker.py",
        "and not (using and using <=",
        "and not (using or using <=",
    ),
    Mutant(
        "a recording is not looked for",
        "reconcile.py",
        "    voicemail.look(floor, call)",
        "    pass",
    ),
    Mutant("never offers", "no_calls.py", "agent.status is _READY", "False"),
    Mutant("offers to any status", "no_calls.py", "agent.status is _READY", "True"),
    Mutant("forgets legs that end", "no_calls.py", "elif uses_phone(floor, agent) or", "elif"),
    Mutant("reasons for no calls go stale", "reconcile.py", "    floor.show_agents(shown)", "    pass"),
    Mutant("the PBX of a call is lost unseen", "reconcile.py", "shown.update(agent.cti_id for", "set(agent.cti_id for"),
    Mutant("the PBX of no phone is lost unseen", "reconcile.py", " or (not agent.reachable_on and", " or (False and"),
    Mutant("who waits for their own call is not looked at", "reconcile.py", "floor.touch_agent(sender)", "pass"),
    Mutant(
        "longest wait from the arrival",
        "queueing.py",
        "floor.now + longest_s if longest_s else None)\n    floor.move_call(call, CallState.WAITING, Cause.OFFERED",
        "call.arrived_at + longest_s if longest_s else 0)\n    floor.move_call(call, CallState.WAITING, Cause.OFFERED",
    ),
    Mutant("a step that is gone is waited for", "steps.py", "isinstance(step, Menu | AskLookup) else 0.0",
           "isinstance(step, Menu | AskLookup) else 1e9"),
    Mutant("a menu without an end", "steps.py", "    if way.heard >= step.tries:\n        return",
           "    if False:\n        return"),
    Mutant("keys of before the queue", "steps.py", "    typed.forget_keys(floor, call)\n", ""),
    Mutant("keys of everybody", "keys.py", "call.leg_of(Role.CUSTOMER) is leg", "True"),
    Mutant("the menu's time goes on after a key", "interpreter.py",
           "    floor.set_deadline(Kind.STEP, call, None)\n", ""),
    Mutant("later arrivals first", "queue/order.py", "call.arrived_at, call.id)", "-call.arrived_at, call.id)"),
    Mutant("the call's own priority is forgotten", "queue/order.py", 'or ""), call.priority', 'or ""), 0'),
    Mutant("set forgets the priority", "values.py", "        call.priority = step.priority", "        pass"),
    Mutant("set forgets what was set before", "values.py", "call.variables |= step.variables",
           "call.variables = dict(step.variables)"),
    Mutant("a secret is on the call", "collect.py", "        value = SECRET_VALUE", "        pass"),
    Mutant("short entries are taken", "collect.py", "if len(digits) < step.least:", "if False:"),
    Mutant("a collect without an end", "collect.py", "if way.heard >= step.tries:", "if False:"),
    Mutant("lost digits are confirmed", "collect.py", " and bool(typed_in(floor, call).digits)", ""),
    Mutant("the hash of a full entry counts", "collect.py",
           "if typed.keys else floor.now + step.between_s", "if True else 0.0"),
    Mutant("the next key has the time of the first", "collect.py",
           "floor.now + step.between_s)\n    return None", "floor.now + step.wait_s)\n    return None"),
    Mutant("secrets outlive their call", "floor.py", "                self.typed.pop(call.id, None)",
           "                pass"),
    Mutant("the answer to another question", "lookup.py", " or way.seq != fact.seq", ""),
    Mutant("a lookup without an end", "lookup.py", "if way.music or step.wait_s <= SILENT_S:", "if False:"),
    Mutant("silence while it is looked up", "lookup.py", "    way.music = True", "    way.music = False"),
    Mutant("values of an earlier answer", "lookup.py", " if not name.startswith(before)", ""),
    Mutant("music that goes on", "interpreter.py", "    way.music = False\n", ""),
    Mutant("the music of a lookup in the queue", "steps.py", "    if call.queue != step.queue:", "    if False:"),
    Mutant("a lost secret is sent as stars", "lookup.py", "            return where", "            return None"),
    Mutant("the lowest threshold", "values.py", "return max((case", "return min((case"),
    Mutant("a threshold is to be passed", "values.py", "figure >= float(case)", "figure > float(case)"),
    Mutant("any mark before its reason", "values.py", "(mark.last_reason, ANY_MARK)", "(ANY_MARK, mark.last_reason)"),
    Mutant("who rings does not wait", "figures.py", "OFFERED | {CallState.WAITING}", "{CallState.WAITING}"),
    Mutant("a refusal that a prefix gets round", "lists.py", "if number is None and fact", "if False and fact"),
    Mutant("lists refuse nobody", "inbound.py", "        if refuses(floor, call, fact):", "        if False:"),
    Mutant("the lowest of several lists", "lists.py", "max(of_lists)", "min(of_lists)"),
    Mutant("a prefix is a number", "number_list.py", "number[:length] in self.prefixes", "number in self.prefixes"),
    Mutant("shortest idle first", "waiting.py", ".add((agent.idle_since,)", ".add((-agent.idle_since,)"),
    Mutant("node need not be up", "no_calls.py", "elif not any(floor.node_up(name) for", "elif not any(True for"),
    Mutant("rung on any node", "no_calls.py", " if node in (None, name)", ""),
    Mutant("who did not take the call goes first again", "waiting.py", "self._first_agent(place, before) if before",
           "None if before"),
    Mutant("not taken for ever", "conversation.py", "call.wait.not_taken_by = None, []", "_ = None, []"),
    Mutant("the last agent is asked again and again", "queue/last_agent.py", "last.cti_id in call.wait.not_taken_by",
           "False"),
    Mutant("who has said nothing has left a message", "scenario/voicemail.py", "found.state is RecordingState.EMPTY",
           "False"),
    Mutant("the key thanks who has said nothing", "scenario/voicemail.py", "if by_key and not way.unsure:",
           "if by_key:"),
    Mutant("a late key thanks who has said nothing", "scenario/voicemail.py", "        if not way.unsure:",
           "        if True:"),
    Mutant("what the PBX counts is true", "callbacks/recordings.py", "    if fact.length_s < LEAST_S:",
           "    if False:"),
    Mutant("calls of any node", "waiting.py", "(group.name, call.node)", '(group.name, "main")'),
    Mutant("answered on any node", "offered.py", "if not agent.phone_reachable_on(call.node)",
           "if not agent.phone_reachable"),
    Mutant("waits for a phone elsewhere", "handback.py", "sender.phone_reachable_on(call.node)",
           "sender.phone_reachable"),
    Mutant("who waits again is not offered", "call_center.py", "            waiting.add_call(call)",
           "            pass"),
    Mutant("who serves the queue no more", "waiting.py", "return belongs and available", "return available"),
    Mutant("one more missed call is forgiven", "aftermath.py", "agent.in_a_row.get(result, 0) < rule.most",
           "agent.in_a_row.get(result, 0) <= rule.most"),
    Mutant("a login forgives nothing", "sessions.py", "    agent.in_a_row.clear()", "    pass"),
    Mutant("no pause for a busy phone", "offer.py", "floor.now + max(PAUSE_S, rule.pause_s if rule else 0.0)",
           "floor.now + PAUSE_S"),
    Mutant("full one too late", "limits.py", ">= queue.max_waiting", "> queue.max_waiting"),
    Mutant("closing time for who waits at once", "limits.py", 'queue.closing == "leave" else', "True else"),
    Mutant("a key loses the place", "visits.py", "    if exit_ is not VisitExit.KEY:", "    if True:"),
    Mutant("who comes back by a key is new", "queueing.py", "visit.exit is VisitExit.KEY and", "False and"),
    Mutant("nobody works, and all wait", "limits.py", "is not None and nobody_works(floor, call):",
           "is not None and False:"),
    Mutant("a place that rises", "brackets.py", "min(position, visit.said_position or position)", "position"),
    Mutant("a longer wait than before", "brackets.py", "bracket >= before or", "bracket == before or"),
    Mutant("a time after the wait was longer", "brackets.py", " or now - said_at > BRACKETS[before][0])", ")"),
    Mutant("silence behind an announcement", "queue/announcements.py", "    rewire(floor, call)\n    visit,",
           "    visit,"),
    Mutant("an announcement goes on behind the queue", "queue/announcements.py",
           "        stop(floor, call)", "        pass"),
    Mutant("all announcements again and again", "queue/announcements.py",
           "    visit.announced_s = waited_s", "    pass"),
    Mutant("no music between announcements", "queue/announcements.py",
           "since + MUSIC_S if at is not None", "at if True"),
    Mutant("announced to who talks", "offer.py", "    announcements.end(floor, call)\n", ""),
    Mutant("a reload sets no announcement", "configuration.py", "    announcements.begin(floor, call)\n", ""),
    Mutant("a sound that fails is waited for", "messages.py", " or call.prompt.then is Then.WAIT", ""),
    Mutant("a team counts who left", "queue/working.py", "1 if is_ else -1", "1"),
    Mutant("a team of before a reload", "queue/working.py", "    working.teams.clear()\n", ""),
    Mutant("who left is ahead", "queue/order.py", "        ranks.remove(call.id)", "        pass"),
    Mutant("a call for which a phone rings is ahead", "queue/expected.py", "waiting_before(floor, name",
           "before(floor, name"),
    Mutant("other queues are not ahead", "queue/expected.py", "number * serving.get(queue, 0) / working", "0"),
    Mutant("each other queue is ahead as a whole", "queue/expected.py", "number * serving.get(queue, 0) / working",
           "number"),
    Mutant("a wait beside a free agent", "queue/expected.py", "return 0.0 if _free(floor, plain, None) else", "return"),
    Mutant("seven calls are enough", "handling.py", "len(recent) >= LEAST", "len(recent) >= LEAST - 1"),
    Mutant("all after-call work counts", "handling.py", "MOST_PROCESSING_S)\n", "1e9)\n"),
    Mutant("a key of a long wait always counts", "scenario/steps.py", "(expected_wait_s(floor, call) or 0.0) < above_s",
           "False"),
    Mutant("skills of no effect", "plan.py", "agent.skills.get(skill, 0) >= level for", "True for"),
    Mutant("the first need for ever", "plan.py", "need.after_s <= waited_s][-1:]", "need.after_s <= waited_s][:1]"),
    Mutant("backups at once", "plan.py", "if all_of_them else max(", "if True else max("),
    Mutant("overflow takes the own agents away", "plan.py", "(self.queue, *lenders)", "(lenders or (self.queue,))"),
    Mutant("a stage raises nothing", "queue/order.py", "raised_by(floor, call, queue) if queue.overflow else 0",
           "0"),
    Mutant("the last agent is waited for and passed by", "waiting.py",
           "waits_for(self._floor, call) is not None:\n            return False", "False:\n            return False"),
    Mutant("nobody looks again when the last agent changes", "waiting.py",
           "            if (call := self._floor.calls.get(call_id)) is not None:\n                self.add_call(call)",
           "            pass"),
    Mutant("the last agent needs no skills", "last_agent.py",
           "if not any(group.has(entry) for group in groups(floor, call)):", "if False:"),
    Mutant("who talks is waited for", "last_agent.py", "if agent.state in _RINGS:",
           "if agent.state is not AgentState.IDLE:"),
    Mutant("who rings is not waited for", "last_agent.py", "if agent.state in _RINGS:", "if False:"),
    Mutant("who processes a ticket is not waited for", "last_agent.py", "if agent.processes_a_ticket:", "if False:"),
    Mutant("marked numbers have a last agent", "last_agent.py", " and marks_view(floor, call) is None", ""),
    Mutant("who has declined is asked first again", "last_agent.py",
           "    if call.wait.last_agent == agent.cti_id:", "    if False:"),
    Mutant("numbers of a house have a last agent", "talks.py", " or len(newest) > MOST_AGENTS:", ":"),
    Mutant("a forced talk counts", "talks.py", "return None if last.forced else last", "return last"),
    Mutant("talks of this run are forgotten", "outcome.py", "        note_talk(floor, call)", "        pass"),
    Mutant("Postgres is in the way", "last_agent.py", "floor.now + ANSWER_S", "floor.now + 30.0"),
    Mutant("skills of a step for ever", "stages.py", "call.relax_s.get(skill, inf) > waited_s", "True"),
    Mutant("a group without those who are free", "waiting.py", "self._add_free(group.name, reach, agent)\n\n    def",
           "pass\n\n    def"),
    Mutant("empty stages are waited for", "stages.py", "if anybody(floor, _groups_at(floor, call, plan, at))",
           "if True"),
    Mutant("closed queues lend", "stages.py", "    return opening(floor, queue.hours).state is OpenState.OPEN",
           "    return True"),
    Mutant("who left still works", "queue/working.py", "        counts[name] -= 1", "        pass"),
    Mutant("a break is work", "queue/working.py", "does = not_taken or agent.status", "does = True or agent.status"),
    Mutant("stages are not looked at again", "call_center.py", "if others else ()", "if False else ()"),
    Mutant("heaps of queues that are no more", "waiting.py", "                del places[place]",
           "                pass"),
    Mutant("shortest idle of several reaches first", "waiting.py", "entry < best", "entry > best"),
    Mutant("where the phone was", "waiting.py", "self._reach_of.get(entry[1]) is not reach", "False"),
    Mutant("reaches are kept for ever", "waiting.py", "before.agents -= 1", "pass"),
    Mutant("calls of a PBX that is away", "waiting.py", " if self._floor.node_up(place[1]) else None", ""),
    Mutant("the order is of the old priorities", "configuration.py",
           "turn_away_if_without_queue(floor, call)\n    floor.touch_call(call)\n",
           "turn_away_if_without_queue(floor, call)\n"),
    Mutant("waits where there is no queue", "configuration.py", "        send_away(floor, call)", "        pass"),
    Mutant("waits in a queue that is no more", "configuration.py", "    find_queue(floor, call)\n    due", "    due"),
    Mutant("deadlines of before", "configuration.py", "    due.fit(floor, call)\n", ""),
    Mutant("ticket processing of before", "configuration.py", "            due.fit(floor, agent)", "            pass"),
    Mutant("a longest wait that is new never ends", "configuration.py", "    find_longest_wait(floor, call)\n    if",
           "    if"),
    Mutant("rung though removed", "sessions.py", "    if (call := unanswered(floor, agent)) is not None:",
           "    if False:"),
    Mutant("stays though removed", "configuration.py", "        let_out(floor, agent, why)", "        pass"),
    Mutant("stays behind the call", "aftermath.py", "    if (why := must_leave(floor, agent)) is not None:",
           "    if False:"),
    Mutant("the old phone", "configuration.py", "= number, []", "= number, agent.reachable_on"),
    Mutant("numbers of before", "configuration.py", 'if found.of["agents"].names:', "if False:"),
    Mutant("a new queue without agents", "configuration.py", ', *_serving(floor, found.of["queues"].added)',
           ""),
    Mutant("only some are looked at", "configuration.py", "islice(floor.unseen, AT_ONCE)", "islice((), AT_ONCE)"),
    Mutant("an answer that is refused", "configuration.py", "and not by_itself:\n", "and False:\n"),
    Mutant("who comes back begins anew", "configuration.py", "floor.agents.setdefault(cti_id, Agent(cti_id, ",
           "floor.agents.__setitem__(cti_id, Agent(cti_id, "),
    Mutant("given up, and kept", "waiting.py", "if len(self._heap) > max(self._most, 2 * most_true):", "if False:"),
    Mutant("agent not told of leg's end", "floor.py", "agent.legs.remove(leg_id)\n            self.touch_agent(agent)",
           "agent.legs.remove(leg_id)"),
    Mutant("seq not counted", "floor.py", "agent.seq += 1", "agent.seq += 0"),
    Mutant("who is in the bridge is not saved", "legs.py",
           "leg.in_bridge = True\n    floor.touch_call(call)\n    if call",
           "leg.in_bridge = True\n    if call"),
    Mutant("music goes on in the bridge", "rewire.py", "elif leg.place is _MUSIC:", "elif False:"),
    Mutant("bridge entered twice", "rewire.py", "or leg.place is want or", "or"),
    Mutant("agent's leg not hung up", "offer.py", "    if leg is not None:\n        hang_up(floor, call, leg)",
           "    if leg is None:\n        hang_up(floor, call, leg)"),
    Mutant("offer never expires", "offer.py",
           "floor.set_deadline(_OFFER, call, offer.expires_at)\n\n\ndef expired", "pass\n\n\ndef expired"),
    Mutant("expiry while away", "due.py", "floor.node_up(owner.node) and (rule.acts_in", "(rule.acts_in"),
    Mutant("due in any state", "due.py", "rule.acts_in is None or owner.state in rule.acts_in", "True"),
    Mutant("due where it does not act, and lost", "floor.py", "self.deadlines.try_again(call.id)", "pass"),
    Mutant("no time after a stall", "times.py", "due.shift_running(floor, fact.for_s + LATE_S)", "pass"),
    Mutant("a clock that is set leaves waits", "times.py", 'Wait: ("since",),', "Wait: (),"),
    Mutant("a clock that is set leaves deadlines", "times.py", "due.shift(floor, fact.by_s)", "pass"),
    Mutant("a time that is yet to come is kept", "times.py", "if newest > floor.now:", "if False:"),
    Mutant("the PBX is not asked how long", "times.py", "if abs(by_s) < DIFFERS_S or", "if True or"),
    Mutant("begun anew as if shifted", "due.py",
           "        if rule.anew is not None:\n            floor.set_deadline(kind, call",
           "        if False:\n            floor.set_deadline(kind, call"),
    Mutant("not shifted by the time away", "due.py", "floor.set_deadline(kind, call, at + away_s)",
           "floor.set_deadline(kind, call, at)"),
    Mutant("phone not unreachable", "offer.py", "if result is OfferResult.UNREACHABLE:", "if False:"),
    Mutant("no pause after a refusal", "offer.py", "set_pause(floor, agent, floor.now + max(PAUSE_S, ",
           "(max(PAUSE_S, "),
    Mutant("two tickets", "ticketing.py", "if call.ticket_id is not None or", "if"),
    Mutant("talking before both are in", "legs.py", "return all(leg is not None", "return any(leg is not None"),
    Mutant("agent's leg end is ignored", "matrix.py", "plays_a_role = leg.stage is not", "plays_a_role = leg.stage is"),
    Mutant("decline while connecting", "offered.py", "if call.state is CallState.CONNECTING:\n        raise OfferOver",
           "if False:\n        raise OfferOver"),
    Mutant("overdue is not looked at", "confirming.py", "order.looks <= most", "order.looks <= 0"),
    Mutant("what does not come about never fails", "confirming.py", "order.looks <= most", "True"),
    Mutant("unanswered look forgotten", "confirming.py", "            _doubt(floor, what, action, object_id, look",
           "            (lambda *a, **k: None)(floor, what, action, object_id, look"),
    Mutant("a refusal after a repeat is not heard", "confirming.py", "        order.repeated = False\n",
           "        pass\n"),
    Mutant("looked at for ever", "confirming.py", "if order.repeated or (", "if ("),
    Mutant("a bridge's failure is dropped", "confirming.py", "    elif order.looked:\n", "    elif False:\n"),
    Mutant("a bridge is made on an old look", "confirming.py", " or order.ordered_at > fact.asked_at:", ":"),
    Mutant("a bridge that is there is made anew", "confirming.py", "if fact.there is (", "if False and ("),
    Mutant("one that ends is in doubt", "confirming.py", "found[1].stage is not Stage.ENDING or", "True or"),
    Mutant("who enters clears all doubt", "orders.py", ", most_looks=None, apart=True)",
           ", most_looks=None)"),
    Mutant("an order counts for any bridge", "floor.py", "fact.bridge_id == order.action.bridge_id",
           "True"),
    Mutant("what came about is looked at", "floor.py", "            del self.orders[identity]\n", "            pass\n"),
    Mutant("order and refusal chase each other", "inspection.py", "order.repeated, order.looked = order.looked, False",
           "order.repeated = True"),
    Mutant("another order inherits the looks", "floor.py", "if order is None or order.what is not what:",
           "if order is None:"),
    Mutant("orders of a leg that is gone", "floor.py", "        self.forget_orders(leg)\n", ""),
    Mutant("orders have no time anew", "reconcile.py", "        due.resume_orders(floor, node.name)\n", ""),
    Mutant("a found caller keeps an old music", "reconcile.py", "beginning, Place.UNKNOWN)\n    elif",
           "beginning)\n    elif"),
    Mutant("rung beside a leg that ends", "lost.py", "    if agent.legs:\n", "    if False:\n"),
    Mutant("bridge is left", "outcome.py", "if call.has_bridge:", "if False:"),
    Mutant("ends twice", "outcome.py", "if call.state is _ENDED:", "if False:"),
    Mutant("idle time not reset", "outcome.py", "agent.idle_since = floor.now", "pass"),
    Mutant("longest wait ignored at return", "queueing.py", "call.wait.ends_at <= floor.now:", "False:"),
    Mutant("wish kept for ever", "aftermath.py", "agent.next_status = agent.next_reason = None", "pass"),
    Mutant("strays left", "reconcile.py", "floor.act(HangUp(node, lane, seen.leg_id))", "pass"),
    Mutant("a newer release's leg is hung up", "reconcile.py", "name.role in _ROLES or not _goes_on(floor, name):",
           "True:"),
    Mutant("missing legs not looked for", "reconcile.py", "floor.act(InspectLeg(call.node, call.id, leg.id))", "pass"),
    Mutant("restart of the PBX unnoticed", "reconcile.py", "not in (None, fact.boot_id)", "in ()"),
    Mutant("channels of two PBXs are one leg", "ids.py", 'f"{node}/{channel_id}"', "channel_id"),
    Mutant("legs keep the old name of their PBX", "checkpoint.py", "_move(call, renamed[call.node])",
           "call.node = renamed[call.node]"),
    Mutant("a phone forgets its legs at a restart", "checkpoint.py", "found[leg.cti_id].append(leg.id)", "pass"),
    Mutant("clamp forgotten", "due.py", "min(max(left_s, 0.0), longest_s)", "left_s"),
    Mutant("legs forgotten at restart", "checkpoint.py", "floor.call_of_leg[leg.id] = call.id", "pass"),
    Mutant("refusal after a change", "sessions.py", "        raise Unauthenticated\n    call =",
           "        agent.csrf = ''\n        raise Unauthenticated\n    call ="),
    Mutant("panel grace skipped", "sessions.py", "floor.now + PANEL_GRACE_S)\n    floor", "floor.now)\n    floor"),
    Mutant("agent let go before the join", "consult.py",
           "    floor.move_call(call, CallState.JOINING, Cause.CONNECTED)",
           "    release_agent(floor, call, Cause.TRANSFERRED)\n"
           "    floor.move_call(call, CallState.JOINING, Cause.CONNECTED)"),
    Mutant("target shown the customer", "target.py", "shown = shown_number(floor, call) or \"\"",
           "shown = call.customer.number"),
    Mutant("sender kept for ever", "outcome.py", "    floor.forget_recall(call)\n", ""),
    Mutant("consultation overheard", "wiring.py", "CONSULT_TALKING: {_C: Place.MUSIC",
           "CONSULT_TALKING: {_C: Place.BRIDGE"),
    Mutant("the target overhears the customer", "wiring.py",
           "CONSULT_SWAPPED: {_C: Place.BRIDGE, _A: Place.BRIDGE, _T: Place.MUSIC}",
           "CONSULT_SWAPPED: {_C: Place.BRIDGE, _A: Place.BRIDGE, _T: Place.BRIDGE}"),
    Mutant("a phone that holds parts the other two", "wiring.py", "bool(others) and all(", "bool(others) and any("),
    Mutant("who leaves three interrupts the two", "consult.py", "        joined_if_together(floor, call)\n", ""),
    Mutant("a target that goes interrupts the talk", "target.py", "if call.state not in _WITH_CUSTOMER:", "if True:"),
    Mutant("an emergency service has music", "swap.py", "if is_emergency(floor, call.target):", "if False:"),
    Mutant("anybody's offer", "offer.py", "(call.offer.id, call.offer.cti_id) != (offer_id, cti_id)",
           "call.offer.id != offer_id"),
    Mutant("allow-list forgotten", "dialing.py", "if not any(number.", "if False and not any(number."),
    Mutant("lost phone ends the call", "matrix.py", "if end.is_lost:", "if False:"),
    Mutant("kind of a number forgotten", "dialing.py", "if not is_open(", "if False and not is_open("),
    Mutant("reload is no loss", "legs.py", "give_up(floor, *found, PHONE_LEFT)", "pass"),
    Mutant("reload on hold talks", "lost.py", "CallState.ON_HOLD if call.held_by else CallState.TALKING",
           "CallState.TALKING"),
    Mutant("target rings for ever", "target.py", "floor.set_deadline(Kind.TARGET, call, expires_at)", "pass"),
    Mutant("resume over the phone", "hold.py", "if PHONE in call.held_by:\n        raise", "if False:\n        raise"),
    Mutant("held for ever behind a consultation", "hold.py", "_now_held_by(floor, call, [PANEL])", "pass"),
    Mutant("hold key in a consultation forgotten", "hold.py", "_HELD = CONSULTING | {", "_HELD = {"),
    Mutant("begins with a phone that holds", "hold.py", "leg is not None and leg.phone_holds:", "False:"),
    Mutant("the PBX's own music goes on", "hold.py", "if leg is not None and leg is not holder and",
           "if False and"),
    Mutant("a far end that holds is nobody's business", "wiring.py",
           "and _with_holders_alone(call, role):", "and False:"),
    Mutant("joined with one who holds", "hold.py", "    elif holding(call):\n", "    elif False:\n"),
    Mutant("who holds is not asked after a gap", "reconcile.py", "    hold.look(floor, call, gap=back)\n", ""),
    Mutant("an old answer is newer than the key", "hold.py", "found is None or not found[1].hold_asked:",
           "found is None:"),
    Mutant("ringing goes on", "rewire.py", "floor.act(StopRingback(call.node, call.id, leg.id))\n    elif",
           "pass\n    elif"),
    Mutant("talk before both were warned", "messages.py", "or any(other.playback_id for other in listeners(call)):",
           "or False:"),
    Mutant("warned without end", "warning.py", "Then.TALK, WARNING_LIMIT_S)", "Then.TALK, 86_400.0)"),
    Mutant("only the customer's warning is stopped", "messages.py", "for role in ROLES)",
           "for role in ROLES[:1])"),
    Mutant("warning outlives the hold key", "hold.py", "in (CallState.TALKING, CallState.WARNING):",
           "is CallState.TALKING:"),
    Mutant("withheld numbers marked", "marks.py", "number is None or not _NUMBER.fullmatch(number):",
           "number is None:"),
    Mutant("old marks kept", "marks.py", "            del floor.marks[key]\n", "            continue\n"),
    Mutant("blocked as long as marked", "marks.py", "made, service.force_disconnect_block_s) for",
           "made, _kept_s(service)) for"),
    Mutant("a target needs no line", "target.py", "    outside.check(floor, service, asking.cti_id)\n", ""),
    Mutant("a target counts for nothing", "target.py", "            outside.count(floor, call.service,",
           "            (floor, call.service,"),
    Mutant("dial limit forgotten", "outside.py", "            floor.placed[before.by] = Placed(before.by, times)\n",
           "            pass\n"),
    Mutant("busy is unreachable", "causes.py", "frozenset({486, 600})", "frozenset({600})"),
    Mutant("a refusal is busy", "causes.py", "frozenset({486, 600})", "frozenset({486, 600, 603})"),
)  # fmt: skip


def file_of(mutant: Mutant) -> Path:
    """In whichever folder of the core it is."""
    (found,) = (ROOT / DOMAIN).rglob(mutant.file)
    return found


def broken(mutant: Mutant) -> str:
    """The file's text with the mutant in it. Raises ValueError when its line is no more in the code."""
    text = file_of(mutant).read_text()
    if mutant.old not in text:
        raise ValueError(f"{mutant.name}: {mutant.file} has changed, and the mutant must too")
    return text.replace(mutant.old, mutant.new)


def finders(mutant: Mutant, *, first: bool = False) -> list[str]:
    """Who finds it: "unit" and "random", else "sweeps", or nobody; with ``first`` nobody else is asked once it is
    found. Raises ValueError when its line is no more in the code."""
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(directory)
        for name in (DOMAIN, "tests/unit", "tests/checkpoints"):
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        (copy / "tests/support").mkdir()
        (copy / "docs").mkdir()
        for name in (
            "cti_bridge/__init__.py",
            "tests/__init__.py",
            "tests/support/__init__.py",
            "tests/support/sweeps.py",
            "docs/diagrams.py",
        ):
            shutil.copy(ROOT / name, copy / name)
        shutil.copy(ROOT / "pyproject.toml", copy)
        (copy / file_of(mutant).relative_to(ROOT)).write_text(broken(mutant))
        found = ["unit"] if fails(copy, UNIT_TESTS) else []
        if not (first and found) and fails(copy, [RANDOM_RUNS]):
            found.append("random")
        if not found and fails(copy, SWEPT, "soak", "not many_long_days"):
            found.append("sweeps")
    return found


_LACKS = re.compile("^E +(ModuleNotFound|Import|FileNotFound)Error", re.MULTILINE)
"""The copy lacks something: a module that cannot be collected so has found nothing."""


def fails(copy: Path, tests: Sequence[str], mark: str = "not soak", names: str = "") -> bool:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-m", mark, "-k", names, "-p", "no:cacheprovider", *tests]
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode not in (0, 1) or _LACKS.search(done.stdout):
        raise RuntimeError(done.stdout[-2000:] + done.stderr[-2000:])
    return done.returncode == 1


def main(names: Sequence[str]) -> int:
    lived = 0
    for mutant in MUTANTS:
        if not names or mutant.name in names:
            found = finders(mutant)
            lived += not found
            sys.stdout.write(f"{mutant.name:32} {', '.join(found) or 'LIVED'}\n")
            sys.stdout.flush()
    return 1 if lived else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
