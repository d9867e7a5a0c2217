"""SQL kept in ``.sql`` files: named blocks, each described in comments.

A block begins with ``-- name: NAME`` and goes on to the next one. The comment lines after the name describe it and its
parameters.
"""

import re
from importlib.resources import files

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def load_statements(package: str, name: str) -> dict[str, str]:
    """Return the blocks of the file ``name`` in ``package``, by name. Raises ValueError when a name stands twice."""
    parts = _NAME.split(files(package).joinpath(name).read_text(encoding="utf-8"))
    names, bodies = parts[1::2], parts[2::2]
    if len(set(names)) != len(names):
        raise ValueError(f"{name}: a block's name stands twice")
    return {block: body.strip() for block, body in zip(names, bodies, strict=True)}
