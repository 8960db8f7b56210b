"""WeChat Pay v3 as a merchant sees it: signed requests and answers, the cashier, the notify."""
