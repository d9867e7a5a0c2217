"""HTTP and WebSocket: what the outside builds against (``/api/v1/openapi.json``). Decides nothing: commands go to
the engine, views come from it.

server, routes, paths, requests    the server: what is asked for, and how
schemas, openapi, refusal_codes, errors   forms of questions, their description, refusals
streaming, squeezing, codings, cursors   answers
sessions, auth, passwords, cookie, login_limits, attempts, fair_turns, client_address   who asks
trace, session_use                 who has come from where; sessions in use
gate, connection, pace             what clients can take: connections, time, bytes, requests
http_faults                        the HTTP library's log, without what clients have sent
own_session, own_numbers, agents, calls, tickets, numbers, operator, health             what is asked for
events, live, frames, streams      the live feed of an agent; feed, topics: of others
panel, panel_files, joining        the panel's files
"""
