"""Writes the public holidays of a second source, against which a test holds our banking days.

    python3 -m venv venv && venv/bin/pip install holidays==0.108
    venv/bin/python infra/banking/second_source.py > shared/licence/testdata/banking/holidays.csv

Each line is a country, a day from Monday to Friday, the category that the source files it
under, and its name. Of half days none is written. It is run by hand: the tests need no network.
"""

import holidays

VERSION = "0.108"
YEARS = range(2024, 2033)
COUNTRIES = (
    "AT AX BE BG CH CY CZ DE DK EE ES FI FO FR GB-ENG GB-NIR GB-SCT GB-WLS GL GR HR HU IE IS IT LI LT LU LV MT NL NO"
    " PL PT RO SE SI SK"
).split()
# What the source calls bank is whole days in these countries; in Sweden it is afternoons.
CATEGORIES = {"AT": ["bank"], "BE": ["bank"], "CY": ["bank"], "LI": ["bank"], "LU": ["bank"], "SE": ["de_facto"]}


def days(country, category):
    code, _, part = country.partition("-")
    found = holidays.country_holidays(code, subdiv=part or None, years=YEARS, categories=[category], language="en_US")
    return [(country, day, category, name) for day, name in found.items()]


def main():
    if holidays.__version__ != VERSION:
        raise SystemExit(f"this is holidays {holidays.__version__}, not {VERSION}")
    rows = [("TARGET", day, "public", name) for day, name in holidays.financial_holidays("XECB", years=YEARS).items()]
    for country in COUNTRIES:
        for category in ["public"] + CATEGORIES.get(country, []):
            rows += days(country, category)
    print(f"# PyPI holidays {VERSION}, {YEARS[0]} to {YEARS[-1]}; written by infra/banking/second_source.py")
    for country, day, category, name in sorted(rows):
        if day.weekday() < 5 and "noon" not in name:
            print(f"{country},{day},{category},{name}")


if __name__ == "__main__":
    main()
