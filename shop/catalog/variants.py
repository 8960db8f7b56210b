"""Bringing options and variants of a product in line with what an editor or an import says."""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from shop.catalog.bundles import are_bundles
from shop.catalog.data import OptionData, ProductData, VariantData
from shop.catalog.models import Option, OptionValue, Variant, VariantValue
from shop.core import clock
from shop.core.db import db


def create(product_id: int, data: ProductData, image_ids: Mapping[str, int]) -> None:
    """Write options and variants of a new product, which has none; checked before by ``checks``.

    Statements for all rows of a table at once: an import makes thousands of products.
    """
    chosen: list[dict[str, int]] = []
    option_ids: list[int] = []
    for position, option in enumerate(data.options):
        option_id = db.session.execute(
            insert(Option).returning(Option.id),
            {"product_id": product_id, "position": position, "names": dict(option.names)},
        ).scalar_one()
        rows = [
            {
                "option_id": option_id,
                "position": place,
                "key": item.key,
                "labels": dict(item.labels),
                "swatch": item.swatch,
            }
            for place, item in enumerate(option.values)
        ]
        option_ids.append(option_id)
        keys = insert(OptionValue).returning(OptionValue.key, OptionValue.id)
        made_values = db.session.execute(keys, rows) if rows else ()
        chosen.append({row.key: row.id for row in made_values})
    wanted: dict[str, list[int]] = {}
    added = []
    for position, source in enumerate(data.variants):
        value_ids = [chosen[place][key] for place, key in enumerate(source.values)]
        signature = ".".join(map(str, value_ids))
        wanted[signature] = value_ids
        values = _columns(position, source, image_ids)
        added.append({"product_id": product_id, "signature": signature, **values})
    made = db.session.execute(insert(Variant).returning(Variant.signature, Variant.id), added)
    used = [
        {"variant_id": variant_id, "option_id": option_ids[place], "value_id": value_id}
        for signature, variant_id in made
        for place, value_id in enumerate(wanted[signature])
    ]
    if used:
        db.session.execute(insert(VariantValue), used)


def sync(product_id: int, data: ProductData, image_ids: Mapping[str, int]) -> None:
    """Make options and variants of the product what ``data`` says; checked before by ``checks``.

    ``image_ids``: public id or source address of a picture → its id.
    """
    chosen, options = _sync_options(product_id, data.options)
    wanted: dict[str, tuple[int, VariantData, list[int]]] = {}
    for position, source in enumerate(data.variants):
        value_ids = [chosen[place][key] for place, key in enumerate(source.values)]
        wanted[".".join(map(str, value_ids))] = (position, source, value_ids)

    existing = {
        variant.signature: variant
        for variant in db.session.scalars(select(Variant).where(Variant.product_id == product_id))
    }
    bundles = are_bundles([variant.id for variant in existing.values()]) if existing else set()
    added: list[tuple[Variant, list[int]]] = []
    for signature, (position, source, value_ids) in wanted.items():
        variant = existing.get(signature)
        if variant is None:
            variant = Variant(product_id=product_id, signature=signature)
            db.session.add(variant)
            added.append((variant, value_ids))
        _fill(variant, position, source, image_ids, variant.id in bundles)
    db.session.flush()  # new variants need their ids for their values
    db.session.add_all(
        VariantValue(variant_id=variant.id, option_id=options[place].id, value_id=value_id)
        for variant, value_ids in added
        for place, value_id in enumerate(value_ids)
    )
    for signature, variant in existing.items():
        if signature not in wanted:
            _retire(variant)
    _drop_unused(product_id, options, chosen)


def _fill(
    variant: Variant,
    position: int,
    source: VariantData,
    image_ids: Mapping[str, int],
    is_bundle: bool,
) -> None:
    """Write ``source`` down; a bundle keeps no stock of its own, whatever a form or a file says."""
    for name, value in _columns(position, source, image_ids).items():
        setattr(variant, name, value)
    variant.tracked = source.tracked and not is_bundle
    variant.archived_at = None


def _columns(
    position: int, source: VariantData, image_ids: Mapping[str, int]
) -> dict[str, int | str | bool | None]:
    return {
        "position": position,
        "sku": source.sku,
        "barcode": source.barcode,
        "price_minor": source.price_minor,
        "compare_at_minor": source.compare_at_minor,
        "cost_minor": source.cost_minor,
        "weight_grams": source.weight_grams,
        "tracked": source.tracked,
        "image_id": image_ids.get(source.image) if source.image else None,
    }


def _retire(variant: Variant) -> None:
    """Delete a variant, or archive it when an order, a reservation or the ledger refers to it."""
    if variant.archived_at is not None:
        return
    try:
        with db.session.begin_nested():
            db.session.execute(
                delete(Variant).where(Variant.id == variant.id),
                execution_options={"synchronize_session": False},
            )
    except IntegrityError:
        variant.archived_at = clock.now()
        return
    db.session.expunge(variant)


def _sync_options(
    product_id: int, wanted: Sequence[OptionData]
) -> tuple[list[dict[str, int]], list[Option]]:
    """The options in order, and for each the ids of its values by key."""
    existing = list(
        db.session.scalars(
            select(Option).where(Option.product_id == product_id).order_by(Option.position)
        )
    )
    matched = _match(existing, wanted)
    if existing:
        # Out of the way first: the places are unique and may be exchanged.
        db.session.execute(
            update(Option).where(Option.product_id == product_id).values(position=-1 - Option.id),
            execution_options={"synchronize_session": False},
        )
        for option in existing:
            db.session.expire(option, ["position"])
    options: list[Option] = []
    for position, source in enumerate(wanted):
        option = matched[position] or Option(product_id=product_id)
        option.position = position
        option.names = dict(source.names)
        db.session.add(option)
        options.append(option)
    db.session.flush()  # values need the ids of their options
    stored: dict[int, dict[str, OptionValue]] = {option.id: {} for option in options}
    for value in db.session.scalars(
        select(OptionValue).where(OptionValue.option_id.in_([option.id for option in options]))
    ):
        stored[value.option_id][value.key] = value
    for option, source in zip(options, wanted, strict=True):
        for position, item in enumerate(source.values):
            found = stored[option.id].get(item.key)
            if found is None:
                found = OptionValue(option_id=option.id, key=item.key)
                db.session.add(found)
                stored[option.id][item.key] = found
            found.position = position
            found.labels = dict(item.labels)
            found.swatch = item.swatch
    db.session.flush()  # signatures are made of the ids of values
    chosen = [
        {item.key: stored[option.id][item.key].id for item in source.values}
        for option, source in zip(options, wanted, strict=True)
    ]
    return chosen, options


def _match(existing: Sequence[Option], wanted: Sequence[OptionData]) -> list[Option | None]:
    """Which stored option each wanted one is: by a shared name, else by its place."""
    left = list(existing)
    found: list[Option | None] = [None] * len(wanted)
    for place, source in enumerate(wanted):
        for option in left:
            if any(
                source.names.get(locale) == name for locale, name in option.names.items() if name
            ):
                found[place] = option
                left.remove(option)
                break
    for place, option_found in enumerate(found):
        if option_found is None and place < len(existing) and existing[place] in left:
            found[place] = existing[place]
            left.remove(existing[place])
    return found


def _drop_unused(
    product_id: int, options: Sequence[Option], chosen: Sequence[dict[str, int]]
) -> None:
    """Remove values and options that are gone.

    An archived variant that had one gives up its place among the combinations: ids of rows may be
    given out again on SQLite, and a new value must not meet an old signature.
    """
    db.session.flush()  # the values of new variants, before rows they do not use are deleted
    kept = {value_id for values in chosen for value_id in values.values()}
    of_product = select(Option.id).where(Option.product_id == product_id).scalar_subquery()
    gone = [
        value_id
        for value_id in db.session.scalars(
            select(OptionValue.id).where(OptionValue.option_id.in_(of_product))
        )
        if value_id not in kept
    ]
    if not gone:
        return
    for variant in db.session.scalars(
        select(Variant)
        .join(VariantValue, VariantValue.variant_id == Variant.id)
        .where(VariantValue.value_id.in_(gone))
        .distinct()
    ):
        variant.signature = f"archived-{variant.id}"
    db.session.flush()  # the signature changes before the values go
    for model, ids in ((OptionValue, gone), (Option, _others(product_id, options))):
        if ids:
            db.session.execute(
                delete(model).where(model.id.in_(ids)),
                execution_options={"synchronize_session": False},
            )


def _others(product_id: int, options: Sequence[Option]) -> list[int]:
    kept = {option.id for option in options}
    stored = db.session.scalars(select(Option.id).where(Option.product_id == product_id))
    return [option_id for option_id in stored if option_id not in kept]
