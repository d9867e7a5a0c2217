"""Removes from a script what only its readers need: comments, indentation, and spaces around signs.

It knows where strings, templates and regular expressions begin and end, and no more of the language than that. A string
of several lines would lose its indentation, so it is refused, except after ``html``, for htm takes no notice of it.
"""

import re

_TOKEN = re.compile(
    r"(?P<comment>//[^\n]*|/\*.*?\*/)"
    r"|(?P<string>'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\")"
    r"|(?P<run>[^'\"`/{}]+)"
    r"|(?P<bracket>[{}])[ \t]*"
    r"|(?P<sign>.)",
    re.DOTALL,
)
_EXPRESSION = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/[a-z]*")
_TEXT = re.compile(r"(?:\\.|\$(?!\{)|[^`\\$])*", re.DOTALL)
"""The text of a template, up to its end or to the next ``${``."""

_BEFORE_OPERAND = frozenset("(,=:[!&|?{};+-*%<>~^") | {"", "return", "typeof", "case", "in", "of", "await"}
"""Tokens after which a slash begins a regular expression. After any other it divides."""

_SPACED = re.compile(r"[ \t]*([()\[\],;:=<>?&|])[ \t]*")
"""Beside one of these a space changes nothing, outside of strings and templates."""

_LAST = re.compile(r"[\w$]+$|\S$")
_MARGIN = re.compile(r"[ \t]*\n\s*")


class ScriptError(ValueError):
    """The script has a form that the panel's scripts must not contain. ``position`` is in characters from the
    beginning."""

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(reason)
        self.position, self.reason = position, reason


def squeezed(script: str) -> str:
    """Return the same lines without comments and needless spaces. Raises ScriptError for a string that has several
    lines or no end."""
    scan = _Scan(script)
    end = scan.code(0)
    if end < len(script):
        raise ScriptError(end, "a bracket is closed that was not opened")
    return "".join(scan.kept)


def without_margins(script: str) -> str:
    """Return the script without indentation and empty lines. Only for a script that :func:`squeezed` has let
    through."""
    return _MARGIN.sub("\n", script).strip()


class _Scan:
    def __init__(self, script: str) -> None:
        self.script = script
        self.kept: list[str] = []
        self.before = ""  # the last token that is neither space nor comment

    def code(self, at: int) -> int:
        """Go on to the bracket that closes the one before ``at``. Return its position, or the script's end."""
        depth = 0
        while token := _TOKEN.match(self.script, at):
            bracket = token["bracket"]
            if bracket == "}" and not depth:
                return at
            depth += (bracket == "{") - (bracket == "}")
            at = self.template(at) if token[0] == "`" else self.token(token)
        return at

    def token(self, token: re.Match[str]) -> int:
        """Keep the needed part of the token. Return the position after it."""
        text = token[0]
        match token.lastgroup:
            case "comment":
                self.kept.append("\n" * text.count("\n") or " ")
            case "run":
                self.keep(_SPACED.sub(r"\1", text))
            case "bracket":
                if self.kept:
                    self.kept[-1] = self.kept[-1].rstrip(" \t")
                self.keep(token["bracket"])
            case "string":
                self.keep(text)
            case _:
                return self.slash_or_open_string(token)
        return token.end()

    def slash_or_open_string(self, token: re.Match[str]) -> int:
        if token[0] != "/":
            raise ScriptError(token.start(), "a string that does not end on its line")
        expression = token
        if self.before in _BEFORE_OPERAND:
            found = _EXPRESSION.match(self.script, token.start())
            if found is None:
                raise ScriptError(token.start(), "a regular expression that does not end on its line")
            expression = found
        self.keep(expression[0])
        return expression.end()

    def keep(self, text: str) -> None:
        self.kept.append(text)
        if last := _LAST.search(text[-20:].rstrip()):
            self.before = last[0]

    def template(self, at: int) -> int:
        """Pass over the template from the backquote at ``at``. Return the position after its end."""
        start, html = at, self.before == "html"
        self.keep("`")
        at += 1
        while True:
            text = _TEXT.match(self.script, at)
            end = text.end() if text else at
            if not html and "\n" in self.script[at:end]:
                raise ScriptError(start, "a string of several lines, which only html`...` may have")
            self.kept.append(self.script[at:end])
            if self.script.startswith("`", end):
                self.keep("`")
                return end + 1
            self.kept.append("${")
            self.before = ""
            at = self.code(end + 2)
            if at >= len(self.script):
                raise ScriptError(start, "a template that does not end")
            self.keep("}")
            at += 1
