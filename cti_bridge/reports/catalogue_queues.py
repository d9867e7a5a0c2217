"""Reports of queues."""

from itertools import pairwise

from cti_bridge.reports.columns import FINAL, SPAN, Kind, Report, columns

_QUEUE = columns(
    Kind.TEXT,
    """
    service: The service.
    queue: The queue: that of the call, whoever lends the agent.
    """,
)
OFFERED = columns(
    Kind.COUNT,
    """
    offered: Calls that entered the queue and are counted in the rates: new ones. With transfers=in also those that
      were transferred, returned or moved to it.
    """,
)
LENGTHS = (5, 10, 20, 30, 60, 120, 300)
"""Seconds of the distribution of waits."""

HANDLING = Report(
    "queue-handling",
    "What became of the calls of each queue. offered = answered + abandoned + turned_away + key + moved + ended + "
    "node_lost + waiting.",
    (
        *SPAN,
        *_QUEUE,
        *OFFERED,
        *columns(
            Kind.COUNT,
            """
            calls: Calls of which this was the first queue. Their sum has each call once.
            new: Calls that entered the queue for the first time.
            transferred: Calls that an agent sent to the queue.
            returned: Calls that came back: after a transfer that failed, from hold, from a lost phone.
            moved_in: Calls whose queue was removed from the configuration, and that were moved here.
            callbacks_in: Call-backs in their turn.
            answered: Of those offered, the ones in which agent and customer were together.
            answered_by_others: Of those answered, the ones that an agent of another queue answered, who helped out.
            answered_for_others: Calls of other queues that an agent of this one answered. They are offered and
              answered there, not here.
            abandoned: Of those offered, the ones whose caller hung up in the queue.
            abandoned_within: Of those abandoned, the ones that had waited no longer than service_level_s.
            abandoned_short: Of those abandoned, the ones that had waited less than short_abandon_s.
            turned_away: longest_wait + full + no_agents + closed.
            longest_wait: Left for they had waited as long as the queue allows.
            full: Not taken for too many waited.
            no_agents: Left, or not taken, for nobody worked for the queue.
            closed: Left for the queue had closed while they waited.
            closed_at_entry: New calls that came after closing time. They never were in the queue, and are in no other
              column.
            key: Left by a key that the caller pressed.
            moved: Left for the queue was removed, or the call was sent elsewhere.
            ended: The call was ended by us while it waited.
            node_lost: The PBX has lost the call while it waited.
            waiting: Still wait.
            within: Of those answered, the ones that had waited no longer than service_level_s.
            """,
        ),
        *columns(
            Kind.RATE,
            """
            answer_rate: answered ÷ offered.
            abandon_rate: abandoned ÷ offered.
            service_level: By the formula that was asked for.
            """,
        ),
        *columns(
            Kind.COUNT,
            """
            conversations: Calls that were answered, whether they are counted in the rates or not.
            """,
        ),
        *columns(
            Kind.SECONDS,
            """
            talk_s: Talk with any agent, from the answer until the call leaves for another queue or ends. Hold apart.
            talk_avg_s: talk_s ÷ conversations.
            hold_s: Of the same time, the part on hold: with music, in consultations too.
            after_call_s: After-call work of the agents who answered.
            handle_avg_s: (talk_s + hold_s + after_call_s) ÷ conversations.
            """,
        ),
        *FINAL,
    ),
)

WAITING = Report(
    "queue-waiting",
    "How long callers waited in each queue: from the entry to the answer, or to how else they left. Who still waits "
    "has no wait yet.",
    (
        *SPAN,
        *_QUEUE,
        *OFFERED,
        *columns(
            Kind.COUNT,
            """
            answered: As in queue-handling.
            abandoned: As in queue-handling.
            """,
        ),
        *columns(
            Kind.RATE,
            """
            answer_rate: answered ÷ offered.
            abandon_rate: abandoned ÷ offered.
            """,
        ),
        *columns(
            Kind.SECONDS,
            """
            wait_s: The waits of all who have left the queue.
            wait_most_s: The longest of them.
            wait_avg_s: Their average.
            answered_wait_s: The waits of answered calls.
            answered_wait_most_s: The longest of them.
            answered_wait_avg_s: Their average: the speed of answer.
            abandoned_wait_s: The waits of abandoned calls.
            abandoned_wait_most_s: The longest of them.
            abandoned_wait_avg_s: Their average.
            """,
        ),
        *columns(
            Kind.COUNT,
            """
            predicted: Answered calls for which a wait was expected when they came.
            predicted_held: Of those, the ones that waited no longer than the upper end of the range that was expected.
            """,
        ),
        *columns(Kind.RATE, "predicted_rate: predicted_held ÷ predicted."),
        *FINAL,
    ),
)


def _lengths(what: str) -> str:
    first = LENGTHS[0]
    between = "\n".join(
        f"{what}_{upper}: {what.capitalize()} after more than {lower} and up to {upper} seconds."
        for lower, upper in pairwise(LENGTHS)
    )
    last = f"{what}_more: {what.capitalize()} after more than {LENGTHS[-1]} seconds."
    return f"{what}_{first}: {what.capitalize()} after up to {first} seconds.\n{between}\n{last}"


DISTRIBUTION = Report(
    "distribution",
    "How many callers waited how long before they were answered, and before they hung up.",
    (
        *SPAN,
        *_QUEUE,
        *columns(Kind.COUNT, "answered: As in queue-handling.\n" + _lengths("answered")),
        *columns(Kind.COUNT, "abandoned: As in queue-handling.\n" + _lengths("abandoned")),
        *FINAL,
    ),
)
