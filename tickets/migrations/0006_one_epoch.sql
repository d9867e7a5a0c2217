-- The highest epoch stands in a table of the bridge; see there.
-- compatible: 0004

drop index cti.ticket_epoch;
drop index cti.ticket_event_epoch;
