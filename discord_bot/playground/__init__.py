"""The playground: a page on loopback in which one is anybody of the world.

`door` serves it and refuses strangers; `session` is one open page, `viewpoint` what its person sees, `typed` what they
write, `markdown` how it looks, `highlighting` its code; `running` is the bot, `connecting` its model; in the `workshop`
personas are written; `inspector` knows what Discord hides, `troubles` what can go wrong; `sentences` is what is said to
people; `page/` is the page itself.
"""
