"""Personas in front of people: what somebody does with them in Discord, behind the commands of /persona.

`entrances` lets one speak somewhere, `greetings` are its first words there, `views` shows them, `shelves` fills and
empties a library; `editing` takes a persona apart into the texts of a form and puts it together again, and `forms` is
that form.
"""
