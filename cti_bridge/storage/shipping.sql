-- name: mark_shipped
-- A place for how far states were shipped, where there is none yet.
insert into cti.checkpoint (kind, id, state, seq) values ('shipped', '', '', 0) on conflict do nothing

-- name: hold_shipped
-- How far states were shipped. One bridge ships at a time: this row is held until the shipment is there, or given up.
select seq from cti.checkpoint where kind = 'shipped' and id = '' for update

-- name: shipped_through
-- How far states were shipped, and how many entries there are.
select seq, (select count(*) from cti.checkpoint where kind <> 'shipped') as entries
from cti.checkpoint where kind = 'shipped' and id = ''

-- name: ship_states
-- $1: kinds, $2: ids, $3: states, $4: the number of the shipment.
insert into cti.checkpoint as held (kind, id, state, seq)
select new.kind, new.id, new.state, $4 from unnest($1::text[], $2::text[], $3::bytea[]) as new (kind, id, state)
on conflict (kind, id) do update set state = excluded.state, seq = excluded.seq

-- name: ship_changes
-- A shipment behind another one of the same session, in one statement: states are written, and others removed, if nothing was shipped
-- since. Whatever another session ships meanwhile makes it find another number, and then it changes nothing. Returns its number, or no
-- row.
-- $1: kinds, $2: ids, $3: states, $4 and $5: kinds and ids of removed ones, $6: its number, $7: the number of the shipment before.
with mark as (
    update cti.checkpoint set seq = $6 where kind = 'shipped' and id = '' and seq = $7 returning seq
), removed as (
    delete from cti.checkpoint as held using unnest($4::text[], $5::text[]) as gone (kind, id), mark
    where held.kind = gone.kind and held.id = gone.id
), written as (
    insert into cti.checkpoint as held (kind, id, state, seq)
    select new.kind, new.id, new.state, mark.seq
    from unnest($1::text[], $2::text[], $3::bytea[]) as new (kind, id, state), mark
    on conflict (kind, id) do update set state = excluded.state, seq = excluded.seq
)
select seq from mark

-- name: ship_nothing_else
-- What the whole checkpoint does not hold is gone.
-- $1: the number of its shipment.
delete from cti.checkpoint where seq < $1

-- name: entries
-- $1: kinds, $2: ids.
select held.kind, held.id, held.state from cti.checkpoint as held
join unnest($1::text[], $2::text[]) as asked (kind, id) on held.kind = asked.kind and held.id = asked.id

-- name: mark_taken
-- Another bridge takes over: what the one before ships from now on comes too late.
-- $1: the first number of its epoch.
update cti.checkpoint set seq = $1 where kind = 'shipped' and id = ''

-- name: end_shipments
-- End the sessions of our own that are within a shipment: those that hold its mark, or write. The bridge before is lost when the lease
-- is over.
select pg_terminate_backend(pid) from pg_locks
where relation = 'cti.checkpoint'::regclass and mode in ('RowShareLock', 'RowExclusiveLock') and pid <> pg_backend_pid()

-- name: load_shipped
-- All that was shipped, of one moment.
select kind, id, state, seq from cti.checkpoint
