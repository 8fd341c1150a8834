# METADATA
# title: The stage that a plan is for
# description: >
#   Gaia says it. A plan that somebody hands in without it may be production's, so rules about production are undecided there.
package gaia.lib.stage

name := object.get(input, ["gaia", "stage"], null)

production if name in {"prod", "production"}

unsaid if not is_string(name)

# What a table says of this stage, or of every other.
of(table) := object.get(table, name, table.other) if is_string(name)

of(table) := table.other if unsaid
