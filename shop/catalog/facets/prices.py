"""Prices of all products, so kept that a range of them is a handful of operations on sets.

One set for each binary digit of a price (a bit-sliced index, https://dl.acm.org/doi/10.1145/253260.253268):
a range, the lowest and the highest price cost one step a digit, however many products there are, and a
changed price moves one product in and out of some sets.
"""

from collections.abc import Mapping

from pyroaring import BitMap


class Prices:
    """Prices in minor units by product id."""

    def __init__(self) -> None:
        self._digits: list[BitMap] = []

    def add(self, prices: Mapping[int, int]) -> None:
        """Take up products that are not known yet."""
        digits: list[list[int]] = []
        for product_id, price in prices.items():
            place = 0
            while price:
                if place == len(digits):
                    digits.append([])
                if price & 1:
                    digits[place].append(product_id)
                price >>= 1
                place += 1
        while len(self._digits) < len(digits):
            self._digits.append(BitMap())
        for known, more in zip(self._digits, digits, strict=False):
            known.update(more)

    def drop(self, products: BitMap) -> None:
        """Forget products."""
        for digit in self._digits:
            digit.difference_update(products)

    def upto(self, most: int, among: BitMap) -> BitMap:
        """Those ``among`` which cost ``most`` at most."""
        if most < 0:
            return BitMap()
        if most >> len(self._digits):
            return among
        below, equal = BitMap(), among
        for place in reversed(range(len(self._digits))):
            digit = self._digits[place]
            if most >> place & 1:
                below |= equal - digit
                equal = equal & digit
            else:
                equal = equal - digit
        return below | equal

    def between(self, least: int | None, most: int | None, among: BitMap) -> BitMap:
        """Those ``among`` whose price lies between the two, both included; none: no bound."""
        found = among if most is None else self.upto(most, among)
        return found if least is None else found - self.upto(least - 1, found)

    def lowest(self, among: BitMap) -> int:
        """The lowest price ``among`` them; 0 for nobody."""
        price = 0
        for place in reversed(range(len(self._digits))):
            without = among - self._digits[place]
            if without:
                among = without
            else:
                price |= 1 << place
        return price if among else 0

    def highest(self, among: BitMap) -> int:
        """The highest price ``among`` them; 0 for nobody."""
        price = 0
        for place in reversed(range(len(self._digits))):
            holding = among & self._digits[place]
            if holding:
                among = holding
                price |= 1 << place
        return price
