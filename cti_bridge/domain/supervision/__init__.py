"""Supervisors act: they set the status of an agent (status), end a call or move one that waits (calls), and speak to
a team (teams). An agent asks them for help (help)."""
