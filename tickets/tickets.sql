-- name: write_ticket
-- The present state of tickets; of two the one with the higher (epoch, version) holds, in the batch and in the table.
-- $1: a JSON array of ticket rows, created_at in POSIX seconds.
insert into cti.ticket as held
    (id, service, call_id, status, owner, customer_number, created_at, version, epoch)
select distinct on (id)
    id, service, call_id, status, owner, customer_number, to_timestamp(created_at), version, epoch
from json_to_recordset($1::json) as new
    (id uuid, service text, call_id uuid, status text, owner text, customer_number text, created_at float8,
     version integer, epoch bigint)
order by id, epoch desc, version desc
on conflict (id) do update set
    service = excluded.service, call_id = excluded.call_id, status = excluded.status, owner = excluded.owner,
    customer_number = excluded.customer_number, created_at = excluded.created_at, version = excluded.version,
    epoch = excluded.epoch
where (excluded.epoch, excluded.version) > (held.epoch, held.version)

-- name: write_ticket_event
-- History: a row that is there already (by id) is left alone.
-- $1: a JSON array of ticket_event rows, at in POSIX seconds.
insert into cti.ticket_event (id, ticket_id, version, at, by, type, detail, epoch)
select id, ticket_id, version, to_timestamp(at), by, type, coalesce(detail, '{}'), epoch
from json_to_recordset($1::json) as new
    (id uuid, ticket_id uuid, version integer, at float8, by text, type text, detail jsonb, epoch bigint)
on conflict (id) do nothing

-- name: load_ticket
-- One ticket with all its events, oldest first; one statement, so that both are of the same moment.
-- $1: ticket id.
select
    t.id::text, t.service, t.call_id::text, t.status, t.owner, t.customer_number,
    extract(epoch from t.created_at)::float8 as created_at, t.version,
    e.id::text as event_id, e.version as event_version, extract(epoch from e.at)::float8 as event_at,
    e.by as event_by, e.type as event_type, e.detail::text as event_detail
from cti.ticket t
left join cti.ticket_event e on e.ticket_id = t.id
where t.id = $1
order by e.version

-- name: ticket_versions
-- $1: ticket ids.
select id::text, version from cti.ticket where id = any($1::uuid[])

-- name: search_tickets
-- The present state of tickets of these services, newest first, from a place in that order on. An owner that is null does not restrict.
-- Each service is asked for its newest in each status by itself, which an index gives in order: a service whose tickets are all old
-- costs no more than another, and a late page no more than the first. The order is by the table's columns, for those of the output
-- stand in no index.
-- $1: services, $2: statuses, $3: owner, $4: ids to leave out, $5: the most rows wanted, $6 and $7: the ticket before the first one wanted,
-- created_at in POSIX seconds and id.
select
    ticket.id::text, ticket.service, ticket.call_id::text, ticket.status, ticket.owner, ticket.customer_number,
    extract(epoch from ticket.created_at)::float8 as created_at, ticket.version
from unnest($1::text[]) as asked (service)
cross join unnest($2::text[]) as wanted (status)
cross join lateral (
    select * from cti.ticket as one
    where one.service = asked.service
        and one.status = wanted.status
        and ($3::text is null or one.owner = $3)
        and one.id <> all($4::uuid[])
        and (one.created_at, one.id) < (to_timestamp($6::float8), $7::uuid)
    order by one.created_at desc, one.id desc
    limit $5
) as ticket
order by ticket.created_at desc, ticket.id desc
limit $5

-- name: search_tickets_of_number
-- The same of one customer, whose number may stand there in several forms: each is asked for by itself, in an index of its own.
-- $1 to $7: as there, $8: forms of the customer's number, each once.
select
    ticket.id::text, ticket.service, ticket.call_id::text, ticket.status, ticket.owner, ticket.customer_number,
    extract(epoch from ticket.created_at)::float8 as created_at, ticket.version
from unnest($1::text[]) as asked (service)
cross join unnest($2::text[]) as wanted (status)
cross join unnest($8::text[]) as written (number)
cross join lateral (
    select * from cti.ticket as one
    where one.service = asked.service
        and one.status = wanted.status
        and one.customer_number = written.number
        and ($3::text is null or one.owner = $3)
        and one.id <> all($4::uuid[])
        and (one.created_at, one.id) < (to_timestamp($6::float8), $7::uuid)
    order by one.created_at desc, one.id desc
    limit $5
) as ticket
order by ticket.created_at desc, ticket.id desc
limit $5

-- name: search_tickets_of_id
-- The ticket that has this id, and the one whose call has it.
-- $1: id.
select
    ticket.id::text, ticket.service, ticket.call_id::text, ticket.status, ticket.owner, ticket.customer_number,
    extract(epoch from ticket.created_at)::float8 as created_at, ticket.version
from cti.ticket as ticket
where ticket.id = $1 or ticket.call_id = $1
