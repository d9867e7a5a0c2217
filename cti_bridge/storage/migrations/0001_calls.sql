-- Agents' states, calls and offers, as the bridge writes them down.
--
-- Every row carries the epoch of its writer, and its own id, so that a repeat is harmless. There are no foreign keys: rows come in
-- batches from a spool, and a row that is refused must not take others with it.

create table cti.agent_state_change (
    id uuid primary key,
    cti_id text not null,
    seq bigint not null,
    from_status text not null,
    from_state text not null,
    to_status text not null,
    to_state text not null,
    reason text,
    cause text not null constraint agent_state_change_cause check (cause in (
        'login', 'logout', 'command', 'offered', 'accepted', 'answered', 'missed', 'declined', 'unreachable', 'caller_left',
        'dial', 'dial_failed', 'held', 'resumed', 'consult', 'consult_cancelled', 'consult_failed', 'connected',
        'transferred', 'recalled', 'forced', 'call_ended', 'agent_lost', 'agent_back', 'limit', 'node_lost', 'recovery'
    )),
    call_id uuid,
    at timestamptz not null,
    lasted_s double precision not null,
    epoch bigint not null,
    constraint agent_state_change_status check (
        from_status in ('offline', 'ready', 'rest', 'business') and to_status in ('offline', 'ready', 'rest', 'business')
    ),
    constraint agent_state_change_state check (
        from_state in (
            'idle', 'ringing', 'accepted', 'dialing', 'talking', 'on_hold', 'consulting', 'reconnecting'
        )
        and to_state in (
            'idle', 'ringing', 'accepted', 'dialing', 'talking', 'on_hold', 'consulting', 'reconnecting'
        )
    ),
    unique (cti_id, epoch, seq)
);

create index agent_state_change_at on cti.agent_state_change (at);
create index agent_state_change_last on cti.agent_state_change (cti_id, seq desc);

create table cti.call (
    id uuid primary key,
    node text not null,
    direction text not null constraint call_direction check (direction in ('inbound', 'outbound')),
    service text,
    customer_number text not null,
    dialed_number text not null,
    calling_number text,
    queue text,
    arrived_at timestamptz not null,
    answered_at timestamptz,
    ended_at timestamptz,
    outcome text constraint call_outcome check (outcome in (
        'completed', 'abandoned_waiting', 'abandoned_ringing', 'queue_timeout', 'service_off', 'unknown_number', 'blocked',
        'busy', 'no_answer', 'rejected', 'invalid_number', 'unreachable', 'cancelled', 'agent_no_answer',
        'force_disconnected', 'transfer_failed', 'agent_lost', 'node_lost'
    )),
    ended_by text constraint call_ended_by check (ended_by in ('customer', 'agent', 'target', 'system')),
    version integer not null,
    epoch bigint not null
);

create index call_arrived on cti.call (arrived_at);
create index call_by_service on cti.call (service, arrived_at);
create index call_by_number on cti.call (customer_number, arrived_at);

create table cti.call_event (
    id uuid primary key,
    call_id uuid not null,
    seq integer not null,
    at timestamptz not null,
    type text not null,
    detail jsonb not null,
    epoch bigint not null,
    unique (call_id, epoch, seq)
);

create table cti.offer (
    id uuid primary key,
    call_id uuid not null,
    cti_id text not null,
    offered_at timestamptz not null,
    ended_at timestamptz,
    result text constraint offer_result check (result in (
        'answered', 'missed', 'declined', 'unreachable', 'caller_left', 'withdrawn'
    )),
    epoch bigint not null
);

create index offer_by_call on cti.offer (call_id);
create index offer_by_agent on cti.offer (cti_id, offered_at);

create table cti.frequent_number (
    id uuid primary key,
    cti_id text not null,
    number text not null,
    label text not null,
    epoch bigint not null,
    unique (cti_id, number)
);
