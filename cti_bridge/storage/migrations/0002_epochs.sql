-- The highest epoch is asked for when a spool was lost: from the end of an index, where it was a scan of every table.
-- Equal keys take one entry of a leaf, so these cost little.

create index agent_state_change_epoch on cti.agent_state_change (epoch);
create index call_epoch on cti.call (epoch);
create index call_event_epoch on cti.call_event (epoch);
create index offer_epoch on cti.offer (epoch);
