r"""LaTeX made readable where that is simple: `\frac{a}{b} \le x^2` -> `a/b ≤ x²`.

The rule of this file: either all of a formula can be written in a line of Unicode, or none of it is.
"""

# ruff: noqa: SIM905 - a table of symbols is read best as a line of words.
from __future__ import annotations

import re
from typing import Final

_SYMBOLS: Final = dict(
    pair.split("=", 1)
    for pair in (
        # Greek
        r"alpha=α beta=β gamma=γ delta=δ epsilon=ε varepsilon=ε zeta=ζ eta=η theta=θ vartheta=ϑ iota=ι kappa=κ "
        r"lambda=λ mu=μ nu=ν xi=ξ pi=π varpi=ϖ rho=ρ varrho=ϱ sigma=σ varsigma=ς tau=τ upsilon=υ phi=φ varphi=φ "
        r"chi=χ psi=ψ omega=ω Gamma=Γ Delta=Δ Theta=Θ Lambda=Λ Xi=Ξ Pi=Π Sigma=Σ Upsilon=Υ Phi=Φ Psi=Ψ Omega=Ω "
        # operators
        r"times=× cdot=· div=÷ pm=± mp=∓ ast=∗ star=⋆ circ=∘ bullet=• oplus=⊕ otimes=⊗ wedge=∧ vee=∨ land=∧ lor=∨ "
        r"cap=∩ cup=∪ setminus=∖ neg=¬ lnot=¬ sum=∑ prod=∏ int=∫ iint=∬ oint=∮ partial=∂ nabla=∇ infty=∞ "
        # relations
        r"le=≤ leq=≤ leqslant=≤ ge=≥ geq=≥ geqslant=≥ ne=≠ neq=≠ lt=< gt=> ll=≪ gg=≫ approx=≈ equiv=≡ sim=∼ "
        r"simeq=≃ cong=≅ propto=∝ in=∈ notin=∉ ni=∋ subset=⊂ subseteq=⊆ supset=⊃ supseteq=⊇ mid=| parallel=∥ "
        r"perp=⊥ vdash=⊢ models=⊨ "
        # arrows
        r"to=→ rightarrow=→ leftarrow=← gets=← leftrightarrow=↔ Rightarrow=⇒ Leftarrow=⇐ Leftrightarrow=⇔ "
        r"implies=⇒ iff=⇔ mapsto=↦ uparrow=↑ downarrow=↓ longrightarrow=→ Longrightarrow=⇒ "
        # the rest
        r"forall=∀ exists=∃ nexists=∄ emptyset=∅ varnothing=∅ ldots=… dots=… cdots=⋯ vdots=⋮ ddots=⋱ angle=∠ "
        r"triangle=△ degree=° prime=′ hbar=ℏ ell=ℓ Re=ℜ Im=ℑ aleph=ℵ therefore=∴ because=∵ langle=⟨ rangle=⟩ "
        r"lfloor=⌊ rfloor=⌋ lceil=⌈ rceil=⌉ lbrace={ rbrace=} vert=| lvert=| rvert=| Vert=‖ backslash=\ "
        r"checkmark=✓ blacksquare=■ square=□ "
    ).split()
)
_NAMES: Final = frozenset(
    "sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh log ln lg exp lim limsup liminf max min sup inf det "
    "dim ker deg gcd arg Pr mod bmod".split()
)
_SPACES: Final = {",": " ", ";": " ", ":": " ", " ": " ", "!": "", "quad": "  ", "qquad": "  ", "\\": " "}
_AS_IT_IS: Final = frozenset("{}%$&#_|")
_TEXT: Final = frozenset("text textbf textit textrm mathrm mathbf mathit mathsf mathtt operatorname boxed mbox".split())
_NOTHING: Final = frozenset("left right big Big bigg Bigg bigl bigr Bigl Bigr displaystyle limits nolimits".split())
_BLACKBOARD: Final = dict(zip("NZQRCPEFH", "ℕℤℚℝℂℙ𝔼𝔽ℍ", strict=True))
_ACCENTS: Final = dict(
    pair.split("=") for pair in "hat=\u0302 bar=\u0304 vec=\u20d7 dot=\u0307 ddot=\u0308 tilde=\u0303".split()
)

_RAISED: Final = dict(
    zip("0123456789+-−=()niabcdefghjklmoprstuvwxyzT′*", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱᵃᵇᶜᵈᵉᶠᵍʰʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵀ′*", strict=True)
)
_LOWERED: Final = dict(
    zip("0123456789+-−=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True)
)

DEEPEST: Final = 8
"""Braces within braces; a formula that goes deeper is not simple."""

_TOKEN = re.compile(r"\\([A-Za-z]+)|\\(.)|([{}^_&~\n]|[^\\])", re.DOTALL)
_ATOM = re.compile(r"√?[\w.′∞°%!]*")
_BETWEEN: Final = frozenset("×÷±∓≤≥≠≪≫≈≡∼≃≅∝∈∉∋⊂⊆⊃⊇→←↔⇒⇐⇔↦∧∨∩∪")
"""What stands between two things, with a space on either side."""


class _NotSimpleError(Exception):
    """Something that has no place in a line of text."""


def readable(latex: str) -> str | None:
    """The formula as a line of Unicode; None where it is not that simple."""
    reader = _Reader(latex)
    try:
        shown = reader.group(0, None)
    except _NotSimpleError:
        return None
    return re.sub(r"[ \t\n]+", " ", shown).strip()


def raised(text: str) -> str:
    """The text as superscript."""
    return _shifted(text, _RAISED, "^")


def lowered(text: str) -> str:
    """The text as subscript."""
    return _shifted(text, _LOWERED, "_")


def _shifted(text: str, letters: dict[str, str], mark: str) -> str:
    text = text.strip()
    if text and all(each in letters for each in text):
        return "".join(map(letters.__getitem__, text))
    return f"{mark}{text}" if _ATOM.fullmatch(text) else f"{mark}({text})"


class _Reader:
    """Reads a formula once, from left to right."""

    def __init__(self, latex: str) -> None:
        self._tokens = [match.groups() for match in _TOKEN.finditer(latex)]
        self._next = 0

    def group(self, depth: int, closing: str | None) -> str:
        """What stands up to the closing brace or bracket, or the end."""
        if depth > DEEPEST:
            raise _NotSimpleError
        shown: list[str] = []
        while self._next < len(self._tokens):
            command, escaped, character = self._tokens[self._next]
            self._next += 1
            if character == closing and character is not None:
                return "".join(shown)
            shown.append(self._one(depth, command, escaped, character))
        if closing is not None:
            raise _NotSimpleError
        return "".join(shown)

    def _one(self, depth: int, command: str | None, escaped: str | None, character: str | None) -> str:
        if command is not None:
            return self._command(depth, command)
        if escaped is not None:
            if escaped in _SPACES:
                return _SPACES[escaped]
            if escaped in _AS_IT_IS:
                return "‖" if escaped == "|" else escaped
            raise _NotSimpleError
        match character:
            case "{":
                return self.group(depth + 1, "}")
            case "}" | "&":
                raise _NotSimpleError
            case "^":
                return self._raised(depth)
            case "_":
                return lowered(self._argument(depth))
            case "~":
                return " "
            case "'":
                return "′"
        return character or ""

    def _raised(self, depth: int) -> str:
        argument = self._argument(depth)
        return {"∘": "°", "°": "°", "′": "′"}.get(argument) or raised(argument)

    def _command(self, depth: int, name: str) -> str:
        if name in _SYMBOLS:
            return f" {symbol} " if (symbol := _SYMBOLS[name]) in _BETWEEN else symbol
        if name in _NAMES:
            return name.removeprefix("b") + self._gap()
        if name in _SPACES:
            return _SPACES[name]
        if name in _NOTHING:
            self._skips(".")
            return ""
        if name in _TEXT:
            return self._argument(depth)
        if name in ("frac", "dfrac", "tfrac"):
            return f"{_operand(self._argument(depth))}/{_operand(self._argument(depth))}"
        if name == "sqrt":
            root = self._root(depth)
            return root + _operand(self._argument(depth))
        if name == "mathbb":
            letter = self._argument(depth)
            return _BLACKBOARD.get(letter, letter)
        if name in _ACCENTS and len(letter := self._argument(depth)) == 1:
            return letter + _ACCENTS[name]
        if name == "binom":
            return f"C({self._argument(depth)}, {self._argument(depth)})"
        raise _NotSimpleError

    def _gap(self) -> str:
        """The space between a function's name and a letter behind it."""
        if self._next >= len(self._tokens):
            return ""
        command, _, character = self._tokens[self._next]
        letters = command is not None and (command in _SYMBOLS or command in _NAMES)
        return " " if letters or (character or "(").isalnum() else ""

    def _root(self, depth: int) -> str:
        if not self._skips("["):
            return "√"
        degree = self.group(depth + 1, "]")
        return {"3": "∛", "4": "∜", "2": "√"}.get(degree) or raised(degree) + "√"

    def _skips(self, character: str) -> bool:
        if self._next < len(self._tokens) and self._tokens[self._next][2] == character:
            self._next += 1
            return True
        return False

    def _argument(self, depth: int) -> str:
        while self._skips(" "):
            pass
        if self._next >= len(self._tokens):
            raise _NotSimpleError
        token = self._tokens[self._next]
        self._next += 1
        if token[2] in ("^", "_"):
            raise _NotSimpleError
        return self._one(depth + 1, *token)


def _operand(text: str) -> str:
    """What stands above or below a line, or under a root, so that it can't be read with what is around it."""
    text = text.strip()
    return text if _ATOM.fullmatch(text) or (len(text) == 1) else f"({text})"
