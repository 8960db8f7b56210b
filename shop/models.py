"""Every table, imported once, so that metadata and migrations see them all."""

import shop.account.models
import shop.campaigns.models
import shop.cart.models
import shop.catalog.bundle_models
import shop.catalog.collection_models
import shop.catalog.facets.models
import shop.catalog.fetching.models
import shop.catalog.models
import shop.catalog.related_models
import shop.catalog.return_models
import shop.catalog.runs.models
import shop.catalog.runs.upload_models
import shop.catalog.search.models
import shop.catalog.terms_models
import shop.core.models
import shop.documents.models
import shop.inventory.flow_models
import shop.inventory.models
import shop.inventory.supply_models
import shop.membership.models
import shop.notifications.models
import shop.order.delivery_models
import shop.order.handover_models
import shop.order.models
import shop.order.promise_models
import shop.order.tax_models
import shop.order.tracking_models
import shop.payment.models
import shop.payment.tax_models
import shop.review.models
import shop.review.photo_models
import shop.review.question_models
import shop.review.voice_models
import shop.store.delivery_models
import shop.store.models
import shop.store.tax_models  # noqa: F401 - all of these are imported for their tables
