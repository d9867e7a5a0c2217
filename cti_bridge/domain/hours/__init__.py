"""Opening hours: what is decided for now (opening), and what somebody has set by hand (override)."""
