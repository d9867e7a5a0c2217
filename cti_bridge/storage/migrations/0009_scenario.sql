-- The steps of scenarios that calls have gone through.
-- compatible: 0004

create table cti.scenario_step (
    id uuid primary key,
    call_id uuid not null,
    seq integer not null,
    scenario text not null,
    step text not null,
    exit text not null,
    at timestamptz not null,
    lasted_s double precision not null,
    epoch bigint not null,
    unique (call_id, epoch, seq)
);
-- How many went which way, over time.
create index scenario_step_by_exit on cti.scenario_step (scenario, step, at);

alter table cti.call drop constraint call_outcome;
alter table cti.call add constraint call_outcome check (outcome in (
        'completed', 'left_in_scenario', 'abandoned_waiting', 'abandoned_ringing', 'abandoned_returned', 'queue_timeout',
        'scenario_done', 'service_off', 'unknown_number', 'blocked', 'busy', 'no_answer', 'rejected', 'invalid_number',
        'unreachable', 'cancelled', 'agent_no_answer', 'force_disconnected', 'transfer_failed', 'agent_lost', 'node_lost'
    )) not valid;

comment on column cti.call.outcome is 'How it ended. left_in_scenario: the caller hung up before any queue. scenario_done: the scenario came to its end before any queue. abandoned_waiting, abandoned_ringing: in the queue, before anybody answered. abandoned_returned: answered before, came back to a queue or to its sender, and hung up there; count it as answered, once, and never as lost. completed: a conversation came to its end.';
comment on column cti.call.ended_in is 'The state in which it ended (docs/states.md), for example in_scenario, waiting, transfer_ringing. Up to 0.2 in_scenario was greeting.';
comment on column cti.call.wait_s is 'Seconds in a queue or ringing at an agent, all waits of the call together. Not the steps of the scenario before it, nor the ringing of a transfer.';
comment on table cti.scenario_step is 'A step of a scenario that a call has left.';
comment on column cti.scenario_step.id is 'The id of the row.';
comment on column cti.scenario_step.call_id is 'The call.';
comment on column cti.scenario_step.seq is 'The number of the step in its call, from 1, without a gap.';
comment on column cti.scenario_step.scenario is 'The id of the scenario; of one in its short form, its number.';
comment on column cti.scenario_step.step is 'The name of the step. In the short form: greeting, queue, busy.';
comment on column cti.scenario_step.exit is 'The exit by which the call left it: next, otherwise, longest_wait, or the key of a menu.';
comment on column cti.scenario_step.at is 'When the call came to the step.';
comment on column cti.scenario_step.lasted_s is 'Seconds until it left it.';
comment on column cti.scenario_step.epoch is 'As in call.';
