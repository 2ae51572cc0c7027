"""What the service is told when it starts, and its limits, each with its reason."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path

from evenhand.batch.gate import Privacy
from evenhand.errors import InputError

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of what is taken and of how long it may take.

    Attributes:
        texts: In one JSON request; more are sent as NDJSON, which streams.
        characters: Of one text. The longest real referral that we know of has a tenth of it.
        together: Characters of all texts of a JSON request, about half a minute of work.
        body: Bytes of a JSON request: all texts at their longest would be more, a usual batch is a hundredth.
        line: Bytes of one line of NDJSON, its longest text with every character escaped.
        form: Bytes of the form for one text, with every character escaped.
        sign_in: Bytes of the form to sign in, which anybody may send.
        upload: Bytes of all files of one request; threshold documents have up to 30 MB.
        held: Bytes of all bodies that are being received or read: five of the largest.
        longest_wait: Seconds that a request may expect to wait; beyond it, new ones are turned away.
        answer: Seconds until a request that was taken is given up.
        body_wait: Seconds without a byte of a body, and to take a part of a response, so that nobody holds what they
            do not use.
        body_whole: Seconds for a whole body but NDJSON: the largest at 2 Mbit/s.
        sign_in_whole: Seconds for the whole form to sign in or out, which anybody may begin to send.
        documents: Seconds for the reading of uploaded documents: 500 pages take about one minute.
        documents_memory: Bytes of address space of the process that reads them, of which libraries map half unused.
        table: Seconds for a file of texts: some 100,000 notes.
        kept: Seconds that a result waits for its browser; the time of a long meeting.
        kept_bytes: Of all results that wait.
        uploads_waiting: Documents and files in work or waiting, for which there are two processes.
    """

    texts: int = 256
    characters: int = 100_000
    together: int = 400_000
    body: int = 4 * MIB
    line: int = 700_000
    form: int = 2 * MIB
    sign_in: int = 16 * 1024
    upload: int = 32 * MIB
    held: int = 160 * MIB
    longest_wait: float = 10.0
    answer: float = 60.0
    body_wait: float = 20.0
    body_whole: float = 130.0
    sign_in_whole: float = 10.0
    documents: float = 300.0
    documents_memory: int = 6 << 30
    table: float = 3600.0
    kept: float = 3600.0
    kept_bytes: int = 256 * MIB
    uploads_waiting: int = 4


@dataclass(frozen=True, slots=True)
class Settings:
    """How the service runs.

    Attributes:
        host: Address to listen on.
        port: To listen on; 0 for any free one.
        model: Folder of the coding model; None for the installed one.
        framing_model: Folder of the framing model; None for the installed one.
        privacy: What is done about texts that look identifiable.
        tokens: File of tokens; None asks for none, which only a loopback address may do.
        allowed_hosts: Names under which it is reached besides loopback ones, without a port.
        project: File of a project of `evenhand annotate start` that people code on pages; None has no such pages.
        areas: Whether area thresholds are worked out, which takes one core some 20 seconds after the start.
        secure_cookies: Whether browsers reach it by TLS; cookies then go by TLS alone.
        limits: Bounds.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    model: Path | None = None
    framing_model: Path | None = None
    privacy: Privacy = Privacy.REFUSE
    tokens: Path | None = None
    allowed_hosts: tuple[str, ...] = ()
    project: Path | None = None
    areas: bool = True
    secure_cookies: bool = False
    limits: Limits = field(default_factory=Limits)

    @property
    def hosts(self) -> frozenset[str]:
        """Names under which requests are taken, in lower case, without port."""
        named = {name.lower() for name in self.allowed_hosts}
        return frozenset(named | set(LOOPBACK_NAMES))

    def check(self) -> None:
        """Make sure that nobody can reach it unasked.

        Raises:
            InputError: others can reach it and no tokens are given, or no names on an address that is no loopback one.
        """
        behind_a_proxy = bool(self.allowed_hosts) or self.secure_cookies
        if is_loopback(self.host) and not behind_a_proxy:
            return
        if self.tokens is None:
            message = (
                f"{'a proxy' if behind_a_proxy else self.host} can be reached from other machines, so tokens are"
                " needed: make one with `evenhand tokens create NAME --tokens FILE` and start with --tokens FILE. Put a"
                " proxy with TLS in front, as serve/README.md shows, or listen on 127.0.0.1"
            )
            raise InputError(message)
        if not self.allowed_hosts:
            message = f"say with --allow-host under which name {self.host} is reached; requests for others are refused"
            raise InputError(message)


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine alone."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"
