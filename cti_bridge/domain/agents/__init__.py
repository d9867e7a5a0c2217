"""Agents log in and out and choose a status (sessions); sessions end by themselves (session_limits). An edge has all
phones (edge)."""
