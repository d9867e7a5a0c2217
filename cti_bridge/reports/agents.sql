-- name: agent_offers
-- Offers by the interval in which the agent began to be rung, and the seconds of those that were answered, cut at the borders. A row for each
-- interval and agent, with lists that go together.
-- $1: the borders of the intervals, $2: agents; null: all.
select cut.interval, cut.cti_id, array_agg(cut.kind) as kinds, array_agg(cut.result) as results, array_agg(cut.offers) as offers,
    sum(cut.ring_s) as ring_s
from (
    select place.interval, pair.cti_id, pair.kind, pair.result,
        sum(case when place.interval = pair.began then pair.offers else 0 end)::bigint as offers,
        sum(case
            when pair.result <> 'answered' then 0
            when pair.began = pair.ended then pair.lasted_s
            when place.interval = pair.began
                then pair.offers * date_part('epoch', ($1::timestamptz[])[pair.began + 1] - ($1::timestamptz[])[1]) - pair.begun_s
            when place.interval = pair.ended
                then pair.begun_s + pair.lasted_s
                    - pair.offers * date_part('epoch', ($1::timestamptz[])[pair.ended] - ($1::timestamptz[])[1])
            else pair.offers * date_part(
                'epoch', ($1::timestamptz[])[place.interval + 1] - ($1::timestamptz[])[place.interval]
            )
        end) as ring_s
    from (
        select width_bucket(offer.offered_at, $1::timestamptz[]) as began,
            width_bucket(case offer.result when 'answered' then offer.ended_at else offer.offered_at end, $1::timestamptz[]) as ended,
            offer.cti_id, offer.kind, coalesce(offer.result, 'rings') as result, count(*) as offers,
            sum(date_part('epoch', offer.ended_at - offer.offered_at)) as lasted_s,
            sum(date_part('epoch', offer.offered_at - ($1::timestamptz[])[1])) as begun_s
        from cti.offer as offer
        where offer.offered_at < ($1::timestamptz[])[cardinality($1::timestamptz[])]
            -- No phone rings for an hour.
            and offer.offered_at >= ($1::timestamptz[])[1] - interval '1 hour'
            and ($2::text[] is null or offer.cti_id = any($2::text[]))
        group by 1, 2, 3, 4, 5
    ) as pair
    cross join lateral generate_series(
        greatest(1, pair.began), least(cardinality($1::timestamptz[]) - 1, pair.ended)
    ) as place (interval)
    group by 1, 2, 3, 4
) as cut
group by 1, 2

-- name: agent_intervals
-- Seconds of agents in calls, cut at the borders. Rows are summed by the intervals in which they begin and end: few lie over a border, and what
-- they have on each side follows from the sums. A row for each interval and agent, with lists that go together.
-- $1: the borders of the intervals, $2: agents; null: all.
select cut.interval, cut.cti_id, array_agg(cut.direction) as directions, array_agg(cut.role) as roles, array_agg(cut.stage) as stages,
    array_agg(cut.seconds) as seconds
from (
    select place.interval, pair.cti_id, pair.direction, pair.role, pair.stage, sum(case
        when pair.began = pair.ended then pair.lasted_s
        when place.interval = pair.began
            then pair.parts * date_part('epoch', ($1::timestamptz[])[pair.began + 1] - ($1::timestamptz[])[1]) - pair.begun_s
        when place.interval = pair.ended
            then pair.begun_s + pair.lasted_s
                - pair.parts * date_part('epoch', ($1::timestamptz[])[pair.ended] - ($1::timestamptz[])[1])
        else pair.parts * date_part('epoch', ($1::timestamptz[])[place.interval + 1] - ($1::timestamptz[])[place.interval])
    end) as seconds
    from (
        select width_bucket(part.at, $1::timestamptz[]) as began, width_bucket(part.till, $1::timestamptz[]) as ended, part.cti_id,
            part.direction, part.role, part.stage, count(*) as parts, sum(date_part('epoch', part.till - part.at)) as lasted_s,
            sum(date_part('epoch', part.at - ($1::timestamptz[])[1])) as begun_s
        from cti.call_interval as part
        where part.at < ($1::timestamptz[])[cardinality($1::timestamptz[])] and part.till > ($1::timestamptz[])[1]
            and part.cti_id is not null and ($2::text[] is null or part.cti_id = any($2::text[]))
        group by 1, 2, 3, 4, 5, 6
    ) as pair
    cross join lateral generate_series(
        greatest(1, pair.began), least(cardinality($1::timestamptz[]) - 1, pair.ended)
    ) as place (interval)
    group by 1, 2, 3, 4, 5
) as cut
group by 1, 2

-- name: agent_calls_out
-- Calls out by the interval in which the agent asked for them; a call whose phone was rung is an attempt.
-- $1: the borders of the intervals, $2: agents; null: all.
select width_bucket(call.arrived_at, $1::timestamptz[]) as interval, first.cti_id, count(*) as attempts,
    count(call.answered_at) as answered
from cti.call as call
join cti.call_interval as first on first.call_id = call.id and first.seq = 1 and first.role = 'agent'
where call.arrived_at >= ($1::timestamptz[])[1] and call.arrived_at < ($1::timestamptz[])[cardinality($1::timestamptz[])]
    and call.direction = 'outbound' and first.direction = 'outbound' and first.till > ($1::timestamptz[])[1]
    and first.cti_id is not null and ($2::text[] is null or first.cti_id = any($2::text[]))
group by 1, 2

-- name: agent_transfers
-- Consultations and transfers by the interval in which they were asked for, and by whom: to an agent, to a queue or a scenario, or outside.
-- $1: the borders of the intervals, $2: agents; null: all.
select width_bucket(transfer.at, $1::timestamptz[]) as interval, transfer.by_cti_id as cti_id, transfer.kind,
    transfer.result = 'completed' as completed, case
        when transfer.target_queue is not null or transfer.target_scenario is not null then 'to_queues'
        when transfer.target_cti_id is not null then 'to_agents' else 'outside'
    end as way, count(*) as transfers
from cti.transfer as transfer
where transfer.at >= ($1::timestamptz[])[1] and transfer.at < ($1::timestamptz[])[cardinality($1::timestamptz[])]
    and transfer.by_cti_id is not null and ($2::text[] is null or transfer.by_cti_id = any($2::text[]))
group by 1, 2, 3, 4, 5

-- name: agent_transfers_in
-- Consultations and transfers that were completed to an agent, by the interval in which they were asked for.
-- $1: the borders of the intervals, $2: agents; null: all.
select width_bucket(transfer.at, $1::timestamptz[]) as interval, transfer.target_cti_id as cti_id, count(*) as transfers
from cti.transfer as transfer
where transfer.at >= ($1::timestamptz[])[1] and transfer.at < ($1::timestamptz[])[cardinality($1::timestamptz[])]
    and transfer.result = 'completed' and transfer.target_cti_id is not null
    and ($2::text[] is null or transfer.target_cti_id = any($2::text[]))
group by 1, 2

-- name: agent_talks_behind_transfers
-- Seconds of talk of agents in calls that were transferred to them, from then on, cut at the borders. Few calls are transferred, so it begins
-- with the transfers; no call goes on for a week.
-- $1: the borders of the intervals, $2: agents; null: all.
select part.interval, part.cti_id, sum(date_part(
    'epoch',
    least(part.till, ($1::timestamptz[])[part.interval + 1]) - greatest(part.at, ($1::timestamptz[])[part.interval])
)) as seconds
from (
    select one.cti_id, one.at, one.till, generate_series(
        greatest(1, width_bucket(one.at, $1::timestamptz[])),
        least(cardinality($1::timestamptz[]) - 1, width_bucket(one.till, $1::timestamptz[]))
    ) as interval
    from (
        select transfer.call_id, transfer.target_cti_id, min(transfer.completed_at) as since
        from cti.transfer as transfer
        where transfer.at >= ($1::timestamptz[])[1] - interval '7 days'
            and transfer.at < ($1::timestamptz[])[cardinality($1::timestamptz[])]
            and transfer.completed_at is not null and transfer.target_cti_id is not null
            and ($2::text[] is null or transfer.target_cti_id = any($2::text[]))
        group by 1, 2
    ) as given
    join cti.call_interval as one
        on one.call_id = given.call_id and one.cti_id = given.target_cti_id and one.at >= given.since
    where one.at < ($1::timestamptz[])[cardinality($1::timestamptz[])] and one.till > ($1::timestamptz[])[1]
        and one.stage in ('talking', 'consult_swapped', 'three_together') and one.role = 'agent'
) as part
group by 1, 2

-- name: agent_moves
-- Changes of agents by the interval, what they were at until then and from then on, with the seconds until then, and of them those beyond a
-- limit. Whatever a stretch of an agent had before the interval is in there too, and taken out by what agent_borders says. A row for each
-- interval and agent, with lists that go together.
-- $1: the borders of the intervals, $2: agents; null: all. $3: the limit.
select one.interval, one.cti_id, array_agg(one.was) as was, array_agg(one.becomes) as becomes, array_agg(one.changes) as changes,
    array_agg(one.seconds) as seconds, array_agg(one.long_s) as long_s
from (
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
        and ($2::text[] is null or change.cti_id = any($2::text[]))
    group by 1, 2, 3, 4
) as one
group by 1, 2

-- name: agent_free
-- Seconds of agents who were ready and free, and of after-call work: of those changes alone, in the form of agent_moves.
-- $1 to $3: as agent_moves.
select one.interval, one.cti_id, array_agg(one.was) as was, array_agg(one.seconds) as seconds, array_agg(one.long_s) as long_s
from (
    select width_bucket(change.at, $1::timestamptz[]) as interval, change.cti_id,
        case change.from_status when 'ready' then 'ready' else 'after_call' end as was,
        sum(change.lasted_s) as seconds, sum(greatest(0, change.lasted_s - $3::float8)) as long_s
    from cti.agent_state_change as change
    where change.at >= ($1::timestamptz[])[1] and change.at < ($1::timestamptz[])[cardinality($1::timestamptz[])]
        and change.from_state = 'idle'
        and (change.from_status = 'ready' or change.from_status = 'business' and change.from_reason = 'ticket_processing')
        and ($2::text[] is null or change.cti_id = any($2::text[]))
    group by 1, 2, 3
) as one
group by 1, 2

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
