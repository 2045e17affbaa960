"""The world, pure: guilds, channels, people, messages; a change returns the gateway events that it causes.

`world` is the state and `community` what a new one holds; `entities` are its things, `payloads` how Discord writes
them, `changes` what happens to them by itself. What people and bots do under Discord's rules is a file per matter:
`messages`, `reactions`, `channels`, `webhooks`, `commands`, `interactions`, `invocations`. What is asked for is read by
`drafts`, `components`, `embeds`, `files`, and refused with `refusals`.
"""
