-- What each column says, for people who write queries. docs/data.md is made of it (make dictionary).
-- compatible: 0004

alter table cti.login
    drop constraint login_ended_by,
    add constraint login_ended_by check (ended_by in (
        'self', 'takeover', 'supervisor', 'operator', 'removed', 'password', 'expired'
    )) not valid;

comment on table cti.call is 'One row for a call: its present state, and once ended_at is set, its whole course. Lengths are counted by the call itself; do not compute them from moments.';
comment on column cti.call.id is 'The id of the call, a UUIDv7: ordered by the time of its making.';
comment on column cti.call.node is 'The PBX, by its name in the configuration.';
comment on column cti.call.direction is 'inbound: a customer has called. outbound: an agent has.';
comment on column cti.call.service is 'The service, by its id in the configuration. Null: the called number belongs to none.';
comment on column cti.call.customer_number is 'The number of the customer, E.164 where it can be. Null: withheld, or it identifies nobody.';
comment on column cti.call.dialed_number is 'The number that was dialled: one of the house for inbound calls, the customer''s for outbound.';
comment on column cti.call.calling_number is 'The number that the customer of a call out sees.';
comment on column cti.call.queue is 'The queue of an inbound call: that of its number, or another by a changed configuration. Null for calls out, also when they wait in a return queue.';
comment on column cti.call.arrived_at is 'The call has come, or an agent has asked for it.';
comment on column cti.call.answered_at is 'Customer and first agent were connected. Null: never. Set in abandoned_returned too.';
comment on column cti.call.ended_at is 'The call is over for all parties. Null: it goes on. See seen_late.';
comment on column cti.call.outcome is 'How it ended. left_in_scenario: the caller hung up before any queue. abandoned_waiting, abandoned_ringing: in the queue, before anybody answered. abandoned_returned: answered before, came back to a queue or to its sender, and hung up there; count it as answered, once, and never as lost. completed: a conversation came to its end.';
comment on column cti.call.ended_by is 'Who hung up first: customer, agent, target. system: a limit, the PBX, or the bridge has ended it. A customer who leaves two colleagues behind has ended the call.';
comment on column cti.call.version is 'Grows with each change of the row. Of two versions the higher holds.';
comment on column cti.call.epoch is 'The run of the bridge that wrote the row. Later runs have higher ones.';
comment on column cti.call.emergency is 'The call went to an emergency service.';
comment on column cti.call.ended_in is 'The state in which it ended (docs/states.md), for example greeting, waiting, transfer_ringing.';
comment on column cti.call.hangup_cause is 'The Q.850 cause of the leg whose end ended the call. Null: unknown, or no leg''s end.';
comment on column cti.call.sip_code is 'The SIP response that ended this leg. Null: unknown, or an ordinary hang-up.';
comment on column cti.call.seen_late is 'Nobody saw the end: bridge or PBX were away (table gap). ended_at is the last moment at which the call was seen.';
comment on column cti.call.customer_left_at is 'The customer''s leg has ended by itself. Null: never connected, or we have ended it. Earlier than ended_at when others talked on.';
comment on column cti.call.customer_rang_at is 'The phone of a called customer began to ring.';
comment on column cti.call.agent_lifted_at is 'The agent who calls out has lifted the own phone.';
comment on column cti.call.first_cti_id is 'The first agent who had the customer. Null: nobody.';
comment on column cti.call.last_cti_id is 'The last agent who had the customer.';
comment on column cti.call.wait_s is 'Seconds in a queue or ringing at an agent, all waits of the call together. Not the greeting, nor the ringing of a transfer.';
comment on column cti.call.talk_s is 'Seconds of the customer with agents. Not hold, consultation, warnings, last messages, nor the talk with an outside number.';
comment on column cti.call.hold_s is 'Seconds of the customer with music in a conversation: on hold, in a consultation, while a lost phone is rung.';

comment on table cti.call_event is 'What happened in a call, in order. Types and their details: below.';
comment on column cti.call_event.id is 'The id of the event.';
comment on column cti.call_event.call_id is 'The call.';
comment on column cti.call_event.seq is 'The number of the event in its call, from 1, without a gap.';
comment on column cti.call_event.at is 'When it happened.';
comment on column cti.call_event.type is 'What happened; the words stand in docs/states.md.';
comment on column cti.call_event.detail is 'cti_id: the agent concerned. by_cti_id: the agent who asked. target_number, target_cti_id: whom a consultation or transfer goes to; an agent''s number is the CTI number. held_by: panel, phone, consult. reason: why.';
comment on column cti.call_event.epoch is 'As in call.';

comment on table cti.offer is 'One row for each time that an agent was rung for a call.';
comment on column cti.offer.id is 'The id of the offer.';
comment on column cti.offer.call_id is 'The call.';
comment on column cti.offer.cti_id is 'The agent.';
comment on column cti.offer.offered_at is 'The agent is rung.';
comment on column cti.offer.ended_at is 'The agent is rung no more: answered, or not. Null: it rings.';
comment on column cti.offer.result is 'answered; missed: the pickup time ran out; declined: by the agent; unreachable: by the phone; caller_left; withdrawn: by us, or by the agent who asked for it.';
comment on column cti.offer.epoch is 'As in call.';
comment on column cti.offer.kind is 'queue; recall: the sender of a transfer gets it back; consult, transfer: by a colleague. Null in rows of before 0.2.';
comment on column cti.offer.queue is 'The queue that the call waited in, for the kind queue.';
comment on column cti.offer.accepted_at is 'The phone was lifted, or Answer was pressed, whichever came first. Null: neither.';
comment on column cti.offer.hangup_cause is 'The Q.850 cause with which the phone ended it while it rang.';
comment on column cti.offer.sip_code is 'The SIP response with which the phone ended it.';
comment on column cti.offer.seen_late is 'As in call.';

comment on table cti.agent_state_change is 'The history of each agent: one row for each change. The rows of an agent tile: each begins where the one before it ends.';
comment on column cti.agent_state_change.id is 'The id of the row.';
comment on column cti.agent_state_change.cti_id is 'The agent.';
comment on column cti.agent_state_change.seq is 'The number of the change of this agent, without a gap.';
comment on column cti.agent_state_change.from_status is 'The status until then: offline, ready, rest, business.';
comment on column cti.agent_state_change.from_state is 'The state until then; lasted_s is its length.';
comment on column cti.agent_state_change.to_status is 'The status from then on.';
comment on column cti.agent_state_change.to_state is 'The state from then on. talking is with whom they are connected, for a consulted agent the colleague; the customer''s talk is call.talk_s.';
comment on column cti.agent_state_change.reason is 'The reason of to_status, for business. The one of from_status is from_reason.';
comment on column cti.agent_state_change.cause is 'Why it changed.';
comment on column cti.agent_state_change.call_id is 'The call that changed it. For after-call work see after_call_of.';
comment on column cti.agent_state_change.at is 'When it changed: the end of the from state, and the begin of the to state.';
comment on column cti.agent_state_change.lasted_s is 'Seconds in the from state and status.';
comment on column cti.agent_state_change.epoch is 'As in call.';
comment on column cti.agent_state_change.from_reason is 'The reason of from_status. Null in rows of before 0.2.';
comment on column cti.agent_state_change.after_call_of is 'The call whose after-call work begins, or goes on behind a call out that came to nothing. Null: no after-call work.';
comment on column cti.agent_state_change.after_call_kind is 'talk: it follows a conversation with the customer. consult: the agent was consulted.';
comment on column cti.agent_state_change.seen_late is 'As in call, of the end of the from state.';

comment on table cti.login is 'One row for each session of an agent.';
comment on column cti.login.id is 'The id of the row.';
comment on column cti.login.cti_id is 'The agent.';
comment on column cti.login.at is 'The agent has logged in.';
comment on column cti.login.ended_at is 'The session is over. Null: it goes on.';
comment on column cti.login.ended_by is 'Null with an ended_at: nobody knows. self: logged out. takeover: logged in elsewhere. operator: by a command. supervisor: by a supervisor. removed: no phone call permission any more. password: it was changed. expired: by a limit.';
comment on column cti.login.from_address is 'The address of the client.';
comment on column cti.login.epoch is 'As in call.';

comment on table cti.gap is 'Times in which nobody saw calls (bridge, node), or rows could not be written (storage). They may overlap.';
comment on column cti.gap.id is 'The id of the row.';
comment on column cti.gap.what is 'bridge: it did not run, or was not there. node: the PBX was away, or the connection to it. storage: Postgres took no rows; they came later, and none is missing.';
comment on column cti.gap.node is 'The PBX, for node.';
comment on column cti.gap.from_at is 'The last moment before.';
comment on column cti.gap.till_at is 'The first moment after.';
comment on column cti.gap.epoch is 'As in call.';

comment on table cti.frequent_number is 'Numbers that agents have saved for themselves.';
comment on column cti.frequent_number.id is 'The id of the row.';
comment on column cti.frequent_number.cti_id is 'The agent.';
comment on column cti.frequent_number.number is 'The number, E.164.';
comment on column cti.frequent_number.label is 'The agent''s words for it.';
comment on column cti.frequent_number.epoch is 'As in call.';
