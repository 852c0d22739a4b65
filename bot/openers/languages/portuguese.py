"""Portuguese, in words that both sides of the Atlantic share or know."""

from __future__ import annotations

import re

from bot.openers.languages.language import Language, any_of, those

_UNITS = those(
    "zero um dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze "
    "dezesseis dezessete dezoito dezenove"
)
_TENS = those("vinte trinta quarenta cinquenta sessenta setenta oitenta noventa")
_HUNDREDS = those(
    "cem duzentos trezentos quatrocentos quinhentos seiscentos setecentos oitocentos novecentos"
)
_WHO = (
    r"chefes?|gerente|diretor[ae]?s?|colegas?|equip[ea]|time|departamento|clientes?|superior[ae]?s?"
    r"|responsável|empresa|família|marido|mulher|esposa|parceir[oa]s?|amig[oa]s?"
)
_VERBS = (
    r"é|são|era|está|estão|estava|tem|têm|pensam?|acham?|acreditam?|diz|dizem|disse|querem?"
    r"|precisam?|esperam?|odeiam?|sabem?|parecem?|sentem?|vai|vão|não|se|já|sempre|nunca|gosta"
)
_STATE = (
    r"em dificuldades?|com dificuldades?|preocupad[oa]s?|cansad[oa]s?|esgotad[oa]s?|estressad[oa]s?"
    r"|stressad[oa]s?|doentes?|deprimid[oa]s?|tristes?|zangad[oa]s?|irritad[oa]s?|pres[oa]s?"
    r"|perdid[oa]s?|atrasad[oa]s?|sobrecarregad[oa]s?|frustrad[oa]s?|grávida|lutando|sofrendo"
    r"|entediad[oa]s?|confus[oa]s?"
)
_LINKS = (
    r"(?:(?:está|estão|estás|estava|é|são|se|tem|sente|sentes|muito|tão|não|já|parece|anda|ainda)"
    r"\s+)*"
)

PORTUGUESE = Language(
    code="pt",
    name="Portuguese",
    common=frozenset(
        those(
            "o a os as um uma uns umas de do da dos das em no na nos nas e ou que é se lhe por "
            "para com ao à aos seu sua seus suas você te me meu minha como mais mas sobre há "
            "isto este esta isso esse essa quando onde posso pode ser está são foi também muito "
            "tudo algo desde entre cada sem não pelo pela quer"
        )
    ),
    starts=frozenset(
        those(
            "aqui há hoje você se o a os as um uma uns umas em no na nos nas com para por sobre "
            "quer posso pode isto este esta estes estas isso esse essa aquilo lhe me meu minha "
            "nós nosso quando onde que qual quem quanto como talvez olá bom boa oi desde entre "
            "cada sem também já não sim é são foi ao à do da de e ou mas porque embora segundo "
            "diz trata fala explica conta mostra descreve encontrei li vi parece existe algo "
            "alguém nada ninguém tudo todos todas muitas muitos mais menos breve nota texto "
            "artigo ideia proposta pergunta antes depois agora enquanto assim obrigado obrigada "
            "desculpe espero tomara vale basta costuma ler escrever experimentar começar usar "
            "diga gostaria gostarias queres poderia"
        )
    ),
    numbers={
        **{word: float(value) for value, word in enumerate(_UNITS)},
        **{word: 10.0 * at for at, word in enumerate(_TENS, start=2)},
        **{word: 100.0 * at for at, word in enumerate(_HUNDREDS, start=1)},
        **{word[:-2] + "as": 100.0 * at for at, word in enumerate(_HUNDREDS, start=1) if at > 1},
        "uma": 1, "duas": 2, "dezasseis": 16, "dezassete": 17, "dezanove": 19, "quatorze": 14,
        "cento": 100, "metade": 0.5, "meio": 0.5, "meia": 0.5, "dobro": 2, "triplo": 3, "par": 2,
        "dúzia": 12, "dúzias": 12, "centenas": 100, "milhares": 1000, "terço": 3, "quarto": 4,
        "segundo": 2, "segunda": 2, "terceiro": 3, "terceira": 3, "quinto": 5, "sexto": 6,
        "sétimo": 7, "oitavo": 8, "nono": 9, "décimo": 10, "dezena": 10, "dezenas": 10,
    },
    scales={"mil": 1000, "milhão": 10**6, "milhões": 10**6},
    free=frozenset({"um", "uma", "zero"}),
    joint="e",
    percent=r"por cento|pontos percentuais",
    days=("segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado",
          "domingo"),
    months=(
        "janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro",
        "outubro", "novembro", "dezembro",
    ),
    relative={
        "yesterday": any_of("ontem"),
        "today": any_of("hoje", "esta (?:manhã|tarde)"),
        "tomorrow": any_of("amanhã"),
        "tonight": any_of("esta noite", "hoje à noite"),
        "ago": any_of(r"há (?:\w+ ){0,2}(?:minutos?|horas?|dias?|semanas?|mês|meses|anos?)",
                      r"(?:minutos?|horas?|dias?|semanas?|mês|meses|anos?) atrás"),
        "last week": any_of("semana passada"), "next week": any_of("próxima semana",
                                                                   "semana que vem"),
        "this week": any_of("esta semana"), "last month": any_of("mês passado"),
        "next month": any_of("próximo mês", "mês que vem"), "this month": any_of("este mês"),
        "last year": any_of("ano passado"), "next year": any_of("próximo ano", "ano que vem"),
        "this year": any_of("este ano"),
    },
    offer=any_of(
        r"(?:lhe )?posso", r"poderia (?:contar|dizer|enviar|mostrar|resumir)\w*",
        r"se (?:quiser|quiseres|lhe interessar|te interessar|desejar|preferir|gostar)",
        r"com (?:todo o )?gosto", r"com prazer", r"(?:diga|diz)-?(?:me)? se", r"me avise",
        r"quer que", r"queres que", r"gostaria de", r"gostarias de", r"basta dizer",
    ),
    demand=re.compile(
        r"(?:(?:^|[^\w\s'])\s*|\b(?:por favor|depois)\s+)(?:envie|envia|mande|manda|compartilhe"
        r"|partilhe|pague|paga|transfira|faça login|entre na conta|verifique|confirme|instale"
        r"|instala|baixe|descarregue|execute|ligue para|clique|visite|digite|insira|cole|redefina"
        r"|revele)(?!\w)|\b(?:sua|tua) (?:senha|palavra-passe)\b|\b(?:seu|teu) (?:pin|código|número"
        r" do cartão)\b|\b(?:suas|tuas) credenciais\b",
        re.IGNORECASE,
    ),
    tone={
        "urgency": any_of(
            r"urgente(?:mente)?", r"o quanto antes", r"agora mesmo", r"imediatamente", r"já já",
            r"de imediato", r"apresse-se", r"não espere", r"última (?:chance|oportunidade)",
            r"não (?:perca|percas)", r"antes que seja tarde", r"assim que possível", r"só hoje",
            r"depressa", r"sem demora",
        ),
        "guilt": any_of(
            r"(?:você |tu )?ainda não (?:respond\w+|leu|leste|fez)", r"(?:você )?(?:deveria|devia)",
            r"deverias", r"(?:você )?tem que", r"tem de", r"tens de", r"você deve", r"ainda estou à"
            r" espera", r"continuo esperando", r"decepcion\w+", r"desilud\w+", r"todos os outros",
            r"você (?:esqueceu|ignorou|perdeu)", r"ficando para trás", r"já lhe disse",
            r"por que não (?:respondeu|leu|fez)", r"é melhor que",
        ),
        "flattery": any_of(
            r"(?:você é|és|tu és) (?:tão |muito |realmente |um |uma )*(?:incrível|brilhante|genial"
            r"|inteligente|talentos[oa]|fantástic[oa]|maravilhos[oa]|especialista|génio|gênio)",
            r"(?:ótimo|excelente|belo|grande) trabalho", r"como especialista", r"parabéns",
            r"(?:seu|sua|teu|tua) (?:brilhante|excelente|incrível|impressionante)", r"admiro",
            r"ninguém como você",
        ),
        "selling": any_of(
            r"revolucionári[oa]s?", r"imperdível", r"indispensável", r"exclusiv[oa]s?",
            r"oferta", r"desconto", r"grátis", r"garantid[oa]s?", r"clique aqui", r"inscreva-se",
            r"assine", r"compre", r"não vai se arrepender", r"turbine (?:seu|sua)",
            r"transforme (?:seu|sua)", r"de última geração", r"você não vai acreditar",
        ),
    },
    registers={
        "formal": any_of(r"oi", r"olá", r"legal", r"bacana", r"fixe", r"galera", r"pessoal", r"né"),
        "plain": any_of(r"olá", r"oi", r"espero que", r"encantad[oa]", r"querid[oa]", r"bonit[oa]",
                        r"maravilhos[oa]", r"bom dia", r"com prazer"),
    },
    people=re.compile(
        rf"(?P<open>(?<!\w)(?:se\s+)?)(?P<claim>(?:o |a |os |as )?(?:seus?|suas?|teu|tua|nosso"
        rf"|nossa|um dos seus|uma das suas|as pessoas d[oa] (?:seu|sua))\s+(?:{_WHO})\s+"
        rf"(?:{_VERBS}))(?!\w)",
        re.IGNORECASE,
    ),
    personal=re.compile(
        rf"\s+{_LINKS}(?P<said>{_STATE}|pensa|acha|acredita|odeia|teme|quer|precisa|espera|prefere"
        rf"|lamenta|reclama|queixa-se|culpa|confia|desconfia|falhou|fracass\w+|demitid[oa]"
        rf"|despedid[oa]|promovid[oa]|divorciad[oa]|me disse|lhe disse|diz que|disse que)(?!\w)",
        re.IGNORECASE,
    ),
    about_reader=re.compile(
        rf"(?<!\w)(?P<open>(?:se|quando)\s+)?(?P<claim>(?:você |tu )?(?:está|estás|parece|pareces"
        rf"|sente-se|anda|andas)\s+{_LINKS}(?:{_STATE}))(?!\w)",
        re.IGNORECASE,
    ),
)  # fmt: skip
