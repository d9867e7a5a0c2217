"""The pure core: facts and the time go in, actions and records come out.

Nothing in this package awaits, reads a clock or random, logs, or imports anything but the standard library, itself,
and msgspec's ``Struct``: what each call brings about (rows, facts, orders, the call and its parts) is one, for it is
made and encoded in C. What is made once, as the configuration, is a dataclass. Times are POSIX seconds (float) of the
engine's clock; durations carry their unit in the name (``_s``).

A requirement with a number stands in ``docs/requirements.md``; ``docs/architecture.md`` says how all of it hangs
together, ``docs/states.md`` shows the tables.

What every call goes through is to be cheap (``docs/benchmark.md``). So some files name members of enumerations once, at
their top: Python 3.11 looks one up in its class by a hook, which takes 900 instructions of the processor instead of 10.

Where to look. ``call_center`` is the way in: one procedure for every fact, command and deadline. A folder uses those
above it and none below (``tests/unit/test_purity.py``); each says what its files are.

    model        data and tables: agent, call, the words, the wiring, the configuration
    border       what goes in and out: facts, commands, actions, records, notices, views, errors
    rights       who may do what: agents, supervisors, the machine's operator
    floor        the calls and agents of now, and each change of them; orders to the PBX by the wiring
    audio        messages, holds, whether any audio comes
    numbers      which numbers may be dialled and shown; marked customers
    callbacks    customers who are to be called, and the messages that they have left
    ending       the outcome, the last message, what becomes of the agent, the ticket
    hours        opening hours: what holds now, and what somebody has set by hand; emergency switches of services
    queue        a call waits, and is given to the agent who is next
    scenario     what happens to a call before an agent has it: a call comes in, and goes from step to step
    offer        an agent is rung
    outbound     a call out
    monitors     supervisors who listen to calls, whisper and barge in
    talk         consult, transfer, warning, a phone that is lost, hanging up; answers to an offer
    emergency    calls to emergency services
    legs         what the PBX tells of legs, who leaves, what was ordered and is not seen
    agents       login and status
    supervision  what supervisors do to agents and calls
    follows      tables: what a deadline does, what follows a message
    recovery     a start, a PBX that is back, another configuration, a clock that was set
    views        what is shown
"""
