"""Alipay as a merchant sees it: the open gateway, the cashier page, the asynchronous notify."""
