"""axe-core, which knows what keeps people out of a page: an npm package that is installed for the tests alone.

Where it is comes from `AXE_CORE`, or from `node_modules` here (`npm install --no-save --no-package-lock axe-core`).
"""

from __future__ import annotations

import functools
import os
from pathlib import Path

import pytest
from playwright.async_api import Page

ROOT = Path(__file__).parent.parent.parent
AXE = Path(os.environ.get("AXE_CORE", ROOT / "node_modules" / "axe-core" / "axe.min.js"))

needs_axe = pytest.mark.skipif(not AXE.is_file(), reason=f"there is no axe-core ({AXE})")


@functools.cache
def _source() -> str:
    return AXE.read_text("utf-8")


async def violations(page: Page) -> list[str]:
    """What axe finds wrong with the page as it stands: the rule, and the first elements that break it."""
    await page.evaluate(_source())
    found = await page.evaluate(
        """async () => (await axe.run({ resultTypes: ["violations"] })).violations.map(({ id, help, nodes }) =>
            `${id}: ${help}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`)"""
    )
    return list(found)
