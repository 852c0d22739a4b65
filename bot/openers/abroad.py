"""Replies in the languages of openers other than English: what decides whether we go on.

Whole replies alone, for the few things that must be understood without a model: most of all that
somebody wants no more. Written without accents.
"""

from __future__ import annotations

import re
import unicodedata

_PLEASE = r"(?:,? (?:por favor|gracias|merci|s'il (?:te|vous) plait|obrigad[oa]))*"


def _whole(*wordings: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(wordings)}){_PLEASE}[\s.!?]*")


_ABROAD = (
    (
        "stop",
        _whole(
            r"(?:para|basta|no mas mensajes|cancelar|deja(?:d|me)? de escribir(?:me)?"
            r"|no me escrib(?:as|a|an) mas|dejame en paz|(?:quiero )?dar(?:me)? de baja)",
            r"(?:arrete|arretez|ca suffit|plus de messages|(?:arrete|arretez) de m'ecrire"
            r"|ne m'ecri(?:s|vez) plus|laisse[zs]?[- ]moi tranquille|me desabonner)",
            r"(?:pare|chega|pare de (?:me )?escrever|para de me escrever|nao me escrevas? mais"
            r"|deixa-me em paz|me deixe em paz|cancelar (?:a )?inscricao)",
        ),
    ),
    (
        "pause",
        _whole(
            r"(?:pausa|haz una pausa|silencio)", r"(?:fai(?:s|tes) une pause|silence)",
            r"(?:faz uma pausa|faca uma pausa)",
        ),
    ),
    (
        "person",
        _whole(
            r"(?:(?:quiero )?hablar con )?(?:una persona|un humano|alguien)",
            r"(?:(?:je veux )?parler a )?(?:une personne|un humain|quelqu'un)",
            r"(?:(?:quero )?falar com )?(?:uma pessoa|um humano|alguem)",
        ),
    ),
    ("why", _whole(r"¿?por que(?: yo| esto| eu| isto| isso)?", r"pourquoi(?: moi| ca)?", "porque")),
    (
        "thanks",
        _whole(
            r"(?:muchas )?gracias(?: por la ayuda)?", r"merci(?: beaucoup| bien)?",
            r"(?:muito )?obrigad[oa]",
        ),
    ),
    (
        "later",
        _whole(
            r"(?:mas tarde|luego|despues|ahora no|manana|otro dia|en otro momento)",
            r"(?:plus tard|pas maintenant|demain|une autre fois|pas le temps)",
            r"(?:mais tarde|depois|agora nao|amanha|outro dia|outra hora)",
        ),
    ),
    (
        "no",
        _whole(
            r"no(?:,? gracias)?|no me interesa|no quiero",
            r"non(?:,? merci)?|pas interessee?|(?:ca ne )?m'interesse pas|ca ne m'interesse pas",
            r"nao(?:,? obrigad[oa])?|nao me interessa|nao quero",
        ),
    ),
    (
        "yes",
        _whole(
            r"(?:si|claro|vale|dale|de acuerdo|por supuesto|cuentame mas)",
            r"(?:oui|bien sur|d'accord|volontiers|avec plaisir|dis-m'en plus|dites-m'en plus)",
            r"(?:sim|com certeza|pode ser|quero|conta mais|conte mais)",
        ),
    ),
)  # fmt: skip
"""(intent, wordings), the first of which decides"""


def meant_abroad(reply: str) -> str | None:
    """The name of the intent of a reply in another language; None for any other reply."""
    apart = unicodedata.normalize("NFD", reply.casefold().strip())
    text = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return next((name for name, wordings in _ABROAD if wordings.fullmatch(text)), None)
