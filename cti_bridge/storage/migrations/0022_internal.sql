-- An agent calls a colleague, without a customer.
-- compatible: 0004

alter table cti.call drop constraint call_direction;
alter table cti.call add constraint call_direction check (direction in ('inbound', 'outbound', 'internal')) not valid;
alter table cti.offer drop constraint offer_kind;
alter table cti.offer add constraint offer_kind check (kind in ('queue', 'recall', 'consult', 'transfer', 'internal')) not valid;
alter table cti.call_interval drop constraint call_interval_stage;
alter table cti.call_interval add constraint call_interval_stage check (stage in (
        'dialing_agent', 'dialing_customer', 'talking', 'warning', 'agent_lost', 'on_hold', 'consult_ringing',
        'consult_talking', 'consult_swapped', 'three_together', 'consult_alone', 'transferred', 'internal_ringing',
        'internal_talking', 'internal_on_hold', 'internal_held'
    )) not valid;

comment on column cti.call.direction is 'inbound: a customer has called. outbound: an agent has. internal: an agent has called a colleague, and there is no customer.';
comment on column cti.call.dialed_number is 'The number that was dialled: one of the house for inbound calls, the customer''s for outbound, the CTI number of the colleague for internal.';
comment on column cti.call.answered_at is 'Customer and first agent were connected, or the two of an internal call. Null: never. Set in abandoned_returned too.';
comment on column cti.call.first_cti_id is 'The first agent who had the customer; of an internal call who has called. Null: nobody.';
comment on column cti.call.last_cti_id is 'The last agent who had the customer; of an internal call the colleague, once they have answered.';
comment on column cti.call.talk_s is 'Seconds of the customer with agents, or of the two of an internal call. Not hold, consultation, warnings, last messages, nor the talk with an outside number.';
comment on column cti.call.hold_s is 'Seconds of the customer, or of one of the two of an internal call, with music in a conversation: on hold, in a consultation, while a lost phone is rung.';
comment on column cti.offer.kind is 'queue; recall: the sender of a transfer gets it back; consult, transfer: by a colleague; internal: a colleague calls. Null in rows of before 0.2.';
comment on column cti.call_interval.stage is 'The state of the call (docs/states.md). talking: with the customer; consult_swapped: the agent talks to the customer, and the target has music; three_together: customer, agent and target talk; warning: a message plays; agent_lost: the lost phone is rung; dialing_agent, dialing_customer: a call out rings; transferred: customer and outside number talk; internal_ringing, internal_talking: a colleague is called, and talked to; internal_on_hold, internal_held: the one who has called holds, or the colleague.';
