"""Words that address a machine that reads along, such as a chatbot, rather than the reader.

Nothing here obeys them: an answer is quotes. But answers are pasted elsewhere, so what could be
an attempt (Greshake et al. 2023, "indirect prompt injection") is marked where it is shown. It
takes whole turns of speech, so that a text about instructions, prompts or robots is not marked.
"""

from __future__ import annotations

import re

_EARLIER = r"(?:previous|prior|above|earlier|preceding|foregoing|existing|original|initial|former)"
_GIVEN = r"(?:instructions?|prompts?|directions?|directives?|guidelines?|commands?|messages?|rules)"
_MACHINE = r"(?:ai|a\.i\.|llm|language|chat)[ -]?(?:assistants?|models?|agents?|bots?|systems?)?"
_TURNS = (
    (
        r"\b(?:ignore|disregard|override|bypass|overrule|do not follow|stop following|forget "
        r"(?:all|any|your)) (?:(?:all|any|every|each|of|the|your|my|these|those|and) ){0,4}"
        rf"{_EARLIER} (?:{_EARLIER} |or |and |system |safety ){{0,3}}{_GIVEN}\b"
    ),
    (
        r"\b(?:ignore|disregard|forget|override) (?:(?:all|any|of|the|your) ){0,3}(?:system "
        r"(?:prompt|message|instructions?)|safety (?:guidelines?|rules|instructions?)"
        r"|(?:instructions? |everything )"
        r"(?:above|before this|so far|you (?:were|have been) (?:given|told)))\b"
    ),
    (
        r"\b(?:reveal|print|repeat|output|show|leak|disclose|expose) (?:me )?(?:the|your|its) "
        r"(?:(?:full|entire|hidden|secret|original|initial) ){0,2}"
        r"(?:system (?:prompt|instructions?)|(?:hidden|secret) (?:prompt|instructions?))\b"
    ),
    (
        r"\b(?:from now on,? you (?:are|will be|must be|act as)|you are now) (?:an? "
        rf"(?:[\w-]+ ){{0,2}}|called )?(?:{_MACHINE}|assistant|chatbot|dan|jailbroken|unrestricted"
        r"|in developer mode)\b"
    ),
    (
        r"\b(?:if you are|attention,?|note to|instructions? (?:for|to)|dear|as) "
        rf"(?:any |all |the |an? )?{_MACHINE} (?:that (?:is |are )?|who (?:is )?)?"
        r"(?:reading|processing|summari[sz]ing|reviewing|grading|evaluating|parsing)\b"
    ),
    (
        r"\b(?:do not|don[’']?t|never) (?:tell|inform|alert|warn|mention (?:this|it) to) "
        r"(?:the|your) users?\b"
    ),
    r"<\| ?(?:im_start|im_end|system|user|assistant|begin_of_text) ?\|>",
    r"\[/?INST\]|<< ?/?SYS ?>>|</?system_?prompt>",
    r"### ?(?:system|instruction|human|assistant) ?:",
    (
        r"\bignorier\w* (?:alle |sämtliche |die )*(?:vorherigen|bisherigen|obigen|früheren) "
        r"(?:anweisungen|befehle|vorgaben)\b"
    ),
    r"\bignore[zr]? (?:toutes )?les (?:instructions|consignes) (?:précédentes|antérieures)\b",
    r"\bignor[ae]r? (?:todas )?las instrucciones (?:anteriores|previas)\b",
)
_ORDERS = re.compile("|".join(_TURNS), re.IGNORECASE)


def addresses_machines(text: str) -> bool:
    """Whether a text has words that would order a machine about."""
    return bool(_ORDERS.search(" ".join(text.split())))
