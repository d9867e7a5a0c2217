-- The agent swaps between customer and target of a consultation, and three talk together.
-- compatible: 0004

alter table cti.call_interval drop constraint call_interval_stage;
alter table cti.call_interval add constraint call_interval_stage check (stage in (
        'dialing_agent', 'dialing_customer', 'talking', 'warning', 'agent_lost', 'on_hold', 'consult_ringing',
        'consult_talking', 'consult_swapped', 'three_together', 'consult_alone', 'transferred'
    )) not valid;

comment on column cti.call_interval.stage is 'The state of the call (docs/states.md). talking: with the customer; consult_swapped: the agent talks to the customer, and the target has music; three_together: customer, agent and target talk; warning: a message plays; agent_lost: the lost phone is rung; dialing_agent, dialing_customer: a call out rings; transferred: customer and outside number talk.';
