"""What goes wrong on purpose, by name: one table for the REST API, one for the gateway.

A fault waits for the next requests that fit and is used up by them, or stands until it is withdrawn; the gateway's
happen at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from discord_bot.simulator.gateway.socket import Gateway

RestFault = Literal["500", "502", "503", "429", "403", "401", "banned", "nothing", "drop", "slow", "lost", "truncated"]
"""What becomes of a request:

- a status: answered so, and nothing is done (502 and 503 with a page instead of JSON, as a proxy's);
- `banned`: 429 as the door says it, a page without the header that Discord's own bears;
- `nothing`: never answered; `drop`: the connection ends without an answer;
- `slow`: done and answered, `seconds` later;
- `lost`: done, and answered with 500; `truncated`: done, and the connection ends in the middle of the answer.
"""

GatewayFault = Literal[
    "drop",
    "invalid session",
    "resumable invalid session",
    "reconnect",
    "heartbeat",
    "refuse resumes",
    "no heartbeat acks",
    "closed",
]
"""What the gateway does:

- `drop`: every socket breaks without a close frame; `reconnect`: it asks its clients to reconnect (op 7);
- `invalid session`, `resumable invalid session`: op 9; `heartbeat`: it asks for one (op 1);
- `refuse resumes`: from now on each RESUME is answered with an invalid session;
- `no heartbeat acks`: connections made from now on are never answered a heartbeat;
- `closed`: every socket breaks, and none can be opened.
"""


@dataclass(slots=True, eq=False)
class _Pending:
    """A fault that waits for its requests."""

    fault: RestFault
    route: str | None
    method: str | None
    times: int | None
    seconds: float
    every: int
    fitting: int = 0
    """Requests that have fitted so far."""


class Faults:
    """The faults that are to come."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._pending: list[_Pending] = []

    def rest(
        self,
        fault: RestFault,
        *,
        route: str | None = None,
        method: str | None = None,
        times: int | None = 1,
        seconds: float = 1.0,
        every: int = 1,
    ) -> Callable[[], None]:
        """Let the next requests go wrong: on a route (by its name in rest/routes.py), with a method, or any.

        `times` None: until the function that this returns is called. `seconds` is how late `slow` is, and the
        `retry_after` of `429`; of those that fit, each `every`th goes wrong.
        """
        pending = _Pending(fault, route, method, times, seconds, every)
        self._pending.append(pending)

        def withdraw() -> None:
            if pending in self._pending:
                self._pending.remove(pending)

        return withdraw

    def gateway(self, fault: GatewayFault) -> None:
        """Let something happen to every gateway connection."""
        match fault:
            case "drop":
                self._gateway.drop()
            case "invalid session":
                self._gateway.invalidate()
            case "resumable invalid session":
                self._gateway.invalidate(resumable=True)
            case "reconnect":
                self._gateway.ask_to_reconnect()
            case "heartbeat":
                self._gateway.ask_for_heartbeat()
            case "refuse resumes":
                self._gateway.sessions.resumable = False
            case "no heartbeat acks":
                self._gateway.acknowledges = False
            case "closed":
                self._gateway.is_open = False
                self._gateway.drop()

    def clear(self) -> None:
        """Let everything go right again."""
        self._pending.clear()
        self._gateway.sessions.resumable = True
        self._gateway.acknowledges = True
        self._gateway.is_open = True

    def take(self, method: str, route: str) -> tuple[RestFault, float] | None:
        """The fault that a request meets, which is one less then; None for none."""
        for pending in self._pending:
            if pending.route not in (None, route) or pending.method not in (None, method):
                continue
            pending.fitting += 1
            if pending.fitting % pending.every:
                continue
            if pending.times is not None:
                pending.times -= 1
                if pending.times <= 0:
                    self._pending.remove(pending)
            return pending.fault, pending.seconds
        return None
