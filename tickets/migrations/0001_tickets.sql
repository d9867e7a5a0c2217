-- Tickets: their present state, and the events that it is made of.
--
-- There is no foreign key to calls, and none between the two tables: rows come in batches from a spool, and a row that is refused
-- must not take others with it.

create table cti.ticket (
    id uuid primary key,
    service text not null,
    call_id uuid not null unique,
    status text not null constraint ticket_status check (status in ('open', 'pending', 'resolved')),
    owner text not null,
    customer_number text not null,
    created_at timestamptz not null,
    version integer not null,
    epoch bigint not null
);

create index ticket_newest on cti.ticket (created_at desc, id desc);
create index ticket_by_service on cti.ticket (service, status, created_at desc);
create index ticket_by_owner on cti.ticket (owner, created_at desc);
create index ticket_by_number on cti.ticket (customer_number, created_at desc);

create table cti.ticket_event (
    id uuid primary key,
    ticket_id uuid not null,
    version integer not null,
    at timestamptz not null,
    by text not null,
    type text not null constraint ticket_event_type check (type in (
        'opened', 'owner_changed', 'participant_added', 'status_changed', 'commented', 'call_event', 'force_disconnected'
    )),
    detail jsonb not null,
    epoch bigint not null,
    unique (ticket_id, version)
);
