-- Lists of tickets: the tickets of one service in one status, of everybody, of an owner, of a number, in the order of the list. So the
-- newest are read and no others, however many match and however old they are. The first one has all columns of ticket_by_service.
--
-- ticket_newest, ticket_by_owner and ticket_by_number stay, for questions of people that name no service.

create index ticket_list on cti.ticket (service, status, created_at desc, id desc);
create index ticket_list_of_owner on cti.ticket (service, owner, status, created_at desc, id desc);
create index ticket_list_of_number on cti.ticket (service, customer_number, status, created_at desc, id desc);
drop index cti.ticket_by_service;

-- The highest epoch is asked for when a spool was lost; see the bridge's tables.
create index ticket_epoch on cti.ticket (epoch);
create index ticket_event_epoch on cti.ticket_event (epoch);
