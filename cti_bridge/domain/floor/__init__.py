"""Shared by all procedures: the present calls, agents and legs, and each change of them.

floor      every change of an agent or a call, with its row
rewire     orders that bring the parties to their places
access     the call that a command names
phone_use  whether an agent's phone is in use, and where it can be rung
codecs     the bridge that joins the legs
visits     the visits of calls to queues, each a row
intervals  who took part in a state of a call, each a row; transfers: consultations and transfers, each a row
tally      counts for the metrics
today      figures of today, for whoever watches
recorder   follows its call: what is recorded of a conversation; time_line: what of its files is stored;
           customer_left: the customer leaves others in a bridge that is recorded
monitoring supervisors who monitor calls, as far as these have to know
ordering   what the PBXs are told, and what of that is to be confirmed; orders: the rule for each kind of order
"""
