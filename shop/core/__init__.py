"""What every part of the shop stands on: database, transactions, outbox, money, time, ids, errors."""
