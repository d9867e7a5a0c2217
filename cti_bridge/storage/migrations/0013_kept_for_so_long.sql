-- Rows of call-backs, recordings and overrides are deleted by their end, oldest first.
-- compatible: 0004

create index callback_by_end on cti.callback (ended_at);
create index recording_by_end on cti.recording (ended_at);
create index hours_override_by_end on cti.hours_override (ended_at);
