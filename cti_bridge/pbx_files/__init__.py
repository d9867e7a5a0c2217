"""The PBX's files, made from `asterisk/` and the configuration: for ``cti-bridge pbx-config``, `make run` and the
tests.

templates      fills the templates
of_settings    the values of one PBX, from the settings
passwords      the phones' passwords: given, kept, or made
differences    what differs from the files that are there, without secrets
writing        puts the files in their place
reloading      tells Asterisk, and says what only a restart takes over
command        the command
"""
