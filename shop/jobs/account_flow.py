"""The test of an account: a harmless call at the provider, and what it proved written down.

Owns its transaction, as ``shop.payment.flows``: the network lies before it. Page and command share it.
"""

from shop.core import audit
from shop.core.db import db
from shop.core.errors import NotFound
from shop.core.transaction import transaction
from shop.jobs.gateways import opened
from shop.payment.accounts import services
from shop.payment.accounts.probe import Finding, Outcome, probe


def prove(
    public_id: str | None, gateway: str, *, actor: str, user_id: int | None = None
) -> Finding:
    """Test an account of the database, or without an id the environment's of ``gateway``.

    Raises ``NotFound``. What an account of the environment proved is told, and not kept.
    """
    known = opened()
    found = known.find(public_id, gateway)
    problem = known.broken.get(public_id or gateway)
    db.session.rollback()  # no read transaction stays open while the provider is waited for
    if found is None and problem is None:
        raise NotFound("account-missing")
    if found is None or found.gateway.capabilities.manual_confirm:
        finding = Finding(Outcome.BROKEN, problem.code if problem else "")
    else:
        finding = probe(found.gateway)
    if public_id is not None:
        with transaction():
            services.tested(public_id, finding.outcome, finding.code)
            audit.write(
                "payment_account.test",
                f"payment account {public_id}",
                actor=actor,
                user_id=user_id,
                result=str(finding.outcome),
            )
    return finding
