# METADATA
# title: What holds data stays
# description: >
#   A database, a bucket or a key of production is neither destroyed nor replaced, which destroys it too, unless it was
#   labelled before: the tag gaia:disposable = true in a change of its own. Elsewhere the approver is told.
# custom:
#   severity: critical
#   owner: platform
#   controls: [AWS FSBP RDS.7, AWS FSBP RDS.8, AWS FSBP DynamoDB.6]
#   remediation: >
#     Change only what AWS can change in place; or tag it gaia:disposable = true, apply that, and ask again.
package gaia.plan.nothing_is_lost

deny contains {"address": resource.address, "message": message} if {
	data.gaia.lib.stage.production
	some resource in going
	message := sprintf("what it holds is lost: it would be %s", [how(resource)])
}

warn contains {"address": resource.address, "message": message} if {
	not data.gaia.lib.stage.production
	not data.gaia.lib.stage.unsaid
	some resource in going
	message := sprintf("what it holds is lost: it would be %s", [how(resource)])
}

undecided contains {"address": resource.address, "message": message} if {
	data.gaia.lib.stage.unsaid
	some resource in going
	message := sprintf("it would be %s, and nobody says whether this is production", [how(resource)])
}

going := [resource |
	some resource in data.gaia.lib.plan.lost
	resource.type in data.gaia.lib.stateful.kinds
	object.get(resource.change, ["before", "tags", "gaia:disposable"], "") != "true"
]

how(resource) := "replaced" if "create" in resource.change.actions

how(resource) := "destroyed" if not "create" in resource.change.actions
