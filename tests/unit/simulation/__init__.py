"""Random days at a call centre: the core, the model Asterisk and the people, driven by one source of chance.

:func:`steps.begin` opens a day, :func:`steps.step` lets one thing happen and checks all invariants,
:func:`settling.settle` heals everything and shows that whoever waited is served.

world            the core beside the model Asterisk, told one thing after another and checked after each
checkpoints      what the controller has saved, and what a restart finds of it
told         what callers who wait are told never rises
transitions      calls go from state to state as the table allows
directory        who works there, what is configured, and which numbers are called
steps            which thing happens next
people           callers, and agents with their phones in their hands
commands         agents at their panels
faults           what goes wrong
truth            what the core believes against what is so, when all is quiet
settling         everything that is due happens
"""
