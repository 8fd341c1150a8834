# METADATA
# title: Production survives a zone and a mistake
# description: >
#   In stage prod: databases have a standby, tables and load balancers cannot be deleted by accident, backups reach back two
#   weeks, tables can be taken back to any second.
# custom:
#   severity: high
#   controls: [AWS FSBP RDS.5, AWS FSBP RDS.7, AWS FSBP RDS.8, AWS FSBP RDS.11, AWS FSBP RDS.15, AWS FSBP DynamoDB.2, AWS FSBP DynamoDB.6, AWS FSBP ELB.6]
#   remediation: >
#     Leave the component's defaults for prod as they are.
package gaia.plan.production_survives

import data.gaia.lib.plan
import data.gaia.lib.setting

settings := {
	"aws_db_instance": [
		{"path": ["multi_az"], "want": "on"},
		{"path": ["deletion_protection"], "want": "on"},
		{"path": ["backup_retention_period"], "want": {"at_least": 14}},
	],
	"aws_dynamodb_table": [
		{"path": ["deletion_protection_enabled"], "want": "on"},
		{"path": ["point_in_time_recovery", 0, "enabled"], "want": "on"},
	],
	"aws_alb": [{"path": ["enable_deletion_protection"], "want": "on"}],
	"aws_lb": [{"path": ["enable_deletion_protection"], "want": "on"}],
	"aws_rds_cluster": [
		{"path": ["deletion_protection"], "want": "on"},
		{"path": ["backup_retention_period"], "want": {"at_least": 14}},
	],
}

deny contains {"address": resource.address, "message": message} if {
	some resource in in_production
	some attribute in setting.wrong(resource, settings[resource.type])
	message := sprintf("%s is not what production needs", [attribute])
}

undecided contains {"address": resource.address, "message": message} if {
	some resource in in_production
	some attribute in setting.unknown(resource, settings[resource.type])
	message := sprintf("%s is known only after apply", [attribute])
}

# The tag says the stage; whether it is there is another rule's.
in_production := [resource |
	some kind in object.keys(settings)
	some resource in plan.of(kind)
	"prod" in {object.get(resource.change.after, [name, "stage"], "") | some name in ["tags", "tags_all"]}
]
