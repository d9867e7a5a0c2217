"""The configuration: files and environment in, checked settings out. The entry is :mod:`cti_bridge.settings`.

files, lines          TOML files, and the line of each key
reading               one file as text, or why it cannot be read
environment           variables that override the files
variables             the setting that a misspelled variable probably means
merge                 one tree of all sources, with the source of each value
schema                every setting, with its type, default and meaning
resolve               paths, and secrets in files of their own
checks                relations between settings, and to the world outside
complaints            pydantic's errors in the operator's words
problems              one list of all errors, each with its place
directory, numbering  the part of the configuration that the core knows
countries, kinds, shape   forms of single values
connect               `check-config --connect`: whether PBX and database are there
opening_hours         the rules of opening hours, and what is wrong with them
certificates          the day on which the API's certificate expires
at_start              what only a start can change
"""
