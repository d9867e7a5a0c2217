"""Write the columns of reports into ``docs/figures.md`` (``make dictionary``). Their definitions stand in
``cti_bridge/reports/catalogue*.py``."""

from pathlib import Path

from cti_bridge.reports.catalogue import REPORTS

PAGE = Path(__file__).with_name("figures.md")


def page() -> str:
    """Return the page: what stands above the first report is written by hand, and stays."""
    lines = [PAGE.read_text().partition("\n## Report ")[0].rstrip()]
    for report in REPORTS.values():
        lines += ["", f"## Report {report.name}", "", report.about, "", "| column | kind | |", "|---|---|---|"]
        lines += [f"| `{column.name}` | {column.kind} | {column.about} |" for column in report.columns]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page())
