"""The panel's files, read, joined and compressed by whoever imports this: half of the processor that a bridge takes to
start. A fork has them from the beginning."""

from cti_bridge.api.panel import compress_first
from cti_bridge.api.panel_files import read_panel

compress_first(read_panel())
