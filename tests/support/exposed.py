"""The metrics of the bridge with their labels, read from the program: most have values only when something is wrong."""

import ast
from collections.abc import Iterator
from pathlib import Path

import cti_bridge

PACKAGE = Path(cti_bridge.__file__).parent
OF_THE_PROCESS = (
    "process_cpu_seconds_total",
    "process_open_fds",
    "process_max_fds",
    "process_resident_memory_bytes",
    "process_start_time_seconds",
)
"""Those of the client library that the docs name."""
OF_PROMETHEUS = frozenset({"job", "instance"})
"""The labels that Prometheus adds to all."""


def exposed() -> dict[str, frozenset[str]]:
    """Return the labels of each metric by the name under which Prometheus has it."""
    found = dict.fromkeys((*OF_THE_PROCESS, "up"), OF_PROMETHEUS)
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text()
        for function in ast.walk(ast.parse(text)) if "Measurement(" in text else ():
            if isinstance(function, ast.FunctionDef):
                for name, labels in _measured(function):
                    found[name] = labels | OF_PROMETHEUS
    return found


def _measured(function: ast.FunctionDef) -> Iterator[tuple[str, frozenset[str]]]:
    for node in ast.walk(function):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Measurement"):
            continue
        name, labels = ast.literal_eval(node.args[0]), _labels(function, node)
        words = {word.arg for word in node.keywords}
        if "buckets" in words:
            yield f"{name}_bucket", labels | {"le"}
            yield f"{name}_count", labels
            yield f"{name}_sum", labels
        else:
            yield (f"{name}_total" if "counter" in words else name), labels


def _labels(function: ast.FunctionDef, call: ast.Call) -> frozenset[str]:
    given = call.args[3] if len(call.args) > 3 else None
    if given is None:
        return frozenset()
    if isinstance(given, ast.Name):
        given = next(value for name, value in _assigned(function) if name == given.id and value.lineno <= call.lineno)
    assert isinstance(given, ast.Dict), ast.unparse(call)
    return frozenset(ast.literal_eval(key) for key in given.keys if key is not None)


def _assigned(function: ast.FunctionDef) -> Iterator[tuple[str, ast.expr]]:
    """Yield the dictionaries that have names, the last one first."""
    for node in sorted(
        (one for one in ast.walk(function) if isinstance(one, ast.Assign)), key=lambda one: one.lineno, reverse=True
    ):
        (target,) = node.targets
        pairs = (
            zip(target.elts, node.value.elts, strict=True)
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
            else [(target, node.value)]
        )
        for name, value in pairs:
            if isinstance(name, ast.Name) and isinstance(value, ast.Dict):
                yield name.id, value
