-- What is chosen for rest may have a reason too.
-- compatible: 0004

comment on column cti.agent_state_change.reason is 'The reason of to_status, for rest and business; null: none. The one of from_status is from_reason.';
