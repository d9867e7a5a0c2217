"""Joins the panel's modules into few files, and its style sheets into one, without changing them. So a browser gets at
once what it would load one by one from an entry on.

A module becomes a function that is called once, in the order in which a browser would run the modules. It returns its
exports. The others see these under their own names, so that hardly an import is left. An export gets another name where
its own could mean something else in a module that does not import it. An entry keeps its own exports. A dynamic import
becomes an entry of its own, which imports the shared modules from the first one.

Only the forms that the panel's files use are read. Any other form is refused with file and line. So are cycles, and
values that change after they were exported (``let``).
"""

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cti_bridge.api.squeezing import ScriptError, squeezed, without_margins

Read = Callable[[str], str]
"""The text of a file by its path; raises KeyError."""
Meant = Callable[[tuple[str, ...]], Iterable[str]]
"""The paths that patterns of dynamic imports stand for; raises JoinError."""

_STATEMENT = re.compile(r"(?:^|(?<=;))(?:import\b(?!\s*[(.])|export\b)", re.MULTILINE)
_IMPORT = re.compile(r"import\s*(?:\{(?P<names>[^}]*)\}\s*from\s*)?(?P<quote>['\"])(?P<path>\.[^'\"\n]*)(?P=quote);?")
_EXPORT = re.compile(r"export\s*\{(?P<names>[^}]*)\}(?!\s*from);?")
_DECLARATION = re.compile(r"export\s+(?P<what>(?:async\s+)?function\s*\*?|class|const)\s+(?P<names>[\w$]+)")
_DEFAULT = re.compile(r"export\s+default\b")
_OUTER_AWAIT = re.compile(r"^(?:(?:const|let)\b.*=\s*)?(?:await|for await)\b", re.MULTILINE)

_NAME = re.compile(r"([\w$]+)(?:\s+as\s+([\w$]+))?")
_WORD = re.compile(r"(?:(?<![\w$.])|(?<=\.\.\.))[A-Za-z_$][\w$]*")
_SHORTEST = 3
"""Letters of a name that the browser gives to something of its own."""
_DYNAMIC = re.compile(r"\bimport\s*\(\s*(?:(?P<quote>['\"`])(?P<path>\.[^'\"`]*)(?P=quote)\s*\))?")
_HERE = re.compile(r"\bimport\.meta\.url\b")

_SHEET = re.compile(r"@import\s+(?P<quote>['\"])(?P<name>[\w-]+\.css)(?P=quote);")
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)

_READY = "vendor/"
"""Files below this are small already. They are taken as they are, with their licences."""


class JoinError(Exception):
    """``path:line: reason``"""


@dataclass(frozen=True, slots=True)
class Joined:
    """``parts`` are the paths that the file consists of, in the order in which they run. ``dynamic`` are the paths that
    it imports dynamically, with ``*`` for a part that only the browser knows."""

    text: str
    parts: tuple[str, ...]
    dynamic: tuple[str, ...] = ()


def join_modules(entry: str, read: Read, meant: Meant = lambda _: ()) -> dict[str, Joined]:
    """Return the joined files by the path of their entry: ``entry``, and each path that is imported dynamically. Paths
    are relative to the same place as those that ``read`` gets. Raises JoinError."""
    first = _Collected(entry, read)
    first.add(entry)
    late: dict[str, _Collected] = {}
    waiting = [*meant(_dynamic(first))]
    for path in waiting:
        if path not in late and path not in first.done:
            late[path] = _Collected(path, read, first.done)
            late[path].add(path)
            waiting += meant(_dynamic(late[path]))
    used = {path: _used(each) for path, each in late.items()}
    lent = {one for each in used.values() for one in each if one[0] in first.done}
    names = _outer_names(list(first.done.values()), lent | _used(first))
    foot = _pairs((names[one], names[one]) for one in sorted(lent))
    joined = {entry: _joined(first, names, foot=f"\nexport{{{foot}}};" if lent else "")}
    for path, each in late.items():
        own = _outer_names(list(each.done.values()), used[path], len(first.done))
        theirs = {one: f"{one[1]}__{list(first.done).index(one[0])}" for one in sorted(lent & used[path])}
        listed = ",".join(f"{names[one]} as {name}" for one, name in theirs.items())
        head = f"import{{{listed}}}from'{_beside_from(path, entry)}';\n" if theirs else ""
        joined[path] = _joined(each, own | theirs, head=head)
    return joined


def _joined(collected: "_Collected", names: "_Names", head: str = "", foot: str = "") -> Joined:
    text = "\n".join(_written(module, names) for module in collected.done.values())
    return Joined(f"{head}{text}{foot}", tuple(collected.done), _dynamic(collected))


def _dynamic(collected: "_Collected") -> tuple[str, ...]:
    return tuple(path for module in collected.done.values() for path in module.dynamic)


def _used(collected: "_Collected") -> set[tuple[str, str]]:
    """Return (path, name) of each export that one of these modules imports."""
    return {(source, name) for module in collected.done.values() for source, name, _ in module.imports}


def _beside_from(path: str, entry: str) -> str:
    relative = posixpath.relpath(entry, posixpath.dirname(path) or ".")
    return relative if relative.startswith(".") else f"./{relative}"


def join_sheets(entry: str, read: Read) -> Joined:
    """Return the sheet with each ``@import 'other.css';`` replaced by that sheet. The result stands beside the entry,
    so relative addresses stay right. Raises JoinError."""
    parts = [entry]

    def sheet(found: re.Match[str]) -> str:
        parts.append(posixpath.join(posixpath.dirname(entry), found["name"]))
        return _CSS_COMMENT.sub("", _text(parts[-1], read, entry))

    text = _SHEET.sub(sheet, _CSS_COMMENT.sub("", _text(entry, read, entry)))
    if "@import" in text:
        raise JoinError(f"{entry}:1: only @import 'name.css'; is joined, and none in a sheet that is imported")
    return Joined(without_margins(text), tuple(parts))


def _text(path: str, read: Read, importer: str, line: int = 1) -> str:
    try:
        return read(path)
    except KeyError:
        raise JoinError(f"{importer}:{line}: there is no {path}") from None


@dataclass(slots=True)
class _Module:
    """``body`` is the script without its imports, ``exports`` has the name inside by the name outside, ``imports`` are
    (path, name there, name here)."""

    path: str
    script: str
    is_entry: bool
    body: str = ""
    exports: dict[str, str] = field(default_factory=dict)
    imports: set[tuple[str, str, str]] = field(default_factory=set)
    dynamic: list[str] = field(default_factory=list)

    def error(self, position: int, reason: str) -> JoinError:
        return JoinError(f"{self.path}:{self.line(position)}: {reason}")

    def line(self, position: int) -> int:
        return self.script.count("\n", 0, position) + 1


class _Collected:
    """The modules that an entry consists of, in the order in which they run."""

    def __init__(self, entry: str, read: Read, lent: Mapping[str, _Module] | None = None) -> None:
        self.entry, self.read = entry, read
        self.lent = lent or {}
        self.done: dict[str, _Module] = {}
        self.begun: list[str] = []

    def add(self, path: str, importer: str = "", line: int = 1) -> None:
        """Add the module's imports, then the module."""
        if path in self.done or path in self.lent:
            return
        if path in self.begun:
            raise JoinError(f"{importer}:{line}: a cycle: {' imports '.join([*self.begun, path])}")
        self.begun.append(path)
        module = _Module(path, _text(path, self.read, importer or path, line), path == self.entry)
        if not path.startswith(_READY):
            try:
                module.script = squeezed(module.script)
            except ScriptError as error:
                raise module.error(error.position, error.reason) from error
        module.body = without_margins(self.body(module))
        self.begun.pop()
        self.done[path] = module

    def body(self, module: _Module) -> str:
        script = module.script
        if found := _OUTER_AWAIT.search(script):
            raise module.error(found.start(), "await outside of a function")
        pieces, end = [], 0
        for found in _STATEMENT.finditer(script):
            text, after = self.imported(module, found.start()) or self.exported(module, found.start())
            pieces += [script[end : found.start()], text]
            end = after
        return self.moved(module, "".join([*pieces, script[end:]]))

    def imported(self, module: _Module, at: int) -> tuple[str, int] | None:
        """Return the text in place of the import at ``at``, and the position after it; None when no import is there."""
        found = _IMPORT.match(module.script, at)
        if found is None:
            return None
        source = _beside(module.path, found["path"])
        self.add(source, module.path, module.line(at))
        for name, here in _names(found["names"] or ""):
            if name not in (self.lent.get(source) or self.done[source]).exports:
                raise module.error(at, f"{source} does not export {name}")
            module.imports.add((source, name, here))
        return "", found.end()

    def exported(self, module: _Module, at: int) -> tuple[str, int]:
        script, is_entry = module.script, module.is_entry
        if found := _EXPORT.match(script, at):
            module.exports |= {outside: inside for inside, outside in _names(found["names"])}
            return found[0] if is_entry else "", found.end()
        if found := _DECLARATION.match(script, at):
            module.exports[found["names"]] = found["names"]
            return found[0] if is_entry else f"{found['what']} {found['names']}", found.end()
        if is_entry and (found := _DEFAULT.match(script, at)):
            return found[0], found.end()
        raise module.error(at, f"a form that is not joined: {script[at : at + 60].splitlines()[0]}")

    def moved(self, module: _Module, body: str) -> str:
        """Return the body with the module's relative addresses made relative to the entry."""
        base = posixpath.dirname(self.entry)

        def dynamic(found: re.Match[str]) -> str:
            if not found["path"]:
                raise module.error(module.script.find(found[0]), "a dynamic import of what is no relative path")
            reference, mark, query = found["path"].partition("?")
            path = _beside(module.path, reference)
            module.dynamic.append(re.sub(r"\$\{[^}]*\}", "*", path))
            address = f"./{posixpath.relpath(path, base or '.')}{mark}{query}"
            return f"import({found['quote']}{address}{found['quote']})"

        body = _DYNAMIC.sub(dynamic, body)
        if posixpath.dirname(module.path) == base:
            return body
        return _HERE.sub(f"new URL('{posixpath.relpath(module.path, base or '.')}',import.meta.url).href", body)


_Names = dict[tuple[str, str], str]
"""The name that all modules see, by path and name of an export."""


def _outer_names(modules: Sequence[_Module], wanted: set[tuple[str, str]], first: int = 0) -> _Names:
    """An export keeps its own name where no other module could mean something else by it. Exports that nobody imports
    are left out."""
    for module in modules:
        module.exports = {name: inside for name, inside in module.exports.items() if (module.path, name) in wanted}
    words = {module.path: _words(module) for module in modules}
    names: _Names = {}
    for number, module in enumerate(modules, first):
        for name, inside in module.exports.items():
            knowing = {each.path for each in modules if (module.path, name, name) in each.imports}
            if name == inside:
                knowing.add(module.path)
            free = all(name not in words[each.path] or each.path in knowing for each in modules)
            alone = not any(name in each.exports for each in modules if each is not module)
            names[module.path, name] = name if free and alone else f"{name}__{number}"
    return names


def _words(module: _Module) -> set[str]:
    """Return the words that may name something of the browser. In the entry they may also name something beside the
    exports of the others."""
    return {word for word in _WORD.findall(module.body) if len(word) >= (1 if module.is_entry else _SHORTEST)}


def _written(module: _Module, names: _Names) -> str:
    imports = [(here, names[source, name]) for source, name, here in sorted(module.imports)]
    renamed = ",".join(f"{here}={outer}" for here, outer in imports if here != outer)
    body = f"const {renamed};\n{module.body}" if renamed else module.body
    if module.is_entry:
        return body
    if not module.exports:
        return f"(()=>{{\n{body}\n}})();"
    inside = _pairs(module.exports.items())
    outside = _pairs((name, names[module.path, name]) for name in module.exports)
    return f"const{{{outside}}}=(()=>{{\n{body}\nreturn{{{inside}}}}})();"


def _beside(path: str, reference: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), reference))


def _names(listed: str) -> list[tuple[str, str]]:
    """Return for ``a, b as c`` the names before and after each ``as``."""
    return [(name, other or name) for name, other in _NAME.findall(listed)]


def _pairs(names: Iterable[tuple[str, str]]) -> str:
    return ",".join(name if name == other else f"{name}:{other}" for name, other in names)
