"""From a merged manifest to instances: sections, inheritance, names, backends, functions, documents."""
