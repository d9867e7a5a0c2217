-- The expected wait of a visit, who was before it, and the after-call work are written now.
-- compatible: 0004

comment on column cti.queue_visit.ahead is 'How many calls of the queue were before it when it came; 0 where an agent was free. Null while it waits, and of rows of before.';
comment on column cti.queue_visit.wait_predicted_s is 'The expected wait when it came, in seconds: (calls ahead + 1) x handling time / agents who work; 0 where an agent was free. Null while it waits, and where too little was known.';
comment on column cti.queue_visit.after_call_s is 'Seconds of after-call work (ticket processing) of the agent who answered, right after the call. Null: there was none, or it goes on.';
