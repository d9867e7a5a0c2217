-- What a scenario has learnt of a call, and said of its place.
-- compatible: 0004

alter table cti.call
    add column category text,
    add column priority integer not null default 0,
    add column data jsonb;

comment on column cti.call.category is 'The category that a step of the scenario has given it; null: none.';
comment on column cti.call.priority is 'The priority of its own, by a list of numbers or a step of the scenario. In the order of service it is added to that of the queue.';
comment on column cti.call.data is 'The variables of its scenario: what the caller has entered, what a lookup has answered, what a step has set. A secret one is ****. Null: none.';
