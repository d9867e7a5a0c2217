-- Recordings of conversations; a call that could not be recorded.
-- compatible: 0004

alter table cti.recording add column kind text not null default 'voicemail' constraint recording_kind check (kind in (
        'voicemail', 'conversation'
    ));
alter table cti.recording add column length_s float8;
alter table cti.recording add column missing_s float8;
alter table cti.recording add column legal_hold boolean not null default false;
alter table cti.recording add column erased_by text;
create index recording_to_delete on cti.recording (delete_after)
    where kind = 'conversation' and state = 'stored' and not legal_hold;
create index recording_by_ticket on cti.recording (ticket_id) where ticket_id is not null;

alter table cti.call drop constraint call_outcome;
alter table cti.call add constraint call_outcome check (outcome in (
        'completed', 'left_in_scenario', 'abandoned_waiting', 'abandoned_ringing', 'abandoned_returned', 'queue_timeout',
        'queue_full', 'no_agents', 'closed', 'scenario_done', 'service_off', 'unknown_number', 'blocked', 'busy', 'no_answer',
        'rejected', 'invalid_number', 'unreachable', 'cancelled', 'agent_no_answer', 'force_disconnected', 'transfer_failed',
        'agent_lost', 'not_recorded', 'node_lost', 'voicemail', 'callback_registered', 'transferred_out'
    )) not valid;

comment on column cti.call.outcome is 'How it ended. left_in_scenario: the caller hung up in a step, before any queue or behind one. scenario_done: the scenario came to its end, before any queue or by a key of one. voicemail: the caller has left a message (table callback). callback_registered: the caller is to be called back (table callback). transferred_out: a step has given the call to an outside number, and they talked. queue_timeout, queue_full, no_agents, closed: it came to its end by that exit of its last queue. abandoned_waiting, abandoned_ringing: in the queue, before anybody answered. abandoned_returned: answered before, came back to a queue or to its sender, and hung up there or in a step behind; count it as answered, once, and never as lost. not_recorded: it could not be recorded, and its service wants no call that is not. completed: a conversation came to its end.';
comment on table cti.recording is 'What was recorded: conversations, and the messages that callers leave. A conversation has one row for each file: another bridge, as after a transfer, begins the next.';
comment on column cti.recording.kind is 'voicemail: a message of a caller; conversation: what customer and agent, or whoever else has the customer, say.';
comment on column cti.recording.ticket_id is 'The ticket of a conversation.';
comment on column cti.recording.state is 'ordered, recording: it may still run; ended: the file is on the PBX; stored: the file is in the directory of recordings; empty: nothing was said; lost: the PBX has no file; deleted: it was kept long enough, or somebody has erased it.';
comment on column cti.recording.started_at is 'When it was ordered; of a message the beep comes first.';
comment on column cti.recording.segments is 'The parts of the file in their order: kind, from_s and till_s in seconds of the file. talk: who (customer, CTI IDs, outside). cut: what was left out, with the reason hold, consult, agent or house; silence of that length. erased: what was recorded before a pause took effect, and was silenced. voicemail: a message.';
comment on column cti.recording.length_s is 'The length of the stored file in seconds, silence of cuts included.';
comment on column cti.recording.missing_s is 'The seconds of talk that the PBX has not recorded though it should have. Null: none, as far as is known.';
comment on column cti.recording.legal_hold is 'The file is kept whatever its time, and cannot be erased, until that is lifted.';
comment on column cti.recording.erased_by is 'The CTI ID of who has erased the file before its time.';
comment on column cti.audit.what is 'logout: of an agent. hours_set, hours_dropped: opening hours by hand. emergency_on, emergency_off: the emergency switch of a service. recording_played, recording_downloaded: a recording; requests of one person for the same recording within a minute are one play. recording_held, recording_released: its legal hold. recording_erased: before its time.';
