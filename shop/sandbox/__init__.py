"""The payment providers' local stand-in: its own process, with its own keys and its own ledger."""
