-- What reports stand on: how and where a call, an offer and a stretch of an agent ended, what came between, and when nobody saw it.
--
-- New checks are not compared with the rows of years: those kept to narrower ones.
-- compatible: 0004

alter table cti.call
    add column ended_in text,
    add column hangup_cause integer,
    add column sip_code integer,
    add column seen_late boolean not null default false,
    add column customer_left_at timestamptz,
    add column customer_rang_at timestamptz,
    add column agent_lifted_at timestamptz,
    add column first_cti_id text,
    add column last_cti_id text,
    add column wait_s double precision,
    add column talk_s double precision,
    add column hold_s double precision,
    drop constraint call_outcome,
    add constraint call_outcome check (outcome in (
        'completed', 'left_in_scenario', 'abandoned_waiting', 'abandoned_ringing', 'abandoned_returned', 'queue_timeout',
        'service_off', 'unknown_number', 'blocked', 'busy', 'no_answer', 'rejected', 'invalid_number', 'unreachable', 'cancelled',
        'agent_no_answer', 'force_disconnected', 'transfer_failed', 'agent_lost', 'node_lost'
    )) not valid;

alter table cti.offer
    add column kind text constraint offer_kind check (kind in ('queue', 'recall', 'consult', 'transfer')),
    add column queue text,
    add column accepted_at timestamptz,
    add column hangup_cause integer,
    add column sip_code integer,
    add column seen_late boolean not null default false;

alter table cti.agent_state_change
    add column from_reason text,
    add column after_call_of uuid,
    add column after_call_kind text constraint agent_state_change_after_call_kind check (after_call_kind in ('talk', 'consult')),
    add column seen_late boolean not null default false,
    drop constraint agent_state_change_cause,
    add constraint agent_state_change_cause check (cause in (
        'login', 'logout', 'command', 'offered', 'accepted', 'answered', 'missed', 'declined', 'unreachable', 'caller_left',
        'withdrawn', 'dial', 'dial_failed', 'held', 'resumed', 'consult', 'consult_cancelled', 'consult_failed', 'connected',
        'transferred', 'recalled', 'forced', 'call_ended', 'agent_lost', 'agent_back', 'limit', 'node_lost', 'recovery'
    )) not valid;

create table cti.login (
    id uuid primary key,
    cti_id text not null,
    at timestamptz not null,
    ended_at timestamptz,
    ended_by text constraint login_ended_by check (ended_by in ('self', 'takeover', 'supervisor', 'removed', 'expired')),
    from_address text,
    epoch bigint not null
);

create index login_by_agent on cti.login (cti_id, at);
create index login_at on cti.login (at);
create index login_open on cti.login (id) where ended_at is null;
create index login_epoch on cti.login (epoch);

create table cti.gap (
    id uuid primary key,
    what text not null constraint gap_what check (what in ('bridge', 'node', 'storage')),
    node text,
    from_at timestamptz not null,
    till_at timestamptz not null,
    epoch bigint not null
);

create index gap_from on cti.gap (from_at);
create index gap_epoch on cti.gap (epoch);
