-- name: queue_visits
-- Visits by the interval in which they came, queue, kind and end. The other figures of queues are sums of these.
-- $1: the borders of the intervals, $2: services, $3: queues, $4: dialled numbers; null: all. $5, $6, $7: by queue, the time within which
-- a visit is to be answered, and that up to which a caller who leaves is not missed.
select width_bucket(visit.entered_at, $1::timestamptz[]) as interval, visit.service, visit.queue, visit.kind,
    coalesce(visit.exit, 'waiting') as exit, visit.lender,
    count(*) as visits, count(*) filter (where visit.seq = 1) as calls,
    count(*) filter (where visit.left_at <= visit.entered_at + limits.target) as within,
    count(*) filter (where visit.left_at < visit.entered_at + limits.short) as short,
    date_part('epoch', sum(visit.left_at - visit.entered_at)) as wait_s,
    date_part('epoch', max(visit.left_at - visit.entered_at)) as wait_most_s,
    sum(visit.talk_s) as talk_s, sum(visit.hold_s) as hold_s, sum(visit.after_call_s) as after_call_s,
    count(*) filter (where visit.exit = 'answered' and visit.talk_s is null) as talking,
    count(*) filter (where visit.seen_late) as seen_late
from cti.queue_visit as visit
left join unnest($5::text[], $6::interval[], $7::interval[]) as limits (queue, target, short) on limits.queue = visit.queue
where visit.entered_at >= ($1::timestamptz[])[1] and visit.entered_at < ($1::timestamptz[])[cardinality($1::timestamptz[])]
    and visit.service = any($2::text[]) and ($3::text[] is null or visit.queue = any($3::text[]))
    and ($4::text[] is null or visit.call_id in (
        select call.id from cti.call as call where call.dialed_number = any($4::text[])
            and call.arrived_at < ($1::timestamptz[])[cardinality($1::timestamptz[])]
    ))
group by 1, 2, 3, 4, 5, 6

-- name: closed_entries
-- New calls that came after closing time, by the interval in which that was. They are no visits.
-- $1 to $4: as queue_visits.
select width_bucket(event.at, $1::timestamptz[]) as interval, call.service, event.detail ->> 'queue' as queue, count(*) as calls
from cti.call_event as event
join cti.call as call on call.id = event.call_id
where event.type = 'turned_away' and event.at >= ($1::timestamptz[])[1]
    and event.at < ($1::timestamptz[])[cardinality($1::timestamptz[])]
    and event.detail ->> 'exit' = 'closed' and call.service = any($2::text[])
    and ($3::text[] is null or event.detail ->> 'queue' = any($3::text[]))
    and ($4::text[] is null or call.dialed_number = any($4::text[]))
    and not exists (
        select from cti.queue_visit as visit
        where visit.call_id = event.call_id and visit.exit = 'closed' and visit.left_at = event.at
    )
group by 1, 2, 3

-- name: distribution
-- Waits of answered and of abandoned visits by their length: up to 5, 10, 20, 30, 60, 120, 300 seconds, and longer.
-- $1 to $4: as queue_visits.
select width_bucket(visit.entered_at, $1::timestamptz[]) as interval, visit.service, visit.queue, visit.kind, visit.exit,
    width_bucket(
        date_part('epoch', visit.left_at - visit.entered_at), array[0, 5.0000005, 10.0000005, 20.0000005, 30.0000005,
        60.0000005, 120.0000005, 300.0000005]::float8[]
    ) as length,
    count(*) as visits
from cti.queue_visit as visit
where visit.entered_at >= ($1::timestamptz[])[1] and visit.entered_at < ($1::timestamptz[])[cardinality($1::timestamptz[])]
    and visit.service = any($2::text[]) and ($3::text[] is null or visit.queue = any($3::text[]))
    and visit.exit in ('answered', 'abandoned')
    and ($4::text[] is null or visit.call_id in (
        select call.id from cti.call as call where call.dialed_number = any($4::text[])
            and call.arrived_at < ($1::timestamptz[])[cardinality($1::timestamptz[])]
    ))
group by 1, 2, 3, 4, 5, 6

-- name: predictions
-- Answered visits with an expected wait, and how many of them waited no longer than the range that was expected.
-- $1 to $4: as queue_visits. $5: the upper ends of the ranges, in seconds; the last range has none.
select width_bucket(visit.entered_at, $1::timestamptz[]) as interval, visit.service, visit.queue, visit.kind,
    count(*) as predicted,
    count(*) filter (
        where date_part('epoch', visit.left_at - visit.entered_at)
            <= coalesce(($5::float8[])[width_bucket(visit.wait_predicted_s, $5::float8[]) + 1], 'Infinity')
    ) as held
from cti.queue_visit as visit
where visit.entered_at >= ($1::timestamptz[])[1] and visit.entered_at < ($1::timestamptz[])[cardinality($1::timestamptz[])]
    and visit.service = any($2::text[]) and ($3::text[] is null or visit.queue = any($3::text[]))
    and visit.exit = 'answered' and visit.wait_predicted_s is not null
    and ($4::text[] is null or visit.call_id in (
        select call.id from cti.call as call where call.dialed_number = any($4::text[])
            and call.arrived_at < ($1::timestamptz[])[cardinality($1::timestamptz[])]
    ))
group by 1, 2, 3, 4
