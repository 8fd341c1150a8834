# METADATA
# title: A change costs what its stage can pay
# description: >
#   A plan may add so much a month by its estimate (input.cost, the totals of Infracost's format), and come to so much in all. A
#   total that is not whole is no number, and then nobody can say; what is taken away may be, whatever it was.
# custom:
#   severity: medium
#   owner: platform
#   controls: []
#   remediation: >
#     Choose something smaller, or raise the number in policies/plan/cost_threshold.rego. `gaia cost breakdown` says which price is
#     missing; give it in a price file of your own.
package gaia.plan.cost_threshold

import data.gaia.lib.stage

# Dollars a month, by stage: what one change may add, and what it may come to.
most_more := {"dev": 500, "prod": 5000, "other": 1000}

most := {"dev": 2000, "prod": 50000, "other": 5000}

deny contains {"message": message} if {
	more := amount("diffTotalMonthlyCost")
	more > max(stage.any_of(most_more))
	message := sprintf("it adds %v dollars a month, one change may add %v", [more, max(stage.any_of(most_more))])
}

deny contains {"message": message} if {
	total := amount("totalMonthlyCost")
	total > max(stage.any_of(most))
	message := sprintf("it comes to %v dollars a month, %v is the most", [total, max(stage.any_of(most))])
}

# Of some stages it is too much.
undecided contains {"message": message} if {
	some [name, table] in [["diffTotalMonthlyCost", most_more], ["totalMonthlyCost", most]]
	found := amount(name)
	found > min(stage.any_of(table))
	found <= max(stage.any_of(table))
	message := sprintf("%v dollars a month are too much for some stages, and nobody says which this is", [found])
}

undecided contains {"message": "what it costs is not wholly known"} if {
	is_object(input.cost)
	data.gaia.lib.plan.changes
	object.get(input, ["gaia", "kind"], "") != "retire"
	some name in ["diffTotalMonthlyCost", "totalMonthlyCost"]
	not amount(name)
}

amount(name) := to_number(found) if {
	found := object.get(input, ["cost", name], null)
	is_string(found)
	regex.match(`^-?[0-9]+(\.[0-9]+)?$`, found)
}

amount(name) := found if {
	found := object.get(input, ["cost", name], null)
	is_number(found)
}
