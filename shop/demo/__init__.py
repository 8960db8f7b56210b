"""The demo shop: its texts, pictures, customers and past orders."""
