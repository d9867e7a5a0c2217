-- Visits of calls to queues, on which figures stand; how an offer that a phone refuses is told apart.
-- compatible: 0004

create table cti.queue_visit (
    id uuid primary key,
    call_id uuid not null,
    seq integer not null,
    service text,
    direction text not null,
    queue text,
    kind text not null constraint queue_visit_kind check (kind in ('new', 'transferred', 'returned', 'moved', 'callback')),
    reason text constraint queue_visit_reason check (reason in (
        'transferred', 'transfer_failed', 'left_on_hold', 'agent_lost', 'moved'
    )),
    from_cti_id text,
    prior uuid,
    entered_at timestamptz not null,
    left_at timestamptz,
    exit text constraint queue_visit_exit check (exit in (
        'answered', 'abandoned', 'key', 'longest_wait', 'full', 'no_agents', 'closed', 'moved', 'removed', 'ended', 'node_lost'
    )),
    exit_to text,
    answered_by text,
    lender text,
    offers integer not null default 0,
    ahead integer,
    wait_predicted_s double precision,
    talk_s double precision,
    hold_s double precision,
    after_call_s double precision,
    seen_late boolean not null default false,
    version integer not null,
    epoch bigint not null
);
-- Intervals of a queue, and of all queues.
create index queue_visit_by_queue on cti.queue_visit (queue, entered_at);
create index queue_visit_by_entry on cti.queue_visit (entered_at);
create index queue_visit_by_call on cti.queue_visit (call_id);
create index queue_visit_open on cti.queue_visit (id) where left_at is null;

alter table cti.offer
    add column visit_id uuid,
    drop constraint offer_result,
    add constraint offer_result check (result in (
        'answered', 'missed', 'declined', 'busy', 'unreachable', 'caller_left', 'withdrawn'
    )) not valid;

alter table cti.agent_state_change
    drop constraint agent_state_change_cause,
    add constraint agent_state_change_cause check (cause in (
        'login', 'logout', 'command', 'offered', 'accepted', 'answered', 'missed', 'declined', 'busy', 'unreachable',
        'caller_left', 'withdrawn', 'dial', 'dial_failed', 'held', 'resumed', 'consult', 'consult_cancelled', 'consult_failed',
        'connected', 'transferred', 'recalled', 'forced', 'call_ended', 'agent_lost', 'agent_back', 'limit', 'node_lost',
        'recovery'
    )) not valid;

alter table cti.call drop constraint call_outcome;
alter table cti.call add constraint call_outcome check (outcome in (
        'completed', 'left_in_scenario', 'abandoned_waiting', 'abandoned_ringing', 'abandoned_returned', 'queue_timeout',
        'queue_full', 'no_agents', 'closed', 'scenario_done', 'service_off', 'unknown_number', 'blocked', 'busy', 'no_answer',
        'rejected', 'invalid_number', 'unreachable', 'cancelled', 'agent_no_answer', 'force_disconnected', 'transfer_failed',
        'agent_lost', 'node_lost'
    )) not valid;

comment on column cti.call.outcome is 'How it ended. left_in_scenario: the caller hung up in a step, before any queue or behind one. scenario_done: the scenario came to its end, before any queue or by a key of one. queue_timeout, queue_full, no_agents, closed: it came to its end by that exit of its last queue. abandoned_waiting, abandoned_ringing: in the queue, before anybody answered. abandoned_returned: answered before, came back to a queue or to its sender, and hung up there or in a step behind; count it as answered, once, and never as lost. completed: a conversation came to its end.';
comment on column cti.scenario_step.exit is 'The exit by which the call left it: next, otherwise, longest_wait, full, no_agents, closed, failed, or the key of a menu or a queue.';
comment on column cti.offer.result is 'How it ended. busy: the phone says that it is in use (SIP 486, 600); declined: the agent has said no; unreachable: the phone could not be rung, or refuses by itself; withdrawn: by us; null: it rings.';
comment on column cti.offer.visit_id is 'The visit to a queue in which the call was offered (queue_visit). Null: it came from no queue.';
comment on table cti.queue_visit is 'A visit: one stay of a call in a queue. offered = answered + abandoned + turned away (longest_wait, full, no_agents, closed) + key + moved + removed + ended + node_lost + those that wait. A new call that comes after closing time is no visit; its step has the exit closed (scenario_step).';
comment on column cti.queue_visit.id is 'The id of the row.';
comment on column cti.queue_visit.call_id is 'The call.';
comment on column cti.queue_visit.seq is 'The number of the visit in its call, from 1.';
comment on column cti.queue_visit.service is 'The service of the call.';
comment on column cti.queue_visit.direction is 'The direction of the call: a call out may come back to a queue.';
comment on column cti.queue_visit.queue is 'The queue.';
comment on column cti.queue_visit.kind is 'How the call came: new, transferred, returned, moved (the queue before was removed), callback.';
comment on column cti.queue_visit.reason is 'Why it is in a queue again: transferred, transfer_failed, left_on_hold, agent_lost, moved. Null: it is new.';
comment on column cti.queue_visit.from_cti_id is 'The agent from whom it came back.';
comment on column cti.queue_visit.prior is 'The visit of the same call before this one.';
comment on column cti.queue_visit.entered_at is 'When it came. Who leaves by a key and comes back to the queue is still on the same visit.';
comment on column cti.queue_visit.left_at is 'When it left the queue: answered, by an exit, or at the end of the call. Null: it waits.';
comment on column cti.queue_visit.exit is 'answered: agent and caller were together; abandoned: the caller hung up before; key: by a key, whatever became of it; longest_wait, full, no_agents, closed: turned away; moved, removed: the queue was removed, and another one took the call or none did; ended: the call was ended by us; node_lost: the PBX has lost it. Null: it waits.';
comment on column cti.queue_visit.exit_to is 'Where the exit leads: a step, SCENARIO/STEP, or hangup. Null: nowhere, and the caller heard that nobody can serve them.';
comment on column cti.queue_visit.answered_by is 'The CTI ID of the agent who answered.';
comment on column cti.queue_visit.lender is 'The queue that lent the agent who answered; null: an agent of the queue itself.';
comment on column cti.queue_visit.offers is 'How often it was offered to an agent.';
comment on column cti.queue_visit.ahead is 'Not written yet.';
comment on column cti.queue_visit.wait_predicted_s is 'Not written yet.';
comment on column cti.queue_visit.talk_s is 'Seconds of talk until the call left for another queue or ended, with whichever agent, hold apart. Null: not answered, or it goes on.';
comment on column cti.queue_visit.hold_s is 'Seconds on hold meanwhile.';
comment on column cti.queue_visit.after_call_s is 'Not written yet; see agent_state_change.after_call_of.';
comment on column cti.queue_visit.seen_late is 'As in call, of left_at.';
comment on column cti.queue_visit.version is 'Counts the changes; of two rows the higher one holds.';
comment on column cti.queue_visit.epoch is 'As in call.';
