"""The forms of path parameters."""

import pytest

from cti_bridge.api import paths
from cti_bridge.api.errors import Problem
from cti_bridge.api.openapi import describe
from cti_bridge.api.paths import CTI_ID, DATE, NAME, PARAMETERS, UUID, Form, path_ids
from cti_bridge.api.routes import Answer, Asked, Route
from cti_bridge.api.schemas import Done, Nothing

ID = "0190cafe-0000-7000-8000-00000000ABCD"


@pytest.mark.parametrize(
    ("form", "text", "read"),
    [
        (UUID, ID, ID.lower()),
        (CTI_ID, "kim.lee@Seoul-1", "kim.lee@Seoul-1"),
        (NAME, "support_2", "support_2"),
        (DATE, "2028-02-29", "2028-02-29"),
    ],
)
def test_given_the_right_form_then_it_is_read(form: Form, text: str, read: str) -> None:
    assert form.read(text) == read


@pytest.mark.parametrize(
    ("form", "texts"),
    [
        (UUID, ["", "1", ID[:-1], ID + "0", ID.replace("-", ""), "{" + ID + "}", ID + "\n"]),
        (CTI_ID, ["", "-a", "a b", "a/b", "..", "a" * 65, "é", "a\n", "%00"]),
        (NAME, ["", "Support", "2nd", "a-b", "a" * 41, "..", "a\n"]),
        (DATE, ["", "2027-02-29", "2026-13-01", "20261231", "2026-1-1", "2026-W01-1", "2026-12-31T00", "٢٠٢٦-12-31"]),
    ],
)
def test_given_another_form_then_it_is_refused_with_the_words_of_the_form(
    form: Form, texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PARAMETERS, "thing", form)
    for text in texts:
        with pytest.raises(Problem) as refused:
            path_ids({"thing": text})
        problem = refused.value
        assert (problem.status, problem.code) == (404, "not_found"), text
        assert problem.errors == [{"field": "thing", "message": form.words}]


def route(path: str) -> Route[Nothing]:
    async def run(asked: Asked[Nothing]) -> Answer:
        return Answer(dict(asked.ids))

    return Route("GET", path, Nothing, run, Done, "A thing")


def test_given_a_route_with_a_parameter_without_a_form_then_it_is_not_made() -> None:
    with pytest.raises(ValueError, match=r"/things/\{thing\}: .* no form of thing"):
        route("/things/{thing}")


def test_given_a_form_then_it_stands_in_the_description(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, form in (("day", DATE), ("report", NAME)):
        monkeypatch.setitem(paths.PARAMETERS, name, form)
    document = describe([route("/reports/{report}/{day}")], "t", "0", "")
    report, day = document["paths"]["/reports/{report}/{day}"]["get"]["parameters"]
    assert day == {"name": "day", "in": "path", "required": True, "schema": {"type": "string", "format": "date"}}
    assert report["schema"] == {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$"}
