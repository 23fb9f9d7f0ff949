"""Names of identifier columns in many languages: 'customer_id', 'Kundennummer', 'emp_no'."""

from __future__ import annotations

import re

from artesian.data.inference.header_words import split_header

IDS = frozenset(
    {"id", "ids", "uuid", "guid", "key", "pk", "fk", "rowid", "index", "idx", "identifier", "ident"}
)
NUMBERING = frozenset(
    (
        "no", "nr", "number", "num", "code", "ref", "reference", "serial", "rownames", "unnamed",
        "nummer", "numero", "nro", "kennung", "nbr", "numer", "numar", "cislo", "szam",
        "broj", "tunnus",
    )
)  # fmt: skip
"""Words that number something; alone they say nothing of what."""

REGISTERED = frozenset(
    (
        "matricola", "matrikel", "matricula", "matricule", "matriculation", "matrikkel", "indeksu",
    )
)  # fmt: skip
"""Words for the number of a person in a register of staff or students."""

PEOPLE = REGISTERED | frozenset(
    (
        "user", "customer", "cust", "client", "patient", "person", "member", "employee", "emp",
        "student", "subject", "subj", "usubj", "passenger", "driver", "worker", "staff",
        "participant", "respondent",
        "guest", "visitor", "subscriber", "policyholder", "applicant", "borrower", "donor",
        "player", "seller", "buyer", "account", "acct", "household", "family", "tenant", "rider",
        "kunde", "kunden", "klient", "benutzer", "nutzer", "mitarbeiter", "personal", "patienten",
        "schueler", "mitglied", "mitglieds", "versicherten", "konto", "haushalt", "utilisateur",
        "salarie", "employe", "adherent", "abonne", "compte", "cliente", "usuario", "paciente",
        "empleado", "cuenta", "utente", "dipendente", "paziente", "conto", "klant", "medewerker",
        "kund", "medlem", "konta", "klienta", "device", "card", "voter", "owner", "holder",
        "angestellten", "arbeitnehmer", "studenten", "studierenden", "schuler", "teilnehmer",
        "personeel", "werknemer", "leerling", "deelnemer", "gebruiker", "anstallning", "anstalld",
        "ansatt", "ansat", "medarbetare", "medarbejder", "elev", "anvandar", "opiskelija", "asiakas",
        "tyontekija", "henkilo", "potilas", "jasen", "pracownik", "pracownika", "pacjent",
        "pacjenta", "studenta", "ucznia", "uzytkownika", "czlonka", "etudiant", "eleve", "assure",
        "collaborateur", "usager", "estudiante", "alumno", "trabajador", "socio", "afiliado",
        "asegurado", "aluno", "funcionario", "colaborador", "estudante", "trabalhador", "utilizador",
        "studente", "lavoratore", "alunno", "zamestnance", "zakaznika", "pacienta", "dolgozo",
        "hallgato", "ugyfel", "musteri", "ogrenci", "personel", "angajat",
    )
)  # fmt: skip
"""Whoever one identifier represents, or what belongs to one of them."""

BELONGINGS = frozenset(
    (
        "account", "acct", "household", "family", "konto", "haushalt", "compte", "cuenta", "conto",
        "konta", "device", "card",
    )
)  # fmt: skip
"""Of `PEOPLE`, what one person may have several of, or share."""

EVENTS = frozenset(
    (
        "order", "invoice", "bill", "transaction", "txn", "session", "visit", "encounter",
        "admission", "claim", "policy", "contract", "loan", "booking", "reservation", "ticket",
        "case", "request", "shipment", "trip", "ride", "record", "basket", "cart", "event",
        "bestell", "bestellung", "auftrag", "auftrags", "rechnung", "rechnungs", "vertrag",
        "vertrags", "beleg", "commande", "facture", "contrat", "pedido", "factura", "contrato",
        "ordine", "fattura", "faktura", "ordre",
    )
)  # fmt: skip
"""What happens once, in one row or several."""

THINGS = frozenset(
    (
        "item", "product", "prod", "article", "store", "shop", "sensor", "station", "machine",
        "vehicle", "sku", "branch", "asset", "supplier", "artikel", "produkt", "filiale",
        "produit", "article", "magasin", "producto", "tienda", "prodotto", "row", "cell", "site",
    )
)  # fmt: skip

CLASSES = frozenset(
    (
        "type", "status", "class", "category", "cat", "group", "level", "rate", "ratecode", "region",
        "zone", "location", "country", "state", "city", "county", "language", "currency", "role",
        "gender", "sex", "payment", "color", "colour", "size", "unit", "grade", "rank",
        "department", "dept", "industry", "sector", "source", "reason", "mode", "method", "channel",
        "disposition", "diagnosis", "procedure", "position", "month", "week", "year", "day", "area",
    )
)  # fmt: skip
"""Words of code lists: the numbers of 'payment_type_id' are categories that a reader looks up."""

MEASURES = frozenset(
    (
        "price", "amount", "cost", "fee", "salary", "income", "wage", "pay", "revenue", "sales",
        "turnover", "profit", "budget", "total", "sum", "value", "balance", "debt", "population",
        "count", "qty", "quantity", "weight", "height", "width", "length", "distance", "area",
        "volume", "size", "speed", "power", "energy", "pressure", "temperature", "depth",
        "frequency", "wavelength", "mileage", "odometer", "steps", "points", "score", "rating",
        "votes", "time", "seconds", "minutes", "hours", "hour", "minute", "second", "timestamp",
        "epoch", "duration", "age", "year", "month", "week", "day", "date", "step", "t", "x", "y",
        "latitude", "longitude", "visits", "views", "clicks", "followers", "likes", "downloads",
        "preis", "betrag", "kosten", "gehalt", "einkommen", "umsatz", "gewinn", "summe", "wert",
        "anzahl", "menge", "gewicht", "laenge", "strecke", "flaeche", "einwohner", "jahr", "tag",
        "prix", "montant", "cout", "salaire", "revenu", "valeur", "poids", "annee", "precio",
        "importe", "coste", "salario", "ingresos", "valor", "peso", "cantidad", "poblacion",
        "prezzo", "importo", "costo", "stipendio", "reddito", "quantita", "pris", "belopp", "alter",
        "edad", "eta", "leeftijd", "idade", "alder", "ika", "wiek", "vek", "varsta", "yas", "yob",
        "geburtsjahr", "naissance", "nacimiento", "nascita", "geboortejaar", "nascimento", "nasc",
        "fodelsear", "fodselsar", "fodt", "urodzenia", "syntymavuosi", "ano", "anno", "jaar", "ar",
        "rok", "vuosi", "years", "months", "weeks", "days", "groesse", "grosse", "hohe", "hoehe",
        "koerpergroesse", "korpergrosse", "taille", "hauteur", "altura", "estatura", "altezza",
        "statura", "lengte", "hoogte", "langd", "hojd", "hojde", "hoyde", "pituus", "wzrost",
        "wysokosc", "vikt", "vekt", "vaegt", "vagt", "paino", "waga", "masa", "masse", "stueck",
        "stuck", "quantite", "quantidade", "aantal", "hoeveelheid", "antal", "antall", "maara",
        "lukumaara", "ilosc", "liczba", "mangd", "lange", "longueur", "comprimento", "lunghezza",
        "lengde", "laengde", "dlugosc", "breite", "largeur", "ancho", "anchura", "larghezza",
        "largura", "breedte", "bredd", "bredde", "szerokosc", "leveys", "prijs", "cena", "preco",
        "hinta", "bedrag", "belop", "belob", "kwota", "summa", "montante", "totale", "totaal",
        "razem", "yhteensa", "gesamt", "lohn", "loon", "lon", "palkka", "pensja", "wynagrodzenie",
        "ordenado", "vencimento", "paga", "remuneracion", "retribuzione", "sueldo", "salaris",
        "inkomen", "inkomst", "dochod", "rendimento", "tulot", "kostnad", "koszt", "custo", "kulut",
        "saldo", "solde", "flache", "superficie", "oppervlakte", "yta", "areal", "powierzchnia",
        "entfernung", "distanz", "afstand", "avstand", "distancia", "distanza", "odleglosc",
        "etaisyys", "populacao", "popolazione", "inwoners", "invanare", "ludnosc", "dauer", "duree",
        "duracion", "durata", "duur", "varaktighet", "czas", "kesto", "duracao", "varighet",
        "varighed", "stunden", "heures", "horas", "ore", "uren", "timmar", "timer", "godziny",
        "tunnit", "tage", "jours", "dias", "giorni", "dagen", "dagar", "dage", "monat", "mois",
        "mes", "mese", "maand", "manad", "maned", "miesiac", "kuukausi", "woche", "semaine",
        "semana", "settimana", "vecka", "uke", "uge", "tydzien", "viikko", "punkte", "puntos",
        "punti", "punten", "poang", "poeng", "pontos", "punkty", "pisteet", "temperatur",
        "temperatura", "temperatuur", "lampotila", "geschwindigkeit", "vitesse", "velocidad",
        "velocita", "snelheid", "hastighet", "predkosc", "nopeus", "omzet", "omsattning", "ventas",
        "vendite", "vendas", "kilometerstand", "kilometrage", "przebieg",
    )
)  # fmt: skip
"""Words of quantities: however their values look, they are measured or counted."""

_COMPOUND = (
    "preis", "betrag", "kosten", "gewicht", "groesse", "grosse", "jahr", "anzahl", "menge", "hoehe",
    "hohe", "dauer", "laenge", "lange", "breite", "flaeche", "flache", "summe", "gehalt", "leeftijd",
    "prijs", "bedrag", "lengte", "aantal", "alder", "vikt", "vekt", "hojd", "hojde", "belopp",
    "kostnad", "paino", "pituus", "hinta",
)  # fmt: skip
"""Words of `MEASURES` that end others: 'Rechnungsbetrag', 'Geburtsjahr'."""

_NOUNS = PEOPLE | EVENTS | THINGS
_GLUED = re.compile(
    rf"(?P<noun>{'|'.join(sorted(_NOUNS, key=lambda word: -len(word)))})s?"
    r"(?P<id>id|nr|no|nummer|numer|number|numero|nro|kennung|key|tunnus|szam)$"
)
_OF = frozenset(("de", "do", "da", "di", "del", "d"))
_BEFORE = NUMBERING - {"num", "number"} | {"codigo", "codice", "cod"}
"""Words for a number that are written before what has it; 'num_student' may count students."""


def is_id_name(name: str) -> bool:
    """Whether a name is that of an identifier: 'id', 'customer_id', 'idCliente', 'Kundennummer'.

    >>> [is_id_name(n) for n in ("PassengerId", "emp_no2", "house_no", "payment_type_id", "paid")]
    [True, True, False, True, False]
    >>> [is_id_name(n) for n in ("Matricola", "numer indeksu", "personeelsnummer", "num_student")]
    [True, True, True, False]
    """
    parts = _parts(name)
    if not parts:
        return False
    if parts[-1] in IDS | REGISTERED or parts[0] == "id" or _GLUED.fullmatch(parts[-1]):
        return True
    if len(parts) > 1 and parts[-1] in NUMBERING and parts[-2] in _NOUNS:
        return True
    rest = [part for part in parts if part not in _OF]
    return len(rest) == 2 and rest[0] in _BEFORE and rest[1] in PEOPLE


def is_numbering_name(name: str) -> bool:
    """Whether a name is that of an identifier or ends in a word for a number ('no', 'ref').

    >>> is_numbering_name("house_no"), is_numbering_name("size")
    (True, False)
    """
    parts = _parts(name)
    return not parts or parts[0] == "unnamed" or parts[-1] in NUMBERING or is_id_name(name)


def is_ordinal_name(name: str) -> bool:
    """Whether a name ends in a word for a number, which may count within something else.

    >>> is_ordinal_name("loan_number"), is_ordinal_name("loan_id")
    (True, False)
    """
    return bool(_parts(name)) and _parts(name)[-1] in NUMBERING


def is_class_name(name: str) -> bool:
    """Whether an identifier's name is that of a code list, whose values are categories.

    >>> is_class_name("PULocationID"), is_class_name("order_status_id"), is_class_name("storeid")
    (True, True, False)
    """
    noun = _noun(name)
    return noun in CLASSES or noun.endswith(tuple(word for word in CLASSES if len(word) > 5))


def is_person_name(name: str) -> bool:
    """Whether an identifier's name is that of people, of what belongs to one of them, or of events.

    >>> is_person_name("customerid"), is_person_name("order_no"), is_person_name("product_id")
    (True, True, False)
    """
    return _noun(name) in PEOPLE | EVENTS


def is_member_name(name: str) -> bool:
    """Whether an identifier's name is that of people, not of events or accounts.

    >>> [is_member_name(n) for n in ("Personalnr", "employee_id", "order_no", "account_id", "id")]
    [True, True, False, False, False]
    """
    return _noun(name) in PEOPLE - BELONGINGS


def is_noun_name(name: str) -> bool:
    """Whether a name is only the word for people or events: 'customer', 'Kunde'.

    >>> is_noun_name("patient"), is_noun_name("patient_age")
    (True, False)
    """
    return len(_parts(name)) == 1 and is_person_name(name)


def is_measure_name(name: str) -> bool:
    """Whether a name is that of a quantity.

    >>> [is_measure_name(n) for n in ("list_price", "Matrikel", "Körpergröße", "ano_nasc")]
    [True, False, True, True]
    """
    parts = _parts(name)
    return bool(MEASURES & set(parts)) or any(part.endswith(_COMPOUND) for part in parts)


def _parts(name: str) -> list[str]:
    """The words of a name; a number behind them counts alike columns ('emp_no2')."""
    parts = split_header(name)
    while len(parts) > 1 and parts[-1].isdigit():
        parts.pop()
    return parts


def _noun(name: str) -> str:
    """The last word of a name that says what is identified; '' if none does."""
    for part in reversed(_parts(name)):
        glued = _GLUED.fullmatch(part)
        if glued:
            return glued["noun"]
        if part not in IDS | NUMBERING:
            singular = part.removesuffix("s")
            return singular if singular in _NOUNS else part
    return ""
