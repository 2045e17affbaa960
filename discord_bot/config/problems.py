"""From what pydantic finds wrong in a configuration to a `Problem`: the line, the path, and a sentence that helps.

Also the checks that look at several keys together, which are made even where single keys are wrong, so that everything
is said at once.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, get_args, get_origin

from pydantic import BaseModel

from discord_bot.config.sentences import SENTENCES, problem
from discord_bot.config.values import as_mapping, as_names
from discord_bot.config.yaml_file import ENV_SUFFIX, Document, KeyPath

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from discord_bot.errors import Problem

MAX_NAME = 100
"""Characters of a persona's name: what a choice that Discord completes may hold.
https://discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-option-choice-structure
"""

MAX_MODEL_NAME = 200
"""Characters of a model's name: what the store can hold."""

_WANTED: Final = {
    # pydantic's type of error -> our sentence; https://docs.pydantic.dev/latest/errors/validation_errors/
    "string_type": "want_text",
    "int_type": "want_whole_number",
    "int_parsing": "want_whole_number",
    "int_parsing_size": "want_whole_number",
    "int_from_float": "want_whole_number",
    "float_type": "want_number",
    "float_parsing": "want_number",
    "bool_type": "want_bool",
    "bool_parsing": "want_bool",
    "list_type": "want_list",
    "dict_type": "want_mapping",
    "model_type": "want_mapping",
    "model_attributes_type": "want_mapping",
}
_BOUNDS: Final = {
    "greater_than_equal": ("at_least", "ge"),
    "greater_than": ("more_than", "gt"),
    "less_than_equal": ("at_most", "le"),
}
_ELSEWHERE: Final = {
    # Keys of bots like ours, and what they are called here; None: nothing here needs it
    "bot_token": "discord.token",
    "discord_token": "discord.token",
    "client_id": None,
    "max_text": None,
    "use_plain_responses": None,
    "status_message": None,
    "extra_api_parameters": "models.<provider/model>",
    "temperature": "models.<provider/model>",
    "url": "store.url",
}


def problems_of(
    error: ValidationError, settings: type[BaseModel], document: Document, variables: Mapping[tuple[str, ...], str]
) -> Iterator[Problem]:
    """Each error of pydantic's as a problem."""
    for details in error.errors(include_url=False, include_input=False):
        path: KeyPath = tuple(part for part in details["loc"] if part != "[key]")
        variable = _variable(path, variables)
        key, facts = _sentence(details, path, settings, document)
        yield problem(key, path, None if variable else document.line(path), held_by=variable, **facts)


def _variable(path: KeyPath, variables: Mapping[tuple[str, ...], str]) -> str:
    """The variable that gave the value at that path or above it, if one did."""
    lower = tuple(str(part).lower() for part in path)
    return next((variables[lower[:end]] for end in range(len(lower), 0, -1) if lower[:end] in variables), "")


def _sentence(
    details: ErrorDetails, path: KeyPath, settings: type[BaseModel], document: Document
) -> tuple[str, dict[str, Any]]:
    kind, facts = details["type"], details.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown(str(path[-1]), _section_at(settings, path[:-1]) or settings, settings)
    if kind == "missing":
        return _missing(path, document)
    if kind == "literal_error":
        return "one_of", {"expected": facts["expected"].replace("'", "").replace(" or ", ", ")}
    if path and path[-2:-1] and str(path[-2]).endswith("_ids"):
        return "want_id", {}
    if kind in _BOUNDS:
        key, fact = _BOUNDS[kind]
        return key, {"limit": f"{facts[fact]:g}"}
    if kind in _WANTED:
        return _WANTED[kind], {}
    return (kind, facts) if kind in SENTENCES else ("wrong", {})


def _missing(path: KeyPath, document: Document) -> tuple[str, dict[str, Any]]:
    if len(path) == 1 and path[0] in ("providers", "models", "personas"):
        return f"no_{path[0]}", {}
    variable = document.unset.get(path)
    if variable is None:
        return "required", {}
    if variable:
        return "required_env", {"variable": variable}
    return "required_env_unnamed", {"named": f"{path[-1]}{ENV_SUFFIX}"}


def _unknown(key: str, section: type[BaseModel], settings: type[BaseModel]) -> tuple[str, dict[str, Any]]:
    """What to say of a key that nothing here has: the nearest one here, or where it belongs."""
    fields = list(section.model_fields)
    if near := difflib.get_close_matches(key, [*fields, *(name + ENV_SUFFIX for name in fields)], 1, 0.7):
        return "unknown_key_near", {"near": near[0]}
    if place := next((place for name, place in _everywhere(settings) if name == key), None):
        return "unknown_key_elsewhere", {"place": place}
    if key in _ELSEWHERE:
        place = _ELSEWHERE[key]
        return ("unknown_key_elsewhere", {"place": place}) if place else ("unknown_key_gone", {})
    return "unknown_key", {"known": ", ".join(fields)}


def _everywhere(section: type[BaseModel], above: str = "") -> Iterator[tuple[str, str]]:
    """Every key there is, with its path."""
    for name, info in section.model_fields.items():
        yield name, f"{above}{name}"
        below, named = _below(info.annotation)
        if below is not None:
            yield from _everywhere(below, f"{above}{name}.<{name.removesuffix('s')}>." if named else f"{above}{name}.")


def _section_at(section: type[BaseModel], path: KeyPath) -> type[BaseModel] | None:
    """The section that stands at a path: of `providers.openai`, ProviderSettings; None where keys are the owner's."""
    remaining = iter(path)
    for part in remaining:
        info = section.model_fields.get(str(part))
        below, named = _below(info.annotation if info else None)
        if below is None or (named and next(remaining, None) is None):
            return None
        section = below
    return section


def _below(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """The section in an annotation, and whether it stands under a name of the owner's own (a dict's value)."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    named = get_origin(annotation) is dict
    for argument in get_args(annotation):
        section, _ = _below(argument)
        if section is not None:
            return section, named
    return None, False


def problems_between_keys(
    values: Mapping[str, Any], document: Document, variables: Mapping[tuple[str, ...], str]
) -> Iterator[Problem]:
    """What no single key shows: a model of a provider that isn't there, and nothing where there must be something."""

    def found(key: str, *path: str | int, **facts: object) -> Problem:
        variable = _variable(path, variables)
        return problem(key, path, None if variable else document.line(path), held_by=variable, **facts)

    for section in ("providers", "models", "personas"):
        if section in values and not values[section] and values[section] in (None, {}):
            yield found(f"no_{section}", section)
    providers, models, personas = (_names(values.get(section)) for section in ("providers", "models", "personas"))
    for model in models:
        provider, slash, name = model.partition("/")
        if not (provider and slash and name.strip()):
            yield found("model_name", "models", model)
        elif len(model) > MAX_MODEL_NAME:
            yield found("model_length", "models", model, limit=MAX_MODEL_NAME)
        elif providers and provider not in providers:
            near = difflib.get_close_matches(provider, providers, 1)
            if near:
                yield found("model_provider_near", "models", model, provider=provider, near=near[0])
            else:
                yield found("model_provider", "models", model, provider=provider, known=", ".join(providers))
    if providers:
        for model, position, name in _fallbacks(values.get("models")):
            if wrong := _wrong_fallback(name, model, models, providers):
                yield found(wrong[0], "models", model, "fallback", position, **wrong[1])
    for persona in personas:
        chosen = values["personas"][persona]
        chosen = chosen.get("model") if isinstance(chosen, dict) else None
        if isinstance(chosen, str) and models and chosen not in models:
            yield found("persona_model", "personas", persona, "model", known=", ".join(models))
        if not 1 <= len(persona.strip()) <= MAX_NAME:
            yield found("persona_name", "personas", persona, limit=MAX_NAME)


def _fallbacks(models: object) -> Iterator[tuple[str, int, str]]:
    """Each model that names others, the others' places in its list, and their names."""
    for model, parameters in models.items() if isinstance(models, dict) else ():
        parameters = as_mapping(parameters)
        named = as_names(parameters.get("fallback")) if isinstance(parameters, dict) else ()
        for position, name in enumerate(named if isinstance(named, list) else ()):
            if isinstance(name, str):
                yield model, position, name


def _wrong_fallback(
    name: str, model: str, models: list[str], providers: list[str]
) -> tuple[str, dict[str, Any]] | None:
    """What is wrong with a model in the list of those that stand in for another one; None where it can be asked."""
    if name == model:
        return "fallback_itself", {}
    provider, slash, bare = name.partition("/")
    if name in models or (provider in providers and slash and bare.strip()):
        return None
    others = [each for each in models if each != model]
    near = [each for each in others if name and each.endswith(f"/{name}")] or difflib.get_close_matches(name, others, 1)
    if not near and slash and bare.strip():
        near = [f"{each}/{bare}" for each in difflib.get_close_matches(provider, providers, 1)]
    return ("fallback_near", {"near": near[0]}) if near else ("fallback_unknown", {"known": ", ".join(providers)})


def _names(section: object) -> list[str]:
    return list(section) if isinstance(section, dict) else []


def unknown_variables(settings: type[BaseModel], document: Document) -> Iterator[Problem]:
    """Keys such as `max_token_env` that nothing here has; pydantic can't see those whose variable isn't set."""
    for path in document.unset:
        section = _section_at(settings, path[:-1])
        if section is None or section.model_config.get("extra") == "allow" or path[-1] in section.model_fields:
            continue
        written: KeyPath = (*path[:-1], f"{path[-1]}{ENV_SUFFIX}")
        key, facts = _unknown(str(written[-1]), section, settings)
        yield problem(key, written, document.line(written), **facts)


def without_consequences(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """One problem for each place, in the file's order, without those that only follow from another one.

    A value that can't be read is not also missing, and neither is a key that is only misspelt.
    """
    problems = list(problems)
    unreadable = {each.path for each in problems if each.key.startswith("yaml_")}
    meant = {_beside(each.path, str(each.facts["near"])) for each in problems if each.key == "unknown_key_near"}
    kept: dict[str, Problem] = {}
    for each in problems:
        missing = each.key.startswith(("required", "no_"))
        if not (missing and (each.path in meant or each.path.rpartition(".")[0] in unreadable)):
            kept.setdefault(each.path.removesuffix(ENV_SUFFIX), each)
    return tuple(sorted(kept.values(), key=lambda each: each.line or 0))


def _beside(path: str, name: str) -> str:
    """The path of a key that stands beside another one, without `_env`."""
    above, dot, _ = path.rpartition(".")
    return f"{above}{dot}{name.removesuffix(ENV_SUFFIX)}"
