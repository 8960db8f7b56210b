"""What no page of the shop window shows to everybody: what does not end kept pages when it is written."""

UNSEEN = frozenset(
    {
        # What a page shows of these is the visitor's own, or is noted by the services themselves.
        "address", "adjustment", "answer", "audit_entry", "bank_receipt", "bank_receipt_share",
        "bank_transfer", "bill_day", "bill_item", "cart", "cart_line", "change_log",
        "checkout", "collection_product", "coupon_grant", "coupon_use", "delivery",
        "delivery_slot_day", "download_grant", "former_address", "gift_card", "gift_card_entry", "idempotency_key", "image_fetch",
        "import_preview", "import_row", "import_run", "import_upload", "invoice", "line_promise",
        "listing_row", "membership", "message", "one_time_token", "order",
        "order_contact", "order_delivery", "order_line", "order_line_part", "order_tax", "outbox",
        "payment", "payment_account", "payment_allocation", "payment_event", "product_attribute", "product_facet",
        "product_file", "purchase_line", "purchase_order", "reconciliation_difference", "question", "question_vote",
        "redemption", "redemption_code", "redemption_share", "redemption_use", "refund",
        "refund_line", "refund_tax", "replacement", "reservation", "return_figure", "return_line",
        "return_photo", "return_request",
        "review_report", "review_vote", "saved_reply", "search_entry", "search_tally", "search_typo",
        "search_word", "security_event", "shipment", "shipment_line", "staff_member", "stock_count",
        "stock_count_line", "stock_level", "stock_movement", "stock_wait", "store_counter",
        "supplier", "timeline_entry", "tracking_event", "transfer", "transfer_line", "transfer_proof", "user",
        "user_session", "wishlist_item",
    }
)  # fmt: skip
"""Tables that no page shows to everybody. What is not named here ends all pages: a new table does, too."""
