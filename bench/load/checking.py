"""Whether everything is right after the crowd has gone."""

from bench.load.crowd import Notes
from bench.load.house import House


def wrongs(house: House, notes: Notes) -> list[str]:
    """Oversold, negative, lost, told twice: a sentence each; and what the doctor finds."""
    found = []
    for row in house.rows(
        "SELECT id, on_hand, reserved, backorder_limit FROM stock_level "
        "WHERE on_hand < 0 OR reserved < 0 OR reserved > on_hand + backorder_limit"
    ):
        found.append(f"oversold or negative: level {tuple(row)}")
    known = {str(row[0]) for row in house.rows('SELECT number FROM "order"')}
    lost = set(notes.told) - known
    found += [f"lost: order {number}" for number in sorted(lost)]
    doctor = house.shop.flask("doctor", "--quiet")
    if doctor.returncode:
        found += [f"doctor: {line.strip()}" for line in doctor.stdout.splitlines()[:20]]
        found += doctor.stderr.splitlines()[-3:]
    return found


def unmailed(house: House, notes: Notes) -> list[str]:
    """Orders that a shopper was told of and that no mail was written about."""
    written = {
        str(row[0]) for row in house.rows("SELECT subject FROM message WHERE state = 'sent'")
    }
    told = " ".join(written)
    return [number for number in notes.told if number not in told]
