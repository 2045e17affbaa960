"""Buttons, menus and what else stands below a message or in a modal: read under Discord's limits, and found again.

https://discord.com/developers/docs/components/reference
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from discord_bot.simulator.world.forms import Form

ROWS = 5
"""Top-level components of a message, unless it is flagged IS_COMPONENTS_V2."""
MODERN_TOTAL = 40
"""Components of a message that is flagged so, inner ones counted."""
ROW_WIDTH = 5
"""Buttons in a row."""
CUSTOM_ID_LENGTH = 100
LABEL_LENGTH = 80
PLACEHOLDER_LENGTH = 150
OPTIONS = 25
"""Options of a menu."""
OPTION_LENGTH = 100
TEXT_LENGTH = 4_000
"""Characters of all text displays of a message together."""
TITLE_LENGTH = 45
"""Characters of a modal's title, and of a label in it."""
INPUT_LENGTH = 4_000
"""Characters that a text input takes."""
DESCRIPTION_LENGTH = 1_024
"""Characters of what a picture shows."""
URL_LENGTH = 2_048
DEEPEST = 5
"""Components inside components: more than Discord has uses for."""


class ComponentType(IntEnum):
    """https://discord.com/developers/docs/components/reference#component-object-component-types."""

    ACTION_ROW = 1
    BUTTON = 2
    STRING_SELECT = 3
    TEXT_INPUT = 4
    USER_SELECT = 5
    ROLE_SELECT = 6
    MENTIONABLE_SELECT = 7
    CHANNEL_SELECT = 8
    SECTION = 9
    TEXT_DISPLAY = 10
    THUMBNAIL = 11
    MEDIA_GALLERY = 12
    FILE = 13
    SEPARATOR = 14
    CONTAINER = 17
    LABEL = 18
    FILE_UPLOAD = 19
    RADIO_GROUP = 21
    CHECKBOX_GROUP = 22
    CHECKBOX = 23


SELECTS = frozenset({3, 5, 6, 7, 8})
LINK_STYLE = 5
PREMIUM_STYLE = 6

Component = dict[str, Any]


def read_components(form: Form, *, modern: bool = False) -> tuple[Component, ...]:
    """A message form's `components`, each with an id of its own; what is wrong is noted in the form."""
    rows = form.forms("components", most=MODERN_TOTAL if modern else ROWS)
    allowed = None if modern else {ComponentType.ACTION_ROW}
    read = _number([_read(row, allowed) for row in rows])
    _check_ids(form, read)
    texts = sum(len(one.get("content") or "") for one in flat(read))
    if texts > TEXT_LENGTH:
        message = f"The combined text of all components must be {TEXT_LENGTH} or fewer in length."
        form.wrong("components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message)
    return tuple(read)


def read_modal(form: Form) -> Component:
    """The modal that an interaction is answered with."""
    custom_id = form.text("custom_id", shortest=1, longest=CUSTOM_ID_LENGTH, required=True)
    title = form.text("title", shortest=1, longest=TITLE_LENGTH, required=True)
    allowed = {ComponentType.ACTION_ROW, ComponentType.LABEL, ComponentType.TEXT_DISPLAY}
    components = _number([_read(row, allowed) for row in form.forms("components", most=MODERN_TOTAL, least=1)])
    _check_ids(form, components)
    form.done()
    return {"custom_id": custom_id, "title": title, "components": components}


def flat(components: Sequence[Component]) -> Iterator[Component]:
    """Every component, those inside others too."""
    for component in components:
        yield component
        yield from flat(component.get("components", ()))
        yield from flat([component[key] for key in ("accessory", "component") if key in component])


def find_component(components: Sequence[Component], custom_id: str) -> Component | None:
    """The component with a custom id."""
    return next((one for one in flat(components) if one.get("custom_id") == custom_id), None)


def _check_ids(form: Form, components: Sequence[Component]) -> None:
    custom_ids = [one["custom_id"] for one in flat(components) if one.get("custom_id")]
    if len(set(custom_ids)) < len(custom_ids):
        form.wrong("components", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")


def _number(components: list[Component]) -> list[Component]:
    """Give each component without an id the next one: Discord counts from 1."""
    taken = {one["id"] for one in flat(components)}
    free = (number for number in itertools.count(1) if number not in taken)
    for one in flat(components):
        one["id"] = one["id"] or next(free)
    return components


def _read(form: Form, allowed: set[ComponentType] | None = None, depth: int = 0) -> Component:
    kind = form.number("type", choices=sorted(allowed or ComponentType), required=True)
    read: Component = {"type": kind, "id": form.number("id", least=0)}
    if depth > DEEPEST:
        form.wrong("type", "BASE_TYPE_CHOICES", value="{}")
        return read
    match kind:
        case ComponentType.ACTION_ROW | ComponentType.CONTAINER | ComponentType.SECTION:
            read |= _read_inner(form, kind, depth)
        case ComponentType.LABEL:
            read["label"] = form.text("label", shortest=1, longest=TITLE_LENGTH, required=True)
            read |= _texts(form, description=100)
            inner = form.form("component", required=True)
            read |= {"component": _read(inner, depth=depth + 1)} if inner else {}
        case ComponentType.BUTTON:
            read |= _read_button(form)
        case ComponentType.TEXT_INPUT:
            read |= _read_input(form)
        case ComponentType.TEXT_DISPLAY:
            read["content"] = form.text("content", shortest=1, longest=TEXT_LENGTH, required=True)
        case ComponentType.THUMBNAIL | ComponentType.FILE | ComponentType.MEDIA_GALLERY:
            read |= _read_media(form, kind)
        case ComponentType.SEPARATOR:
            read["divider"] = form.flag("divider") if form.given("divider") else True
            read["spacing"] = form.number("spacing", choices=(1, 2)) or 1
        case None:
            pass
        case _:
            read |= _read_choice(form, kind)
    return read


def _read_inner(form: Form, kind: int, depth: int) -> Component:
    """What holds other components."""
    most = ROW_WIDTH if kind == ComponentType.ACTION_ROW else MODERN_TOTAL
    inner = [_read(child, depth=depth + 1) for child in form.forms("components", most=most, least=1)]
    read: Component = {"components": inner}
    if kind == ComponentType.CONTAINER:
        read["accent_color"] = form.number("accent_color", least=0, most=0xFFFFFF)
        read["spoiler"] = form.flag("spoiler")
    if kind == ComponentType.SECTION:
        accessory = form.form("accessory", required=True)
        read |= {"accessory": _read(accessory, depth=depth + 1)} if accessory else {}
    return read


def _texts(form: Form, **longest: int) -> Component:
    """Optional texts by their names and lengths; one that isn't there has no key."""
    texts = {key: form.text(key, longest=length) for key, length in longest.items()}
    return {key: text for key, text in texts.items() if text is not None}


def _read_emoji(form: Form) -> Component:
    emoji = form.form("emoji")
    if emoji is None:
        return {}
    read: Component = {"name": emoji.text("name", longest=32) or ""}
    emoji_id = emoji.snowflake("id")
    return {"emoji": read | ({} if emoji_id is None else {"id": str(emoji_id)})}


def _read_button(form: Form) -> Component:
    style = form.number("style", choices=range(1, 7), required=True)
    if style == LINK_STYLE:
        form.text("url", longest=512, required=True)
    elif style != PREMIUM_STYLE:
        form.text("custom_id", shortest=1, longest=CUSTOM_ID_LENGTH, required=True)
    if style != PREMIUM_STYLE and not form.given("label") and not form.given("emoji"):
        form.wrong("", "BUTTON_COMPONENT_INVALID", "A button needs a label or an emoji")
    texts = _texts(form, label=LABEL_LENGTH, url=512, custom_id=CUSTOM_ID_LENGTH)
    return {"style": style, "disabled": form.flag("disabled"), **texts, **_read_emoji(form)}


def _read_input(form: Form) -> Component:
    return {
        "custom_id": form.text("custom_id", shortest=1, longest=CUSTOM_ID_LENGTH, required=True),
        "style": form.number("style", choices=(1, 2), required=True),
        "label": form.text("label", longest=TITLE_LENGTH),
        "min_length": form.number("min_length", least=0, most=INPUT_LENGTH),
        "max_length": form.number("max_length", least=1, most=INPUT_LENGTH),
        "required": form.flag("required") if form.given("required") else True,
        **_texts(form, placeholder=100, value=INPUT_LENGTH),
    }


def _read_media(form: Form, kind: int) -> Component:
    """Pictures and files by their address. What stands at it is the client's matter, and `attachment://` too."""
    if kind == ComponentType.MEDIA_GALLERY:
        items = form.forms("items", most=10, least=1)
        return {"items": [{"media": _read_address(item, "media"), **_read_caption(item)} for item in items]}
    if kind == ComponentType.FILE:
        return {"file": _read_address(form, "file"), "name": None, "size": None, "spoiler": form.flag("spoiler")}
    return {"media": _read_address(form, "media"), **_read_caption(form)}


def _read_caption(form: Form) -> Component:
    return {"description": form.text("description", longest=DESCRIPTION_LENGTH), "spoiler": form.flag("spoiler")}


def _read_address(form: Form, key: str) -> Component:
    media = form.form(key, required=True)
    url = (media.text("url", longest=URL_LENGTH, required=True) if media else None) or ""
    return {"id": "0", "url": url, "proxy_url": url}


def _read_choice(form: Form, kind: int) -> Component:
    """A menu, or in a modal what is like one."""
    read: Component = {
        "custom_id": form.text("custom_id", shortest=1, longest=CUSTOM_ID_LENGTH, required=True),
        "disabled": form.flag("disabled"),
        **_texts(form, placeholder=PLACEHOLDER_LENGTH),
    }
    for key, least in (("min_values", 0), ("max_values", 1)):
        number = form.number(key, least=least, most=OPTIONS)
        read[key] = 1 if number is None else number
    if form.given("required"):
        read["required"] = form.flag("required")
    if kind in (ComponentType.STRING_SELECT, ComponentType.RADIO_GROUP, ComponentType.CHECKBOX_GROUP):
        read["options"] = [_read_option(option) for option in form.forms("options", most=OPTIONS, least=1)]
        values = [option["value"] for option in read["options"]]
        if len(set(values)) < len(values):
            message = "The specified option value is already used"
            form.wrong("options", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message)
    if kind == ComponentType.CHANNEL_SELECT and form.given("channel_types"):
        read["channel_types"] = form.values("channel_types", most=20)
    defaults = form.forms("default_values", most=OPTIONS)
    if defaults:
        read["default_values"] = [_read_default(default) for default in defaults]
    return read


def _read_option(form: Form) -> Component:
    option: Component = {
        "label": form.text("label", shortest=1, longest=OPTION_LENGTH, required=True),
        "value": form.text("value", shortest=1, longest=OPTION_LENGTH, required=True),
        **_texts(form, description=OPTION_LENGTH),
        **_read_emoji(form),
    }
    return option | ({"default": form.flag("default")} if form.given("default") else {})


def _read_default(form: Form) -> Component:
    return {"id": str(form.snowflake("id", required=True)), "type": form.text("type", required=True)}
