# METADATA
# title: Data at rest is encrypted
# description: >
#   What stores data says so: databases, disks, queues, topics, tables, logs, backups, trails. Where a service encrypts
#   by itself with a key of its own, a key of the platform is asked for, because only that one has a policy.
# custom:
#   severity: high
#   controls: [AWS FSBP RDS.3, AWS FSBP EC2.3, AWS FSBP EFS.1, AWS FSBP SQS.1, AWS FSBP DynamoDB.1, AWS FSBP CloudTrail.2, AWS FSBP EKS.3, AWS FSBP Backup.1, CIS AWS 3.0.0 2.2.1, CIS AWS 3.0.0 2.3.1, CIS AWS 3.0.0 3.5]
#   remediation: >
#     Set the encryption of the resource and hand it the ARN of a key (vars.key_arn).
package gaia.plan.encrypted_at_rest

import data.gaia.lib.plan
import data.gaia.lib.setting

settings := {
	"aws_backup_vault": [{"path": ["kms_key_arn"], "want": "set"}],
	"aws_cloudtrail": [{"path": ["kms_key_id"], "want": "set"}],
	"aws_cloudwatch_log_group": [{"path": ["kms_key_id"], "want": "set"}],
	"aws_db_instance": [{"path": ["storage_encrypted"], "want": "on"}],
	"aws_dynamodb_table": [
		{"path": ["server_side_encryption", 0, "enabled"], "want": "on"},
		{"path": ["server_side_encryption", 0, "kms_key_arn"], "want": "set"},
	],
	"aws_ebs_encryption_by_default": [{"path": ["enabled"], "want": "on"}],
	"aws_ebs_volume": [{"path": ["encrypted"], "want": "on"}],
	"aws_ecr_repository": [{"path": ["encryption_configuration", 0, "encryption_type"], "want": {"one_of": {"KMS", "KMS_DSSE"}}}],
	"aws_efs_file_system": [{"path": ["encrypted"], "want": "on"}],
	"aws_eks_cluster": [{"path": ["encryption_config", 0, "resources"], "want": {"one_of": {["secrets"]}}}],
	"aws_rds_cluster": [{"path": ["storage_encrypted"], "want": "on"}],
	"aws_secretsmanager_secret": [{"path": ["kms_key_id"], "want": "set"}],
	"aws_sns_topic": [{"path": ["kms_master_key_id"], "want": "set"}],
	"aws_sqs_queue": [{"path": ["kms_master_key_id"], "want": "set"}],
}

deny contains {"address": resource.address, "message": message} if {
	some kind in object.keys(settings)
	some resource in plan.of(kind)
	some attribute in setting.wrong(resource, settings[kind])
	message := sprintf("%s does not encrypt with a key of the platform", [attribute])
}

undecided contains {"address": resource.address, "message": message} if {
	some kind in object.keys(settings)
	some resource in plan.of(kind)
	some attribute in setting.unknown(resource, settings[kind])
	message := sprintf("%s is known only after apply", [attribute])
}
