-- What each column says, for people who write queries. docs/data.md is made of it (make dictionary).
-- compatible: 0004

comment on table cti.ticket is 'One row for a ticket: its present state, the sum of its events. A conversation has one ticket.';
comment on column cti.ticket.id is 'The id of the ticket, a UUIDv7.';
comment on column cti.ticket.service is 'The service of the call.';
comment on column cti.ticket.call_id is 'The call.';
comment on column cti.ticket.status is 'open, pending, resolved.';
comment on column cti.ticket.owner is 'The CTI ID of the agent who has it.';
comment on column cti.ticket.customer_number is 'As in call.';
comment on column cti.ticket.created_at is 'It was opened: at the answer, or as the service is configured.';
comment on column cti.ticket.version is 'The number of its last event.';
comment on column cti.ticket.epoch is 'As in call.';

comment on table cti.ticket_event is 'What happened to a ticket, in order.';
comment on column cti.ticket_event.id is 'The id of the event.';
comment on column cti.ticket_event.ticket_id is 'The ticket.';
comment on column cti.ticket_event.version is 'The number of the event, from 1, without a gap.';
comment on column cti.ticket_event.at is 'When it happened.';
comment on column cti.ticket_event.by is 'The CTI ID of the agent who did it, or system.';
comment on column cti.ticket_event.type is 'opened, owner_changed, participant_added, status_changed, commented, call_event, force_disconnected.';
comment on column cti.ticket_event.detail is 'What was changed. A call_event has its kind as event: ended, warned, warning_stopped, target_gone (a transfer has failed). talked_s: as talk_s in call.';
comment on column cti.ticket_event.epoch is 'As in call.';
