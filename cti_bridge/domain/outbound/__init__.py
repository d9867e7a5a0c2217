"""A call out: dialling (outbound), how many lines there may be (outside), and its way through the dialplan without us
(dialplan).
"""
