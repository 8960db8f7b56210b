"""The blueprint of the addresses that belong to no domain and, most of them, to no language."""

from flask import Blueprint

from shop.web.ui.nul import refuse_nul

bp = Blueprint("site", __name__)
refuse_nul(bp)
