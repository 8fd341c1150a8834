# METADATA
# title: Production survives a zone and a mistake
# description: >
#   In production databases have a standby, tables and load balancers cannot be deleted by accident, backups reach back two
#   weeks, tables can be taken back to any second, and what is destroyed leaves a snapshot.
# custom:
#   severity: high
#   owner: platform
#   controls: [AWS FSBP RDS.5, AWS FSBP RDS.7, AWS FSBP RDS.8, AWS FSBP RDS.11, AWS FSBP RDS.15, AWS FSBP DynamoDB.2, AWS FSBP DynamoDB.6, AWS FSBP ELB.6, AWS FSBP ElastiCache.3]
#   remediation: >
#     Set what the finding names as production needs it; the components of the blueprint do by default.
package gaia.plan.production_survives

import data.gaia.lib.plan
import data.gaia.lib.setting

settings := {
	"aws_alb": [{"path": ["enable_deletion_protection"], "want": "on"}],
	"aws_cognito_user_pool": [{"path": ["deletion_protection"], "want": {"one_of": {"ACTIVE"}}}],
	"aws_db_instance": [
		{"path": ["multi_az"], "want": "on"},
		{"path": ["deletion_protection"], "want": "on"},
		{"path": ["backup_retention_period"], "want": {"at_least": 14}},
		{"path": ["skip_final_snapshot"], "want": "off"},
	],
	"aws_docdb_cluster": [
		{"path": ["deletion_protection"], "want": "on"},
		{"path": ["backup_retention_period"], "want": {"at_least": 14}},
		{"path": ["skip_final_snapshot"], "want": "off"},
	],
	"aws_dynamodb_table": [
		{"path": ["deletion_protection_enabled"], "want": "on"},
		{"path": ["point_in_time_recovery", 0, "enabled"], "want": "on"},
	],
	"aws_elasticache_replication_group": [
		{"path": ["automatic_failover_enabled"], "want": "on"},
		{"path": ["multi_az_enabled"], "want": "on"},
		{"path": ["snapshot_retention_limit"], "want": {"at_least": 1}},
	],
	"aws_lb": [{"path": ["enable_deletion_protection"], "want": "on"}],
	"aws_neptune_cluster": [
		{"path": ["deletion_protection"], "want": "on"},
		{"path": ["backup_retention_period"], "want": {"at_least": 14}},
		{"path": ["skip_final_snapshot"], "want": "off"},
	],
	"aws_opensearch_domain": [{"path": ["cluster_config", 0, "zone_awareness_enabled"], "want": "on"}],
	"aws_rds_cluster": [
		{"path": ["deletion_protection"], "want": "on"},
		{"path": ["backup_retention_period"], "want": {"at_least": 14}},
		{"path": ["skip_final_snapshot"], "want": "off"},
	],
	"aws_redshift_cluster": [
		{"path": ["automated_snapshot_retention_period"], "want": {"at_least": 7}},
		{"path": ["skip_final_snapshot"], "want": "off"},
	],
	"aws_s3_bucket": [{"path": ["force_destroy"], "want": "off"}],
}

deny contains {"address": resource.address, "message": message} if {
	data.gaia.lib.stage.production
	some [resource, attribute] in wrong
	message := sprintf("%s is not what production needs", [attribute])
}

undecided contains {"address": resource.address, "message": message} if {
	data.gaia.lib.stage.unsaid
	some [resource, attribute] in wrong
	message := sprintf("%s is not what production needs, and nobody says whether this is production", [attribute])
}

undecided contains {"address": resource.address, "message": message} if {
	data.gaia.lib.stage.perhaps_production
	some kind, rows in settings
	some resource in plan.of(kind)
	some attribute in setting.unknown(resource, rows)
	message := sprintf("%s is known only after apply", [attribute])
}

wrong := [[resource, attribute] |
	some kind, rows in settings
	some resource in plan.of(kind)
	some attribute in setting.wrong(resource, rows)
]
