"""The edge's files, made from `edge/` and the configuration: for ``cti-bridge edge-config``, ``make farm`` and the
tests.

of_settings    the files, from the settings
command        the command
"""
