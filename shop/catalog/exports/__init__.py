"""Writing a store's goods as files: the shop's own, Shopify's and WooCommerce's; a batch at a time."""
