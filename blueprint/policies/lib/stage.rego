# METADATA
# title: The stage that a plan is for
# description: >
#   Gaia says it. A plan that somebody hands in without it may be production's, so what depends on
#   the stage is undecided there.
package gaia.lib.stage

name := object.get(input, ["gaia", "stage"], null)

production if name in {"prod", "production"}

unsaid if not is_string(name)

unsaid if name == ""

# It is, or nobody says that it is not.
perhaps_production if production

perhaps_production if unsaid

# What a table may say of this stage: one value, or where nobody says the stage, that of each. A table holds what is
# production's under "prod", and under "other" what is of every stage that it does not name.
any_of(table) := {limit | some _, limit in table} if {
	unsaid
} else := {table[name]} if {
	name in object.keys(table)
} else := {table.prod} if {
	production
	"prod" in object.keys(table)
} else := {table.other}

# The same as one value, for what always has a stage.
of(table) := table.other if {
	unsaid
} else := limit if {
	some limit in any_of(table)
}
