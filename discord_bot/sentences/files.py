"""What people are told of files that they attached to a question and the model did not read, or not to their end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from discord_bot.sentences.table import Language, Sentences

if TYPE_CHECKING:
    from discord_bot.chat.files import File, Reading

MOST: Final = 3
"""Files that something is said of, one by one."""

FILES = Sentences(
    {
        "binary": (
            "`{name}` was not read: it holds no text.",
            "没有读取 `{name}`：里面没有文字。",
        ),
        "damaged": (
            "`{name}` was not read: it is damaged.",
            "没有读取 `{name}`：文件已损坏。",
        ),
        "demanding": (
            "`{name}` was not read: reading it would take too much time or memory.",
            "没有读取 `{name}`：读取它要花太多时间或内存。",
        ),
        "empty": (
            "`{name}` is empty.",
            "`{name}` 是空的。",
        ),
        "encrypted": (
            "`{name}` was not read: it is encrypted. Attach a copy that is not, such as one printed to a PDF.",
            "没有读取 `{name}`：文件是加密的，请上传未加密的副本，例如重新打印成的 PDF。",
        ),
        "large": (
            "`{name}` was not read: it is too large.",
            "没有读取 `{name}`：文件太大。",
        ),
        "late": (
            "`{name}` was not read: it took too long. Ask again in a little while.",
            "没有读取 `{name}`：花的时间太长，请过一会儿再问。",
        ),
        "many": (
            "`{name}` was not read: these are too many files at once.",
            "没有读取 `{name}`：一次上传的文件太多。",
        ),
        "older": (
            "`{name}` is no longer read: newer files stand in its place.",
            "不再读取 `{name}`：位置让给了更新的文件。",
        ),
        "pictures": (
            "`{name}` was not read: its pages hold no text. If they are scanned, attach pictures of them instead.",
            "没有读取 `{name}`：页面上没有文字，可能是扫描件；可以改为上传页面的图片。",
        ),
        "unreachable": (
            "`{name}` was not read: it could not be loaded from Discord. Ask again in a little while.",
            "没有读取 `{name}`：没能从 Discord 下载，请过一会儿再问。",
        ),
        "lines": (
            "Of `{name}` only the beginning was read (lines left out: {count}).",
            "只读取了 `{name}` 的开头，后面还有 {count} 行没有读取。",
        ),
        "characters": (
            "Of `{name}` only the beginning was read (characters left out: {count}).",
            "只读取了 `{name}` 的开头，后面还有 {count} 个字符没有读取。",
        ),
        "pages": (
            "Of `{name}` only the beginning was read (whole pages left out: {count}).",
            "只读取了 `{name}` 的开头，后面还有整整 {count} 页没有读取。",
        ),
        "others": (
            "Other files that were not read, or not to their end: {count}.",
            "另外还有 {count} 个文件没有读取，或者没有读完。",
        ),
    }
)


def not_read(files: Iterable[File], language: Language) -> list[str]:
    """A sentence for each file that was not read to its end, and for the number of the others."""
    cut = [(file, reading) for file in files if (reading := file.reading) is not None and not reading.is_whole]
    said = [_of(file, reading, language) for file, reading in cut[:MOST]]
    if len(cut) > MOST:
        said.append(FILES.say("others", language, count=len(cut) - MOST))
    return said


def _of(file: File, reading: Reading, language: Language) -> str:
    name = file.name.replace("`", "'")
    if reading.why is not None:
        return FILES.say(reading.why, language, name=name)
    counts = {"pages": reading.pages, "lines": reading.lines, "characters": reading.characters}
    unit, count = next((unit, count) for unit, count in counts.items() if count)
    return FILES.say(unit, language, name=name, count=f"{count:,}")
