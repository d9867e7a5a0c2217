-- Calls and offers that have not ended: a start closes those that an earlier run has left open. There are few of them, among years
-- of others.

create index call_open on cti.call (id) where ended_at is null;
create index offer_open on cti.offer (id) where ended_at is null;
