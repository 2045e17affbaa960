"""A message before it is one: what a form says, read under Discord's limits. Nothing here knows where it will stand.

https://discord.com/developers/docs/resources/message#create-message
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from discord_bot.simulator.world.components import read_components
from discord_bot.simulator.world.embeds import read_embeds
from discord_bot.simulator.world.entities import NO_FLAGS, MessageFlag
from discord_bot.simulator.world.refusals import Because, Refusal
from discord_bot.simulator.world.specials import NOTHING, Special

if TYPE_CHECKING:
    from discord_bot.simulator.world.forms import Form

CONTENT_LENGTH = 2_000
"""Code points of a message's content."""

NONCE_LENGTH = 25
"""Characters of a nonce."""

MENTIONS_ALLOWED = 100
"""How many ids each list of allowed mentions may have."""

ATTACHMENTS = 10
"""Files on one message."""

ATTACHMENT_SIZE = 10 * 1024 * 1024
"""Bytes of one file where nobody has bought more. https://discord.com/developers/docs/reference#uploading-files"""

SENDABLE_FLAGS = (
    MessageFlag.SUPPRESS_EMBEDS
    | MessageFlag.SUPPRESS_NOTIFICATIONS
    | MessageFlag.IS_COMPONENTS_V2
    | MessageFlag.EPHEMERAL
)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a request."""

    name: str
    data: bytes = field(repr=False)
    content_type: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class AllowedMentions:
    """Which mentions in a text may be ones. https://discord.com/developers/docs/resources/message#allowed-mentions-object."""

    everyone: bool = True
    all_users: bool = True
    all_roles: bool = True
    users: frozenset[int] = frozenset()
    roles: frozenset[int] = frozenset()
    replied_user: bool = True


@dataclass(frozen=True, slots=True)
class ReferenceDraft:
    """The message that a draft replies to."""

    message_id: int
    channel_id: int | None = None
    fail_if_not_exists: bool = True


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants to send, or to make of a message that is there: then only `given` fields count."""

    content: str = ""
    embeds: tuple[dict[str, Any], ...] = ()
    components: tuple[dict[str, Any], ...] = ()
    allowed_mentions: AllowedMentions = AllowedMentions()
    reference: ReferenceDraft | None = None
    nonce: str | int | None = None
    enforce_nonce: bool = False
    flags: MessageFlag = NO_FLAGS
    tts: bool = False
    uploads: tuple[Upload, ...] = ()
    kept_attachments: frozenset[int] | None = None
    """In an edit: the attachments that stay; None: all of them."""
    given: frozenset[str] = frozenset()
    special: Special = NOTHING

    @property
    def is_empty(self) -> bool:
        """Whether there would be nothing to see: whitespace alone is nothing."""
        return not (self.content.strip() or self.embeds or self.components or self.uploads or self.special.is_something)


def read_draft(form: Form, files: Mapping[int, Upload] | None = None) -> Draft:
    """The draft that a request's form and its files (by the number in `files[n]`) make; refuses with 50035 or 40005."""
    files = files or {}
    if any(len(upload.data) > ATTACHMENT_SIZE for upload in files.values()):
        raise Refusal(Because.TOO_LARGE)
    content = form.text("content", longest=CONTENT_LENGTH) or ""
    flags = MessageFlag(form.number("flags", least=0) or 0) & SENDABLE_FLAGS
    if flags & MessageFlag.IS_COMPONENTS_V2 and (content or form.fields.get("embeds")):
        message = "The 'content' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
        form.wrong("content", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", message)
    uploads, kept = _read_attachments(form, files)
    draft = Draft(
        content=content,
        embeds=read_embeds(form),
        components=read_components(form, modern=bool(flags & MessageFlag.IS_COMPONENTS_V2)),
        allowed_mentions=_read_allowed_mentions(form.form("allowed_mentions")),
        reference=_read_reference(form.form("message_reference")),
        nonce=_read_nonce(form),
        enforce_nonce=form.flag("enforce_nonce"),
        flags=flags,
        tts=form.flag("tts"),
        uploads=uploads,
        kept_attachments=kept,
        given=frozenset(form.fields),
    )
    form.done()
    return draft


def _read_nonce(form: Form) -> str | int | None:
    nonce = form.fields.get("nonce")
    if isinstance(nonce, int) and not isinstance(nonce, bool):
        return nonce
    return form.text("nonce", longest=NONCE_LENGTH)


def _read_reference(form: Form | None) -> ReferenceDraft | None:
    if form is None:
        return None
    message_id = form.snowflake("message_id", required=True)
    if message_id is None:
        return None
    strict = form.flag("fail_if_not_exists") if form.given("fail_if_not_exists") else True
    return ReferenceDraft(message_id, form.snowflake("channel_id"), strict)


def _read_allowed_mentions(form: Form | None) -> AllowedMentions:
    if form is None:
        return AllowedMentions()
    parse = form.values("parse", most=3)
    users = form.snowflakes("users", most=MENTIONS_ALLOWED)
    roles = form.snowflakes("roles", most=MENTIONS_ALLOWED)
    for kind in parse:
        if kind not in ("users", "roles", "everyone"):
            form.wrong("parse", "BASE_TYPE_CHOICES", value="('users', 'everyone', 'roles')")
    for kind, listed in (("users", users), ("roles", roles)):
        if kind in parse and listed:
            message = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            form.wrong("", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message)
    return AllowedMentions(
        everyone="everyone" in parse,
        all_users="users" in parse,
        all_roles="roles" in parse,
        users=frozenset(users),
        roles=frozenset(roles),
        replied_user=form.flag("replied_user"),
    )


def _read_attachments(form: Form, files: Mapping[int, Upload]) -> tuple[tuple[Upload, ...], frozenset[int] | None]:
    """The files to add, with what `attachments` says of them, and the ids of those that are to stay."""
    described: Sequence[Form] = form.forms("attachments", most=ATTACHMENTS)
    kept = set()
    uploads = dict(files)
    for attachment in described:
        number = attachment.snowflake("id", required=True)
        if number is not None and number in files:
            upload = files[number]
            name = attachment.text("filename", longest=1024) or upload.name
            description = attachment.text("description", longest=1024)
            uploads[number] = Upload(name, upload.data, upload.content_type, description)
        elif number is not None:
            kept.add(number)
    if len(files) > ATTACHMENTS:
        form.wrong("attachments", "BASE_TYPE_MAX_LENGTH", value=ATTACHMENTS)
    return tuple(uploads[number] for number in sorted(uploads)), frozenset(kept) if "attachments" in form else None
