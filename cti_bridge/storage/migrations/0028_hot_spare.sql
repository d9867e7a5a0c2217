-- A bridge and its hot spare: who may act, and the states with which the other one goes on.
--
-- Programs that do not know the tables leave them alone.
-- compatible: 0004

create table cti.lease (
    name text primary key,
    holder text,
    term bigint not null,
    expires_at timestamptz not null,
    reaches jsonb not null default '[]',
    phase text not null
);

comment on table cti.lease is 'One row for each lease that a bridge with a hot spare has asked for. Empty without [spare].';
comment on column cti.lease.name is 'What is leased.';
comment on column cti.lease.holder is 'The [spare] name of the bridge that holds it. Null: nobody does.';
comment on column cti.lease.term is 'How often it has changed hands, at least: each holder has a higher one than all before. The rows of a holder have it as their epoch.';
comment on column cti.lease.expires_at is 'Until when it is held, by the clock of Postgres. A holder that lives prolongs it.';
comment on column cti.lease.reaches is 'The names of the PBXs that the holder reaches, as an array.';
comment on column cti.lease.phase is 'What the holder does with it.';

-- The same few rows are written again and again: room on their pages, and the dead ones soon cleared away.
create table cti.checkpoint (
    kind text not null,
    id text not null,
    state bytea not null,
    seq bigint not null,
    primary key (kind, id)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.1, autovacuum_vacuum_cost_delay = 0);

comment on table cti.checkpoint is 'The present states of the bridge that acts: its checkpoint, with which a hot spare goes on. Empty without [spare]. They hold digests of session tokens and the secret of the marks of numbers: for the bridge alone, not for reports.';
comment on column cti.checkpoint.kind is 'The kind of the state, such as call or agent. shipped: no state, but how far they were shipped.';
comment on column cti.checkpoint.id is 'Which one of its kind.';
comment on column cti.checkpoint.state is 'The state as JSON (UTF-8), byte for byte as the bridge has it on its disk.';
comment on column cti.checkpoint.seq is 'The number of the shipment that has brought it, of any bridge: a higher one is newer. Its epoch is the number divided by 2^30.';
