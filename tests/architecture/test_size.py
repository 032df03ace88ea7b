"""A reader sees the shape of a module or a function before reading its words."""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.architecture.tree import PRODUCT, ROOT, parsed, python_files

LONGEST_MODULE = 350
LONG_MODULE = 300  # past it, the module wants to be a package whose modules are named after rules
LONGEST_FUNCTION = 50  # lines of code: a docstring costs nothing


def product_files() -> Sequence[Path]:
    """List what is read to understand the product; a suite is a list of cases, not a subject."""
    return [path for path in python_files(*PRODUCT) if not path.name.startswith("test_")]


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    documented = ast.get_docstring(function, clean=False) is not None
    docstring = function.body[0] if documented else None
    words = (docstring.end_lineno or 0) - docstring.lineno + 1 if docstring else 0
    return (function.end_lineno or 0) - function.lineno + 1 - words


def long_functions(path: Path) -> Iterator[str]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = code_lines(node)
            if lines > LONGEST_FUNCTION:
                yield f"{path}:{node.lineno} {node.name} has {lines} lines of code"


def test_no_function_is_longer_than_a_screen() -> None:
    found = [fault for path in product_files() for fault in long_functions(path)]

    assert not found, "\n".join(found)


def test_no_module_outgrows_its_subject() -> None:
    lines = {path: (ROOT / path).read_text().count("\n") for path in product_files()}
    report = [
        f"{path} has {count} lines"
        for path, count in sorted(lines.items(), key=lambda item: -item[1])
        if count > LONG_MODULE
    ]
    print("\n".join(report) or "no long module")  # noqa: T201

    assert max(lines.values()) <= LONGEST_MODULE, "\n".join(report)


def test_a_docstring_does_not_count_as_code() -> None:
    tree = ast.parse('def f():\n    """One.\n\n    Three.\n    """\n    return 1\n')
    function = tree.body[0]

    assert isinstance(function, ast.FunctionDef)
    assert code_lines(function) == 2
