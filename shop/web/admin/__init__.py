"""The merchant's side of the shop: orders, goods, stock, offers, people, settings of one store."""
