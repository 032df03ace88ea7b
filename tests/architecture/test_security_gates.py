"""What must not be written: SQL out of text, clients that wait for ever, code out of data."""

import ast
import re
import tomllib
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.tree import ROOT, parsed, python_files

PROGRAMS: Final = ("maverick_core", "maverick_adapters", "maverick_runners", "maverick_http")
ALL_CODE: Final = (*PROGRAMS, "contracts", "tools", "benchmarks")

SQL: Final = re.compile(
    r"\s*(?:SELECT\s|INSERT INTO|UPDATE \S+ SET|DELETE FROM|ALTER |CREATE |DROP |COPY |PRAGMA )",
    re.IGNORECASE,
)
RUNS_SQL: Final = {"text", "literal_column", "exec_driver_sql", "execute", "executemany"}
COMPOSED_SQL: Final = {
    "maverick_adapters/sql/dialects.py": {
        "_LEADS": "the columns of a lead, which are fields of a class",
        "_insert_into": "a table and its columns, which are objects of the data model",
    },
    "maverick_adapters/sql/tables/access.py": {"_APPEND_ONLY": "two words of the line below"},
    "maverick_adapters/sql/migrations/versions/0004_access.py": {"ON_SQLITE": "the same two words"},
    "maverick_adapters/sql/engine.py": {"_set_up_sqlite": "pragmas, from a list above the line"},
}
"""Where SQL is put together, and out of what that nobody can choose from outside."""

NOT_FROM_OUTSIDE: Final = {
    "maverick_runners/cli/demo_pipeline.py": "made-up people, to be imported",
    "maverick_runners/cli/demo_world.py": "made-up people, to be imported",
}
"""Modules whose CSV files hold nothing that anybody typed."""

DANGEROUS_MODULES: Final = {"pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "yaml"}
DANGEROUS_CALLS: Final = {"eval", "exec", "compile", "__import__"}

NEEDS: Final = {
    "httpx.Client": {"timeout"},
    "httpx.HTTPTransport": {"verify"},  # what is asked through it brings its own timeout
    "httpx.Request": {"extensions"},
    "redis.Redis": {"socket_timeout", "socket_connect_timeout"},
    "redis.Redis.from_url": {"socket_timeout", "socket_connect_timeout"},
    "redis.from_url": {"socket_timeout", "socket_connect_timeout"},
    "WebClient": {"timeout"},
    "WebhookClient": {"timeout"},
    "urlopen": {"timeout"},
    "create_connection": {"timeout"},
    "HTTPConnection": {"timeout"},
    "HTTPSConnection": {"timeout", "context"},
    "psycopg.connect": {"connect_timeout"},
    "create_engine": {"connect_args"},
}
"""What a client must be told where it is made: the libraries' own default is to wait for ever."""
NEVER: Final = {
    *(f"httpx.{verb}" for verb in ("get", "post", "put", "patch", "delete", "request", "stream")),
    "ssl._create_unverified_context",
    "requests.get",
    "requests.post",
    "requests.Session",
}


def dotted(node: ast.expr) -> str:
    """Return the name that a call is made by, as it is written."""
    match node:
        case ast.Attribute(value=value, attr=attr):
            return f"{dotted(value)}.{attr}"
        case ast.Name(id=name):
            return name
        case _:
            return ""


def is_composed(node: ast.expr) -> bool:
    """Say whether the text is put together while the program runs."""
    match node:
        case ast.JoinedStr(values=values):
            return any(isinstance(value, ast.FormattedValue) for value in values)
        case ast.BinOp(op=ast.Add() | ast.Mod()):
            return True
        case ast.Call(func=ast.Attribute(value=ast.Constant() | ast.JoinedStr(), attr=verb)):
            return verb in {"format", "join", "replace"}
        case _:
            return False


def words_of(node: ast.expr) -> str:
    """Return the text that a composed text begins with."""
    first = next((part for part in ast.walk(node) if isinstance(part, ast.Constant)), None)
    return first.value if first and isinstance(first.value, str) else ""


def places(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Yield every node with the name of what it stands in, at the top of its module."""
    for top in tree.body:
        target = getattr(top, "target", None) or next(iter(getattr(top, "targets", [])), None)
        name = getattr(top, "name", "") or getattr(target, "id", "")
        yield from ((name, node) for node in ast.walk(top))


def composed_sql(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield where SQL is put together out of pieces: by its words, or by who is given it."""
    for place, node in places(tree):
        if isinstance(node, ast.expr) and is_composed(node) and SQL.match(words_of(node)):
            yield place, node.lineno
        elif isinstance(node, ast.Call) and node.args:
            runs = dotted(node.func).rpartition(".")[2] in RUNS_SQL
            if runs and is_composed(node.args[0]):
                yield place, node.lineno


def endless_clients(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield where a client is made that trusts anybody, or may wait for ever."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = dotted(node.func)
        given = {keyword.arg for keyword in node.keywords}
        needed = next((NEEDS[n] for n in NEEDS if f".{name}".endswith(f".{n}")), set())
        if name in NEVER or not (needed <= given or None in given):
            yield f"{name} without {sorted(needed - given) or 'bounds'}", node.lineno
        for keyword in node.keywords:
            match keyword:
                case ast.keyword(arg="timeout" | "socket_timeout" | "socket_connect_timeout"):
                    bad = isinstance(keyword.value, ast.Constant) and keyword.value.value is None
                case ast.keyword(arg="verify" | "check_hostname"):
                    bad = isinstance(keyword.value, ast.Constant) and not keyword.value.value
                case _:
                    bad = False
            if bad:
                yield f"{name}({keyword.arg}=…)", node.lineno


def lowered_guards(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield where a TLS context is told to trust anybody."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr="CERT_NONE"):
                yield "CERT_NONE", node.lineno
            case ast.Assign(targets=[ast.Attribute(attr="check_hostname")]):
                yield "check_hostname", node.lineno
            case _:
                pass


def code_from_data(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield where what is read could become what is run."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                found = {name.name.partition(".")[0] for name in names}
            case ast.ImportFrom(module=str(module), level=0):
                found = {module.partition(".")[0]}
            case ast.Call(func=ast.Name(id=name)) if name in DANGEROUS_CALLS:
                yield name, node.lineno
                continue
            case _:
                continue
        yield from ((module, node.lineno) for module in found & DANGEROUS_MODULES)


def is_allowed(path: Path, place: str) -> bool:
    return place in COMPOSED_SQL.get(path.as_posix(), {})


def test_no_sql_is_made_out_of_text() -> None:
    """Values are bound, and names come from the data model."""
    found = [
        f"{path}:{line} composes SQL in {place or 'the module'}"
        for path in python_files(*PROGRAMS)
        for place, line in composed_sql(parsed(path))
        if not is_allowed(path, place)
    ]

    assert not found, "\n".join(found)


def test_every_exception_is_still_needed() -> None:
    used = {
        (path.as_posix(), place)
        for path in python_files(*PROGRAMS)
        for place, _ in composed_sql(parsed(path))
    }

    assert {(path, place) for path, rows in COMPOSED_SQL.items() for place in rows} <= used


def test_no_client_trusts_anybody_or_waits_for_ever() -> None:
    found = [
        f"{path}:{line} {what}"
        for path in python_files(*PROGRAMS)
        for gate in (endless_clients, lowered_guards)
        for what, line in gate(parsed(path))
    ]

    assert not found, "\n".join(found)


def bare_tables(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield where a CSV file is written by a module that does not neutralise cells."""
    writers = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and dotted(node.func) in {"csv.writer", "csv.DictWriter"}
    ]
    called = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    if "neutralise" not in called:
        yield from (("a CSV file as it comes", line) for line in writers)


def test_no_table_is_written_with_cells_that_a_spreadsheet_would_run() -> None:
    """What people typed somewhere is opened by somebody else."""
    found = [
        f"{path}:{line} writes {what}"
        for path in python_files(*PROGRAMS)
        if path.as_posix() not in NOT_FROM_OUTSIDE
        for what, line in bare_tables(parsed(path))
    ]

    assert not found, "\n".join(found)


def test_nothing_that_is_read_is_ever_run() -> None:
    """Neither pickles nor marshalled code nor YAML's objects, wherever they come from."""
    found = [
        f"{path}:{line} uses {what}"
        for path in python_files(*ALL_CODE)
        for what, line in code_from_data(parsed(path))
    ]

    assert not found, "\n".join(found)


def named(requirement: str) -> str:
    """Return the distribution that a requirement asks for, as indexes write it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\s\[<>=!~;]", requirement, maxsplit=1)[0]).lower()


def unpinned(constraints: Sequence[str]) -> list[str]:
    return [line for line in constraints if not re.match(r"^[\w.-]+==\d[\w.+!]*(?: ; .+)?$", line)]


def test_every_dependency_has_exactly_one_version() -> None:
    """What is installed tomorrow is what was tested today."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    pinned = {named(line) for line in lines}

    assert not unpinned(lines)
    assert {named(each) for each in asked} - {"maverick"} <= pinned


@pytest.mark.parametrize(
    ("gate", "planted"),
    [
        (composed_sql, "def f(c, x):\n    c.execute(f'SELECT * FROM t WHERE a = {x}')"),
        (composed_sql, "def f(c, x):\n    c.execute('SELECT * FROM t WHERE a = %s' % x)"),
        (composed_sql, "def f(c, x):\n    c.exec_driver_sql('ANALYZE ' + x)"),
        (composed_sql, "def f(x):\n    return 'DELETE FROM {}'.format(x)"),
        (composed_sql, "def f(x):\n    return text(f'ORDER BY {x}')"),
        (endless_clients, "httpx.Client(verify=False, timeout=3)"),
        (endless_clients, "httpx.Client()"),
        (endless_clients, "httpx.Client(timeout=None)"),
        (endless_clients, "httpx.get('https://a.example')"),
        (endless_clients, "redis.Redis.from_url(url, socket_timeout=3)"),
        (endless_clients, "slack_sdk.WebClient(token)"),
        (endless_clients, "urllib.request.urlopen(url)"),
        (lowered_guards, "context.verify_mode = ssl.CERT_NONE"),
        (lowered_guards, "context.check_hostname = False"),
        (bare_tables, "csv.writer(file).writerow(cells)"),
        (code_from_data, "import pickle"),
        (code_from_data, "from marshal import loads"),
        (code_from_data, "import yaml"),
        (code_from_data, "eval(text)"),
    ],
)
def test_what_must_not_be_written_is_seen(gate: object, planted: str) -> None:
    """The gates can close: these are what they are for."""
    assert callable(gate)
    assert list(gate(ast.parse(planted)))


@pytest.mark.parametrize("line", ["httpx", "httpx>=1", "httpx==1.*", "httpx @ https://a.example"])
def test_what_is_not_pinned_is_seen(line: str) -> None:
    assert unpinned([line])
