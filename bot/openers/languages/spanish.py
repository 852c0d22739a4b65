"""Spanish, as a colleague writes it."""

from __future__ import annotations

import re

from bot.openers.languages.language import Language, any_of, those

_UNITS = those(
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince "
    "dieciséis diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro "
    "veinticinco veintiséis veintisiete veintiocho veintinueve"
)
_TENS = those("treinta cuarenta cincuenta sesenta setenta ochenta noventa")
_HUNDREDS = those(
    "cien doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos "
    "novecientos"
)
_WHO = (
    r"jef[ea]s?|gerente|director[ae]?s?|compañer[oa]s?|colegas?|equipo|departamento|client[ea]s?"
    r"|superior[ae]?s?|responsable|empresa|familia|marido|mujer|pareja|amig[oa]s?"
)
_VERBS = (
    r"es|son|era|eran|está|están|estaba|ha|han|piensan?|cree[n]?|dice[n]?|dijo|quieren?|necesitan?"
    r"|espera[n]?|odian?|sabe[n]?|parece[n]?|sient[ea]n?|tienen?|va|van|no|se|te|ya|siempre|nunca"
)
_STATE = (
    r"(?:pasándolo|pasando) mal|preocupad[oa]s?|cansad[oa]s?|agotad[oa]s?|estresad[oa]s?"
    r"|enferm[oa]s?|deprimid[oa]s?|trist[e]s?|enfadad[oa]s?|atascad[oa]s?|perdid[oa]s?|atrasad[oa]s?"
    r"|luchando|sufriendo|aburrid[oa]s?|confus[oa]s?|frustrad[oa]s?|embarazada|agobiad[oa]s?"
)
_LINKS = (
    r"(?:(?:está|están|estás|estaba|es|son|se|te|ha|siente|sientes|muy|tan|no|ya|parece|ve|ves"
    r"|encuentra)\s+)*"
)

SPANISH = Language(
    code="es",
    name="Spanish",
    common=frozenset(
        those(
            "el la los las un una unos unas de del al a en y o que es se lo le por para con su "
            "sus tu te me mi como más pero sobre si no hay esto este esta eso ese esa cuando "
            "donde qué cómo quieres puedo puede ser está son ha he también muy todo algo desde "
            "entre cada sin"
        )
    ),
    starts=frozenset(
        those(
            "aquí hay hoy te tu tus si el la los las un una unos unas en con para por sobre "
            "quieres puedo puede esto este esta estos estas eso esa ese lo le les me mi nos "
            "nuestro cuando donde qué cómo cuál quién cuánto quizá quizás tal vez hola buenos "
            "buenas buen desde entre cada sin también ya no sí se es son ha he has al del a de "
            "y o pero porque aunque según dice trata habla explica cuenta muestra describe "
            "encontré leí vi resulta parece existe acaba algo alguien nada nadie todo todos "
            "muchas muchos más menos breve nota texto artículo idea propuesta pregunta antes "
            "después luego ahora mientras así hace gracias perdona disculpa espero ojalá merece "
            "conviene basta suele suelen ante bajo tras leer escribir probar empezar usar dime "
            "avísame puedes podrías podría"
        )
    ),
    numbers={
        **{word: float(value) for value, word in enumerate(_UNITS)},
        **{word: 30.0 + 10 * at for at, word in enumerate(_TENS)},
        **{word: 100.0 * at for at, word in enumerate(_HUNDREDS, start=1)},
        **{word[:-2] + "as": 100.0 * at for at, word in enumerate(_HUNDREDS, start=1) if at > 1},
        "un": 1, "una": 1, "ciento": 100,
        "mitad": 0.5, "medio": 0.5, "media": 0.5, "doble": 2, "triple": 3, "par": 2,
        "docena": 12, "docenas": 12, "cientos": 100, "miles": 1000, "tercio": 3, "cuarto": 4,
        "segundo": 2, "segunda": 2, "tercero": 3, "tercera": 3, "tercer": 3, "quinto": 5,
        "sexto": 6, "séptimo": 7, "octavo": 8, "noveno": 9, "décimo": 10, "décima": 10,
        "dieciseis": 16, "veintidos": 22, "veintitres": 23, "veintiseis": 26,
    },
    scales={"mil": 1000, "millón": 10**6, "millones": 10**6},
    free=frozenset({"un", "uno", "una", "cero"}),
    joint="y",
    percent=r"por ciento|puntos porcentuales",
    days=("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    months=(
        "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre",
        "octubre", "noviembre", "diciembre",
    ),
    relative={
        "yesterday": any_of("ayer", "anoche"),
        "today": any_of("hoy", "esta (?:mañana|tarde)"),
        "tomorrow": any_of("mañana(?! por)"),
        "tonight": any_of("esta noche"),
        "ago": any_of(r"hace (?:\w+ ){0,2}(?:minutos?|horas?|días?|semanas?|mes(?:es)?|años?)"),
        "last week": any_of("semana pasada"), "next week": any_of("semana que viene",
                                                                  "próxima semana"),
        "this week": any_of("esta semana"), "last month": any_of("mes pasado"),
        "next month": any_of("mes que viene", "próximo mes"), "this month": any_of("este mes"),
        "last year": any_of("año pasado"), "next year": any_of("año que viene", "próximo año"),
        "this year": any_of("este año"),
    },
    offer=any_of(
        r"(?:te )?puedo", r"podría (?:contarte|decirte|enviarte|mostrarte|resumirte)",
        r"si (?:te|lo|le) (?:interesa|apetece|parece|viene|gusta)", r"si quieres", r"si lo deseas",
        r"con gusto", r"encantad[oa] de", r"dime si", r"avísame", r"te (?:cuento|resumo|envío)",
        r"quieres que", r"te gustaría", r"basta con",
    ),
    demand=re.compile(
        r"(?:(?:^|[^\w\s'])\s*|\b(?:por favor|luego|solo)\s+)(?:envía|envíanos|manda|comparte|paga"
        r"|transfiere|inicia sesión|verifica|confirma|instala|descarga|ejecuta|llama|marca|haz clic"
        r"|pulsa|visita|introduce|escribe tu|pega|sube|restablece|revela)(?!\w)"
        r"|\b(?:tu|su) (?:contraseña|clave|pin|código de un solo uso|número de tarjeta"
        r"|credenciales)\b",
        re.IGNORECASE,
    ),
    tone={
        "urgency": any_of(
            r"urgente(?:mente)?", r"cuanto antes", r"ahora mismo", r"inmediatamente",
            r"de inmediato", r"date prisa", r"no esperes", r"última oportunidad", r"no te (?:lo )?"
            r"pierdas", r"antes de que sea (?:demasiado )?tarde", r"ya mismo", r"lo antes posible",
            r"solo (?:por )?hoy", r"corre",
        ),
        "guilt": any_of(
            r"(?:todavía|aún) no has", r"no has (?:respondido|contestado|leído|hecho)", r"deberías",
            r"tienes que", r"debes", r"sigo esperando", r"me (?:has )?decepcion\w+",
            r"todos los demás", r"te has (?:olvidado|perdido)", r"olvidaste", r"ignoraste",
            r"te estás quedando atrás", r"ya te (?:lo )?dije", r"por qué no has", r"más te vale",
        ),
        "flattery": any_of(
            r"eres (?:tan |muy |realmente |un |una )*(?:increíble|brillante|genial|inteligente"
            r"|list[oa]|talentos[oa]|fantástic[oa]|maravillos[oa]|expert[oa]|genio|crack)",
            r"(?:gran|buen|excelente|magnífico) trabajo", r"tu (?:brillante|excelente|increíble"
            r"|gran|impresionante)", r"como expert[oa]", r"nadie como tú", r"te admiro",
            r"alguien de tu (?:nivel|talento)",
        ),
        "selling": any_of(
            r"revolucionari[oa]s?", r"imprescindible", r"exclusiv[oa]s?", r"oferta", r"descuento",
            r"gratis", r"garantizad[oa]s?", r"haz clic", r"suscríbete", r"regístrate", r"compra",
            r"no te arrepentirás", r"el mejor del mercado", r"transforma tu", r"potencia tu",
            r"únic[oa] oportunidad", r"de última generación", r"no te lo creerás",
        ),
    },
    registers={
        "formal": any_of(r"hola", r"oye", r"vale", r"guay", r"tío", r"tía", r"chicos", r"genial"),
        "plain": any_of(r"hola", r"espero que", r"encantad[oa]", r"maravillos[oa]", r"querid[oa]",
                        r"bonit[oa]", r"amable", r"buen día"),
    },
    people=re.compile(
        rf"(?P<open>(?<!\w)(?:si\s+|¿\s*)?)(?P<claim>(?:tu|tus|su|sus|nuestr[oa]s?|un[oa]s? de tus"
        rf"|la gente de tu)\s+(?:{_WHO})\s+(?:{_VERBS}))(?!\w)",
        re.IGNORECASE,
    ),
    personal=re.compile(
        rf"\s+{_LINKS}(?P<said>{_STATE}|piensa|cree|odia|teme|quiere|necesita|espera|prefiere|sabe"
        rf"|lamenta|se queja|culpa a|te espera|confía|desconfía|falló|fracas\w+|despedid[oa]"
        rf"|ascendid[oa]|divorciad[oa]|me dijo|te dijo|dice que|dijo que)(?!\w)",
        re.IGNORECASE,
    ),
    about_reader=re.compile(
        rf"(?<!\w)(?P<open>(?:si|¿)\s*)?(?P<claim>(?:tú )?(?:estás|te sientes|pareces|te ves|andas)"
        rf"\s+{_LINKS}(?:{_STATE}))(?!\w)",
        re.IGNORECASE,
    ),
)  # fmt: skip
