-- name: agent_offers
-- Offers by the interval in which the agent began to be rung.
-- $1: the borders of the intervals, $2: agents.
select width_bucket(offer.offered_at, $1::timestamptz[]) as interval, offer.cti_id, offer.kind,
    coalesce(offer.result, 'rings') as result, count(*) as offers
from cti.offer as offer
where offer.offered_at >= ($1::timestamptz[])[1] and offer.offered_at < ($1::timestamptz[])[cardinality($1::timestamptz[])]
    and offer.cti_id = any($2::text[])
group by 1, 2, 3, 4

-- name: agent_rings
-- Seconds for which agents were rung by offers that they answered, cut at the borders.
-- $1: the borders of the intervals, $2: agents.
select ring.interval, ring.cti_id, sum(date_part(
    'epoch',
    least(ring.till, ($1::timestamptz[])[ring.interval + 1]) - greatest(ring.at, ($1::timestamptz[])[ring.interval])
)) as seconds
from (
    select offer.cti_id, offer.offered_at as at, offer.ended_at as till, generate_series(
        greatest(1, width_bucket(offer.offered_at, $1::timestamptz[])),
        least(cardinality($1::timestamptz[]) - 1, width_bucket(offer.ended_at, $1::timestamptz[]))
    ) as interval
    from cti.offer as offer
    where offer.offered_at < ($1::timestamptz[])[cardinality($1::timestamptz[])]
        -- No phone rings for an hour.
        and offer.offered_at >= ($1::timestamptz[])[1] - interval '1 hour' and offer.ended_at > ($1::timestamptz[])[1]
        and offer.result = 'answered' and offer.cti_id = any($2::text[])
) as ring
group by 1, 2

-- name: agent_intervals
-- Seconds of agents in calls, cut at the borders.
-- $1: the borders of the intervals, $2: agents.
select part.interval, part.cti_id, part.direction, part.role, part.stage, sum(date_part(
    'epoch',
    least(part.till, ($1::timestamptz[])[part.interval + 1]) - greatest(part.at, ($1::timestamptz[])[part.interval])
)) as seconds
from (
    select one.cti_id, one.direction, one.role, one.stage, one.at, one.till, generate_series(
        greatest(1, width_bucket(one.at, $1::timestamptz[])),
        least(cardinality($1::timestamptz[]) - 1, width_bucket(one.till, $1::timestamptz[]))
    ) as interval
    from cti.call_interval as one
    where one.at < ($1::timestamptz[])[cardinality($1::timestamptz[])] and one.till > ($1::timestamptz[])[1]
        and one.cti_id = any($2::text[])
) as part
group by 1, 2, 3, 4, 5

-- name: agent_calls_out
-- Calls out by the interval in which the agent asked for them; a call whose phone was rung is an attempt.
-- $1: the borders of the intervals, $2: agents.
select width_bucket(call.arrived_at, $1::timestamptz[]) as interval, first.cti_id, count(*) as attempts,
    count(call.answered_at) as answered
from cti.call as call
join cti.call_interval as first on first.call_id = call.id and first.seq = 1 and first.role = 'agent'
where call.arrived_at >= ($1::timestamptz[])[1] and call.arrived_at < ($1::timestamptz[])[cardinality($1::timestamptz[])]
    and call.direction = 'outbound' and first.cti_id = any($2::text[])
group by 1, 2

-- name: agent_transfers
-- Consultations and transfers by the interval in which they were asked for: by whom, to whom, and how they ended.
-- $1: the borders of the intervals, $2: agents.
select width_bucket(transfer.at, $1::timestamptz[]) as interval, transfer.by_cti_id, transfer.target_cti_id, transfer.kind,
    transfer.result = 'completed' as completed, transfer.target_queue is not null or transfer.target_scenario is not null as queue,
    count(*) as transfers
from cti.transfer as transfer
where transfer.at >= ($1::timestamptz[])[1] and transfer.at < ($1::timestamptz[])[cardinality($1::timestamptz[])]
    and (transfer.by_cti_id = any($2::text[]) or transfer.target_cti_id = any($2::text[]))
group by 1, 2, 3, 4, 5, 6

-- name: agent_talks_behind_transfers
-- Seconds of talk of agents in calls that were transferred to them, from then on, cut at the borders.
-- $1: the borders of the intervals, $2: agents.
select part.interval, part.cti_id, sum(date_part(
    'epoch',
    least(part.till, ($1::timestamptz[])[part.interval + 1]) - greatest(part.at, ($1::timestamptz[])[part.interval])
)) as seconds
from (
    select one.cti_id, one.at, one.till, generate_series(
        greatest(1, width_bucket(one.at, $1::timestamptz[])),
        least(cardinality($1::timestamptz[]) - 1, width_bucket(one.till, $1::timestamptz[]))
    ) as interval
    from cti.call_interval as one
    where one.at < ($1::timestamptz[])[cardinality($1::timestamptz[])] and one.till > ($1::timestamptz[])[1]
        and one.stage in ('talking', 'consult_swapped', 'three_together') and one.role = 'agent'
        and one.cti_id = any($2::text[])
        and exists (
            select from cti.transfer as transfer
            where transfer.call_id = one.call_id and transfer.target_cti_id = one.cti_id and transfer.completed_at <= one.at
        )
) as part
group by 1, 2

-- name: agent_moves
-- Changes of agents by the interval, what they were at until then and from then on, with the seconds until then, and of them those beyond a
-- limit. Whatever a stretch of an agent had before the interval is in there too, and taken out by what agent_borders says.
-- $1: the borders of the intervals, $2: agents, $3: the limit.
select width_bucket(change.at, $1::timestamptz[]) as interval, change.cti_id,
    case
        when change.from_state <> 'idle' then case change.from_state when 'accepted' then 'ringing' else change.from_state end
        when change.from_status <> 'business' then change.from_status
        when change.from_reason = 'ticket_processing' then 'after_call' else 'business'
    end as was,
    case
        when change.to_state <> 'idle' then case change.to_state when 'accepted' then 'ringing' else change.to_state end
        when change.to_status <> 'business' then change.to_status
        when change.reason = 'ticket_processing' then 'after_call' else 'business'
    end as becomes,
    count(*) as changes, sum(change.lasted_s) as seconds, sum(greatest(0, change.lasted_s - $3::float8)) as long_s
from cti.agent_state_change as change
where change.at >= ($1::timestamptz[])[1] and change.at < ($1::timestamptz[])[cardinality($1::timestamptz[])]
    and change.cti_id = any($2::text[])
group by 1, 2, 3, 4

-- name: agent_borders
-- What each agent was at when an interval began or ended: the stretch up to the next change, or the one that goes on.
-- $1: the borders of the intervals, $2: agents.
select border.place, agent.cti_id,
    case
        when stretch.state <> 'idle' then case stretch.state when 'accepted' then 'ringing' else stretch.state end
        when stretch.status <> 'business' then stretch.status
        when stretch.reason = 'ticket_processing' then 'after_call' else 'business'
    end as was,
    date_part('epoch', stretch.till) - stretch.lasted_s as since, date_part('epoch', stretch.till) as till,
    date_part('epoch', stretch.goes_on_since) as goes_on_since
from unnest($2::text[]) as agent (cti_id)
cross join unnest($1::timestamptz[]) with ordinality as border (at, place)
cross join lateral (
    (
        select change.from_status as status, change.from_state as state, change.from_reason as reason, change.at as till,
            change.lasted_s, null::timestamptz as goes_on_since
        from cti.agent_state_change as change
        where change.cti_id = agent.cti_id and change.at >= border.at order by change.at, change.seq limit 1
    )
    union all
    (
        select change.to_status, change.to_state, change.reason, null, null, change.at
        from cti.agent_state_change as change
        where change.cti_id = agent.cti_id and change.at < border.at order by change.at desc, change.seq desc limit 1
    )
    limit 1
) as stretch

-- name: agent_logins
-- Logins and logouts by the interval.
-- $1: the borders of the intervals, $2: agents.
select moved.interval, moved.cti_id, count(*) filter (where moved.came) as logins, count(*) filter (where not moved.came) as logouts,
    min(moved.at) filter (where moved.came) as first_login, max(moved.at) filter (where not moved.came) as last_logout
from (
    select width_bucket(login.at, $1::timestamptz[]) as interval, login.cti_id, login.at, true as came
    from cti.login as login
    where login.at >= ($1::timestamptz[])[1] and login.at < ($1::timestamptz[])[cardinality($1::timestamptz[])]
        and login.cti_id = any($2::text[])
    union all
    select width_bucket(login.ended_at, $1::timestamptz[]), login.cti_id, login.ended_at, false
    from cti.login as login
    where login.ended_at >= ($1::timestamptz[])[1] and login.ended_at < ($1::timestamptz[])[cardinality($1::timestamptz[])]
        and login.cti_id = any($2::text[])
) as moved
group by 1, 2

-- name: agents_of_rows
-- All agents with rows.
with recursive agent as (
    (select cti_id from cti.agent_state_change order by cti_id limit 1)
    union all
    select (
        select change.cti_id from cti.agent_state_change as change
        where change.cti_id > agent.cti_id order by change.cti_id limit 1
    )
    from agent where agent.cti_id is not null
)
select agent.cti_id from agent where agent.cti_id is not null
