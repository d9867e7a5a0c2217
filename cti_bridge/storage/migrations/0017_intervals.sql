-- Who took part in calls, stretch by stretch, and their transfers: what the figures of agents stand on.
-- compatible: 0004

create table cti.call_interval (
    id uuid primary key,
    call_id uuid not null,
    visit_id uuid,
    seq integer not null,
    service text,
    direction text not null,
    queue text,
    stage text not null constraint call_interval_stage check (stage in (
        'dialing_agent', 'dialing_customer', 'talking', 'warning', 'agent_lost', 'on_hold', 'consult_ringing',
        'consult_talking', 'consult_alone', 'transferred'
    )),
    role text not null constraint call_interval_role check (role in ('agent', 'target')),
    cti_id text,
    number text,
    held_by text constraint call_interval_held_by check (held_by in ('panel', 'phone', 'consult')),
    at timestamptz not null,
    till timestamptz not null,
    ended_with text not null constraint call_interval_ended_with check (ended_with in (
        'login', 'logout', 'command', 'offered', 'accepted', 'answered', 'missed', 'declined', 'busy', 'unreachable',
        'caller_left', 'withdrawn', 'dial', 'dial_failed', 'held', 'resumed', 'consult', 'consult_cancelled', 'consult_failed',
        'connected', 'transferred', 'recalled', 'forced', 'call_ended', 'agent_lost', 'agent_back', 'limit', 'node_lost',
        'recovery'
    )),
    seen_late boolean not null default false,
    epoch bigint not null
);
create index call_interval_by_call on cti.call_interval (call_id);
-- Rows come in the order of their ends, so a few numbers a page range are enough to find a month.
create index call_interval_by_time on cti.call_interval using brin (at, till) with (pages_per_range = 32, autosummarize = on);

create table cti.transfer (
    id uuid primary key,
    call_id uuid not null,
    seq integer not null,
    service text,
    queue text,
    kind text not null constraint transfer_kind check (kind in ('direct', 'consult', 'step')),
    by_cti_id text,
    target_cti_id text,
    target_number text,
    target_queue text,
    target_scenario text,
    at timestamptz not null,
    answered_at timestamptz,
    completed_at timestamptz,
    ended_at timestamptz not null,
    result text not null constraint transfer_result check (result in (
        'completed', 'cancelled', 'recalled', 'customer_left', 'ended', 'busy', 'no_answer', 'rejected', 'invalid_number',
        'unreachable', 'missed', 'declined', 'withdrawn', 'hung_up', 'agent_lost'
    )),
    seen_late boolean not null default false,
    epoch bigint not null
);
create index transfer_by_call on cti.transfer (call_id);
create index transfer_by_time on cti.transfer (at);

comment on table cti.call_interval is 'One row for each party beside the customer and each state of a call in which they took part, written when it is over. The intervals of a party do not overlap. Calls that were up when the bridge was upgraded to the release that has this table have none of before.';
comment on column cti.call_interval.id is 'The id of the row.';
comment on column cti.call_interval.call_id is 'The call.';
comment on column cti.call_interval.visit_id is 'The visit to a queue that was answered, until the call leaves for another queue or ends (queue_visit). Null: there is none.';
comment on column cti.call_interval.seq is 'The number of the interval in its call, from 1.';
comment on column cti.call_interval.service is 'The service of the call.';
comment on column cti.call_interval.direction is 'The direction of the call.';
comment on column cti.call_interval.queue is 'The queue of that visit.';
comment on column cti.call_interval.stage is 'The state of the call (docs/states.md). talking: with the customer; warning: a message plays; agent_lost: the lost phone is rung; dialing_agent, dialing_customer: a call out rings; transferred: customer and outside number talk.';
comment on column cti.call_interval.role is 'agent: leads the call; target: is consulted, or is the outside number that it was transferred to.';
comment on column cti.call_interval.cti_id is 'The CTI ID of the party. Null: an outside number.';
comment on column cti.call_interval.number is 'The outside number, E.164. Null: an agent.';
comment on column cti.call_interval.held_by is 'How the customer is on hold meanwhile: panel, phone, consult. Null: they are not, or left.';
comment on column cti.call_interval.at is 'When it began.';
comment on column cti.call_interval.till is 'When it was over.';
comment on column cti.call_interval.ended_with is 'What ended it; the words are those of agent_state_change.cause.';
comment on column cti.call_interval.seen_late is 'As in call, of till.';
comment on column cti.call_interval.epoch is 'As in call.';
comment on table cti.transfer is 'One row for each consultation and each transfer, written when it is completed or has failed.';
comment on column cti.transfer.id is 'The id of the row.';
comment on column cti.transfer.call_id is 'The call.';
comment on column cti.transfer.seq is 'The number of the transfer in its call, from 1.';
comment on column cti.transfer.service is 'The service of the call.';
comment on column cti.transfer.queue is 'The queue that the call is of when it is over.';
comment on column cti.transfer.kind is 'direct: the agent left at once, or while the target still rang; consult: the agent asked the target first; step: a step of the scenario transferred.';
comment on column cti.transfer.by_cti_id is 'The agent who asked for it. Null: a step of the scenario.';
comment on column cti.transfer.target_cti_id is 'The agent who was to have it.';
comment on column cti.transfer.target_number is 'The number that was rung; of an agent the CTI number. Null: a queue or a scenario.';
comment on column cti.transfer.target_queue is 'The queue that it was sent to; how it went on there is a visit (queue_visit).';
comment on column cti.transfer.target_scenario is 'The scenario that it was sent to.';
comment on column cti.transfer.at is 'When it was asked for.';
comment on column cti.transfer.answered_at is 'When the target answered. Null: never.';
comment on column cti.transfer.completed_at is 'When the customer was seen with the target, or was in the queue or the scenario. Null: never.';
comment on column cti.transfer.ended_at is 'When it was completed or had failed.';
comment on column cti.transfer.result is 'completed; cancelled: the agent went back to the customer; recalled: the sender took it back; customer_left; ended: the call ended otherwise; else why the target did not have it: busy, no_answer, rejected, invalid_number, unreachable, missed, declined, withdrawn, hung_up, and agent_lost: the phone of the agent who consulted vanished.';
comment on column cti.transfer.seen_late is 'As in call, of ended_at.';
comment on column cti.transfer.epoch is 'As in call.';
