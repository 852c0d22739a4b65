"""French, as a colleague writes it."""

from __future__ import annotations

import re

from bot.openers.languages.language import Language, any_of, those

_UNITS = those(
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize"
)
_TENS = {"vingt": 20, "vingts": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60,
         "septante": 70, "huitante": 80, "octante": 80, "nonante": 90}  # fmt: skip
_WHO = (
    r"chefs?|manager|responsable|direct(?:eur|rice)|collègues?|équipe|service|client[es]*"
    r"|supérieure?s?|entreprise|hiérarchie|famille|mari|femme|conjointe?|amie?s?"
)
_VERBS = (
    r"est|sont|était|a|ont|pense(?:nt)?|croi(?:en)?t|dit|disent|veut|veulent|attend(?:ent)?|déteste"
    r"|sait|semble(?:nt)?|sent|ne|n'\w+|se|te|vous|va|vont|trouve(?:nt)?|aime(?:nt)?|préfère(?:nt)?"
)
_STATE = (
    r"en difficulté|inqui[eè]te?s?|fatiguée?s?|épuisée?s?|stressée?s?|malades?|déprimée?s?"
    r"|tristes?"
    r"|en colère|bloquée?s?|perdue?s?|en retard|débordée?s?|frustrée?s?|enceinte|submergée?s?"
    r"|ennuyée?s?|confuse?s?|à la traîne"
)
_LINKS = (
    r"(?:(?:est|sont|était|es|êtes|a|ont|se|te|vous|sent|sens|sentez|très|si|trop|pas|déjà|semble"
    r"|a l'air|toujours|vraiment)\s+)*"
)

FRENCH = Language(
    code="fr",
    name="French",
    common=frozenset(
        those(
            "le la les un une des de du au aux à en et ou que qui est se ce cet cette ces il "
            "elle on pour par avec sans sur dans son sa ses ton ta tes vous te je tu ne pas "
            "plus comme mais si y a sont être peut puis d l c j n s qu votre vos moi nous leur "
            "dont où quand même comment"
        )
    ),
    starts=frozenset(
        those(
            "voici voilà il elle on ce cet cette ces c l d j n s qu un une des le la les du de "
            "au aux à en et ou mais si pour par avec sans sur dans son sa ses ton ta tes vous "
            "tu je nous votre vos notre nos quand comment pourquoi que quel quelle quels "
            "quelles qui où bonjour salut peut peut-être est êtes souhaitez voulez veux "
            "aimerais aimeriez puis pouvez selon chez depuis entre chaque aussi déjà ne pas "
            "plus moins tout tous toute toutes rien quelque quelques quelqu autre autres après "
            "avant ensuite maintenant pendant ainsi merci ça cela ceci celui celle lire écrire "
            "essayer commencer utiliser dites dis petit petite court courte brève nouvelle "
            "nouveau note texte article idée question j'ai c'est d'après y a-t-il est-ce dois "
            "faut lorsque bien souvent parfois certains certaines"
        )
    ),
    numbers={
        **{word: float(value) for value, word in enumerate(_UNITS)},
        **{word: float(value) for word, value in _TENS.items()},
        "une": 1, "cents": 100, "moitié": 0.5, "demi": 0.5, "demie": 0.5, "quart": 0.25,
        "quarts": 0.25, "double": 2, "triple": 3, "tiers": 3, "douzaine": 12, "douzaines": 12,
        "dizaine": 10, "dizaines": 10, "vingtaine": 20, "trentaine": 30, "cinquantaine": 50,
        "centaine": 100, "centaines": 100, "milliers": 1000, "millier": 1000, "deuxième": 2,
        "second": 2, "seconde": 2, "troisième": 3, "quatrième": 4, "cinquième": 5, "sixième": 6,
        "septième": 7, "huitième": 8, "neuvième": 9, "dixième": 10, "centième": 100,
    },
    scales={"cent": 100, "mille": 1000, "million": 10**6, "millions": 10**6, "milliard": 10**9,
            "milliards": 10**9},
    free=frozenset({"un", "une", "zéro"}),
    joint="et",
    percent=r"pour ?cent|points? de pourcentage",
    days=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    months=(
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
        "octobre", "novembre", "décembre",
    ),
    relative={
        "yesterday": any_of("hier", "cette nuit"),
        "today": any_of(r"aujourd'hui", "ce matin", "cet après-midi"),
        "tomorrow": any_of("demain"),
        "tonight": any_of("ce soir"),
        "ago": any_of(
            r"il y a (?:\w+ ){0,2}(?:minutes?|heures?|jours?|semaines?|mois|ans?|années?)"
        ),
        "last week": any_of("semaine (?:dernière|passée)"),
        "next week": any_of("semaine prochaine"), "this week": any_of("cette semaine"),
        "last month": any_of("mois (?:dernier|passé)"), "next month": any_of("mois prochain"),
        "this month": any_of("ce mois-ci"),
        "last year": any_of("année dernière", "an dernier", "année passée"),
        "next year": any_of("année prochaine", "an prochain"),
        "this year": any_of("cette année"),
    },
    offer=any_of(
        r"je peux", r"je pourrais", r"je (?:te|vous) (?:raconte|résume|envoie|montre|donne)",
        r"si (?:tu (?:veux|souhaites|préfères)|vous (?:voulez|souhaitez|préférez)|ça|cela)",
        r"volontiers", r"avec plaisir", r"(?:dis|dites)-(?:le-)?moi", r"veux-tu", r"voulez-vous",
        r"souhaitez-vous", r"aimerais-tu", r"aimeriez-vous", r"il suffit de",
    ),
    demand=re.compile(
        r"(?:(?:^|[^\w\s'])\s*|\b(?:s'il (?:te|vous) plaît|puis|merci de)\s+)(?:envoie[zr]?|envoyez"
        r"|partage[zr]?|paye[zr]?|paie|vire[zr]|connecte-toi|connectez-vous|vérifie[zr]?"
        r"|confirme[zr]?|installe[zr]?|télécharge[zr]?|exécute[zr]?|appelle[zr]?|appelez|clique[zr]?"
        r"|visite[zr]?|saisi(?:s|ssez)|tape[zr]|colle[zr]|transfère|transférez|réinitialise[zr]?)"
        r"(?!\w)|\b(?:ton|votre) (?:mot de passe|code|pin|numéro de carte)\b"
        r"|\b(?:tes|vos) identifiants\b",
        re.IGNORECASE,
    ),
    tone={
        "urgency": any_of(
            r"urgent[es]*", r"d'urgence", r"tout de suite", r"immédiatement", r"au plus vite",
            r"dès que possible", r"dépêche[zr]?-?(?:toi|vous)?", r"dernière chance", r"n'attend\w+"
            r" (?:pas|plus)", r"ne (?:rate|ratez|manque|manquez) pas", r"avant qu'il ne soit trop"
            r" tard", r"sans (?:tarder|délai)", r"vite",
        ),
        "guilt": any_of(
            r"(?:tu n'as|vous n'avez) (?:toujours )?pas", r"(?:tu devrais|vous devriez)",
            r"(?:tu dois|vous devez)", r"il faut que (?:tu|vous)", r"j'attends toujours",
            r"déçue?", r"tous les autres", r"(?:tu as|vous avez) (?:oublié|ignoré|manqué|raté)",
            r"je (?:te|vous) (?:l'ai )?(?:l')?ai (?:déjà )?dit", r"pourquoi n'(?:as|avez)",
            r"à la traîne",
        ),
        "flattery": any_of(
            r"(?:tu es|vous êtes) (?:si |tellement |vraiment |très |une? )*(?:brillante?|géniale?"
            r"|incroyable|formidable|intelligente?|talentueu[sx]e?|experte?|génie|merveilleu[sx]e?)",
            r"(?:excellent|super|beau|formidable) travail", r"bravo", r"en tant qu'experte?",
            r"(?:ton|votre|ta) (?:brillante?|excellente?|incroyable|remarquable)",
            r"j'admire", r"personne comme (?:toi|vous)",
        ),
        "selling": any_of(
            r"révolutionnaires?", r"incontournables?", r"exclusi(?:f|ve|fs|ves|vité)", r"offre"
            r" (?:spéciale|limitée)", r"remise", r"gratuite?s?", r"garantie?s?", r"cliquez",
            r"abonne[zr]-?(?:toi|vous)?", r"inscri[st]\w*-(?:toi|vous)", r"achete[zr]", r"achète",
            r"(?:boostez|booste|transformez|transforme) (?:ton|votre|ta)", r"à ne pas manquer",
            r"vous n'en reviendrez pas", r"dernier cri",
        ),
    },
    registers={
        "formal": any_of(r"salut", r"coucou", r"sympa", r"cool", r"super", r"truc", r"tu", r"toi",
                         r"ton", r"ta", r"tes"),
        "plain": any_of(r"bonjour", r"salut", r"j'espère que", r"ravie?", r"chère?", r"charmante?",
                        r"belle journée", r"avec plaisir"),
    },
    people=re.compile(
        rf"(?P<open>(?<!\w)(?:si\s+|est-ce que\s+)?)(?P<claim>(?:ton|ta|tes|votre|vos|notre|nos"
        rf"|une? de (?:tes|vos)|les gens de (?:ton|votre))\s+(?:{_WHO})\s+(?:{_VERBS}))(?!\w)",
        re.IGNORECASE,
    ),
    personal=re.compile(
        rf"\s+{_LINKS}(?P<said>{_STATE}|pense|croit|déteste|craint|veut|attend|préfère|regrette"
        rf"|se plaint|reproche|t'attend|vous attend|échoue|échoué|licenciée?|promue?|divorcée?"
        rf"|m'a dit|t'a dit|vous a dit|dit que|dit qu'\w+|trouve que)(?!\w)",
        re.IGNORECASE,
    ),
    about_reader=re.compile(
        rf"(?<!\w)(?P<open>(?:si|quand)\s+)?(?P<claim>(?:tu (?:es|sembles|as l'air|te sens)|vous"
        rf" (?:êtes|semblez|avez l'air|vous sentez))\s+{_LINKS}(?:{_STATE}))(?!\w)",
        re.IGNORECASE,
    ),
)  # fmt: skip
