"""Reports: figures from rows alone.

catalogue    the reports, and each of their columns with its definition
periods      intervals of a time zone, as moments
formulas     rates and averages from counts and sums
asking       a question: which report, when, of whom
queues, agents, calls   the reports, from the rows of their statements (``.sql``)
stretches    seconds of agents, cut at borders
sums         sums by interval and group, and rows of them
columns      columns and their kinds
reading      answers questions, with a connection of its own
given_up     work in a thread that another one can give up
exporting    a whole report as a file
workbook     a report as XLSX
tables       a report as JSON or CSV

Statements count and sum, and nothing else: rates, averages and totals are made in one place from what they give.
"""
