"""What the blueprints share: rendering, forms, filters, paging, errors, guards, assets."""
