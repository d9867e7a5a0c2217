-- Reports of agents find the offers of an hour, and the changes that end time as ready or after-call work, without a look at all others.
-- compatible: 0004

-- Rows come in the order of their ends, so a few numbers a page range are enough.
create index offer_by_time on cti.offer using brin (offered_at, ended_at) with (pages_per_range = 32, autosummarize = on);
create index agent_state_change_free on cti.agent_state_change (at) include (cti_id, from_status, lasted_s)
    where from_state = 'idle' and (from_status = 'ready' or from_status = 'business' and from_reason = 'ticket_processing');
-- Who has asked for a call out. These are few of all calls.
create index call_out on cti.call (arrived_at) where direction = 'outbound';
create index call_interval_out on cti.call_interval (call_id) include (cti_id)
    where direction = 'outbound' and seq = 1 and role = 'agent';
