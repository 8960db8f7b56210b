"""Paper: packing slips, pick lists, labels, invoices and credit notes, drawn as PDF on plain values."""
