"""Opening hours."""

from typing import Annotated

from pydantic import Field

from cti_bridge.config.kinds import Day, FilePath, HolidaysOf, Identifier, Media, TimeRange, TimeZone, matching
from cti_bridge.config.schema.section import Section


class WeekSettings(Section):
    """[hours.week]: the ranges of each day, as "09:00-12:00". A day without is closed; "24:00" is the end of a day."""

    mon: list[TimeRange] = []
    """Monday."""
    tue: list[TimeRange] = []
    """Tuesday."""
    wed: list[TimeRange] = []
    """Wednesday."""
    thu: list[TimeRange] = []
    """Thursday."""
    fri: list[TimeRange] = []
    """Friday."""
    sat: list[TimeRange] = []
    """Saturday."""
    sun: list[TimeRange] = []
    """Sunday."""


class ExceptionSettings(Section):
    """[[hours.exceptions]]: days on which other hours hold than in the week, and no holiday counts."""

    name: Annotated[str, matching(r"[^\x00-\x1f\x7f]{1,100}", "a name without control characters, at most 100")]
    """The name, for people; by it a later file changes the exception."""
    date: Day = ""
    """The day, "2026-12-24", or "12-24" for each year. In its place ``from`` and ``till`` for a span."""
    from_: Annotated[Day, Field(alias="from")] = ""
    """The first day of a span."""
    till: Day = ""
    """The last day of a span, which belongs to it. A yearly span may go over the turn of the year."""
    open: list[TimeRange] = []
    """The ranges of each of these days. Empty: closed."""
    sound: Media = ""
    """The message of the exception."""


class HoursSettings(Section):
    """[[hours]]: opening hours. An override by hand goes before an exception, that before a holiday, that before the
    week."""

    id: Identifier
    """The name of the hours in the API, tables and this configuration."""
    timezone: TimeZone
    """The time zone, e.g. "Asia/Seoul"."""
    week: WeekSettings = WeekSettings()
    """The ranges of each day of the week."""
    exceptions: list[ExceptionSettings] = []
    """Days on which other hours hold."""
    holidays: list[HolidaysOf] = []
    """Countries whose public holidays are days off (ISO 3166), e.g. "KR", or parts of one, e.g. "DE-BY"."""
    holiday_files: list[FilePath] = []
    """iCalendar files whose events are days or times off, but for transparent ones."""
