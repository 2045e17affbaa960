"""What an open page does beside the chat: about the bot's model, and in the workshop of personas. See session.py."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING, Any

from discord_bot.chat import cards
from discord_bot.errors import PersonaError
from discord_bot.playground.drafts import changes, draft_of, persona_of, unpacked, with_picture
from discord_bot.playground.sentences import NotUnderstoodError
from discord_bot.playground.workshop import Turn
from discord_bot.sentences.cards import warning
from discord_bot.store import library_of

if TYPE_CHECKING:
    from discord_bot.chat.persona import Persona
    from discord_bot.playground.connecting import Connecting
    from discord_bot.playground.session import PageSession
    from discord_bot.playground.workshop import Workshop
    from discord_bot.store import Library


class ModelActions:
    """Another model, and the way to Discord."""

    def __init__(self, session: PageSession) -> None:
        self._session = session

    @property
    def _connecting(self) -> Connecting:
        if self._session.playground.connecting is None:
            raise NotUnderstoodError("no-bot")
        return self._session.playground.connecting

    async def _do_find_models(self, _: dict[str, Any]) -> list[dict[str, Any]]:
        return await self._connecting.find()

    async def _do_list_models(self, frame: dict[str, Any]) -> dict[str, Any]:
        return await self._connecting.models(str(frame["base_url"]), str(frame["key"]), self._session.view.language)

    async def _do_connect(self, frame: dict[str, Any]) -> dict[str, Any]:
        base_url, key, model = (str(frame[name]) for name in ("base_url", "key", "model"))
        connecting = self._connecting
        self._session.playground.troubles.end()  # with the gateway lost, no bot could begin anew
        row = await connecting.connect(base_url, key, model, self._session.view.language)
        self._session.playground.model_changed()
        return row

    async def _do_disconnect(self, _: dict[str, Any]) -> None:
        connecting = self._connecting
        self._session.playground.troubles.end()
        await connecting.disconnect()
        self._session.playground.model_changed()

    async def _do_guide(self, _: dict[str, Any]) -> dict[str, str]:
        return self._connecting.guide()

    async def _do_check(self, _: dict[str, Any]) -> list[dict[str, Any]]:
        return [row async for row in self._connecting.check(self._session.view.language)]


class WorkshopActions:
    """What is done about a persona that is being written; `draft` is it, as `drafts` has it."""

    def __init__(self, session: PageSession) -> None:
        self._session = session
        self._asking: dict[str, asyncio.Task[dict[str, Any]]] = {}

    @property
    def _workshop(self) -> Workshop:
        if self._session.playground.workshop is None:
            raise NotUnderstoodError("no-bot")
        return self._session.playground.workshop

    def _library(self, frame: dict[str, Any]) -> Library:
        guild = frame.get("guild")
        return library_of(int(guild) if guild else None, self._session.view.user.id)

    @property
    def _asker(self) -> str:
        user = self._session.view.user
        return user.global_name or user.username

    async def _do_workshop(self, frame: dict[str, Any]) -> dict[str, Any]:
        config = self._workshop.config
        return {
            "personas": await self._workshop.known(self._library(frame)),
            "models": self._workshop.models,
            "config": str(config) if config is not None else None,
        }

    async def _do_take_persona(self, frame: dict[str, Any]) -> dict[str, Any]:
        return await self._workshop.take(self._library(frame), str(frame["name"]))

    async def _do_new_persona(self, frame: dict[str, Any]) -> dict[str, Any]:
        return draft_of(cards.made(str(frame["name"])))

    async def _do_read_card(self, frame: dict[str, Any]) -> dict[str, Any]:
        """The draft of a card that was dropped, and what is worth knowing of it."""
        card = await asyncio.to_thread(cards.read, unpacked(frame["base64"]))
        language = self._session.view.language
        said = (*card.document.warnings, *card.warnings)
        notes = [warning(each.code, each.facts, language) for each in said]
        return {"draft": draft_of(card), "notes": list(dict.fromkeys(notes))}

    async def _do_set_picture(self, frame: dict[str, Any]) -> dict[str, Any]:
        return await asyncio.to_thread(with_picture, frame["draft"], unpacked(frame["base64"]))

    async def _do_changes(self, frame: dict[str, Any]) -> list[dict[str, Any]]:
        return await asyncio.to_thread(changes, frame["before"], frame["after"])

    async def _do_greeting(self, frame: dict[str, Any]) -> dict[str, str]:
        text = self._workshop.greeting(persona_of(frame["draft"]), self._asker)
        return {"text": text, "html": self._session.view.html(text)}

    async def _do_ask_persona(self, frame: dict[str, Any]) -> dict[str, Any]:
        """The answer of the draft, or of a persona that is named; the page is told of it while it grows."""
        key, view = str(frame["ask"]), self._session.view

        def tell(text: str) -> None:
            self._session.tell({"event": "PERSONA_ANSWER", "data": {"ask": key, "html": view.html(text)}})

        turns = [Turn(str(turn["question"]), str(turn.get("answer", ""))) for turn in frame["turns"]]
        asking = self._workshop.ask(await self._persona(frame), turns, self._asker, str(frame.get("model") or ""), tell)
        self._asking[key] = task = asyncio.create_task(asking)
        try:
            answer = await task
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if current is None or current.cancelling():
                raise  # the page is gone
            return {"stopped": True}
        finally:
            del self._asking[key]
        return {**answer, "html": view.html(answer["text"])}

    async def _persona(self, frame: dict[str, Any]) -> Persona:
        if frame.get("name"):
            return await self._workshop.persona(self._library(frame), str(frame["name"]))
        return persona_of(frame["draft"])

    async def _do_stop_persona(self, frame: dict[str, Any]) -> None:
        if (task := self._asking.get(str(frame["ask"]))) is not None:
            task.cancel()

    async def _do_export_persona(self, frame: dict[str, Any]) -> dict[str, Any]:
        kind = str(frame["kind"])
        if kind not in ("png", "json", "charx"):
            raise ValueError(kind)
        name, file, lost = await self._workshop.export(frame["draft"], kind)
        note = warning("files-left-out", {"number": lost}, self._session.view.language) if lost else ""
        return {"name": name, "base64": base64.b64encode(file).decode(), "note": note}

    async def _do_save_persona(self, frame: dict[str, Any]) -> dict[str, Any]:
        """Saves the draft into the server's library; where the name is taken, that is the answer."""
        library, user = self._library(frame), self._session.view.user
        try:
            name = await self._workshop.save(frame["draft"], library, user.id, replaces=bool(frame["replaces"]))
        except PersonaError as error:
            if error.reason != "name_taken":
                raise
            return {"taken": True}
        return {"saved": name}

    async def _do_persona_section(self, frame: dict[str, Any]) -> dict[str, Any]:
        return self._workshop.section(frame["draft"])

    async def _do_write_persona(self, frame: dict[str, Any]) -> dict[str, str]:
        return {"path": await self._workshop.write(frame["draft"])}
