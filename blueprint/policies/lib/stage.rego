# METADATA
# title: The stage that a plan is for
# description: >
#   Gaia says it. A plan that somebody hands in without it may be production's, so what depends on
#   the stage is undecided there.
package gaia.lib.stage

name := object.get(input, ["gaia", "stage"], null)

# The words that a stage may be said by where no stack says it. A check of a plan's file refuses others, for a word that no
# rule knows is judged as the least that there is.
known := {"dev", "development", "preprod", "preview", "prod", "production", "qa", "sandbox", "staging", "test", "uat"}

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

# The same as one value, for what always has a stage. Where nobody says the stage of a plan, a check calls every rule that
# asks for this undecided.
of(table) := limit if {
	not unsaid
	some limit in any_of(table)
}
