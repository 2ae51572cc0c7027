"""What the commands share: the application, the option of a model, and how they end."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from evenhand.model import Model
    from evenhand.result import Coding

_INTERRUPTED = 130  # 128 + SIGINT, as shells report it
_READER_GONE = 141  # 128 + SIGPIPE, likewise

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # its tracebacks show local variables, and those hold texts
    help="Code free-text concerns about children by level of intervention and issue, for research and audit."
    " Evenhand never decides about a child.",
)

ModelOption = Annotated[
    Path | None,
    typer.Option("--model", metavar="DIR", help="Model to use; by default the installed one."),
]
TextFileOption = Annotated[
    Path | None, typer.Option(help="Read the text from a file, which leaves no trace in a shell's history.")
]
TextEncodingOption = Annotated[str | None, typer.Option(help="Of the file, for instance cp1252; default UTF-8.")]


def say(message: str) -> None:
    """Tell a person something, on standard error."""
    print(message, file=sys.stderr)


@contextmanager
def ending_well(interrupted: str | Callable[[], str] = "Interrupted.") -> Iterator[None]:
    """Turn Ctrl-C and a closed pipe into exit states, with no traceback; `interrupted` is or gives what is said."""
    try:
        yield
        sys.stdout.flush()
    except KeyboardInterrupt:
        say(interrupted if isinstance(interrupted, str) else interrupted())
        raise typer.Exit(_INTERRUPTED) from None
    except BrokenPipeError:
        # Python flushes standard output once more on its way out, and would complain there.
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(_READER_GONE) from None


def read_text(text: str | None, file: Path | None, encoding: str | None) -> str:
    """Return a text from the argument, a file or standard input.

    Raises:
        InputError: the file cannot be read.
    """
    if text is not None and file is not None:
        message = "give either a text or --file, not both"
        raise typer.BadParameter(message)
    if text is not None and text != "-":
        return text
    if file is None and sys.stdin.isatty():
        message = "give a text, --file FILE, or a text on standard input"
        raise typer.BadParameter(message)
    from evenhand.tables.source import Source, decoded_lines

    source = Source.of(file or "-")
    with source.open() as stream:
        return "".join(decoded_lines(stream, name=source.name, encoding=encoding))


def load_model(path: Path | None) -> Model:
    """The model in a folder, or the installed one."""
    from evenhand.model import load

    model = load(path)
    model.remember()
    return model


class ModelOnDemand:
    """A model that is loaded when the first texts come, so that a mistake in the input is told at once."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._model: Model | None = None

    @property
    def identity(self) -> str:
        """Which model it is."""
        return self._loaded().identity

    def code_many(self, texts: Iterable[str]) -> list[Coding]:
        """Code each text by itself."""
        return self._loaded().code_many(texts)

    def _loaded(self) -> Model:
        if self._model is None:
            self._model = load_model(self._path)
        return self._model


def print_data(text: str) -> None:
    """Write to standard output in UTF-8, whatever the terminal's encoding."""
    sys.stdout.flush()
    sys.stdout.buffer.write(f"{text}\n".encode())
    sys.stdout.buffer.flush()


def tell_identifiable(text: str) -> None:
    """Say so where a text that a person typed shows a pattern that identifies; names are not looked for."""
    from evenhand.privacy import load_checker

    kinds = {str(finding.kind).replace("_", " ") for finding in load_checker(names=False).check_many([text])[0]}
    if kinds:
        say(f"Notice: the text looks identifiable ({', '.join(sorted(kinds))}); anonymise it before it goes anywhere.")
