# Prints cldr.tsv, to which TestCLDR holds the languages. Needs Python 3 and Babel:
#   pip install Babel==2.19.0 && python3 cldr.py > cldr.tsv
import decimal
import babel, babel.numbers
from babel.dates import get_month_names, get_day_names
from babel.core import get_cldr_version

locales = {"en": ("en_GB", "GBP"), "sv": ("sv", "SEK"), "nb": ("nb", "NOK"), "da": ("da", "DKK"), "de": ("de", "EUR"), "nl": ("nl", "EUR")}
print(f"# Unicode CLDR {get_cldr_version()}, by Babel {babel.__version__} and cldr.py. lang, what, value; lists are parted by |.")
for lang, (name, currency) in locales.items():
    l = babel.Locale.parse(name)
    days = lambda width: [get_day_names(width, "format", l)[i] for i in (6, 0, 1, 2, 3, 4, 5)]
    months = lambda width: [get_month_names(width, "format", l)[i] for i in range(1, 13)]
    def money(amount, cur):
        digits = amount.partition(".")[2]
        shape = l.currency_formats["standard"].pattern.replace(".00", "." + "0" * max(babel.numbers.get_currency_precision(cur), len(digits)) if digits else "")
        return babel.numbers.format_currency(decimal.Decimal(amount), cur, locale=l, currency_digits=False, format=shape)
    amounts = [("12500", c) for c in dict.fromkeys((currency, "EUR", "GBP", "USD", "CHF", "JPY", "SEK", "NOK", "DKK", "KWD"))] + [("12499.5", currency), ("12499.5", "EUR"), ("-99", currency), ("-12499.5", "EUR"), ("1234.567", "KWD"), ("1.5", "KWD")]
    rows = {
        "months": "|".join(months("wide")), "weekdays": "|".join(days("wide")),
        "short months": "|".join(months("abbreviated")), "short weekdays": "|".join(days("abbreviated")),
        "day": l.datetime_skeletons["MMMMd"].pattern, "weekday and day": l.datetime_skeletons["MMMMEd"].pattern,
        "hour": l.time_formats["short"].pattern,
        "decimal": babel.numbers.get_decimal_symbol(l), "group": babel.numbers.get_group_symbol(l),
        "money": "|".join(f"{amount} {cur} {money(amount, cur)}" for amount, cur in amounts),
        "one": "|".join(str(n) for n in range(201) if l.plural_form(n) == "one"),
        "plurals": "|".join(sorted(l.plural_form.tags) + ["other"]),
    }
    for what, value in rows.items():
        print(lang, what, value.replace("\u202f", "\u00a0"), sep="\t")
