"""A quote gets its taxes, once everything that changes a price has counted."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from shop.campaigns.engine import tax
from shop.campaigns.engine.quote import QuotedLine, StoreQuote
from shop.campaigns.engine.tax import DELIVERY, Taxable, TaxRule
from shop.campaigns.engine.values import Line


def apply(
    lines: Sequence[Line],
    quoted: Sequence[QuotedLine],
    stores: Sequence[StoreQuote],
    rules: Mapping[int, TaxRule],
) -> tuple[tuple[QuotedLine, ...], list[StoreQuote]]:
    """Lines and stores with their taxes; where a store's prices exclude it, its total grows by it."""
    classes = {line.key: line.tax_class for line in lines}
    found: dict[int, tuple[tax.TaxShare, ...]] = {}
    taxed = []
    for store in stores:
        rule = rules.get(store.store_id)
        if rule is None or not rule.active:
            taxed.append(store)
            continue
        things = [
            Taxable(line.key, line.total_minor, rule.of(classes[line.key]))
            for line in quoted
            if line.store_id == store.store_id
        ]
        if store.delivery_minor:
            things.append(Taxable(DELIVERY, store.delivery_minor, rule.delivery))
        shares = tax.shares(things, included=rule.included, rounding=rule.rounding)
        found |= {key: part for key, part in shares.items() if key is not None}
        every = [share for part in shares.values() for share in part]
        sum_minor = tax.total(every)
        taxed.append(
            replace(
                store,
                total_minor=store.total_minor + (0 if rule.included else sum_minor),
                tax_minor=sum_minor,
                tax_included=rule.included,
                taxed=True,
                tax_estimated_for=rule.estimated_for,
                taxes=tax.by_rate(every),
                delivery_taxes=shares.get(DELIVERY, ()),
            )
        )
    return tuple(replace(line, taxes=found.get(line.key, ())) for line in quoted), taxed
