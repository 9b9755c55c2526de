"""Extract messages of commands for Babel: their help, that of their options, and messages as anywhere else.

pyproject.toml names `extract` for the files of this folder (babel.pocoo.org, “Writing Extraction Methods”).
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from io import BytesIO
from typing import IO, Any

from embedai_nb.cli.translated_help import paragraphs

__all__ = ["extract"]

COMMANDS = {"command", "group"}
TEXTS = {"help", "epilog"}


def extract(file: IO[bytes], keywords: Any, comment_tags: Collection[str], options: Any) -> Iterator[Any]:
    """Yield the messages of a module: line, function, arguments and comments."""
    from babel.messages.extract import extract_python  # the catalogues are written without it

    source = file.read()
    yield from extract_python(BytesIO(source), keywords, comment_tags, options)
    for line, text in help_texts(ast.parse(source)):
        for message in paragraphs(text):
            yield line, None, message, []


def help_texts(module: ast.Module) -> Iterator[tuple[int, str]]:
    """The texts that click shows, with their lines: docstrings of commands, and what is given as help or epilog."""
    named = _named_texts(module)
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef) and any(map(_makes_command, node.decorator_list)):
            if text := ast.get_docstring(node):
                yield node.lineno, text
        elif isinstance(node, ast.keyword) and node.arg in TEXTS:
            text = named.get(node.value.id) if isinstance(node.value, ast.Name) else _text(node.value)
            if text:
                yield node.value.lineno, text


def _makes_command(decorator: ast.expr) -> bool:
    function = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(function, ast.Attribute) and function.attr in COMMANDS


def _named_texts(module: ast.Module) -> dict[str, str]:
    """The texts that names stand for."""
    return {
        target.id: text
        for node in ast.walk(module)
        if isinstance(node, ast.Assign) and (text := _text(node.value))
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
