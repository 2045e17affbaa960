"""What an open page does with all that was said: it is another conversation, or is played again. See session.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from discord_bot.playground.session import PageSession


class ConversationActions:
    """Loaded, begun anew, gone back to, and played again."""

    def __init__(self, session: PageSession) -> None:
        self._session = session
        self._playground = session.playground

    async def _do_load(self, frame: dict[str, Any]) -> None:
        await self._playground.load(str(frame["document"]))

    async def _do_start_afresh(self, _: dict[str, Any]) -> None:
        await self._playground.start_afresh()

    async def _do_undo(self, _: dict[str, Any]) -> None:
        await self._playground.undo()

    async def _do_play_again(self, _: dict[str, Any]) -> None:
        await self._playground.play_again()

    async def _do_pause_replay(self, frame: dict[str, Any]) -> None:
        if self._playground.replay is not None:
            self._playground.replay.pause(paused=bool(frame["paused"]))

    async def _do_stop_replay(self, _: dict[str, Any]) -> None:
        if self._playground.replay is not None:
            self._playground.replay.stop()

    async def _do_end_replay(self, _: dict[str, Any]) -> None:
        self._playground.end_replay()

    async def _do_compare_replay(self, _: dict[str, Any]) -> list[dict[str, Any]]:
        replay = self._playground.replay
        return [] if replay is None else replay.compared(self._session.view.html)
