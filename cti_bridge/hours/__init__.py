"""Opening hours outside the core: zones, weeks, exceptions, holidays. They make a rule, which the core asks with a
time.

week       ranges of a day, and the days of a week
special    exceptions: a date, a span, each year
public     public holidays of a country, by the library
calendar   iCalendar files, with limits
rule       all of them together: open, closed or holiday at a time, until when, why
zone       time zones, and times as people write them
"""
