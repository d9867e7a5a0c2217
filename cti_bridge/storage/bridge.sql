-- name: write_agent_state_change
-- History: a row that is there already (by id) is left alone. Any other conflict is an error of ours and is refused.
-- $1: a JSON array of rows, at in POSIX seconds.
insert into cti.agent_state_change
    (id, cti_id, seq, from_status, from_state, to_status, to_state, reason, cause, call_id, at, lasted_s, from_reason,
     after_call_of, after_call_kind, seen_late, by, epoch)
select id, cti_id, seq, from_status, from_state, to_status, to_state, reason, cause, call_id, to_timestamp(at), lasted_s,
    from_reason, after_call_of, after_call_kind, coalesce(seen_late, false), by, epoch
from json_to_recordset($1::json) as new
    (id uuid, cti_id text, seq bigint, from_status text, from_state text, to_status text, to_state text, reason text,
     cause text, call_id uuid, at float8, lasted_s float8, from_reason text, after_call_of uuid, after_call_kind text,
     seen_late boolean, by text, epoch bigint)
on conflict (id) do nothing

-- name: write_call
-- The present state of calls; of two the one with the higher (epoch, version) holds, in the batch and in the table. A call that has
-- ended is not opened again by a run that began with an older copy of the spool; of two ends, that of the newer epoch holds if it
-- was seen, as by the bridge that took the call over.
-- $1: a JSON array of rows, times in POSIX seconds.
insert into cti.call as held
    (id, node, direction, service, customer_number, dialed_number, calling_number, queue, arrived_at, answered_at, ended_at,
     outcome, ended_by, version, emergency, ended_in, hangup_cause, sip_code, seen_late, customer_left_at, customer_rang_at,
     agent_lifted_at, first_cti_id, last_cti_id, wait_s, talk_s, hold_s, category, priority, data, epoch)
select distinct on (id)
    id, node, direction, service, customer_number, dialed_number, calling_number, queue, to_timestamp(arrived_at),
    to_timestamp(answered_at), to_timestamp(ended_at), outcome, ended_by, version, coalesce(emergency, false), ended_in,
    hangup_cause, sip_code, coalesce(seen_late, false), to_timestamp(customer_left_at), to_timestamp(customer_rang_at),
    to_timestamp(agent_lifted_at), first_cti_id, last_cti_id, wait_s, talk_s, hold_s, category, coalesce(priority, 0), data,
    epoch
from json_to_recordset($1::json) as new
    (id uuid, node text, direction text, service text, customer_number text, dialed_number text, calling_number text,
     queue text, arrived_at float8, answered_at float8, ended_at float8, outcome text, ended_by text, version integer,
     emergency boolean, ended_in text, hangup_cause integer, sip_code integer, seen_late boolean, customer_left_at float8,
     customer_rang_at float8, agent_lifted_at float8, first_cti_id text, last_cti_id text, wait_s float8, talk_s float8,
     hold_s float8, category text, priority integer, data jsonb, epoch bigint)
order by id, epoch desc, version desc
on conflict (id) do update set
    node = excluded.node, direction = excluded.direction, service = excluded.service,
    customer_number = excluded.customer_number, dialed_number = excluded.dialed_number,
    calling_number = excluded.calling_number, queue = excluded.queue, arrived_at = excluded.arrived_at,
    answered_at = excluded.answered_at, ended_at = excluded.ended_at, outcome = excluded.outcome,
    ended_by = excluded.ended_by, version = excluded.version, emergency = excluded.emergency,
    ended_in = excluded.ended_in, hangup_cause = excluded.hangup_cause, sip_code = excluded.sip_code,
    seen_late = excluded.seen_late, customer_left_at = excluded.customer_left_at,
    customer_rang_at = excluded.customer_rang_at, agent_lifted_at = excluded.agent_lifted_at,
    first_cti_id = excluded.first_cti_id, last_cti_id = excluded.last_cti_id, wait_s = excluded.wait_s,
    talk_s = excluded.talk_s, hold_s = excluded.hold_s, category = excluded.category, priority = excluded.priority,
    data = excluded.data, epoch = excluded.epoch
where (excluded.epoch, excluded.version) > (held.epoch, held.version)
    and (held.ended_at is null or excluded.epoch = held.epoch or excluded.version > held.version
        or excluded.ended_at is not null and not excluded.seen_late)

-- name: write_call_event
-- History, as write_agent_state_change.
-- $1: a JSON array of rows, at in POSIX seconds.
insert into cti.call_event (id, call_id, seq, at, type, detail, epoch)
select id, call_id, seq, to_timestamp(at), type, coalesce(detail, '{}'), epoch
from json_to_recordset($1::json) as new
    (id uuid, call_id uuid, seq integer, at float8, type text, detail jsonb, epoch bigint)
on conflict (id) do nothing

-- name: write_scenario_step
-- History, as write_agent_state_change.
-- $1: a JSON array of rows, at in POSIX seconds.
insert into cti.scenario_step (id, call_id, seq, scenario, step, exit, at, lasted_s, epoch)
select id, call_id, seq, scenario, step, exit, to_timestamp(at), lasted_s, epoch
from json_to_recordset($1::json) as new
    (id uuid, call_id uuid, seq integer, scenario text, step text, exit text, at float8, lasted_s float8, epoch bigint)
on conflict (id) do nothing

-- name: write_queue_visit
-- A visit is written at each of its changes, as a call.
-- $1: a JSON array of rows, times in POSIX seconds.
insert into cti.queue_visit as held
    (id, call_id, seq, service, direction, queue, kind, reason, from_cti_id, prior, entered_at, left_at, exit, exit_to, answered_by,
     lender, offers, ahead, wait_predicted_s, talk_s, hold_s, seen_late, version, epoch)
select distinct on (id)
    id, call_id, seq, service, direction, queue, kind, reason, from_cti_id, prior, to_timestamp(entered_at),
    to_timestamp(left_at), exit, exit_to, answered_by, lender, offers, ahead, wait_predicted_s, talk_s, hold_s,
    seen_late, version, epoch
from json_to_recordset($1::json) as new
    (id uuid, call_id uuid, seq integer, service text, direction text, queue text, kind text, reason text, from_cti_id text,
     prior uuid, entered_at float8, left_at float8, exit text, exit_to text, answered_by text, lender text, offers integer,
     ahead integer, wait_predicted_s float8, talk_s float8, hold_s float8, seen_late boolean,
     version integer, epoch bigint)
order by id, epoch desc, version desc
on conflict (id) do update set
    service = excluded.service, queue = excluded.queue, kind = excluded.kind, reason = excluded.reason,
    from_cti_id = excluded.from_cti_id, prior = excluded.prior, entered_at = excluded.entered_at, left_at = excluded.left_at,
    exit = excluded.exit, exit_to = excluded.exit_to, answered_by = excluded.answered_by, lender = excluded.lender,
    offers = excluded.offers, ahead = excluded.ahead, wait_predicted_s = excluded.wait_predicted_s, talk_s = excluded.talk_s,
    hold_s = excluded.hold_s, seen_late = excluded.seen_late, version = excluded.version,
    epoch = excluded.epoch
where (excluded.epoch, excluded.version) > (held.epoch, held.version)
    and (held.left_at is null or excluded.epoch = held.epoch or excluded.version > held.version
        or excluded.left_at is not null and not excluded.seen_late)

-- name: write_after_call_work
-- The after-call work of the agent who answered a visit. It comes when the agent is free again, most often after the visit's last row.
-- Of a visit that has some already, that of the newer epoch holds.
-- $1: a JSON array of rows.
update cti.queue_visit as held set after_call_s = new.after_call_s, epoch = greatest(held.epoch, new.epoch)
from json_to_recordset($1::json) as new (visit_id uuid, after_call_s float8, epoch bigint)
where held.id = new.visit_id and (held.after_call_s is null or new.epoch >= held.epoch)

-- name: write_call_interval
-- History, as write_agent_state_change.
-- $1: a JSON array of rows, times in POSIX seconds.
insert into cti.call_interval
    (id, call_id, visit_id, seq, service, direction, queue, stage, role, cti_id, number, held_by, at, till, ended_with, seen_late,
     epoch)
select id, call_id, visit_id, seq, service, direction, queue, stage, role, cti_id, number, held_by, to_timestamp(at),
    to_timestamp(till), ended_with, seen_late, epoch
from json_to_recordset($1::json) as new
    (id uuid, call_id uuid, visit_id uuid, seq integer, service text, direction text, queue text, stage text, role text,
     cti_id text, number text, held_by text, at float8, till float8, ended_with text, seen_late boolean, epoch bigint)
on conflict (id) do nothing

-- name: write_transfer
-- History, as write_agent_state_change.
-- $1: a JSON array of rows, times in POSIX seconds.
insert into cti.transfer
    (id, call_id, seq, service, queue, kind, by_cti_id, target_cti_id, target_number, target_queue, target_scenario, at,
     answered_at, completed_at, ended_at, result, seen_late, epoch)
select id, call_id, seq, service, queue, kind, by_cti_id, target_cti_id, target_number, target_queue, target_scenario,
    to_timestamp(at), to_timestamp(answered_at), to_timestamp(completed_at), to_timestamp(ended_at), result, seen_late, epoch
from json_to_recordset($1::json) as new
    (id uuid, call_id uuid, seq integer, service text, queue text, kind text, by_cti_id text, target_cti_id text,
     target_number text, target_queue text, target_scenario text, at float8, answered_at float8, completed_at float8,
     ended_at float8, result text, seen_late boolean, epoch bigint)
on conflict (id) do nothing

-- name: write_offer
-- An offer is written when it is made and again when it is over: over beats made, whichever epoch says so; else the newer epoch holds.
-- $1: a JSON array of rows, times in POSIX seconds.
insert into cti.offer as held
    (id, call_id, cti_id, offered_at, ended_at, result, kind, queue, accepted_at, hangup_cause, sip_code, seen_late, visit_id,
     epoch)
select distinct on (id)
    id, call_id, cti_id, to_timestamp(offered_at), to_timestamp(ended_at), result, kind, queue, to_timestamp(accepted_at),
    hangup_cause, sip_code, coalesce(seen_late, false), visit_id, epoch
from json_to_recordset($1::json) as new
    (id uuid, call_id uuid, cti_id text, offered_at float8, ended_at float8, result text, kind text, queue text,
     accepted_at float8, hangup_cause integer, sip_code integer, seen_late boolean, visit_id uuid, epoch bigint)
order by id, epoch desc, (ended_at is null)
on conflict (id) do update set
    call_id = excluded.call_id, cti_id = excluded.cti_id, offered_at = excluded.offered_at, ended_at = excluded.ended_at,
    result = excluded.result, kind = excluded.kind, queue = excluded.queue, accepted_at = excluded.accepted_at,
    hangup_cause = excluded.hangup_cause, sip_code = excluded.sip_code, seen_late = excluded.seen_late,
    visit_id = excluded.visit_id, epoch = excluded.epoch
where (excluded.epoch, excluded.ended_at is not null) > (held.epoch, held.ended_at is not null)
    and (held.ended_at is null or excluded.epoch = held.epoch or excluded.ended_at is not null and not excluded.seen_late)

-- name: write_login
-- A login is written when it begins and again when it is over, as write_offer.
-- $1: a JSON array of rows, times in POSIX seconds.
insert into cti.login as held (id, cti_id, at, ended_at, ended_by, from_address, epoch)
select distinct on (id) id, cti_id, to_timestamp(at), to_timestamp(ended_at), ended_by, from_address, epoch
from json_to_recordset($1::json) as new
    (id uuid, cti_id text, at float8, ended_at float8, ended_by text, from_address text, epoch bigint)
order by id, epoch desc, (ended_at is null)
on conflict (id) do update set
    ended_at = excluded.ended_at, ended_by = excluded.ended_by, from_address = excluded.from_address, epoch = excluded.epoch
where (excluded.epoch, excluded.ended_at is not null) > (held.epoch, held.ended_at is not null)
    and (held.ended_at is null or excluded.epoch = held.epoch)

-- name: write_gap
-- History, as write_agent_state_change.
-- $1: a JSON array of rows, times in POSIX seconds.
insert into cti.gap (id, what, node, from_at, till_at, epoch)
select id, what, node, to_timestamp(from_at), to_timestamp(till_at), epoch
from json_to_recordset($1::json) as new (id uuid, what text, node text, from_at float8, till_at float8, epoch bigint)
on conflict (id) do nothing

-- name: write_audit
-- History, as write_agent_state_change.
-- $1: a JSON array of rows, times in POSIX seconds.
insert into cti.audit (id, at, who, from_address, what, object, detail, epoch)
select id, to_timestamp(at), who, from_address, what, object, coalesce(detail, '{}'), epoch
from json_to_recordset($1::json) as new
    (id uuid, at float8, who text, from_address text, what text, object text, detail jsonb, epoch bigint)
on conflict (id) do nothing

-- name: write_monitor
-- History, as write_agent_state_change.
-- $1: a JSON array of rows, times in POSIX seconds.
insert into cti.monitor (id, monitor_id, call_id, cti_id, mode, at, ended_at, ended_with, epoch)
select id, monitor_id, call_id, cti_id, mode, to_timestamp(at), to_timestamp(ended_at), ended_with, epoch
from json_to_recordset($1::json) as new (
    id uuid, monitor_id uuid, call_id uuid, cti_id text, mode text, at float8, ended_at float8, ended_with text,
    epoch bigint
)
on conflict (id) do nothing

-- name: write_hours_override
-- An override is written when it begins and again when it is over, as write_offer.
-- $1: a JSON array of rows, times in POSIX seconds.
insert into cti.hours_override as held (id, hours, state, until, by, at, ended_at, ended_why, ended_by, epoch)
select distinct on (id)
    id, hours, state, to_timestamp(until), by, to_timestamp(at), to_timestamp(ended_at), ended_why, ended_by, epoch
from json_to_recordset($1::json) as new
    (id uuid, hours text, state text, until float8, by text, at float8, ended_at float8, ended_why text, ended_by text,
     epoch bigint)
order by id, epoch desc, (ended_at is null)
on conflict (id) do update set
    ended_at = excluded.ended_at, ended_why = excluded.ended_why, ended_by = excluded.ended_by, epoch = excluded.epoch
where (excluded.epoch, excluded.ended_at is not null) > (held.epoch, held.ended_at is not null)
    and (held.ended_at is null or excluded.epoch = held.epoch)

-- name: write_callback
-- The present state; of two the one with the higher (epoch, version) holds, in the batch and in the table.
-- $1: a JSON array of rows, times in POSIX seconds.
insert into cti.callback as held
    (id, kind, service, queue, number, name, status, owner, placed_at, next_at, expires_at, attempts, source_call, last_call,
     recording, note, ended_at, version, epoch)
select distinct on (id)
    id, kind, service, queue, number, name, status, owner, to_timestamp(placed_at), to_timestamp(next_at),
    to_timestamp(expires_at), attempts, source_call, last_call, recording, note, to_timestamp(ended_at), version, epoch
from json_to_recordset($1::json) as new
    (id uuid, kind text, service text, queue text, number text, name text, status text, owner text, placed_at float8,
     next_at float8, expires_at float8, attempts integer, source_call uuid, last_call uuid, recording uuid, note text,
     ended_at float8, version integer, epoch bigint)
order by id, epoch desc, version desc
on conflict (id) do update set
    status = excluded.status, owner = excluded.owner, next_at = excluded.next_at, expires_at = excluded.expires_at,
    attempts = excluded.attempts, last_call = excluded.last_call, recording = excluded.recording, note = excluded.note,
    ended_at = excluded.ended_at, version = excluded.version, epoch = excluded.epoch
where (excluded.epoch, excluded.version) > (held.epoch, held.version)

-- name: write_recording
-- As write_callback.
-- $1: a JSON array of rows, times in POSIX seconds.
insert into cti.recording as held
    (id, call_id, ticket_id, service, state, started_at, ended_at, segments, file, sha256, bytes, delete_after, version, epoch,
     kind, length_s, missing_s)
select distinct on (id)
    id, call_id, ticket_id, service, state, to_timestamp(started_at), to_timestamp(ended_at), coalesce(segments, '[]'), file,
    sha256, bytes, to_timestamp(delete_after), version, epoch, coalesce(kind, 'voicemail'), length_s, missing_s
from json_to_recordset($1::json) as new
    (id uuid, call_id uuid, ticket_id uuid, service text, state text, started_at float8, ended_at float8, segments jsonb,
     file text, sha256 text, bytes bigint, delete_after float8, version integer, epoch bigint, kind text, length_s float8,
     missing_s float8)
order by id, epoch desc, version desc
on conflict (id) do update set
    ticket_id = excluded.ticket_id, state = excluded.state, ended_at = excluded.ended_at, segments = excluded.segments,
    file = excluded.file, sha256 = excluded.sha256, bytes = excluded.bytes, delete_after = excluded.delete_after,
    length_s = excluded.length_s, missing_s = excluded.missing_s, version = excluded.version, epoch = excluded.epoch
where (excluded.epoch, excluded.version) > (held.epoch, held.version)

-- name: number_of_call
-- The service of a call and the whole number of its customer.
-- $1: the call.
select service, customer_number from cti.call where id = $1::uuid

-- name: recordings_of
-- The recordings of the conversation of a call, or of a ticket, oldest first.
-- $1: the call or null, $2: the ticket or null, $3: the most rows.
select
    recording.id, recording.call_id, recording.ticket_id, recording.service, recording.state,
    extract(epoch from recording.started_at)::float8 as started_at, extract(epoch from recording.ended_at)::float8 as ended_at,
    recording.length_s, recording.missing_s, recording.segments, recording.file, recording.sha256, recording.bytes,
    extract(epoch from recording.delete_after)::float8 as delete_after, recording.legal_hold, recording.place,
    recording.leftover
from cti.recording as recording
where recording.kind = 'conversation' and (recording.call_id = $1::uuid or recording.ticket_id = $2::uuid)
order by recording.started_at, recording.id limit $3

-- name: ended_calls
-- Those of some calls that are here, and have ended.
-- $1: the calls.
select id from cti.call where id = any($1::uuid[]) and ended_at is not null

-- name: recording_of_id
-- $1: the recording of a conversation.
select
    recording.id, recording.call_id, recording.ticket_id, recording.service, recording.state,
    extract(epoch from recording.started_at)::float8 as started_at, extract(epoch from recording.ended_at)::float8 as ended_at,
    recording.length_s, recording.missing_s, recording.segments, recording.file, recording.sha256, recording.bytes,
    extract(epoch from recording.delete_after)::float8 as delete_after, recording.legal_hold, recording.place,
    recording.leftover
from cti.recording as recording
where recording.id = $1::uuid and recording.kind = 'conversation'

-- name: recordings_to_delete
-- Those that were kept long enough, oldest first.
-- $1: now, POSIX seconds, $2: the most rows.
select
    recording.id, recording.call_id, recording.ticket_id, recording.service, recording.state,
    extract(epoch from recording.started_at)::float8 as started_at, extract(epoch from recording.ended_at)::float8 as ended_at,
    recording.length_s, recording.missing_s, recording.segments, recording.file, recording.sha256, recording.bytes,
    extract(epoch from recording.delete_after)::float8 as delete_after, recording.legal_hold, recording.place,
    recording.leftover
from cti.recording as recording
where recording.kind = 'conversation' and recording.state = 'stored' and not recording.legal_hold
    and recording.delete_after <= to_timestamp($1::float8)
order by recording.delete_after limit $2

-- name: hold_recording
-- $1: the recording, $2: whether it is under legal hold.
update cti.recording as recording set legal_hold = $2
where recording.id = $1::uuid and recording.kind = 'conversation' and recording.state = 'stored'
returning recording.id

-- name: delete_recording
-- Its file is left over, to be deleted.
-- $1: the recording, $2: who has erased it, or null.
update cti.recording as recording
set state = 'deleted', erased_by = $2, version = recording.version + 1,
    leftover = array_append(array_remove(recording.leftover, recording.place), recording.place)
where recording.id = $1::uuid and recording.kind = 'conversation' and recording.state = 'stored' and not recording.legal_hold
returning recording.id

-- name: recordings_left
-- Those of which a file is left over, by id. An object of one that is in the directory is written anew when it is moved.
-- $1: the id behind which they begin, $2: the most rows.
select
    recording.id, recording.call_id, recording.ticket_id, recording.service, recording.state,
    extract(epoch from recording.started_at)::float8 as started_at, extract(epoch from recording.ended_at)::float8 as ended_at,
    recording.length_s, recording.missing_s, recording.segments, recording.file, recording.sha256, recording.bytes,
    extract(epoch from recording.delete_after)::float8 as delete_after, recording.legal_hold, recording.place,
    recording.leftover
from cti.recording as recording
where recording.leftover <> '{}' and recording.id > $1::uuid
    and not (recording.state = 'stored' and recording.place = 'directory')
order by recording.id limit $2

-- name: clear_recording
-- Nothing of it is left over in a place.
-- $1: the recording, $2: the place.
update cti.recording as recording
set leftover = array_remove(recording.leftover, $2),
    file = case when recording.state = 'deleted' and array_remove(recording.leftover, $2) = '{}' then null else recording.file end
where recording.id = $1::uuid
returning recording.id

-- name: recordings_to_move
-- Those in the directory, in the order in which they began.
-- $1: the time (POSIX seconds) and $2: the id behind which they begin, $3: the most rows.
select
    recording.id, recording.call_id, recording.ticket_id, recording.service, recording.state,
    extract(epoch from recording.started_at)::float8 as started_at, extract(epoch from recording.ended_at)::float8 as ended_at,
    recording.length_s, recording.missing_s, recording.segments, recording.file, recording.sha256, recording.bytes,
    extract(epoch from recording.delete_after)::float8 as delete_after, recording.legal_hold, recording.place,
    recording.leftover
from cti.recording as recording
where recording.kind = 'conversation' and recording.state = 'stored' and recording.place = 'directory'
    and (recording.started_at, recording.id) > (to_timestamp($1::float8), $2::uuid)
order by recording.started_at, recording.id limit $3

-- name: move_recording
-- An object of it may be in the storage from now on.
-- $1: the recording.
update cti.recording as recording set leftover = array_append(array_remove(recording.leftover, 's3'), 's3')
where recording.id = $1::uuid and recording.kind = 'conversation' and recording.state = 'stored' and recording.place = 'directory'
returning recording.id

-- name: recording_moved
-- It lies in the storage, and what is in the directory is left over.
-- $1: the recording.
update cti.recording as recording
set place = 's3', leftover = array_append(array_remove(recording.leftover, 's3'), 'directory')
where recording.id = $1::uuid and recording.state = 'stored' and recording.place = 'directory'
returning recording.id

-- name: count_recordings
-- How many are to be moved, and how many have something left over.
-- $1: the most that are counted.
select
    (select count(*) from (
        select 1 from cti.recording as recording
        where recording.kind = 'conversation' and recording.state = 'stored' and recording.place = 'directory' limit $1
    ) as waiting) as to_move,
    (select count(*) from (
        select 1 from cti.recording as recording
        where recording.leftover <> '{}' and not (recording.state = 'stored' and recording.place = 'directory') limit $1
    ) as others) as left_over

-- name: write_frequent_number
-- Present rows: one that is gone is removed, whatever else the batch says of its id, for an id is never used again. Of an
-- agent's rows with one number the newest id holds, in the batch; in the table that of the newer epoch, then the newest id.
-- $1: a JSON array of rows.
with new as (
    select id, cti_id, number, label, gone, epoch
    from json_to_recordset($1::json) as new
        (id uuid, cti_id text, number text, label text, gone boolean, epoch bigint)
), removed as (
    delete from cti.frequent_number held using new where held.id = new.id and new.gone returning held.id
)
insert into cti.frequent_number as held (id, cti_id, number, label, epoch)
select distinct on (cti_id, number) id, cti_id, number, label, epoch
from new
where id not in (select id from new where gone)
    -- Asking for it makes the removal come first: the same number may come back under another id.
    and (select count(*) from removed) >= 0
order by cti_id, number, id desc
on conflict (cti_id, number) do update set id = excluded.id, label = excluded.label, epoch = excluded.epoch
where (excluded.epoch, excluded.id) >= (held.epoch, held.id)

-- name: frequent_numbers
-- All of them, oldest first: ids are UUIDv7.
select one.id::text, cti_id, number, label from cti.frequent_number as one order by one.id

-- name: last_talks
-- Who has talked with a number in the calls of a service: the last talk of each agent, the newest first. A few agents are enough to
-- know that they are too many. Of a number that calls all the time only the last calls are looked at.
-- $1: the service, $2: the number, $3: now, $4: since when; POSIX seconds.
select talk.cti_id, extract(epoch from talk.at)::float8 as at, talk.forced
from (
    select distinct on (one.last_cti_id) one.last_cti_id as cti_id, coalesce(one.ended_at, to_timestamp($3::float8)) as at,
        coalesce(one.outcome = 'force_disconnected', false) as forced
    from (
        select call.service, call.last_cti_id, call.ended_at, call.outcome from cti.call as call
        where call.customer_number = $2::text and call.arrived_at >= to_timestamp($4::float8)
        order by call.arrived_at desc limit 200
    ) as one
    where one.service = $1::text and one.last_cti_id is not null
    order by one.last_cti_id, coalesce(one.ended_at, to_timestamp($3::float8)) desc
) as talk
order by talk.at desc limit 6

-- name: write_epoch
-- A run notes its epoch with its first rows.
-- $1: the epoch.
insert into cti.epoch (epoch) values ($1) on conflict do nothing

-- name: highest_epoch
-- The highest epoch that a run has noted, with its rows, its lease, or the states that it has shipped; 0 when there is none.
select greatest(
    0, (select max(epoch) from cti.epoch), (select max(term) from cti.lease),
    (select seq >> 30 from cti.checkpoint where kind = 'shipped' and id = '')
)

-- name: last_agent_changes
-- The last change of each agent. From one agent to the next by an index: there are few agents, and years of their changes.
with recursive agent as (
    (select cti_id from cti.agent_state_change order by cti_id limit 1)
    union all
    select (
        select change.cti_id from cti.agent_state_change as change
        where change.cti_id > agent.cti_id order by change.cti_id limit 1
    )
    from agent where agent.cti_id is not null
)
select agent.cti_id, last.seq, last.to_status as status, last.to_state as state, last.reason, last.epoch,
    extract(epoch from last.at)::float8 as at
from agent
cross join lateral (
    select * from cti.agent_state_change as change where change.cti_id = agent.cti_id order by change.seq desc limit 1
) as last

-- name: close_calls
-- Calls of earlier runs that the present one does not know: nobody will ever say how they ended. They end, as lost with the PBX, at
-- the last moment that is known of them. Their epoch and version stay: whoever knows better still wins.
-- $1: the present epoch, $2: ids of the calls that go on.
with closed as (
    update cti.call as held set outcome = 'node_lost', ended_by = 'system', seen_late = true, ended_at = greatest(
        held.arrived_at, held.answered_at, (select max(event.at) from cti.call_event as event where event.call_id = held.id)
    )
    where held.ended_at is null and held.epoch < $1 and held.id <> all($2::uuid[])
    returning held.id, held.ended_at
)
insert into cti.call_event (id, call_id, seq, at, type, detail, epoch)
select gen_random_uuid(), closed.id,
    1 + coalesce((select max(event.seq) from cti.call_event as event where event.call_id = closed.id), 0),
    closed.ended_at, 'ended', '{"outcome": "node_lost", "ended_by": "system"}', $1
from closed
returning call_id

-- name: close_offers
-- The same for offers. How long the phone rang is not known.
-- $1: the present epoch, $2: ids of the offers that are out.
update cti.offer set result = 'withdrawn', ended_at = offered_at, seen_late = true
where ended_at is null and epoch < $1 and id <> all($2::uuid[])
returning id

-- name: usual_handle_times
-- The mean handling times by queue at this hour of the last four weeks: ring, talk, hold, and of after-call work what counts. Of each such
-- hour the first calls say enough.
-- $1: when this hour began, POSIX seconds, $2: the fewest calls that say something, $3: the seconds of after-call work that count, $4: the
-- most calls of an hour.
select visit.queue, avg(visit.talk_s + visit.hold_s + least(coalesce(visit.after_call_s, 0), $3) + rang.lasted_s)::float8 as lasted_s
from generate_series(1, 4) as week
cross join lateral (
    select * from cti.queue_visit as one
    where one.entered_at >= to_timestamp($1::float8 - week * 604800)
        and one.entered_at < to_timestamp($1::float8 - week * 604800 + 3600)
    order by one.entered_at limit $4
) as visit
cross join lateral (
    select extract(epoch from offer.ended_at - offer.offered_at)::float8 as lasted_s from cti.offer as offer
    where offer.call_id = visit.call_id and offer.visit_id = visit.id and offer.result = 'answered' limit 1
) as rang
where visit.exit = 'answered' and visit.talk_s is not null and not visit.seen_late
group by visit.queue having count(*) >= $2

-- name: close_queue_visits
-- The same for visits to queues: they end with the last event of their call.
-- $1: the present epoch, $2: ids of the calls that go on.
update cti.queue_visit as held set exit = 'node_lost', seen_late = true, left_at = greatest(held.entered_at, (
    select max(event.at) from cti.call_event as event where event.call_id = held.call_id and event.epoch < $1
))
where held.left_at is null and held.epoch < $1 and held.call_id <> all($2::uuid[])

-- name: close_logins
-- The same for sessions: their tokens are known no more. They end with the agent's last change, and nobody knows why.
-- $1: the present epoch, $2: ids of those that go on.
update cti.login as held set ended_at = greatest(held.at, (
    select max(change.at) from cti.agent_state_change as change where change.cti_id = held.cti_id and change.epoch < $1
))
where held.ended_at is null and held.epoch < $1 and held.id <> all($2::uuid[])
returning id

-- name: close_hours_overrides
-- The same for overrides of opening hours: they hold no more. When that began is not known.
-- $1: the present epoch, $2: ids of those that go on.
update cti.hours_override set ended_at = at, ended_why = 'lost'
where ended_at is null and epoch < $1 and id <> all($2::uuid[])
returning id

-- name: close_agent_states
-- The same for agents of whom the present run did not know the last change when it began: they were logged out at its start.
-- $1: the present epoch, $2: CTI IDs of those of whom it did know, $3: when it began, POSIX seconds.
with recursive agent as (
    (select cti_id from cti.agent_state_change order by cti_id limit 1)
    union all
    select (
        select change.cti_id from cti.agent_state_change as change
        where change.cti_id > agent.cti_id order by change.cti_id limit 1
    )
    from agent where agent.cti_id is not null
)
insert into cti.agent_state_change
    (id, cti_id, seq, from_status, from_state, to_status, to_state, reason, cause, call_id, at, lasted_s, from_reason, seen_late,
     epoch)
select gen_random_uuid(), agent.cti_id, last.seq + 1, last.to_status, last.to_state, 'offline', 'idle', null, 'recovery', null,
    greatest(to_timestamp($3::float8), last.at),
    extract(epoch from greatest(to_timestamp($3::float8), last.at) - last.at)::float8, last.reason, true, last.epoch
from agent
cross join lateral (
    select * from cti.agent_state_change as change
    where change.cti_id = agent.cti_id and change.epoch < $1 order by change.seq desc limit 1
) as last
where agent.cti_id <> all($2::text[]) and (last.to_status, last.to_state) <> ('offline', 'idle')
on conflict do nothing
returning cti_id

-- name: old_calls
-- The oldest calls from a place on, with their tickets, and whether nothing keeps them: over, and no ticket that is worked on. Each portion
-- goes on where the one before has ended, so calls that are kept are looked at once.
-- $1: up to when, POSIX seconds, $2: the most calls, $3 and $4: the call before the first one, arrived_at in POSIX seconds and id.
select
    call.id::text, extract(epoch from call.arrived_at)::float8 as arrived_at, ticket.id::text as ticket_id,
    coalesce(call.ended_at < to_timestamp($1::float8), false) and (ticket.id is null or ticket.status = 'resolved' and not exists (
        select from cti.ticket_event as event where event.ticket_id = ticket.id and event.at >= to_timestamp($1::float8)
    )) as is_over
from (
    select one.id, one.arrived_at, one.ended_at from cti.call as one
    where one.arrived_at < to_timestamp($1::float8) and (one.arrived_at, one.id) > (to_timestamp($3::float8), $4::uuid)
    order by one.arrived_at, one.id limit $2
) as call
left join cti.ticket as ticket on ticket.call_id = call.id
order by call.arrived_at, call.id

-- name: forget_calls
-- Delete calls with their events, offers, steps, visits, intervals, transfers and tickets.
-- $1: ids of calls.
with events as (
    delete from cti.call_event as event where event.call_id = any($1::uuid[])
), offers as (
    delete from cti.offer as offer where offer.call_id = any($1::uuid[])
), steps as (
    delete from cti.scenario_step as step where step.call_id = any($1::uuid[])
), visits as (
    delete from cti.queue_visit as visit where visit.call_id = any($1::uuid[])
), intervals as (
    delete from cti.call_interval as part where part.call_id = any($1::uuid[])
), transfers as (
    delete from cti.transfer as transfer where transfer.call_id = any($1::uuid[])
), tickets as (
    delete from cti.ticket as ticket where ticket.call_id = any($1::uuid[]) returning ticket.id
), ticket_events as (
    delete from cti.ticket_event as event using tickets where event.ticket_id = tickets.id
), calls as (
    delete from cti.call as call where call.id = any($1::uuid[]) returning call.id
)
select count(*) from calls

-- name: forget_agent_states
-- The oldest changes of agents that are not kept any more. The last one of each agent stays.
-- $1: up to when, POSIX seconds, $2: the most rows.
with old as (
    select change.id from cti.agent_state_change as change
    where change.at < to_timestamp($1::float8) and exists (
        select from cti.agent_state_change as later where later.cti_id = change.cti_id and later.seq > change.seq
    )
    order by change.at limit $2
), changes as (
    delete from cti.agent_state_change as change using old where change.id = old.id returning change.id
)
select count(*) from changes

-- name: forget_logins
-- The same for sessions that are over.
-- $1: up to when, POSIX seconds, $2: the most rows.
with old as (
    select login.id from cti.login as login
    where login.at < to_timestamp($1::float8) and login.ended_at < to_timestamp($1::float8) order by login.at limit $2
), logins as (
    delete from cti.login as login using old where login.id = old.id returning login.id
)
select count(*) from logins

-- name: forget_gaps
-- The same for gaps.
-- $1: up to when, POSIX seconds, $2: the most rows.
with old as (
    select gap.id from cti.gap as gap
    where gap.from_at < to_timestamp($1::float8) and gap.till_at < to_timestamp($1::float8) order by gap.from_at limit $2
), gaps as (
    delete from cti.gap as gap using old where gap.id = old.id returning gap.id
)
select count(*) from gaps

-- name: forget_callbacks
-- The same for call-backs and messages that were dealt with. One whose message can still be heard stays.
-- $1: up to when, POSIX seconds, $2: the most rows.
with old as (
    select callback.id from cti.callback as callback
    where callback.ended_at < to_timestamp($1::float8) and coalesce((
        select recording.state in ('empty', 'lost', 'deleted') from cti.recording as recording
        where recording.id = callback.recording
    ), true)
    order by callback.ended_at limit $2
), callbacks as (
    delete from cti.callback as callback using old where callback.id = old.id returning callback.id
)
select count(*) from callbacks

-- name: forget_recordings
-- The same for recordings whose file is gone.
-- $1: up to when, POSIX seconds, $2: the most rows.
with old as (
    select recording.id from cti.recording as recording
    where recording.ended_at < to_timestamp($1::float8) and recording.state in ('empty', 'lost', 'deleted')
        and recording.leftover = '{}'
    order by recording.ended_at limit $2
), recordings as (
    delete from cti.recording as recording using old where recording.id = old.id returning recording.id
)
select count(*) from recordings

-- name: forget_hours_overrides
-- The same for overrides of opening hours that are over.
-- $1: up to when, POSIX seconds, $2: the most rows.
with old as (
    select one.id from cti.hours_override as one where one.ended_at < to_timestamp($1::float8) order by one.ended_at limit $2
), overrides as (
    delete from cti.hours_override as one using old where one.id = old.id returning one.id
)
select count(*) from overrides

-- name: forget_monitors
-- The same for rows of monitors.
-- $1: up to when, POSIX seconds, $2: the most rows.
with old as (
    select one.id from cti.monitor as one where one.ended_at < to_timestamp($1::float8) order by one.ended_at limit $2
), monitors as (
    delete from cti.monitor as one using old where one.id = old.id returning one.id
)
select count(*) from monitors

-- name: forget_audit
-- The same for the audit.
-- $1: up to when, POSIX seconds, $2: the most rows.
with old as (
    select one.id from cti.audit as one where one.at < to_timestamp($1::float8) order by one.at limit $2
), acts as (
    delete from cti.audit as one using old where one.id = old.id returning one.id
)
select count(*) from acts
