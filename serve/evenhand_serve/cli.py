"""`evenhand serve` and `evenhand tokens`; and the command line as a whole, for these belong to it."""

from __future__ import annotations

import signal
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evenhand.cli import main as run
from evenhand.cli_shared import ModelOption, app, ending_well, print_data, say

if TYPE_CHECKING:
    from evenhand_serve.settings import Settings

_TOKENS = Path("evenhand-tokens.json")
_CONNECTIONS = 900  # at the same time; a process may have some thousand open files and connections
_DRAIN = 30  # seconds that requests which were taken have to end, when the service is asked to
TokensOption = Annotated[Path, typer.Option("--tokens", metavar="FILE", help="The file of tokens.")]

tokens = typer.Typer(no_args_is_help=True, help="Make, list and revoke the tokens that `evenhand serve` asks for.")
app.add_typer(tokens, name="tokens")


@app.command()
def serve(
    host: Annotated[
        str, typer.Option(help="Address to listen on; others than this machine need --tokens.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free one.")] = 8000,
    tokens: Annotated[
        Path | None, typer.Option("--tokens", metavar="FILE", help="Ask for tokens of this file.")
    ] = None,
    allow_host: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A name under which it is reached; can be repeated.")
    ] = None,
    privacy: Annotated[
        str, typer.Option(help="Texts that look identifiable: refuse; patterns (names unchecked); warn; redact; off.")
    ] = "refuse",
    project: Annotated[
        Path | None,
        typer.Option("--project", metavar="FILE", help="Code this project on pages; codings are kept in the file."),
    ] = None,
    areas: Annotated[bool, typer.Option("--areas/--no-areas", help="Work out the thresholds of areas.")] = True,
    behind_tls: Annotated[
        bool, typer.Option("--behind-tls", help="Browsers reach it by TLS: cookies go by TLS alone.")
    ] = False,
    model: ModelOption = None,
    framing_model: Annotated[Path | None, typer.Option(metavar="DIR", help="Framing model to use.")] = None,
) -> None:
    """Serve pages for a browser and an HTTP interface, on this machine or, with tokens, in your network."""
    with ending_well():
        from evenhand.batch.gate import privacy_mode
        from evenhand_serve.settings import Settings

        settings = Settings(
            host=host,
            port=port,
            model=model,
            framing_model=framing_model,
            privacy=privacy_mode(privacy),
            tokens=tokens,
            allowed_hosts=tuple(allow_host or ()),
            project=project,
            areas=areas,
            secure_cookies=behind_tls,
        )
        settings.check()
        _run(settings)


@tokens.command()
def create(
    name: Annotated[str, typer.Argument(help="Whose it is.")],
    tokens: TokensOption = _TOKENS,
    scope: Annotated[
        list[str] | None,
        typer.Option(help="text, documents, read, code, decide or metrics; by default the first three."),
    ] = None,
    expires: Annotated[str | None, typer.Option(metavar="DAY", help="Last day, for instance 2027-03-31.")] = None,
) -> None:
    """Make a token and print it, once; the file keeps a hash of it."""
    from evenhand.errors import InputError
    from evenhand_serve.tokens import TokenFile

    if expires is not None and expires < datetime.now(UTC).date().isoformat():
        message = f"{expires} is over; give a day to come, or none"
        raise InputError(message)
    token, given = TokenFile(tokens).create(name, scope or ["text", "documents", "read"], expires=expires)
    print_data(given)
    say(f"Token {token.id} of {name}, for {', '.join(token.scopes)}; it is shown this once.")


@tokens.command("list")
def list_tokens(tokens: TokensOption = _TOKENS) -> None:
    """List tokens: id, name, scopes, day made, last day."""
    from evenhand_serve.tokens import TokenFile

    for token in TokenFile(tokens).tokens():
        ends = f"until {token.expires}" + (" (over)" if token.expired else "") if token.expires else "no end"
        print_data("\t".join((token.id, token.name, " ".join(token.scopes), token.created, ends)))


@tokens.command()
def revoke(name: Annotated[str, typer.Argument(metavar="ID")], tokens: TokensOption = _TOKENS) -> None:
    """Revoke a token; a running service knows at once."""
    from evenhand_serve.tokens import TokenFile

    token = TokenFile(tokens).revoke(name)
    say(f"Revoked {token.id} of {token.name}.")


def _run(settings: Settings) -> None:
    """Serve until asked to stop.

    Raises:
        MissingExtraError: the extra `serve` is not installed.
    """
    import logging

    from evenhand.errors import MissingExtraError

    try:
        import uvicorn

        from evenhand_serve.app import create_app
    except ModuleNotFoundError as error:
        message = f"evenhand serve needs: pip install 'evenhand[serve]' ({error.name} is missing)"
        raise MissingExtraError(message) from error
    from evenhand_serve.worker import no_core_dumps

    no_core_dumps()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    app = create_app(settings)
    with _listening(settings) as listening:
        config = uvicorn.Config(
            app,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            log_config=None,
            ws="none",
            limit_concurrency=_CONNECTIONS,
            timeout_graceful_shutdown=_DRAIN,
        )
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        say(f"Evenhand on http://{host}:{listening.getsockname()[1]} (Ctrl-C stops it)")
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # the server raises it again when it has drained
        uvicorn.Server(config).run(sockets=[listening])


def _listening(settings: Settings) -> socket.socket:
    """A socket at the address.

    Raises:
        InputError: it is taken, or not one of this machine.
    """
    from evenhand.errors import InputError

    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((settings.host.strip("[]"), settings.port))
    except OSError as error:
        listening.close()
        reason = (error.strerror or "the system refused").lower()
        message = f"{settings.host}:{settings.port} cannot be listened on ({reason}); give another --port or --host"
        raise InputError(message) from error
    return listening


def main() -> None:
    """Run the command line and exit."""
    run()
