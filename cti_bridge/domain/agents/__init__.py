"""Agents log in and out and choose a status (sessions)."""
