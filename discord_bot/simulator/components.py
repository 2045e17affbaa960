"""Buttons, menus and what else stands below a message or in a modal: read under Discord's limits, and found again.

https://discord.com/developers/docs/components/reference
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from discord_bot.simulator.forms import Form

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


SELECTS = frozenset({3, 5, 6, 7, 8})
LINK_STYLE = 5
PREMIUM_STYLE = 6


def read_components(form: Form, *, modern: bool = False) -> tuple[dict[str, Any], ...]:
    """A message form's `components`, each with an id of its own; what is wrong is noted in the form."""
    rows = form.forms("components", most=MODERN_TOTAL if modern else ROWS)
    allowed = None if modern else {ComponentType.ACTION_ROW}
    read = _number([_read(row, allowed) for row in rows])
    _check_ids(form, read)
    texts = sum(len(one.get("content", "")) for one in flat(read))
    if texts > TEXT_LENGTH:
        message = f"The combined text of all components must be {TEXT_LENGTH} or fewer in length."
        form.wrong("components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message)
    return tuple(read)


def read_modal(form: Form) -> dict[str, Any]:
    """The modal that an interaction is answered with."""
    custom_id = form.text("custom_id", shortest=1, longest=CUSTOM_ID_LENGTH, required=True)
    title = form.text("title", shortest=1, longest=TITLE_LENGTH, required=True)
    allowed = {ComponentType.ACTION_ROW, ComponentType.LABEL, ComponentType.TEXT_DISPLAY}
    components = _number([_read(row, allowed) for row in form.forms("components", most=MODERN_TOTAL, least=1)])
    _check_ids(form, components)
    form.done()
    return {"custom_id": custom_id, "title": title, "components": components}


def flat(components: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Every component, those inside others too."""
    for component in components:
        yield component
        yield from flat(component.get("components", ()))
        yield from flat([component[key] for key in ("accessory", "component") if key in component])


def find_component(components: Sequence[Mapping[str, Any]], custom_id: str) -> Mapping[str, Any] | None:
    """The component with a custom id."""
    return next((one for one in flat(components) if one.get("custom_id") == custom_id), None)


def _check_ids(form: Form, components: Sequence[Mapping[str, Any]]) -> None:
    custom_ids = [one["custom_id"] for one in flat(components) if one.get("custom_id")]
    if len(set(custom_ids)) < len(custom_ids):
        form.wrong("components", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")


def _number(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give each component without an id the next one: Discord counts from 1."""
    taken = {one["id"] for one in flat(components) if one.get("id")}
    free = (number for number in range(1, 10_000) if number not in taken)
    for one in flat(components):
        if not one.get("id"):
            one["id"] = next(free)  # type: ignore[index]
    return components


def _read(form: Form, allowed: set[ComponentType] | None = None) -> dict[str, Any]:
    kind = form.number("type", choices=sorted(allowed or ComponentType), required=True)
    read: dict[str, Any] = {key: value for key, value in form.fields.items() if value is not None}
    match kind:
        case ComponentType.ACTION_ROW:
            read["components"] = [_read(child) for child in form.forms("components", most=ROW_WIDTH, least=1)]
        case ComponentType.BUTTON:
            _read_button(form)
            read.setdefault("disabled", False)
        case ComponentType.TEXT_INPUT:
            _read_input(form)
            read = {"min_length": None, "max_length": None, "label": None, "required": True} | read
        case ComponentType.TEXT_DISPLAY:
            form.text("content", shortest=1, longest=TEXT_LENGTH, required=True)
        case ComponentType.CONTAINER | ComponentType.SECTION:
            read["components"] = [_read(child) for child in form.forms("components", most=MODERN_TOTAL, least=1)]
            if kind == ComponentType.CONTAINER:
                read = {"accent_color": None, "spoiler": False} | read
            accessory = form.form("accessory", required=kind == ComponentType.SECTION)
            if accessory:
                read["accessory"] = _read(accessory)
        case ComponentType.LABEL:
            form.text("label", shortest=1, longest=TITLE_LENGTH, required=True)
            inner = form.form("component", required=True)
            if inner:
                read["component"] = _read(inner)
        case _ if kind in SELECTS:
            _read_select(form)
            read = {"min_values": 1, "max_values": 1, "disabled": False} | read
    return read


def _read_button(form: Form) -> None:
    style = form.number("style", choices=range(1, 7), required=True)
    form.text("label", longest=LABEL_LENGTH)
    if style == LINK_STYLE:
        form.text("url", longest=512, required=True)
    elif style != PREMIUM_STYLE:
        form.text("custom_id", shortest=1, longest=CUSTOM_ID_LENGTH, required=True)
    if style != PREMIUM_STYLE and not form.given("label") and not form.given("emoji"):
        form.wrong("", "BUTTON_COMPONENT_INVALID", "A button needs a label or an emoji")


def _read_input(form: Form) -> None:
    form.text("custom_id", shortest=1, longest=CUSTOM_ID_LENGTH, required=True)
    form.number("style", choices=(1, 2), required=True)
    form.text("label", longest=TITLE_LENGTH)
    form.text("placeholder", longest=100)
    form.text("value", longest=INPUT_LENGTH)
    form.number("min_length", least=0, most=INPUT_LENGTH)
    form.number("max_length", least=1, most=INPUT_LENGTH)


def _read_select(form: Form) -> None:
    form.text("custom_id", shortest=1, longest=CUSTOM_ID_LENGTH, required=True)
    form.text("placeholder", longest=PLACEHOLDER_LENGTH)
    form.number("min_values", least=0, most=OPTIONS)
    form.number("max_values", least=1, most=OPTIONS)
    is_string = form.fields.get("type") == ComponentType.STRING_SELECT
    values = []
    for option in form.forms("options", most=OPTIONS, least=1 if is_string else 0):
        option.text("label", shortest=1, longest=OPTION_LENGTH, required=True)
        values.append(option.text("value", shortest=1, longest=OPTION_LENGTH, required=True))
        option.text("description", longest=OPTION_LENGTH)
    if len(set(values)) < len(values):
        form.wrong("options", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The specified option value is already used")
