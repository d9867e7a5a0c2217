"""The base of all tables of the configuration."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """The base of all tables: nothing unknown, nothing converted, nothing changed afterwards. ``hide_input_in_errors``,
    for a value may be a secret."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)
