"""Modules and style sheets that are joined: what is kept, what is left out, what is refused."""

import pytest

from cti_bridge.api.joining import Joined, JoinError, join_modules, join_sheets
from cti_bridge.api.panel_files import join_panel
from cti_bridge.api.squeezing import ScriptError, squeezed


def joined(files: dict[str, str], entry: str = "main.js") -> Joined:
    return join_modules(entry, files.__getitem__)[entry]


def test_given_modules_then_they_run_in_the_order_of_their_imports_each_once() -> None:
    files = {
        "main.js": "import {a} from './x/a.js';\nimport './b.js';",
        "x/a.js": "import {\n  c,\n} from '../c.js';\nexport const a = c;",
        "b.js": "import {c} from './c.js';\nc();",
        "c.js": "export function c() {}",
    }
    assert joined(files).parts == ("c.js", "x/a.js", "b.js", "main.js")


def test_given_an_export_then_the_others_see_it_under_its_own_name() -> None:
    files = {"main.js": "import { one } from './a.js';\none();", "a.js": "export function one() {}"}
    assert joined(files).text == "const{one}=(()=>{\nfunction one(){}\nreturn{one}})();\none();"


def test_given_another_name_at_the_import_or_export_then_both_are_kept_apart() -> None:
    files = {
        "main.js": "import { out as mine } from './a.js';\nmine();",
        "a.js": "const own = 1;\nexport { own as out };",
    }
    text = joined(files).text
    assert "return{out:own}" in text and "const mine=out;" in text


@pytest.mark.parametrize("use", ["new Audio()", "[...Audio]", "const Audio = 2;"])
def test_given_an_export_that_means_something_else_elsewhere_then_it_gets_another_name(use: str) -> None:
    files = {
        "main.js": "import './b.js';\nimport { Audio } from './a.js';\nAudio;",
        "a.js": "export class Audio {}",
        "b.js": use,
    }
    text = joined(files).text
    assert "const{Audio:Audio__" in text and "const Audio=Audio__" in text and use.replace(" = ", "=") in text


def test_given_the_same_export_twice_then_both_are_kept_apart() -> None:
    files = {
        "main.js": "import { id } from './a.js';\nimport { id as other } from './b.js';\nid(other);",
        "a.js": "export const id = 1;",
        "b.js": "export const id = 2;",
    }
    text = joined(files).text
    assert text.count("const{id:id__") == 2 and "const{id}" not in text


def test_given_addresses_beside_a_module_then_they_are_found_from_the_entry() -> None:
    files = {
        "main.js": "import './x/a.js';",
        "x/a.js": "import(`./${code}.js`);\nimport('../y/b.js');\nnew URL('../z', import.meta.url);",
    }
    result = joined(files)
    assert result.dynamic == ("x/*.js", "y/b.js")
    assert "import(`./x/${code}.js`);" in result.text and "import('./y/b.js');" in result.text
    assert "new URL('../z',new URL('x/a.js',import.meta.url).href)" in result.text


@pytest.mark.parametrize(
    ("module", "error"),
    [
        ("\nexport default 1;", "a.js:2: a form that is not joined: export default 1;"),
        ("/* one\n */\nexport let x = 1;", "a.js:3: a form that is not joined: export let x=1;"),
        ("export * from './b.js';", "a.js:1: a form that is not joined: export * from './b.js';"),
        ("import x from './b.js';", "a.js:1: a form that is not joined: import x from './b.js';"),
        ("import { x } from 'preact';", "a.js:1: a form that is not joined: import{x}from 'preact';"),
        ("import { x } from './main.js';", "a.js:1: a cycle: main.js imports a.js imports main.js"),
        ("\nimport { x } from './none.js';", "a.js:2: there is no none.js"),
        ("import { x } from './b.js';", "a.js:1: b.js does not export x"),
        ("const x = await y;", "a.js:1: await outside of a function"),
        ("f();\nimport(name);", "a.js:2: a dynamic import of what is no relative path"),
        ("const x = `a\n  b`;", "a.js:1: a string of several lines, which only html`...` may have"),
        ("const x = 'a", "a.js:1: a string that does not end on its line"),
        ("}", "a.js:1: a bracket is closed that was not opened"),
    ],
)
def test_given_a_form_that_is_not_joined_then_file_and_line(module: str, error: str) -> None:
    with pytest.raises(JoinError) as refused:
        joined({"main.js": "import './a.js';", "a.js": module, "b.js": "export const y = 1;"})
    assert str(refused.value) == error


@pytest.mark.parametrize(
    ("script", "kept"),
    [
        ("a = 1; // one\nb", "a=1; \nb"),
        ("a = '// no' + \"/* no */\";", "a='// no' + \"/* no */\";"),
        ("x = a / b / c;", "x=a / b / c;"),
        ("x = /[/'`]\\/{2}/g.test(y); // z", "x=/[/'`]\\/{2}/g.test(y);"),
        ("return/* */x", "return x"),
        ("`a  ${ b.map((c) => `<${c} = 1>`) } // d`", "`a  ${ b.map((c)=>`<${c} = 1>`)} // d`"),
        ("html`<p>\n  // ${a}\n</p>`", "html`<p>\n  // ${a}\n</p>`"),
        ("/* a\n b */c", "\nc"),
    ],
)
def test_given_a_script_then_strings_templates_and_expressions_stay(script: str, kept: str) -> None:
    assert squeezed(script).rstrip(" ") == kept


@pytest.mark.parametrize("script", ["`a", "`${a", "x = /a\n/", '"a\n"'])
def test_given_what_does_not_end_then_it_is_refused(script: str) -> None:
    with pytest.raises(ScriptError):
        squeezed(script)


def panel(files: dict[str, str]) -> dict[str, Joined]:
    return join_panel({path: text.encode() for path, text in files.items()})


def test_given_a_module_that_two_late_entries_need_then_it_is_refused() -> None:
    files = {
        "main.js": "import('./late.js');\nimport('./later.js');",
        "late.js": "import { x } from './a.js';",
        "later.js": "import { x } from './a.js';",
        "a.js": "export const x = 1;",
    }
    with pytest.raises(JoinError, match=r"^a.js:1: would run twice, for late.js and for later.js"):
        panel(files)


def test_given_a_module_of_the_first_entry_then_a_late_one_gets_it_from_there_under_a_name_of_its_own() -> None:
    files = {
        "main.js": "import { x } from './a.js';\nx(() => import('./v/late.js'));",
        "v/late.js": "import { x, y as z } from '../a.js';\nimport { own } from './own.js';\nx(z, own);",
        "v/own.js": "export const own = 1;",
        "a.js": "export const x = 1;\nexport const y = 2;",
    }
    joined = panel(files)
    assert joined["main.js"].text.endswith("\nexport{x,y};")
    text = joined["v/late.js"].text
    assert text.startswith("import{x as x__0,y as y__0}from'../main.js';\n")
    assert "const x=x__0,z=y__0;" in text
    assert joined["v/late.js"].parts == ("v/own.js", "v/late.js")


def test_given_what_the_first_entry_does_not_export_then_a_late_one_cannot_have_it() -> None:
    files = {
        "main.js": "import './a.js';\nimport('./late.js');",
        "late.js": "import { y } from './a.js';",
        "a.js": "const y = 1;",
    }
    with pytest.raises(JoinError, match=r"^late.js:1: a.js does not export y"):
        panel(files)


def test_given_a_query_at_a_dynamic_import_then_it_stays() -> None:
    files = {"main.js": "import './v/a.js';", "v/a.js": "import(`./late.js?${n}`);", "v/late.js": ""}
    joined = panel(files)
    assert "import(`./v/late.js?${n}`)" in joined["main.js"].text
    assert set(joined) == {"main.js", "v/late.js"}


def test_given_sheets_then_one_in_their_order_without_comments() -> None:
    files = {
        "s/all.css": "/* x */\n@import 'a.css';\n@import 'b.css';\n",
        "s/a.css": "a {\n  b: c;\n}\n",
        "s/b.css": "d{}",
    }
    result = join_sheets("s/all.css", files.__getitem__)
    assert (result.text, result.parts) == ("a {\nb: c;\n}\nd{}", ("s/all.css", "s/a.css", "s/b.css"))
    with pytest.raises(JoinError, match="only @import"):
        join_sheets("a.css", {"a.css": "@import url(b.css);"}.__getitem__)
