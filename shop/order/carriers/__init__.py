"""Who carries parcels: names, links and number patterns; and how carriers are asked, and tell, where one is."""
