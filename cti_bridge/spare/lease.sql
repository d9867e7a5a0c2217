-- name: take_lease
-- Take the lease, if nobody holds it any more. Returns the term, or no row. The clock is that of Postgres, read after the
-- row's lock, so of two that ask at once one gets it.
-- $1: what is leased; $2: who asks; $3: for how many seconds; $4: the highest term that the asker knows of; $5: the PBXs
-- that it reaches, JSON.
insert into cti.lease as held (name, holder, term, expires_at, reaches, phase)
values (
    $1, $2,
    greatest(
        $4, (select max(epoch) from cti.epoch),
        (select seq >> 30 from cti.checkpoint where kind = 'shipped' and id = '')
    ) + 1,
    clock_timestamp() + $3 * interval '1 second', $5::jsonb, 'taking_over'
)
on conflict (name) do update set
    holder = excluded.holder,
    term = greatest(held.term + 1, excluded.term),
    expires_at = clock_timestamp() + $3 * interval '1 second',
    reaches = excluded.reaches,
    phase = excluded.phase
where held.expires_at <= clock_timestamp()
returning term

-- name: renew_lease
-- Prolong the lease of a holder. Returns a row if it is still theirs. One that is over and that nobody took is theirs. A row
-- of an earlier term is of a Postgres that has lost the later one in a fail-over.
-- $1: what is leased; $2: the holder; $3: for how many seconds; $4: its term; $5: the PBXs that it reaches, JSON; $6: the
-- phase.
insert into cti.lease as held (name, holder, term, expires_at, reaches, phase)
values ($1, $2, $4, clock_timestamp() + $3 * interval '1 second', $5::jsonb, $6)
on conflict (name) do update set
    holder = excluded.holder,
    term = excluded.term,
    expires_at = clock_timestamp() + $3 * interval '1 second',
    reaches = excluded.reaches,
    phase = excluded.phase
where held.term < excluded.term
    or held.term = excluded.term and held.holder = excluded.holder and held.phase <> 'given_up'
returning term

-- name: give_up_lease
-- End the lease of a holder: another one need not wait. A renewal that arrives late does not bring it back.
-- $1: what is leased; $2: the holder; $3: its term.
update cti.lease set expires_at = clock_timestamp(), phase = 'given_up'
where name = $1 and holder = $2 and term = $3

-- name: report_spare
-- Note that a spare is there, and what it reaches. It holds nothing.
-- $1: its own name; $2: the spare; $3: for how many seconds that counts; $4: the term of the holder that it follows; $5: the
-- PBXs that it reaches, JSON; $6: its phase.
insert into cti.lease as noted (name, holder, term, expires_at, reaches, phase)
values ($1, $2, $4, clock_timestamp() + $3 * interval '1 second', $5::jsonb, $6)
on conflict (name) do update set
    holder = excluded.holder,
    term = excluded.term,
    expires_at = clock_timestamp() + $3 * interval '1 second',
    reaches = excluded.reaches,
    phase = excluded.phase

-- name: forget_spare
-- A spare is none any more: it acts, or has ended.
-- $1: its own name.
delete from cti.lease where name = $1

-- name: read_leases
-- Read the lease and the notes of spares, with the seconds that each has left: below zero when it is over; and the time.
select name, holder, term, extract(epoch from expires_at - clock_timestamp())::float8 as left_s, reaches, phase,
    extract(epoch from clock_timestamp())::float8 as now
from cti.lease order by name
