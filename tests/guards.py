"""The habits of the house that can be read from its files: each guard says what is wrong with one text.

`spoilt` are texts in which it must find something, `sound` is one in which it must not;
test_project.py runs both, and the guard over the whole tree.
"""

import ast
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = ("vault", "branches", "members", "talks", "reports")
CODE = (*APPS, "config", "tests", ".ci")
NOT_OURS = {
    ".git",
    ".venv",
    "node_modules",
    "var",
    "test-results",
    "staticfiles",
    "__pycache__",
    ".hypothesis",
}
TEXTS = {".py", ".html", ".css", ".js", ".svg", ".toml", ".txt", ".md", ".json", ".yml", ".yaml", ""}

# The layers that are told the day and the hour by those above them.
TIMELESS = {"rules", "models", "permissions", "figures", "forms", "services", "pdf", "excel", "word"}
CLOCKS = {
    *(
        "timezone.now",
        "timezone.localdate",
        "date.today",
        "datetime.today",
        "datetime.now",
        "datetime.utcnow",
    ),
    *("time.time", "time.time_ns", "functions.Now", "Now"),
}
# Names of XML vocabularies, which nobody visits, and hosts that exist on this machine or nowhere; behind a
# dollar stands one that the administrator names.
HOSTS = {
    *("127.0.0.1", "localhost", "testserver", "[", "www.w3.org", "schemas.openxmlformats.org", "purl.org"),
    *("ns.adobe.com", "www.aiim.org", "$"),
}
RESERVED_HOST = r"(^|\.)(example(\.(com|net|org))?|test|invalid)$"


def files(*suffixes: str, under: tuple[str, ...] = ("",)) -> Iterator[Path]:
    """The files of the project with one of the suffixes, relative to its root."""
    for folder in under:
        for parent, folders, names in os.walk(ROOT / folder):
            folders[:] = [name for name in folders if name not in NOT_OURS and not name.endswith("_cache")]
            for name in names:
                path = Path(parent, name).relative_to(ROOT)
                if path.suffix in suffixes:
                    yield path


def code(*layers: str) -> Iterator[Path]:
    """The Python of the apps in the layers named: talks/rules/pairs.py and talks/rules.py are both rules."""
    return (path for path in files(".py", under=APPS) if Path(path.parts[1]).stem in layers)


def nodes(source: str) -> Iterator[ast.AST]:
    """Every node of a Python text."""
    return ast.walk(ast.parse(source))


def dotted(node: ast.AST | None) -> str:
    """The last two parts of a name, `timezone.now` of `django.utils.timezone.now`; empty else."""
    if isinstance(node, ast.Attribute):
        owner = dotted(node.value).rpartition(".")[2]
        return f"{owner}.{node.attr}" if owner else node.attr
    return node.id if isinstance(node, ast.Name) else ""


def broad_excepts(source: str) -> list[str]:
    """Bare excepts, and those that catch Exception or BaseException."""
    broad = {"Exception", "BaseException"}
    found = []
    for node in nodes(source):
        caught: list[ast.expr] = []
        if isinstance(node, ast.ExceptHandler):
            if node.type is None:
                found.append(f"{node.lineno}: bare except")
            elif isinstance(node.type, ast.Tuple):
                caught = node.type.elts
            else:
                caught = [node.type]
        elif isinstance(node, ast.Call) and dotted(node.func).endswith("suppress"):
            caught = node.args
        found += [f"{kind.lineno}: catches {dotted(kind)}" for kind in caught if dotted(kind) in broad]
    return found


def skips(source: str) -> list[str]:
    """Tests that are skipped, or expected to fail."""
    names = {"skip", "skipif", "skipIf", "skipUnless", "skipTest", "xfail", "importorskip"}
    attributes = (node for node in nodes(source) if isinstance(node, ast.Attribute))
    return [f"{node.lineno}: {node.attr}" for node in attributes if node.attr in names]


def clocks(source: str) -> list[str]:
    """Places that read the clock themselves."""
    found = []
    for node in nodes(source):
        if isinstance(node, ast.Attribute | ast.Name) and dotted(node) in CLOCKS:
            found.append(f"{node.lineno}: {dotted(node)}")
        elif isinstance(node, ast.keyword) and node.arg in {"auto_now", "auto_now_add"}:
            found.append(f"{node.value.lineno}: {node.arg}")
        elif isinstance(node, ast.Call) and dotted(node.func) == "timezone.localtime" and not node.args:
            found.append(f"{node.lineno}: timezone.localtime()")
    return found


def hidden_effects(source: str) -> list[str]:
    """Signals, thread-locals and overridden save(): effects that nobody sees where they are caused.

    A save() that only refuses and hands on to Django's has none: it names FieldError and calls nothing else.
    """
    found = []
    for node in nodes(source):
        modules: list[str] = []
        if isinstance(node, ast.ImportFrom):
            modules = [node.module or "", *(f"{node.module}.{name.name}" for name in node.names)]
        elif isinstance(node, ast.Import):
            modules = [name.name for name in node.names]
        elif isinstance(node, ast.Attribute) and dotted(node) in {"threading.local", "models.signals"}:
            found.append(f"{node.lineno}: {dotted(node)}")
        elif isinstance(node, ast.ClassDef) and not any(map(_is_no_model, map(dotted, node.bases))):
            methods = [part for part in node.body if isinstance(part, ast.FunctionDef)]
            found += [
                f"{part.lineno}: def {part.name}"
                for part in methods
                if part.name in {"save", "delete"} and not only_refuses(part)
            ]
        if any(name == "django.dispatch" or name.endswith(".signals") for name in modules):
            found.append(f"{node.lineno}: signals")
    return found


def _is_no_model(base: str) -> bool:
    """A form, or Django's store of sessions, of which save() and delete() are asked by name."""
    return "Form" in base or base.endswith("SessionStore")


def only_refuses(method: ast.FunctionDef) -> bool:
    """Whether every statement that is not its last, super()'s own, can do nothing but raise."""
    *before, last = method.body
    writes = any(
        isinstance(node, ast.Attribute)
        and node.attr in {"save", "create", "update", "delete", "filter", "objects"}
        for part in before
        for node in ast.walk(part)
    )
    handed_on = ast.unparse(last).startswith("super().")
    return handed_on and not writes and any(isinstance(n, ast.Raise) for p in before for n in ast.walk(p))


def inline_code(source: str) -> list[str]:
    """What a strict CSP refuses: inline scripts, styles, handlers, style attributes."""
    markup = re.sub(r"{#.*?#}|{% comment.*?endcomment %}", "", source, flags=re.DOTALL)
    patterns = {
        "inline script": r"<script(?![^>]*\ssrc=)[^>]*>",
        "style element": r"<style\b",
        "style attribute": r"<[^>]*\sstyle\s*=",
        "event handler": r"<[^>]*\son[a-z]+\s*=",
        "htmx handler": r"<[^>]*\shx-on\b",
        "script address": r"javascript:",
    }
    return [name for name, pattern in patterns.items() if re.search(pattern, markup, flags=re.IGNORECASE)]


def untold_context(source: str) -> list[str]:
    """A partial that does not begin by saying what it is given."""
    return [] if source.startswith("{# context") else ["does not open with {# context: … #}"]


def foreign_hosts(source: str) -> list[str]:
    """Hosts other than this machine, XML vocabularies and names reserved for examples."""
    hosts = re.findall(r"\bhttps?://([^\s/\"'`<>()|:{},，。）]+)", source)
    hosts += re.findall(r"(?:src|href|action|url)\s*[=(]\s*[\"']?//([^\s/\"'<>)]+)", source)
    return [host for host in hosts if host not in HOSTS and not re.search(RESERVED_HOST, host)]


def unruly_services(source: str) -> list[str]:
    """Public functions of a service that take arguments by position, or say nothing of themselves."""
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    public = [function for function in functions if not function.name.startswith("_")]
    positional = [function for function in public if function.args.args or function.args.posonlyargs]
    silent = [function for function in public if not ast.get_docstring(function)]
    return [f"{function.lineno}: {function.name} takes arguments by position" for function in positional] + [
        f"{function.lineno}: {function.name} has no docstring" for function in silent
    ]


def one_way_migrations(source: str) -> list[str]:
    """Steps of a migration that cannot be taken back."""
    steps = {"migrations.RunPython", "migrations.RunSQL"}
    calls = [node for node in nodes(source) if isinstance(node, ast.Call) and dotted(node.func) in steps]
    return [f"{call.lineno}: no way back" for call in calls if len(call.args) + len(call.keywords) < 2]


@dataclass(frozen=True)
class Guard:
    """A habit, the files it is kept in, and texts that show that the guard sees."""

    faults: Callable[[str], list[str]]
    where: Callable[[], Iterator[Path]]
    spoilt: tuple[str, ...]
    sound: str


GUARDS = {
    "no broad except": Guard(
        broad_excepts,
        lambda: files(".py", under=CODE),
        (
            "try: f()\nexcept: pass",
            "try: f()\nexcept (OSError, Exception): pass",
            "with contextlib.suppress(Exception): f()",
        ),
        "try: f()\nexcept (OSError, ValueError): pass",
    ),
    "no skipped tests": Guard(
        skips,
        lambda: files(".py", under=("tests",)),
        (
            "@pytest.mark.skip\ndef test_a(): f()",
            "pytest.importorskip('redis')",
            "@pytest.mark.xfail\ndef test_a(): f()",
        ),
        "def test_skip(): assert skips",
    ),
    "no clock below views, tasks and commands": Guard(
        clocks,
        lambda: code(*TIMELESS),
        (
            "today = timezone.localdate()",
            "DateTimeField(default=django.utils.timezone.now)",
            "DateTimeField(auto_now_add=True)",
            "datetime.date.today()",
            "datetime.datetime.now(tz=UTC)",
            "timezone.localtime().date()",
        ),
        "def f(*, now, today): return timezone.localtime(now).date() < today",
    ),
    "no signals, thread-locals, overridden save": Guard(
        hidden_effects,
        lambda: files(".py", under=APPS),
        (
            "from django.db.models.signals import post_save",
            "from django.db.models import signals",
            "import django.dispatch",
            "state = threading.local()",
            "class Talk(models.Model):\n    def save(self): f()",
        ),
        "class TalkForm(forms.ModelForm):\n    def save(self): f()",
    ),
    "no inline script or style": Guard(
        inline_code,
        lambda: files(".html"),
        (
            "<script>f()</script>",
            '<script type="module">f()</script>',
            "<style>p {}</style>",
            '<p style="color: red">',
            '<button\n onclick="f()">',
            '<a href="javascript:f()">',
            '<p hx-on:click="f()">',
        ),
        '<script src="a.js" defer></script>{# <style> #}<a data-style="x" href="on">',
    ),
    "each partial says its context": Guard(
        untold_context,
        lambda: (path for path in files(".html") if path.name.startswith("_")),
        ("<p>{{ talk }}</p>", "\n{# context: talk #}"),
        "{# context: talk #}\n<p>{{ talk }}</p>",
    ),
    "no foreign host": Guard(
        foreign_hosts,
        lambda: (path for path in files(*TEXTS) if path.name not in {"package-lock.json", "guards.py"}),
        (
            "https://cdn.somewhere.net/a.js",
            '<script src="//cdn.somewhere.net/a.js">',
            "@import url(//fonts.somewhere.net/a)",
        ),
        "http://127.0.0.1:8000 https://{host}/ xmlns='http://www.w3.org/2000/svg' https://talks.example.com/",
    ),
    "services take names and say what they do": Guard(
        unruly_services,
        lambda: code("services"),
        ('def plan_talk(talk):\n    """Plans."""', "def plan_talk(*, talk): f()"),
        'def plan_talk(*, talk):\n    """Plans."""\ndef _f(x): f()',
    ),
    "migrations can be taken back": Guard(
        one_way_migrations,
        lambda: code("migrations"),
        ("migrations.RunPython(fill)", "migrations.RunSQL('DROP TABLE a')"),
        "migrations.RunPython(fill, migrations.RunPython.noop)",
    ),
}
