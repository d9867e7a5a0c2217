"""The pure core: facts and the time go in, actions and records come out.

Nothing in this package awaits, reads a clock or random, logs, or imports anything but the standard library and
itself. Times are POSIX seconds (float) of the engine's clock; durations carry their unit in the name (``_s``).

A requirement with a number stands in ``docs/requirements.md``; ``docs/architecture.md`` says how all of it hangs
together, ``docs/states.md`` shows the tables.

Where to look (``call_center`` is the way in: one procedure for every fact, command and deadline):

what goes in and out    facts, actions, records, notices, output, errors, ids, timestamps; words (of rows and answers)
data and tables         agent, call, wiring, directory (the configuration), numbering; kept
what procedures share   floor (everything that changes an agent or a call), rewire (where the parties are against where
                        the table wants them), codecs (which bridge joins them), access (whose call a command names)
messages                prompt (what plays, as data on the call), messages (it is played, and ends), last_message,
                        after_prompt (what follows)
legs                    legs (what the PBX tells), matrix (who leaves, and what happens), looking (what was ordered
                        and is not seen), audio (whether any comes)
a call in               inbound, queueing, waiting (who is next, and which agent), no_calls (why not)
an offer                offer, offered (its answers), ringing (who is rung, and for how long)
a call out              outbound, dialing (which numbers, under which), outside (how many lines), emergency,
                        dialplan (its way without us), unknown_emergency (found, and not known);
                        foreign (calls that are none of ours)
in a conversation       hold, consult, transfer, target, handback, lost, warning, force_disconnect, marks, hanging_up
its end                 outcome, aftermath (what becomes of the agent), ticketing
agents                  sessions (login, status)
time                    deadlines, due (what is known of each kind), times (a clock that is set, a stall)
configuration           configuration (another one, at a start or while calls go on), differences
recovery, views         checkpoint (taken up at a start), restore (what a PBX shows); snapshot, views (what is shown)
"""
