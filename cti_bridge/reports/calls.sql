-- name: all_calls
-- Calls by the interval in which they came, each once.
-- $1: the borders of the intervals, $2: services, $3: queues, $4: dialled numbers; null: all.
select width_bucket(call.arrived_at, $1::timestamptz[]) as interval, call.service, call.direction,
    call.direction = 'inbound' and case
        when $3::text[] is null then visit.call_id is not null
        else exists (select from cti.queue_visit as one where one.call_id = call.id and one.queue = any($3::text[]))
    end as queued,
    call.answered_at is not null as answered, call.ended_at is null as open,
    count(*) as calls, sum(call.talk_s) as talk_s, sum(call.hold_s) as hold_s, sum(call.wait_s) as wait_s
from cti.call as call
-- A join can be made by several processes, and a question for each call cannot.
left join cti.queue_visit as visit
    on visit.call_id = call.id and visit.seq = 1 and visit.entered_at >= ($1::timestamptz[])[1] - interval '1 hour'
        and $3::text[] is null
where call.arrived_at >= ($1::timestamptz[])[1] and call.arrived_at < ($1::timestamptz[])[cardinality($1::timestamptz[])]
    and call.service = any($2::text[]) and ($4::text[] is null or call.dialed_number = any($4::text[]))
    -- A call between colleagues has no customer.
    and call.direction <> 'internal'
group by 1, 2, 3, 4, 5, 6

-- name: call_detail
-- One call a row, in the order in which they came.
-- $1: the borders of the intervals, of which the first and the last count, $2: services, $3: queues, $4: dialled numbers, $5: agents; null:
-- all. $6, $7: behind which call, the moment of its arrival and its id. $8: the most rows.
select call.id, call.arrived_at, call.direction, call.service, call.customer_number, call.dialed_number, call.calling_number,
    call.queue, call.first_cti_id, call.last_cti_id, call.answered_at, call.ended_at,
    date_part('epoch', call.ended_at - call.arrived_at) as total_s, call.wait_s, call.talk_s, call.hold_s,
    call.outcome, call.ended_by, call.ended_in, call.hangup_cause, call.sip_code, call.category, call.seen_late,
    ticket.id as ticket_id
from cti.call as call
left join cti.ticket as ticket on ticket.call_id = call.id
where call.arrived_at >= ($1::timestamptz[])[1] and call.arrived_at < ($1::timestamptz[])[cardinality($1::timestamptz[])]
    and (call.arrived_at, call.id) > ($6::timestamptz, $7::uuid)
    and call.service = any($2::text[]) and ($4::text[] is null or call.dialed_number = any($4::text[]))
    and ($3::text[] is null or exists (
        select from cti.queue_visit as visit where visit.call_id = call.id and visit.queue = any($3::text[])
    ))
    and ($5::text[] is null or exists (
        select from cti.call_interval as part where part.call_id = call.id and part.cti_id = any($5::text[])
    ))
order by call.arrived_at, call.id limit $8

-- name: transfers
-- Consultations and transfers by the interval in which they were asked for.
-- $1 to $5: as call_detail.
select width_bucket(transfer.at, $1::timestamptz[]) as interval, transfer.service, transfer.kind, transfer.by_cti_id,
    transfer.target_cti_id, transfer.target_queue, transfer.target_scenario,
    case when transfer.target_cti_id is null then transfer.target_number end as target_number, transfer.result,
    count(*) as transfers, count(transfer.answered_at) as answered,
    date_part('epoch', sum(transfer.answered_at - transfer.at)) as answered_s
from cti.transfer as transfer
where transfer.at >= ($1::timestamptz[])[1] and transfer.at < ($1::timestamptz[])[cardinality($1::timestamptz[])]
    and transfer.service = any($2::text[]) and ($3::text[] is null or transfer.queue = any($3::text[]))
    and ($4::text[] is null or exists (
        select from cti.call as call where call.id = transfer.call_id and call.dialed_number = any($4::text[])
    ))
    and ($5::text[] is null or transfer.by_cti_id = any($5::text[]) or transfer.target_cti_id = any($5::text[]))
group by 1, 2, 3, 4, 5, 6, 7, 8, 9

-- name: scenario_exits
-- Steps of scenarios that were left, by the interval in which calls came to them.
-- $1: the borders of the intervals, $2: ids of scenarios.
select width_bucket(step.at, $1::timestamptz[]) as interval, step.scenario, step.step, step.exit,
    count(*) as calls, sum(step.lasted_s) as lasted_s
from cti.scenario_step as step
where step.at >= ($1::timestamptz[])[1] and step.at < ($1::timestamptz[])[cardinality($1::timestamptz[])]
    and step.scenario = any($2::text[])
group by 1, 2, 3, 4

-- name: callbacks
-- Call-backs and messages by the interval in which they were registered.
-- $1: the borders of the intervals, $2: services, $3: queues; null: all.
select width_bucket(callback.placed_at, $1::timestamptz[]) as interval, callback.service, callback.queue, callback.kind,
    callback.status, count(*) as callbacks, sum(callback.attempts) as attempts,
    date_part('epoch', sum(callback.ended_at - callback.placed_at)) as ended_s, count(callback.ended_at) as ended
from cti.callback as callback
where callback.placed_at >= ($1::timestamptz[])[1]
    and callback.placed_at < ($1::timestamptz[])[cardinality($1::timestamptz[])]
    and callback.service = any($2::text[]) and ($3::text[] is null or callback.queue = any($3::text[]))
group by 1, 2, 3, 4, 5

-- name: not_final
-- The earliest moment of which not everything is over: the arrival of the first call that goes on. Null: none does.
-- $1: services.
select min(call.arrived_at) as since from cti.call as call where call.ended_at is null and call.service = any($1::text[])
