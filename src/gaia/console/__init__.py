"""The page: what people see of Gaia in a browser. A door: it parses, asks the platform, and renders."""
