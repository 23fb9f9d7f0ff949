"""Names of columns by role, in the languages of many tables."""

from __future__ import annotations

import re

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
    " entreprise, societe, empresa, azienda, societa, foretag, bedrijf, business name, vendor,"
    " supplier, unternehmen, arbeitgeber, supplier name, vendor name",
    "job": "job, job title, jobtitle, occupation, profession, beruf, berufsbezeichnung, metier,"
    " profesion, puesto, professione, yrke, beroep, zawod, profissao, cargo, poste, ocupacion,"
    " contact title, contacttitle",
    "title": "title",
    "url": "url, website, web site, homepage, link, webseite, site web, sitio web, sito",
    "ip": "ip, ip address, ipaddress, ip addr, ipv4, ipv6, client ip, remote addr",
    "iban": "iban, bank account, account number, kontonummer, bankverbindung, compte,"
    " cuenta, conto",
    "credit_card": "credit card, creditcard, card number, cardnumber, cc number, ccnumber, pan,"
    " kreditkarte, kreditkartennummer, carte bancaire, tarjeta, carta di credito, kortnummer",
    "ssn": "ssn, social security, social security number, personnummer, national id, dni, nif, nie,"
    " codice fiscale, nir, numero de securite sociale, steuernummer, sozialversicherungsnummer,"
    " svnr, bsn, pesel, cpf, tax id, nino, insee",
    "username": "username, user name, login, handle, screen name, screenname, nickname, nick,"
    " benutzername, benutzer, identifiant, usuario, nome utente, utente, anvandarnamn,"
    " gebruikersnaam, user, account name",
}
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


def header_roles(name: str) -> set[str]:
    """Roles that a column's name suggests; 'full_name' and 'title' are hints, not roles.

    >>> sorted(header_roles("contactName"))
    ['full_name', 'name']
    >>> header_roles("Telefonnummer")
    {'phone'}
    """
    parts = split_header(name)
    joined = f" {' '.join(parts)} "
    roles = {role for role, phrases in _BY_ROLE.items() if any(f" {p} " in joined for p in phrases)}
    if roles & {"first_name", "last_name"}:
        roles -= {"name"}
    if "full_name" in roles and any(f" {p} " in joined for p in ("first name", "last name")):
        roles -= {"full_name"}
    if _NOT_PEOPLE & set(parts):
        roles -= {"name", "full_name", "first_name", "last_name"}
    return roles


def split_header(name: str) -> list[str]:
    """The words of a column's name, without case and accents."""
    spaced = re.sub(r"(?<=[a-zß-ÿ0-9])(?=[A-ZÀ-Þ])", " ", name)
    return re.findall(r"[a-z]+|\d+", fold(spaced))


_BY_ROLE = {
    role: tuple(" ".join(p.split()) for p in phrases.split(","))
    for role, phrases in _PHRASES.items()
}
