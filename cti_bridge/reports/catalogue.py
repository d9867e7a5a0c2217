"""The reports, and each of their columns with its definition. The page ``docs/figures.md`` and the API show these."""

from collections.abc import Mapping

from cti_bridge.reports import catalogue_agents, catalogue_calls, catalogue_queues
from cti_bridge.reports.columns import Report

REPORTS: Mapping[str, Report] = {
    report.name: report
    for report in (
        catalogue_calls.ALL,
        catalogue_queues.HANDLING,
        catalogue_queues.WAITING,
        catalogue_agents.CALLS,
        catalogue_agents.STATES,
        catalogue_agents.REASONS,
        catalogue_calls.DETAIL,
        catalogue_queues.DISTRIBUTION,
        catalogue_calls.TRANSFERS,
        catalogue_calls.SCENARIO_EXITS,
        catalogue_calls.CALLBACKS,
    )
}
"""By name."""
