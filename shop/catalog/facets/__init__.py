"""What narrows lists of goods: attributes by category, facet values of products, and how many have each."""
