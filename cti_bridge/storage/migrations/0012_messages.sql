-- Customers who are to be called: who has left a message, or wants to be called back; and the recordings of messages.
-- compatible: 0004

create table cti.callback (
    id uuid primary key,
    kind text not null constraint callback_kind check (kind in ('requested', 'voicemail')),
    service text not null,
    queue text not null,
    number text,
    name text not null default '',
    status text not null constraint callback_status check (status in ('waiting', 'done', 'cancelled')),
    owner text,
    placed_at timestamptz not null,
    next_at timestamptz,
    expires_at timestamptz,
    attempts integer not null default 0,
    source_call uuid,
    last_call uuid,
    recording uuid,
    note text not null default '',
    ended_at timestamptz,
    version integer not null,
    epoch bigint not null
);
create index callback_by_queue on cti.callback (service, queue, placed_at);

create table cti.recording (
    id uuid primary key,
    call_id uuid not null,
    ticket_id uuid,
    service text not null,
    state text not null constraint recording_state check (state in (
        'ordered', 'recording', 'ended', 'stored', 'empty', 'lost', 'deleted'
    )),
    started_at timestamptz not null,
    ended_at timestamptz,
    segments jsonb not null default '[]',
    file text,
    sha256 text,
    bytes bigint,
    delete_after timestamptz,
    version integer not null,
    epoch bigint not null
);
create index recording_by_call on cti.recording (call_id);

alter table cti.call drop constraint call_outcome;
alter table cti.call add constraint call_outcome check (outcome in (
        'completed', 'left_in_scenario', 'abandoned_waiting', 'abandoned_ringing', 'abandoned_returned', 'queue_timeout',
        'queue_full', 'no_agents', 'closed', 'scenario_done', 'service_off', 'unknown_number', 'blocked', 'busy', 'no_answer',
        'rejected', 'invalid_number', 'unreachable', 'cancelled', 'agent_no_answer', 'force_disconnected', 'transfer_failed',
        'agent_lost', 'node_lost', 'voicemail'
    )) not valid;

comment on column cti.call.outcome is 'How it ended. left_in_scenario: the caller hung up in a step, before any queue or behind one. scenario_done: the scenario came to its end, before any queue or by a key of one. voicemail: the caller has left a message (table callback). queue_timeout, queue_full, no_agents, closed: it came to its end by that exit of its last queue. abandoned_waiting, abandoned_ringing: in the queue, before anybody answered. abandoned_returned: answered before, came back to a queue or to its sender, and hung up there or in a step behind; count it as answered, once, and never as lost. completed: a conversation came to its end.';
comment on table cti.callback is 'A customer who is to be called: the list Messages of the panel.';
comment on column cti.callback.id is 'The id of the row.';
comment on column cti.callback.kind is 'requested: wants to be called back; voicemail: has left a message.';
comment on column cti.callback.service is 'The service.';
comment on column cti.callback.queue is 'The queue whose agents see it.';
comment on column cti.callback.number is 'The number to call, E.164. Null: the caller withholds it.';
comment on column cti.callback.name is 'The name that came with the call; may be empty.';
comment on column cti.callback.status is 'waiting: nobody has dealt with it; done: an agent has; cancelled: the message was empty after all.';
comment on column cti.callback.owner is 'The CTI ID of the agent who has dealt with it.';
comment on column cti.callback.placed_at is 'When it was registered.';
comment on column cti.callback.next_at is 'Not written yet.';
comment on column cti.callback.expires_at is 'Not written yet.';
comment on column cti.callback.attempts is 'How often the customer was dialled for it. 0: the bridge does not count that yet.';
comment on column cti.callback.source_call is 'The call in which it was registered.';
comment on column cti.callback.last_call is 'Not written yet.';
comment on column cti.callback.recording is 'The recording of the message.';
comment on column cti.callback.note is 'Not written yet.';
comment on column cti.callback.ended_at is 'When it was done or cancelled.';
comment on column cti.callback.version is 'Counts its changes.';
comment on column cti.callback.epoch is 'As in call.';
comment on table cti.recording is 'What was recorded of a call: today the messages that callers leave.';
comment on column cti.recording.id is 'The id of the row.';
comment on column cti.recording.call_id is 'The call.';
comment on column cti.recording.ticket_id is 'Not written yet.';
comment on column cti.recording.service is 'The service.';
comment on column cti.recording.state is 'ordered, recording: it may still run; ended: the file is on the PBX; stored: the file is in the directory of recordings; empty: nothing was said; lost: the PBX has no file; deleted: it was kept long enough.';
comment on column cti.recording.started_at is 'When it was ordered; the beep comes first.';
comment on column cti.recording.ended_at is 'When it was over.';
comment on column cti.recording.segments is 'The parts of the file: kind, from_s and till_s in seconds of the file.';
comment on column cti.recording.file is 'The path below the directory of recordings, [recordings] directory. Null: it is not there.';
comment on column cti.recording.sha256 is 'SHA-256 of the file, hexadecimal.';
comment on column cti.recording.bytes is 'The size of the file.';
comment on column cti.recording.delete_after is 'When the file is deleted. Null: never.';
comment on column cti.recording.version is 'Counts its changes.';
comment on column cti.recording.epoch is 'As in call.';
