"""The stand-in of Stripe: API, hosted page for cards, webhooks, balance."""
