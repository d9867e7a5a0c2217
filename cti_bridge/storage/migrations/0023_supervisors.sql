-- A supervisor sets the status of an agent, ends calls, moves calls that wait, and speaks to a team.
-- compatible: 0004

alter table cti.agent_state_change add column by text;
alter table cti.agent_state_change
    drop constraint agent_state_change_cause,
    add constraint agent_state_change_cause check (cause in (
        'login', 'logout', 'command', 'offered', 'accepted', 'answered', 'missed', 'declined', 'busy', 'unreachable',
        'caller_left', 'withdrawn', 'dial', 'dial_failed', 'held', 'resumed', 'consult', 'consult_cancelled', 'consult_failed',
        'connected', 'transferred', 'recalled', 'forced', 'call_ended', 'agent_lost', 'agent_back', 'supervisor', 'limit',
        'node_lost', 'recovery'
    )) not valid;
alter table cti.call_interval
    drop constraint call_interval_ended_with,
    add constraint call_interval_ended_with check (ended_with in (
        'login', 'logout', 'command', 'offered', 'accepted', 'answered', 'missed', 'declined', 'busy', 'unreachable',
        'caller_left', 'withdrawn', 'dial', 'dial_failed', 'held', 'resumed', 'consult', 'consult_cancelled', 'consult_failed',
        'connected', 'transferred', 'recalled', 'forced', 'call_ended', 'agent_lost', 'agent_back', 'supervisor', 'limit',
        'node_lost', 'recovery'
    )) not valid;
alter table cti.call drop constraint call_ended_by;
alter table cti.call add constraint call_ended_by check (
    ended_by in ('customer', 'agent', 'target', 'supervisor', 'system')
) not valid;

comment on column cti.agent_state_change.by is 'Who else has set the status: a CTI ID, or operator. Null: the agent, or a call.';
comment on column cti.agent_state_change.cause is 'Why it changed. supervisor: somebody else has set the status (by).';
comment on column cti.call.ended_by is 'Who hung up first: customer, agent, target. supervisor: a supervisor, or the operator, has ended it; before any talk its outcome is cancelled. system: a limit, the PBX, or the bridge has ended it. A customer who leaves two colleagues behind has ended the call.';
comment on column cti.audit.what is 'logout, status_set: of an agent. call_ended, call_moved: of a call. team_message: to a team. hours_set, hours_dropped: opening hours by hand. emergency_on, emergency_off: the emergency switch of a service. recording_played, recording_downloaded: a recording; requests of one person for the same recording within a minute are one play. recording_held, recording_released: its legal hold. recording_erased: before its time.';
comment on column cti.audit.object is 'What it was done to: a CTI ID, the id of a call, a team, or the id of opening hours, a service, or a recording.';
comment on column cti.audit.detail is 'What was set: status and reason; queue (null: the same one) and first; to how many agents of the team a message went; state and until of opening hours; message and until of an emergency (message null: the prepared one; until null: without end).';
