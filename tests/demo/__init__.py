"""One unattended pass through the whole system."""
