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

-- name: ship_removals
-- $1: kinds, $2: ids.
delete from cti.checkpoint as held using unnest($1::text[], $2::text[]) as gone (kind, id)
where held.kind = gone.kind and held.id = gone.id

-- name: ship_nothing_else
-- What the whole checkpoint does not hold is gone.
-- $1: the number of its shipment.
delete from cti.checkpoint where seq < $1

-- name: load_shipped
-- All that was shipped, of one moment.
select kind, id, state, seq from cti.checkpoint
