"""Reports of calls."""

from cti_bridge.reports.columns import FINAL, SPAN, Kind, Report, columns

_SERVICE = columns(Kind.TEXT, "service: The service.")
ALL = Report(
    "all",
    "All calls of each service, each once, where it came.",
    (
        *SPAN,
        *_SERVICE,
        *columns(
            Kind.COUNT,
            """
            in_calls: Calls of customers.
            in_queue: Of those, the ones that entered a queue.
            in_scenario: Those that were over, or refused, before any queue and without an agent.
            in_answered: Those in which an agent talked to the customer.
            in_lost: Those that entered a queue, and ended without an agent.
            in_open: Those that go on and have no agent yet.
            """,
        ),
        *columns(
            Kind.RATE,
            """
            answer_rate: Of the calls that entered a queue, those that an agent answered.
            service_level: By the formula that was asked for, of all queues.
            """,
        ),
        *columns(
            Kind.SECONDS,
            """
            in_talk_s: Talk with agents.
            in_talk_avg_s: in_talk_s ÷ in_answered.
            in_hold_s: On hold.
            """,
        ),
        *columns(
            Kind.COUNT,
            """
            out_calls: Calls of agents to customers.
            out_answered: Of those, the ones that customers answered.
            out_failed: The others that are over.
            """,
        ),
        *columns(
            Kind.SECONDS,
            """
            out_talk_s: Talk in them.
            out_talk_avg_s: out_talk_s ÷ out_answered.
            out_hold_s: On hold.
            """,
        ),
        *FINAL,
    ),
)

DETAIL = Report(
    "call-detail",
    "One call a row. Telephone numbers of customers are masked.",
    (
        *columns(
            Kind.TEXT,
            """
            call: The id of the call.
            """,
        ),
        *columns(Kind.MOMENT, "arrived_at: When it came, or was asked for."),
        *columns(
            Kind.TEXT,
            """
            direction: inbound, outbound or internal.
            service: The service.
            """,
        ),
        *columns(
            Kind.NUMBER,
            """
            customer_number: The number of the customer. Null: withheld.
            """,
        ),
        *columns(
            Kind.TEXT,
            """
            number: The number of the house that was called, or that the customer saw.
            queue: The queue.
            first_agent: The first agent who talked to the customer.
            last_agent: The last one.
            """,
        ),
        *columns(
            Kind.MOMENT,
            """
            answered_at: When customer and first agent were together.
            ended_at: When it was over.
            """,
        ),
        *columns(
            Kind.SECONDS,
            """
            total_s: From its arrival to its end.
            wait_s: All waits for an agent.
            talk_s: Talk with agents.
            hold_s: On hold.
            """,
        ),
        *columns(
            Kind.TEXT,
            """
            outcome: How it ended.
            ended_by: Who ended it.
            ended_in: The state in which it ended.
            """,
        ),
        *columns(
            Kind.COUNT,
            """
            hangup_cause: The Q.850 cause of the leg that ended it.
            sip_code: The SIP response that ended it.
            """,
        ),
        *columns(
            Kind.TEXT,
            """
            category: Its category.
            ticket: The id of its ticket.
            """,
        ),
        *columns(Kind.FLAG, "seen_late: Nobody saw its end; ended_at is the last moment at which it was seen."),
    ),
    pages=True,
)

TRANSFERS = Report(
    "transfers",
    "Who transferred or consulted, to whom, and what came of it.",
    (
        *SPAN,
        *_SERVICE,
        *columns(
            Kind.TEXT,
            """
            kind: direct, consult, or step (of a scenario).
            by: The agent who asked; empty: a step of a scenario.
            to_agent: The agent who was to have the call.
            to_queue: The queue that it was sent to.
            to_scenario: The scenario that it was sent to.
            """,
        ),
        *columns(Kind.NUMBER, "to_number: The outside number."),
        *columns(
            Kind.COUNT,
            """
            asked: How often.
            answered: The target answered.
            completed: Customer and target were together, or the call was in the queue or the scenario.
            cancelled: The agent went back to the customer.
            recalled: The sender took the call back.
            customer_left: The customer hung up.
            failed: The target did not have it: busy, no answer, declined, unreachable, and the like.
            """,
        ),
        *columns(Kind.SECONDS, "answer_avg_s: From the request to the answer, on average."),
        *FINAL,
    ),
)

SCENARIO_EXITS = Report(
    "scenario-exits",
    "By which exits calls left the steps of scenarios.",
    (
        *SPAN,
        *columns(
            Kind.TEXT,
            """
            service: The service of the scenario.
            scenario: The scenario.
            step: The step.
            exit: The exit, or the key.
            """,
        ),
        *columns(Kind.COUNT, "calls: How often."),
        *columns(
            Kind.SECONDS,
            """
            lasted_s: Seconds in the step.
            lasted_avg_s: lasted_s ÷ calls.
            """,
        ),
        *FINAL,
    ),
)

CALLBACKS = Report(
    "callbacks",
    "Customers who are to be called, and messages, where they were registered.",
    (
        *SPAN,
        *_SERVICE,
        *columns(Kind.TEXT, "queue: The queue."),
        *columns(
            Kind.COUNT,
            """
            registered: All of them.
            requested: Wanted to be called back.
            voicemail: Left a message.
            waiting: Nobody has dealt with it yet.
            done: An agent has.
            cancelled: It was no message after all.
            attempts: How often customers were dialled for it.
            """,
        ),
        *columns(Kind.SECONDS, "done_avg_s: From the registration until it was done or cancelled, on average."),
        *FINAL,
    ),
)
