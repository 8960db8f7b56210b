"""What the desks at which goods are scanned into a list have in common."""

from collections.abc import Callable

from flask import Response

from shop.core.errors import Conflict, Invalid
from shop.core.transaction import transaction
from shop.inventory import stocked
from shop.web.admin.desk import desk
from shop.web.admin.messages import refuse
from shop.web.admin.replies import Once, refused
from shop.web.admin.stock_forms import ScanForm, units


def scan_into(
    scope: str,
    list_id: int,
    add: Callable[[int], object],
    page: Callable[[ScanForm, int], Response],
) -> Response | None:
    """``add`` the variant of the code that was scanned, once for a sent form; the ``page`` with what is
    wrong, if something is."""
    form = ScanForm()
    if not form.validate_on_submit():
        return page(form, 422)
    try:
        with transaction():
            once = Once(scope, form.key.data, [list_id, form.code.data])
            if not once.done_before:
                add(stocked.by_code(desk().store_id, str(form.code.data)))
            once.finish()
    except (Invalid, Conflict) as error:
        refuse(form, error, "code")
        return refused(page(form, 200), error)
    return None


def typed_units(name: str, line: str) -> int:
    """The units typed for a line. Raises ``Invalid`` for what is no number."""
    typed = units(name, line)
    if typed is None:
        raise Invalid("quantity-unreadable")
    return typed
