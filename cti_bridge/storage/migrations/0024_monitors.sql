-- Supervisors monitor calls: they listen, whisper to the agent, or barge in.
--
-- Programs that do not know the table leave it alone.
-- compatible: 0004

create table cti.monitor (
    id uuid primary key,
    monitor_id uuid not null,
    call_id uuid not null,
    cti_id text not null,
    mode text not null constraint monitor_mode check (mode in ('listen', 'whisper', 'barge')),
    at timestamptz not null,
    ended_at timestamptz not null,
    ended_with text not null constraint monitor_ended_with check (ended_with in (
        'stopped', 'call_ended', 'no_agent', 'no_answer', 'unreachable', 'phone_lost', 'emergency', 'logout',
        'not_permitted', 'failed', 'node_lost', 'changed'
    )),
    epoch bigint not null
);

create index monitor_by_time on cti.monitor (ended_at);
create index monitor_by_call on cti.monitor (call_id);

comment on table cti.monitor is 'One row for each mode in which a supervisor has monitored a call, from when the PBX was seen to do it. It is written when the mode is over. Who has asked for it, and when, says audit.';
comment on column cti.monitor.id is 'The id of the row.';
comment on column cti.monitor.monitor_id is 'The same for all modes of a supervisor in a call without an interruption.';
comment on column cti.monitor.call_id is 'The call.';
comment on column cti.monitor.cti_id is 'The supervisor.';
comment on column cti.monitor.mode is 'listen: nobody has heard the supervisor. whisper: the agent alone. barge: all whom the agent talked with.';
comment on column cti.monitor.at is 'When the mode was in force. Before that the phone of the supervisor has rung.';
comment on column cti.monitor.ended_at is 'When it was over. While the call has changed from one agent to another, or the agent from one partner to another, it was not in force for a moment.';
comment on column cti.monitor.ended_with is 'Why it was over. changed: another mode followed. stopped: the supervisor has ended it. call_ended, no_agent: there was nobody to hear any more. no_answer, unreachable, phone_lost: the phone of the supervisor. emergency: the call, or another one of the supervisor, goes to an emergency service. logout. not_permitted: the right was taken away. failed: the PBX did not do what it was told. node_lost: the PBX was away, or has lost the call.';
comment on column cti.monitor.epoch is 'As in call.';

alter table cti.agent_state_change
    drop constraint agent_state_change_state,
    add constraint agent_state_change_state check (
        from_state in (
            'idle', 'ringing', 'accepted', 'dialing', 'talking', 'on_hold', 'consulting', 'reconnecting', 'monitoring'
        )
        and to_state in (
            'idle', 'ringing', 'accepted', 'dialing', 'talking', 'on_hold', 'consulting', 'reconnecting', 'monitoring'
        )
    ) not valid;
alter table cti.agent_state_change
    drop constraint agent_state_change_cause,
    add constraint agent_state_change_cause check (cause in (
        'login', 'logout', 'command', 'offered', 'accepted', 'answered', 'missed', 'declined', 'busy', 'unreachable',
        'caller_left', 'withdrawn', 'dial', 'dial_failed', 'held', 'resumed', 'consult', 'consult_cancelled', 'consult_failed',
        'connected', 'transferred', 'recalled', 'forced', 'call_ended', 'agent_lost', 'agent_back', 'supervisor', 'monitor',
        'monitor_ended', 'limit', 'node_lost', 'recovery'
    )) not valid;
alter table cti.call_interval
    drop constraint call_interval_ended_with,
    add constraint call_interval_ended_with check (ended_with in (
        'login', 'logout', 'command', 'offered', 'accepted', 'answered', 'missed', 'declined', 'busy', 'unreachable',
        'caller_left', 'withdrawn', 'dial', 'dial_failed', 'held', 'resumed', 'consult', 'consult_cancelled', 'consult_failed',
        'connected', 'transferred', 'recalled', 'forced', 'call_ended', 'agent_lost', 'agent_back', 'supervisor', 'monitor',
        'monitor_ended', 'limit', 'node_lost', 'recovery'
    )) not valid;

comment on column cti.agent_state_change.to_state is 'The state from then on. talking is with whom they are connected, for a consulted agent the colleague; the customer''s talk is call.talk_s. monitoring: a supervisor monitors the call call_id.';
comment on column cti.audit.what is 'logout, status_set: of an agent. call_ended, call_moved: of a call. monitor_begun, monitor_changed, monitor_ended: a supervisor monitors a call; ended by command alone, any other end says monitor.ended_with. team_message: to a team. hours_set, hours_dropped: opening hours by hand. emergency_on, emergency_off: the emergency switch of a service. recording_played, recording_downloaded: a recording; requests of one person for the same recording within a minute are one play. recording_held, recording_released: its legal hold. recording_erased: before its time.';
comment on column cti.audit.detail is 'What was set: status and reason; queue (null: the same one) and first; mode of monitoring; to how many agents of the team a message went; state and until of opening hours; message and until of an emergency (message null: the prepared one; until null: without end).';
