-- What an agent was at when an interval of a report began or ended.
-- compatible: 0004

create index agent_state_change_of_agent on cti.agent_state_change (cti_id, at);
