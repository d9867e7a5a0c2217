-- Where a service has tickets of one status alone, or nearly, this index looked as good as ticket_list to the planner, which then read
-- all of them to find none of another status. What people ask for without a service is rare, and a scan is quick enough.

drop index cti.ticket_newest;
