"""The configuration: files and environment in, checked settings out. The entry is :mod:`cti_bridge.settings`.

files, lines          read a TOML file, and know on which line each of its keys stands
reading               one file as text, or why it cannot be read
environment           the variables that override the files
variables             the setting that a misspelled variable was meant to be
merge                 one tree out of all of them, that remembers where each value came from
schema                every setting, with its type, default and meaning
resolve               paths and secrets that are named by file
checks                what two settings have to do with each other, and what the world outside must hold
complaints            pydantic's errors in the operator's words
problems              one list of everything that is wrong, each with its place
directory             the part of it that the core knows
"""
