-- Statements that add up what lies in pieces of time: an interval of a report is one piece or several. Pieces are asked for by several sessions at
-- once (sessions.py), and what they give is added up, so no row may say anything about an interval as a whole.
-- Of each piece the rows are found by an index and gathered by themselves. That is half the work of looking up the interval of each row of a
-- month: what is gathered is little, and stays in the processor's memory.

-- name: agent_offers
-- Offers by how they ended, in the piece in which the agent began to be rung; and the seconds of those that were answered, cut at the borders.
-- $1, $2, $3: since when, till when, and the interval of each piece. $4: agents; null: all.
select piece.place as interval, one.*
from unnest($1::timestamptz[], $2::timestamptz[], $3::int[]) as piece (since, till, place)
cross join lateral (
    select made.cti_id, sum(made.ring_s) as ring_s,
        sum(made.offers) filter (where made.own) as offered,
        sum(made.offers) filter (where made.own and made.result = 'answered') as answered,
        sum(made.offers) filter (where made.own and made.result = 'missed') as missed,
        sum(made.offers) filter (where made.own and made.result = 'declined') as declined,
        sum(made.offers) filter (where made.own and made.result = 'busy') as busy,
        sum(made.offers) filter (where made.own and made.result = 'unreachable') as unreachable,
        sum(made.offers) filter (where made.own and made.result = 'caller_left') as caller_left,
        sum(made.offers) filter (where made.own and made.result = 'withdrawn') as withdrawn,
        sum(made.offers) filter (where made.kind = 'consult' and made.result = 'answered') as consulted
    from (
        select offer.cti_id, offer.kind, offer.result, coalesce(offer.kind in ('queue', 'recall'), true) as own,
            (count(*) filter (where offer.offered_at >= piece.since))::int as offers,
            date_part('epoch', sum(least(offer.ended_at, piece.till) - greatest(offer.offered_at, piece.since)) filter (
                where offer.result = 'answered'
            )) as ring_s
        from cti.offer as offer
        where offer.offered_at < piece.till and (
            offer.offered_at >= piece.since
            -- It has begun before. No phone rings for an hour.
            or offer.offered_at >= piece.since - interval '1 hour' and offer.ended_at > piece.since and offer.result = 'answered'
        ) and ($4::text[] is null or offer.cti_id = any($4::text[]))
        group by 1, 2, 3
    ) as made
    group by 1
) as one

-- name: agent_intervals
-- Seconds of agents in calls, cut at the borders.
-- $1 to $4: as agent_offers.
select piece.place as interval, one.*
from unnest($1::timestamptz[], $2::timestamptz[], $3::int[]) as piece (since, till, place)
cross join lateral (
    select made.cti_id,
        sum(made.seconds) filter (where made.way = 'in' and made.does = 'talk') as in_talk_s,
        sum(made.seconds) filter (where made.way = 'in' and made.does = 'hold') as in_hold_s,
        sum(made.seconds) filter (where made.way = 'out' and made.does = 'talk') as out_talk_s,
        sum(made.seconds) filter (where made.way = 'out' and made.does = 'hold') as out_hold_s,
        sum(made.seconds) filter (where made.way in ('in', 'out') and made.does = 'dial') as dial_s,
        sum(made.seconds) filter (where made.way in ('in', 'out') and made.does = 'consult') as consult_s,
        sum(made.seconds) filter (where made.way = 'consulted') as consulted_s,
        sum(made.seconds) filter (where made.way = 'internal') as internal_s
    from (
        select part.cti_id, part.direction, part.role, part.stage,
            case
                when part.direction = 'internal' then 'internal' when part.role = 'target' then 'consulted'
                when part.direction = 'inbound' then 'in' else 'out'
            end as way,
            case
                when part.stage in ('talking', 'consult_swapped', 'three_together') then 'talk'
                when part.stage in ('on_hold', 'agent_lost') then 'hold'
                when part.stage in ('dialing_agent', 'dialing_customer') then 'dial'
                when part.stage in ('consult_ringing', 'consult_talking', 'consult_alone') then 'consult'
            end as does,
            date_part('epoch', sum(least(part.till, piece.till) - greatest(part.at, piece.since))) as seconds
        from cti.call_interval as part
        where part.at < piece.till and part.till > piece.since and part.cti_id is not null
            and ($4::text[] is null or part.cti_id = any($4::text[]))
        group by 1, 2, 3, 4
    ) as made
    group by 1
) as one

-- name: agent_calls_out
-- Calls out in the piece in which the agent asked for them; a call whose phone was rung is an attempt.
-- $1 to $4: as agent_offers.
select piece.place as interval, one.*
from unnest($1::timestamptz[], $2::timestamptz[], $3::int[]) as piece (since, till, place)
cross join lateral (
    select first.cti_id, count(*) as out_attempts, count(call.answered_at) as out_answered
    from cti.call as call
    join cti.call_interval as first
        on first.call_id = call.id and first.direction = 'outbound' and first.seq = 1 and first.role = 'agent'
    where call.arrived_at >= piece.since and call.arrived_at < piece.till and call.direction = 'outbound'
        and first.cti_id is not null and ($4::text[] is null or first.cti_id = any($4::text[]))
    group by 1
) as one

-- name: agent_transfers
-- Consultations and transfers in the piece in which they were asked for, by whom, and to an agent, to a queue or a scenario, or outside.
-- $1 to $4: as agent_offers.
select piece.place as interval, one.*
from unnest($1::timestamptz[], $2::timestamptz[], $3::int[]) as piece (since, till, place)
cross join lateral (
    select made.cti_id,
        count(*) filter (where made.kind = 'consult') as consults,
        count(*) filter (where made.completed and made.way = 'to_agents') as transfers_to_agents,
        count(*) filter (where made.completed and made.way = 'to_queues') as transfers_to_queues,
        count(*) filter (where made.completed and made.way = 'outside') as transfers_outside,
        count(*) filter (where made.kind = 'direct' and not made.completed) as transfers_failed
    from (
        select transfer.by_cti_id as cti_id, transfer.kind, transfer.result is not distinct from 'completed' as completed, case
            when transfer.target_queue is not null or transfer.target_scenario is not null then 'to_queues'
            when transfer.target_cti_id is not null then 'to_agents' else 'outside'
        end as way
        from cti.transfer as transfer
        where transfer.at >= piece.since and transfer.at < piece.till and transfer.by_cti_id is not null
            and ($4::text[] is null or transfer.by_cti_id = any($4::text[]))
    ) as made
    group by 1
) as one

-- name: agent_transfers_in
-- Consultations and transfers that were completed to an agent, in the piece in which they were asked for.
-- $1 to $4: as agent_offers.
select piece.place as interval, one.*
from unnest($1::timestamptz[], $2::timestamptz[], $3::int[]) as piece (since, till, place)
cross join lateral (
    select transfer.target_cti_id as cti_id, count(*) as transfers_in
    from cti.transfer as transfer
    where transfer.at >= piece.since and transfer.at < piece.till and transfer.result = 'completed'
        and transfer.target_cti_id is not null and ($4::text[] is null or transfer.target_cti_id = any($4::text[]))
    group by 1
) as one

-- name: agent_moves
-- Changes of agents: seconds in what they were at until then, and how often something began. Whatever a stretch of an agent had before the
-- piece is in there too, and taken out by what agent_borders says.
-- $1 to $4: as agent_offers.
select piece.place as interval, one.*
from unnest($1::timestamptz[], $2::timestamptz[], $3::int[]) as piece (since, till, place)
cross join lateral (
    select made.cti_id,
        sum(made.seconds) filter (where made.was = 'ready') as ready_s,
        sum(made.changes) filter (where made.becomes = 'ready' and made.was <> 'ready') as ready_n,
        sum(made.seconds) filter (where made.was = 'rest') as rest_s,
        sum(made.changes) filter (where made.becomes = 'rest' and made.was <> 'rest') as rest_n,
        sum(made.seconds) filter (where made.was = 'business') as business_s,
        sum(made.changes) filter (where made.becomes = 'business' and made.was <> 'business') as business_n,
        sum(made.seconds) filter (where made.was = 'after_call') as after_call_s,
        sum(made.changes) filter (where made.becomes = 'after_call' and made.was <> 'after_call') as after_call_n,
        sum(made.seconds) filter (where made.was = 'ringing') as ringing_s,
        sum(made.changes) filter (where made.becomes = 'ringing' and made.was <> 'ringing') as ringing_n,
        sum(made.seconds) filter (where made.was = 'dialing') as dialing_s,
        sum(made.changes) filter (where made.becomes = 'dialing' and made.was <> 'dialing') as dialing_n,
        sum(made.seconds) filter (where made.was = 'talking') as talking_s,
        sum(made.changes) filter (where made.becomes = 'talking' and made.was <> 'talking') as talking_n,
        sum(made.seconds) filter (where made.was = 'on_hold') as on_hold_s,
        sum(made.changes) filter (where made.becomes = 'on_hold' and made.was <> 'on_hold') as on_hold_n,
        sum(made.seconds) filter (where made.was = 'consulting') as consulting_s,
        sum(made.changes) filter (where made.becomes = 'consulting' and made.was <> 'consulting') as consulting_n,
        sum(made.seconds) filter (where made.was = 'reconnecting') as reconnecting_s,
        sum(made.changes) filter (where made.becomes = 'reconnecting' and made.was <> 'reconnecting') as reconnecting_n,
        sum(made.seconds) filter (where made.was = 'monitoring') as monitoring_s,
        sum(made.changes) filter (where made.becomes = 'monitoring' and made.was <> 'monitoring') as monitoring_n
    from (
        -- Texts are gathered as they stand: to look at each of them costs more in millions of rows than in what is left.
        select made.cti_id, made.changes, made.seconds,
            case
                when made.from_state <> 'idle' then case made.from_state when 'accepted' then 'ringing' else made.from_state end
                when made.from_status <> 'business' then made.from_status
                when made.from_reason = 'ticket_processing' then 'after_call' else 'business'
            end as was,
            case
                when made.to_state <> 'idle' then case made.to_state when 'accepted' then 'ringing' else made.to_state end
                when made.to_status <> 'business' then made.to_status
                when made.reason = 'ticket_processing' then 'after_call' else 'business'
            end as becomes
        from (
            select change.cti_id, change.from_state, change.to_state, change.from_status, change.from_reason, change.to_status,
                change.reason, count(*)::int as changes, sum(change.lasted_s) as seconds
            from cti.agent_state_change as change
            where change.at >= piece.since and change.at < piece.till
                and ($4::text[] is null or change.cti_id = any($4::text[]))
            group by 1, 2, 3, 4, 5, 6, 7
        ) as made
    ) as made
    group by 1
) as one

-- name: agent_free
-- Seconds of agents who were ready and free, and of after-call work and what of it is beyond a limit: of those changes alone, in the form of
-- agent_moves. An index has just these.
-- $1 to $4: as agent_offers. $5: the limit.
select piece.place as interval, one.*
from unnest($1::timestamptz[], $2::timestamptz[], $3::int[]) as piece (since, till, place)
cross join lateral (
    select change.cti_id, sum(change.lasted_s) filter (where change.from_status = 'ready') as ready_s,
        sum(change.lasted_s) filter (where change.from_status = 'business') as after_call_s,
        sum(greatest(0, change.lasted_s - $5::float8)) filter (where change.from_status = 'business') as after_call_long_s
    from cti.agent_state_change as change
    where change.at >= piece.since and change.at < piece.till and change.from_state = 'idle'
        and (change.from_status = 'ready' or change.from_status = 'business' and change.from_reason = 'ticket_processing')
        and ($4::text[] is null or change.cti_id = any($4::text[]))
    group by 1
) as one

-- name: agent_reasons
-- Rest and business by reason, without after-call work: seconds in it until then, and how often it began. In the form of agent_moves, from
-- the changes that concern it alone.
-- $1 to $4: as agent_offers.
select piece.place as interval, one.*
from unnest($1::timestamptz[], $2::timestamptz[], $3::int[]) as piece (since, till, place)
cross join lateral (
    select change.cti_id, part.status, coalesce(part.reason, '') as reason, sum(part.times) as times, sum(part.seconds) as lasted_s
    from cti.agent_state_change as change
    cross join lateral (
        values (change.from_state, change.from_status, change.from_reason, 0, change.lasted_s),
            (change.to_state, change.to_status, change.reason, 1, 0)
    ) as part (state, status, reason, times, seconds)
    where change.at >= piece.since and change.at < piece.till
        and ($4::text[] is null or change.cti_id = any($4::text[]))
        -- What can be neither is left out before it is taken apart: nearly all changes.
        and (
            change.from_state = 'idle' and change.from_status in ('rest', 'business') and change.from_reason is distinct from 'ticket_processing'
            or change.to_state = 'idle' and change.to_status in ('rest', 'business') and change.reason is distinct from 'ticket_processing'
        )
        and part.state = 'idle' and part.status in ('rest', 'business') and part.reason is distinct from 'ticket_processing'
    group by 1, 2, 3
) as one
