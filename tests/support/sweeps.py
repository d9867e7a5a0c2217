"""Sweeps over a large product: each rule and each kind of it in `make test`, the whole product in `make soak`."""

from typing import Any

import pytest


def sweep(name: str, some: Any, everything: Any) -> pytest.MarkDecorator:
    """The test is run with ``some`` of the cases, and by `make soak` with ``everything``. ``name`` is its parameter."""
    return pytest.mark.parametrize(name, [some, pytest.param(everything, marks=pytest.mark.soak)], ids=["some", "all"])
