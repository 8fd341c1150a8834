# METADATA
# title: Secrets of production rotate
# description: >
#   A secret that never changes has leaked to everybody who ever left. One that cannot rotate says why in its tag
#   rotation-exempt.
# custom:
#   severity: medium
#   owner: security
#   controls: [AWS FSBP SecretsManager.1, AWS FSBP SecretsManager.4]
#   remediation: >
#     Add an aws_secretsmanager_secret_rotation, or say in the tag rotation-exempt why it cannot be.
package gaia.plan.secrets_rotate

import data.gaia.lib.plan
import data.gaia.lib.setting
import data.gaia.lib.tie

deny contains {"address": resource.address, "message": "the secret does not rotate"} if {
	data.gaia.lib.stage.production
	some resource in fixed
	count(rotations.open) == 0
}

undecided contains {"address": resource.address, "message": "which secret a rotation of the plan is for is known only after apply"} if {
	data.gaia.lib.stage.production
	some resource in fixed
	count(rotations.open) > 0
}

undecided contains {"address": resource.address, "message": "the secret does not rotate, and nobody says whether this is production"} if {
	data.gaia.lib.stage.unsaid
	some resource in fixed
}

undecided contains {"address": resource.address, "message": "the secret rotates less than every 90 days, and nobody says whether this is production"} if {
	data.gaia.lib.stage.unsaid
	some resource in plan.of("aws_secretsmanager_secret_rotation")
	count(setting.wrong(resource, seldom)) > 0
}

settings := {"aws_secretsmanager_secret_rotation": [{"path": ["rotation_rules", 0, "automatically_after_days"], "want": {"one_of": numbers.range(1, 90)}, "may_be_absent": true}]}

seldom := settings.aws_secretsmanager_secret_rotation

deny contains {"address": resource.address, "message": "the secret rotates less than every 90 days"} if {
	data.gaia.lib.stage.production
	some resource in plan.of("aws_secretsmanager_secret_rotation")
	count(setting.wrong(resource, seldom)) > 0
}

undecided contains {"address": resource.address, "message": "how often the secret rotates is known only after apply"} if {
	data.gaia.lib.stage.perhaps_production
	some resource in plan.of("aws_secretsmanager_secret_rotation")
	count(setting.unknown(resource, seldom)) > 0
}

rotations := tie.to("aws_secretsmanager_secret_rotation", "secret_id", "aws_secretsmanager_secret")

fixed := [resource |
	some resource in plan.of("aws_secretsmanager_secret")
	not tie.holds(rotations, resource, ["arn", "id", "name"])
	not excused(resource)
]

excused(resource) if {
	reason := object.get(resource.change.after, ["tags", "rotation-exempt"], null)
	is_string(reason)
	trim_space(reason) != ""
}
