"""Pages for development only: the mails that the shop has sent. Never registered in production."""
