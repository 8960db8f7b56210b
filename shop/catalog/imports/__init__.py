"""Reading other shops' product files: found out, streamed, checked, saved product by product."""
