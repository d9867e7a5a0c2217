"""The scenario: what happens to a call before an agent has it (requirements C1, H1, H2).

interpreter   from step to step: where an exit leads, and what happens where it leads nowhere
steps         what each step does, and what it waits for
collect       the caller enters digits
lookup        a system of the house is asked
say           a message of a step
values        steps that give a call its values, and lead on by them
voicemail     the step in which a caller leaves a message
dialplan      the PBX's own dialplan goes on with the call for a while
callback      a caller asks to be called back
typed         keys that were pressed ahead, until a step takes them
inbound       an inbound call arrives, is refused or answered, and begins its scenario
"""
