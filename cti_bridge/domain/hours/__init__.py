"""Opening hours: what is decided for now (opening), and what somebody has set by hand (override); and what callers of a
service hear in an emergency (emergency_switch)."""
