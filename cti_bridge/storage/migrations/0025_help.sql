-- Agents ask for help.
-- compatible: 0004

comment on column cti.audit.what is 'logout, status_set: of an agent. call_ended, call_moved: of a call. monitor_begun, monitor_changed, monitor_ended: a supervisor monitors a call; ended by command alone, any other end says monitor.ended_with. team_message: to a team. help_asked, help_ended: an agent asks for help; the agent, or a supervisor, has ended that. hours_set, hours_dropped: opening hours by hand. emergency_on, emergency_off: the emergency switch of a service. recording_played, recording_downloaded: a recording; requests of one person for the same recording within a minute are one play. recording_held, recording_released: its legal hold. recording_erased: before its time.';
