"""The pure core: values in, values out; no discord, no aiohttp, no asyncio, no clock, no disk."""
