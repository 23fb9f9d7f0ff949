"""Names of columns by role, in the languages of many tables."""

from __future__ import annotations

import re
from functools import lru_cache

from artesian.data.inference.word_lists import fold

_PHRASES: dict[str, str] = {
    "first_name": "first name, firstname, fname, given name, givenname, forename, vorname, prenom,"
    " nombre, fornamn, nome, voornaam, imie, etunimi, fornavn, primeiro nome",
    "last_name": "last name, lastname, lname, surname, family name, familyname, nachname,"
    " familienname, nom, nom de famille, apellido, apellidos, primer apellido, efternamn, cognome,"
    " achternaam, nazwisko, sobrenome, sukunimi, efternavn, etternavn",
    "full_name": "full name, fullname, customer name, customername, contact name, contactname,"
    " client name, patient name, employee name, person name, display name, holder name, owner name,"
    " cardholder, user full name, nom complet, nombre completo, nome completo, vollstandiger name,"
    " kundenname, ansprechpartner, namn, naam, nominativo, patient, applicant name",
    "name": "name, names, person, customer, contact, client, employee, kunde, passenger, driver,"
    " author, owner",
    "email": "email, e mail, mail, courriel, correo, posta elettronica, epost, e post",
    "phone": "phone, phones, telephone, tel, telefon, telefono, telefone, telefoon, mobile, mobil,"
    " cell, cellphone, cellulare, celular, movil, portable, handy, rufnummer, telefonnummer,"
    " mobilnummer, fax, phonenumber, msisdn",
    "address": "address, addr, adresse, direccion, indirizzo, adress, endereco, adres, anschrift,"
    " postal address, mailing address, home address, location address",
    "street": "street, street address, address line, addressline, address1, address 1, strasse,"
    " str, rue, calle, via, gata, gatuadress, straat, ulica, rua, street name, domicilio",
    "city": "city, town, ville, stadt, ort, wohnort, ciudad, citta, stad, plaats, woonplaats,"
    " postort, cidade, miasto, comune, municipio, localidad, kommun, gemeinde, commune",
    "postcode": "postcode, post code, postal code, postalcode, zip, zip code, zipcode, plz,"
    " postleitzahl, code postal, codigo postal, cp, cap, postnummer, postnr, cep, kod pocztowy",
    "country": "country, land, pays, pais, paese, nation, kraj, native country",
    "company": "company, company name, companyname, employer, organisation, organization, firma,"
    " nabywca, sprzedawca, kontrahent, raison sociale, ragione sociale, razon social, razao social,"
    " firmenname, kundenfirma, bedrijfsnaam, foretagsnamn, firmanavn, nazwa firmy, buyer, seller,"
    " entreprise, societe, empresa, azienda, societa, foretag, bedrijf, business name, vendor,"
    " supplier, unternehmen, arbeitgeber, supplier name, vendor name",
    "job": "job, job title, jobtitle, occupation, profession, beruf, berufsbezeichnung, metier,"
    " profesion, puesto, professione, yrke, beroep, zawod, profissao, cargo, poste, ocupacion,"
    " contact title, contacttitle",
    "title": "title",
    "url": "url, website, web site, homepage, link, webseite, site web, sitio web, sito",
    "mac": "mac, mac address, macaddress, mac addr, hardware address, bssid, wifi mac",
    "device_id": "imei, meid, udid, idfa, idfv, gaid, aaid, android id, device id, deviceid,"
    " device serial, serial number, serial no, advertising id, hardware id, device uuid,"
    " geratenummer",
    "licence_plate": "licence plate, license plate, licenceplate, licenseplate, number plate,"
    " numberplate, plate, plate number, plate no, vrm, vehicle registration, registration number,"
    " vehicle number, vehicle no, kennzeichen, kfz, immatriculation, plaque, matricula, targa,"
    " regnr, registreringsnummer, kenteken, tablica rejestracyjna, numer rejestracyjny, placa, rego",
    "account_number": "account number, accountnumber, account no, acct no, acct, acc no, acc,"
    " bank account,"
    " account, kontonummer, konto, kontonr, numero de compte, numero de cuenta, conto, rekening",
    "ip": "ip, ip address, ipaddress, ip addr, ipv4, ipv6, client ip, remote addr",
    "iban": "iban, bank account, account number, kontonummer, bankverbindung, compte,"
    " cuenta, conto",
    "credit_card": "credit card, creditcard, card number, cardnumber, cc number, ccnumber, pan,"
    " kreditkarte, kreditkartennummer, carte bancaire, tarjeta, carta di credito, kortnummer",
    "ssn": "ssn, social security, social security number, personnummer, national id, dni, nif, nie,"
    " codice fiscale, nir, numero de securite sociale, steuernummer, sozialversicherungsnummer,"
    " svnr, sv nummer, sv nr, rentenversicherungsnummer,"
    " bsn, pesel, cpf, tax id, nino, insee, aadhaar, aadhar, aadhaar number, hetu,"
    " henkilotunnus, fodselsnummer, fodselsnr, fnr, cpr, ahv, sin, nhs number,"
    " national insurance number,"
    " national insurance, steuer id, steuerid, rrn, passport, passport number, passport no",
    "tax_id": "tax id, tax number, taxid, vat id, vat no, vat number, vatin, vat reg no, nip,"
    " regon, ust id, ustid, ust idnr, ustidnr, umsatzsteuer id, uid nummer, siren, siret,"
    " numero tva, num tva, partita iva, p iva, piva, cif, nif, btw nummer, btwnr, kvk, orgnr,"
    " org nr, organisationsnummer, organisasjonsnummer, cvr, cvr nr, y tunnus, nipc, cnpj, ico, dic,"
    " abn, tin, afm, momsnr, numer identyfikacji podatkowej",
    "username": "username, user name, login, handle, screen name, screenname, nickname, nick,"
    " benutzername, benutzer, identifiant, usuario, nome utente, utente, anvandarnamn,"
    " gebruikersnaam, user, account name",
}
_SCRIPTS: dict[str, str] = {
    "full_name": "氏名, 名前, お名前, 姓名, 顧客名, 患者名, 이름, 성명, имя, фио, नाम,"
    " ονοματεπώνυμο, الاسم",
    "last_name": "苗字, фамилия",
    "email": "メール, 邮箱, 电子邮件, 電子郵件, 이메일, почта, ईमेल",
    "phone": "電話, 携帯, 手机, 电话, 電話番号, 전화, 휴대폰, телефон, फ़ोन, फोन, मोबाइल, τηλέφωνο",
    "address": "住所, 地址, 주소, адрес, पता",
    "ssn": "マイナンバー, 個人番号, 身份证, 주민등록번호, инн, снилс, आधार",
    "credit_card": "カード番号, 卡号, номер карты",
    "licence_plate": "ナンバープレート, 車両番号, 车牌, 차량번호, госномер",
    "account_number": "口座番号, 银行账号, 계좌번호, номер счета",
}
"""Names in scripts without Latin letters; the longest that occurs in a name decides."""

_ID_ENDINGS = frozenset(
    ("id", "ids", "uuid", "guid", "key", "code", "no", "nr", "num", "number", "nummer", "ref",
     "pk", "fk", "idx", "index", "hash", "token", "count", "type", "status", "group", "segment")
)  # fmt: skip
_NAMED = frozenset(
    ("name", "full_name", "first_name", "last_name", "username", "company", "city", "country",
     "street", "address", "job", "title")
)  # fmt: skip
"""Roles whose values are words: a column that ends in a word of `_ID_ENDINGS` has none of them."""

_NOT_PEOPLE = frozenset(
    (
        "product", "item", "file", "brand", "event", "game", "team", "station", "school",
        "hospital", "track", "album", "artist", "song", "movie", "film", "book", "column",
        "table", "city", "country", "company", "department", "category", "genre", "produkt",
        "produit", "producto", "prodotto", "article", "model", "species", "variable", "feature",
        "metric", "circuit", "constructor", "airport", "airline", "plane", "ship", "vessel",
        "street", "region", "state", "zone", "district", "playlist", "host", "domain",
    )
)  # fmt: skip
"""Things with a name that are not people."""


_LATIN = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "ı": "i"})
"""Letters that are more than a letter with an accent."""


@lru_cache(maxsize=4096)
def header_roles(name: str) -> frozenset[str]:
    """Roles that a column's name suggests; 'full_name' and 'title' are hints, not roles.

    >>> sorted(header_roles("contactName"))
    ['full_name', 'name']
    >>> sorted(header_roles("Telefonnummer"))
    ['phone']
    >>> sorted(header_roles("user_id"))
    []
    """
    written = [
        (len(phrase), role)
        for role, phrases in _BY_SCRIPT.items()
        for phrase in phrases
        if phrase in name
    ]
    if written:
        return frozenset({max(written)[1]})
    parts = split_header(name)
    joined = f" {' '.join(parts)} "
    roles = {role for role, phrases in _BY_ROLE.items() if any(f" {p} " in joined for p in phrases)}
    if roles & {"first_name", "last_name"}:
        roles -= {"name"}
    if "full_name" in roles and any(f" {p} " in joined for p in ("first name", "last name")):
        roles -= {"full_name"}
    if parts and (parts[-1] in _ID_ENDINGS or parts[0] == "id"):
        roles -= _NAMED
    if _NOT_PEOPLE & set(parts):
        roles -= {"name", "full_name", "first_name", "last_name"}
    return frozenset(roles)


def split_header(name: str) -> list[str]:
    """The words of a column's name, without case and accents.

    >>> split_header("FødtÅr"), split_header("długość_2")
    (['fodt', 'ar'], ['dlugosc', '2'])
    """
    spaced = re.sub(r"(?<=[a-zß-ÿ0-9])(?=[A-ZÀ-Þ])", " ", name)
    return re.findall(r"[a-z]+|\d+", fold(spaced).translate(_LATIN))


def names_thing(name: str) -> bool:
    """Whether a column's name says that its values name things, not people.

    >>> names_thing("product_name"), names_thing("hospital_contact")
    (True, False)
    """
    parts = set(split_header(name))
    people = {"doctor", "manager", "person", *" ".join(_BY_ROLE["name"]).split()}
    return bool(_NOT_PEOPLE & parts) and not parts & people - {"name", "names"}


def is_whole_header(name: str, role: str) -> bool:
    """Whether the name says nothing but the role, apart from a word such as 'number'.

    >>> is_whole_header("cell_no", "phone"), is_whole_header("cell_count", "phone")
    (True, False)
    """
    parts = [p for p in split_header(name) if p not in ("number", "no", "nr", "num")]
    return " ".join(parts) in _BY_ROLE.get(role, ()) or any(
        phrase in name for phrase in _BY_SCRIPT.get(role, ())
    )


def owner_of(name: str) -> str:
    """Whose identifier a column is, by its name: what is left without the words of roles.

    >>> owner_of("sender_email"), owner_of("CustomerFirstName"), owner_of("Telefon 2")
    ('sender', 'customer', '')
    """
    parts = split_header(name)
    return " ".join(p for p in parts if p not in _ROLE_PARTS and not p.isdigit())


_BY_ROLE = {
    role: tuple(" ".join(p.split()) for p in phrases.split(","))
    for role, phrases in _PHRASES.items()
}
_BY_SCRIPT = {
    role: tuple(phrase.strip() for phrase in phrases.split(","))
    for role, phrases in _SCRIPTS.items()
}
_ROLE_PARTS = frozenset(
    part
    for role, phrases in _BY_ROLE.items()
    if role not in ("name", "full_name", "company", "username")
    for phrase in phrases
    for part in phrase.split()
) | {"name", "names", "full", "complete", "username", "login", "number", "no", "nr", "id"}
