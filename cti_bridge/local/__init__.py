"""The private Asterisk and the embedded Postgres of `make run`, the demo and the tests.

An installation with a PBX and a database of its own does not need this package.
"""
