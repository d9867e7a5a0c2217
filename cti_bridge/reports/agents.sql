-- name: agent_talks_behind_transfers
-- Seconds of talk of agents in calls that were transferred to them, from then on, cut at the borders. Few calls are transferred, so it begins
-- with the transfers, and looks at each of their calls by itself; no call goes on for a week.
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
    cross join lateral (
        select talk.cti_id, talk.at, talk.till
        from cti.call_interval as talk
        where talk.call_id = given.call_id and talk.cti_id = given.target_cti_id and talk.at >= given.since
            and talk.at < ($1::timestamptz[])[cardinality($1::timestamptz[])] and talk.till > ($1::timestamptz[])[1]
            and talk.stage in ('talking', 'consult_swapped', 'three_together') and talk.role = 'agent'
        -- Without it the planner would join all calls there are.
        offset 0
    ) as one
) as part
group by 1, 2

-- name: agent_borders
-- What each agent was at when an interval began or ended, with status and reason: the stretch up to the next change, or the one that goes on.
-- $1: the borders of the intervals, $2: agents.
select border.place, agent.cti_id,
    case
        when stretch.state <> 'idle' then case stretch.state when 'accepted' then 'ringing' else stretch.state end
        when stretch.status <> 'business' then stretch.status
        when stretch.reason = 'ticket_processing' then 'after_call' else 'business'
    end as was,
    stretch.status, coalesce(stretch.reason, '') as reason,
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

-- name: agent_offers_not_taken
-- The latest offers of each agent that were not taken, as agent_offers counts them.
-- $1: since when, $2: till when, $3: agents, $4: the most of each.
select agent.cti_id, one.*
from unnest($3::text[]) as agent (cti_id)
cross join lateral (
    select offer.offered_at, offer.result, call.customer_number, offer.queue
    from cti.offer as offer
    join cti.call as call on call.id = offer.call_id
    where offer.cti_id = agent.cti_id and offer.offered_at >= $1 and offer.offered_at < $2
        and offer.result in ('missed', 'declined', 'busy', 'unreachable') and coalesce(offer.kind in ('queue', 'recall'), true)
    order by offer.offered_at desc
    limit $4
) as one
order by agent.cti_id, one.offered_at desc
