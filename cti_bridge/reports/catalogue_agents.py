"""Reports of agents. Times are cut at the borders of intervals."""

from cti_bridge.reports.columns import FINAL, SPAN, Kind, Report, columns

_AGENT = columns(
    Kind.TEXT,
    """
    agent: The CTI ID.
    name: The name of the agent, as it is configured now.
    """,
)
GROUPS = (
    ("ready", "ready"),
    ("rest", "rest"),
    ("business", "business, other than after-call work"),
    ("after_call", "after-call work (ticket processing)"),
    ("ringing", "rung by an offer, or about to be connected"),
    ("dialing", "calling out, before the customer answers"),
    ("talking", "talking, to a customer or as the one who is consulted"),
    ("on_hold", "a customer on hold"),
    ("consulting", "consulting somebody"),
    ("reconnecting", "rung again, for the phone was lost in a conversation"),
    ("monitoring", "monitoring a call, as its supervisor"),
)
"""Names of states, and what an agent does in them."""

CALLS = Report(
    "agent-calls",
    "The calls of each agent, of all services. A call stands where the agent was rung or asked for it; time is cut at "
    "the borders.",
    (
        *SPAN,
        *_AGENT,
        *columns(
            Kind.COUNT,
            """
            offered: Calls of queues that the agent was rung for, and own calls that came back.
            answered: Of those, the ones that the agent answered.
            missed: Not answered in time.
            declined: The agent said no.
            busy: The phone was in use.
            unreachable: The phone could not be rung.
            caller_left: The caller hung up while the agent was rung.
            withdrawn: We withdrew the offer.
            """,
        ),
        *columns(
            Kind.SECONDS,
            """
            ring_s: Rung by offers of any kind that the agent then answered.
            in_talk_s: Talk with customers who called, also when a colleague is there too.
            in_hold_s: Customers who called, on hold; a lost phone counts too.
            in_talk_avg_s: in_talk_s ÷ (answered + transfers_in).
            """,
        ),
        *columns(
            Kind.COUNT,
            """
            out_attempts: Calls out.
            out_answered: Of those, the ones in which the customer answered.
            out_failed: The others.
            """,
        ),
        *columns(
            Kind.SECONDS,
            """
            dial_s: From the request until the customer answered or the attempt ended.
            out_talk_s: Talk with customers who were called.
            out_hold_s: Customers who were called, on hold.
            out_talk_avg_s: out_talk_s ÷ out_answered.
            """,
        ),
        *columns(
            Kind.COUNT,
            """
            consults: Consultations that the agent asked for.
            consulted: Consultations in which the agent was asked and answered.
            transfers_in: Calls that were transferred to the agent.
            transfers_to_agents: Calls that the agent transferred to agents.
            transfers_to_queues: Calls that the agent sent to queues or scenarios.
            transfers_outside: Calls that the agent transferred to outside numbers.
            transfers_failed: Direct transfers of the agent that did not reach their target.
            """,
        ),
        *columns(
            Kind.SECONDS,
            """
            consult_s: Consulting, the ringing included. The customer is on hold meanwhile.
            consulted_s: Time as the one who is consulted, from the answer on.
            internal_s: Calls to and from colleagues, without a customer, the ringing of the caller's side included.
            transfers_in_talk_s: Of the talk, the part in calls behind their transfer to the agent.
            after_call_s: After-call work.
            after_call_long_s: Of it, what is beyond the first 300 seconds of each stretch.
            ready_s: Ready and free.
            work_s: ring_s + dial_s + talk + hold + consult_s + consulted_s + after_call_s.
            """,
        ),
        *columns(Kind.RATE, "occupancy: work_s ÷ (work_s + ready_s)."),
        *FINAL,
    ),
)

REASONS = Report(
    "agent-reasons",
    "How long each agent was at rest and at business, by the reason that was chosen. After-call work is not in it.",
    (
        *SPAN,
        *_AGENT,
        *columns(
            Kind.TEXT,
            """
            status: rest or business.
            reason: The reason; empty: none. missed, declined, phone_busy and phone_unreachable come from offers that
              were not taken.
            """,
        ),
        *columns(Kind.COUNT, "times: How often that began."),
        *columns(
            Kind.SECONDS,
            """
            lasted_s: Seconds in it.
            lasted_avg_s: lasted_s ÷ times.
            """,
        ),
        *FINAL,
    ),
)

STATES = Report(
    "agent-states",
    "What each agent was at, and when they logged in and out.",
    (
        *SPAN,
        *_AGENT,
        *columns(
            Kind.COUNT,
            """
            logins: Sessions that began.
            logouts: Sessions that ended, however.
            """,
        ),
        *columns(
            Kind.MOMENT,
            """
            first_login: The first login in the interval.
            last_logout: The last logout in the interval.
            """,
        ),
        *(
            column
            for name, does in GROUPS
            for column in (
                *columns(Kind.COUNT, f"{name}_n: How often that began: {does}."),
                *columns(
                    Kind.SECONDS,
                    f"""
                    {name}_s: Seconds in it.
                    {name}_avg_s: {name}_s ÷ {name}_n.
                    """,
                ),
            )
        ),
        *FINAL,
    ),
)
