-- A step of a scenario gives the call to an outside number.
-- compatible: 0004

alter table cti.call drop constraint call_outcome;
alter table cti.call add constraint call_outcome check (outcome in (
        'completed', 'left_in_scenario', 'abandoned_waiting', 'abandoned_ringing', 'abandoned_returned', 'queue_timeout',
        'queue_full', 'no_agents', 'closed', 'scenario_done', 'service_off', 'unknown_number', 'blocked', 'busy', 'no_answer',
        'rejected', 'invalid_number', 'unreachable', 'cancelled', 'agent_no_answer', 'force_disconnected', 'transfer_failed',
        'agent_lost', 'node_lost', 'voicemail', 'callback_registered', 'transferred_out'
    )) not valid;

comment on column cti.call.outcome is 'How it ended. left_in_scenario: the caller hung up in a step, before any queue or behind one. scenario_done: the scenario came to its end, before any queue or by a key of one. voicemail: the caller has left a message (table callback). callback_registered: the caller is to be called back (table callback). transferred_out: a step has given the call to an outside number, and they talked. queue_timeout, queue_full, no_agents, closed: it came to its end by that exit of its last queue. abandoned_waiting, abandoned_ringing: in the queue, before anybody answered. abandoned_returned: answered before, came back to a queue or to its sender, and hung up there or in a step behind; count it as answered, once, and never as lost. completed: a conversation came to its end.';
