# METADATA
# title: Keys rotate
# description: >
#   A key that never changes protects everything that was ever encrypted with it. Rotation costs nothing and breaks nothing.
# custom:
#   severity: medium
#   owner: platform
#   controls: [CIS AWS 3.0.0 3.6]
#   remediation: >
#     Set enable_key_rotation on the key.
package gaia.plan.keys_rotate

import data.gaia.lib.plan
import data.gaia.lib.setting

settings := {"aws_kms_key": [{"path": ["enable_key_rotation"], "want": "on"}]}

deny contains {"address": resource.address, "message": message} if {
	some kind, rows in settings
	some resource in plan.of(kind)
	symmetric(resource)
	some attribute in setting.wrong(resource, rows)
	message := sprintf("%s is not on", [attribute])
}

undecided contains {"address": resource.address, "message": message} if {
	some kind, rows in settings
	some resource in plan.of(kind)
	symmetric(resource)
	some attribute in setting.unknown(resource, rows)
	message := sprintf("%s is known only after apply", [attribute])
}

# AWS cannot rotate keys that sign.
symmetric(resource) if object.get(resource.change.after, "customer_master_key_spec", null) in {null, "", "SYMMETRIC_DEFAULT"}
