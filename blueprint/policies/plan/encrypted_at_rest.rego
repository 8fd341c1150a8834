# METADATA
# title: Data at rest is encrypted
# description: >
#   What stores data says so: databases, disks, queues, topics, tables, logs, backups, trails, buckets. Where a service
#   encrypts by itself with a key of its own, a key of the platform is asked for, because only that one has a policy.
# custom:
#   severity: high
#   owner: security
#   controls: [AWS FSBP RDS.3, AWS FSBP EC2.3, AWS FSBP EFS.1, AWS FSBP SQS.1, AWS FSBP DynamoDB.1, AWS FSBP CloudTrail.2, AWS FSBP EKS.3, AWS FSBP Backup.1, AWS FSBP S3.17, AWS FSBP Kinesis.1, AWS FSBP Redshift.10, AWS FSBP Opensearch.1, AWS FSBP ElastiCache.4, CIS AWS 3.0.0 2.2.1, CIS AWS 3.0.0 2.3.1, CIS AWS 3.0.0 3.5]
#   remediation: >
#     Set the encryption of the resource and hand it the ARN of a key (vars.key_arn).
package gaia.plan.encrypted_at_rest

import data.gaia.lib.plan
import data.gaia.lib.setting

settings := {
	"aws_athena_workgroup": [{"path": ["configuration", 0, "result_configuration", 0, "encryption_configuration", 0, "encryption_option"], "want": {"one_of": {"SSE_KMS", "CSE_KMS"}}}],
	"aws_backup_vault": [{"path": ["kms_key_arn"], "want": "set"}],
	"aws_cloudtrail": [{"path": ["kms_key_id"], "want": "set"}],
	"aws_cloudwatch_log_group": [{"path": ["kms_key_id"], "want": "set"}],
	"aws_codebuild_project": [{"path": ["encryption_key"], "want": "set"}],
	"aws_dax_cluster": [{"path": ["server_side_encryption", 0, "enabled"], "want": "on"}],
	"aws_db_instance": [{"path": ["storage_encrypted"], "want": "on"}],
	"aws_docdb_cluster": [{"path": ["storage_encrypted"], "want": "on"}],
	"aws_dynamodb_table": [
		{"path": ["server_side_encryption", 0, "enabled"], "want": "on"},
		{"path": ["server_side_encryption", 0, "kms_key_arn"], "want": "set"},
	],
	"aws_ebs_encryption_by_default": [{"path": ["enabled"], "want": "on"}],
	"aws_ebs_snapshot_copy": [{"path": ["encrypted"], "want": "on"}],
	"aws_ebs_volume": [{"path": ["encrypted"], "want": "on"}],
	"aws_ecr_repository": [{"path": ["encryption_configuration", 0, "encryption_type"], "want": {"one_of": {"KMS", "KMS_DSSE"}}}],
	"aws_efs_file_system": [{"path": ["encrypted"], "want": "on"}],
	"aws_eks_cluster": [{"path": ["encryption_config", 0, "resources"], "want": {"one_of": {["secrets"]}}}],
	"aws_elasticache_replication_group": [{"path": ["at_rest_encryption_enabled"], "want": "on"}],
	"aws_instance": [
		{"path": ["root_block_device", "*", "encrypted"], "want": "on"},
		{"path": ["ebs_block_device", "*", "encrypted"], "want": "on"},
	],
	"aws_kinesis_firehose_delivery_stream": [{"path": ["server_side_encryption", 0, "enabled"], "want": "on"}],
	"aws_kinesis_stream": [{"path": ["encryption_type"], "want": {"one_of": {"KMS"}}}],
	"aws_launch_template": [{"path": ["block_device_mappings", "*", "ebs", 0, "encrypted"], "want": "on"}],
	"aws_msk_cluster": [{"path": ["encryption_info", 0, "encryption_at_rest_kms_key_arn"], "want": "set"}],
	"aws_neptune_cluster": [{"path": ["storage_encrypted"], "want": "on"}],
	"aws_opensearch_domain": [{"path": ["encrypt_at_rest", 0, "enabled"], "want": "on"}],
	"aws_rds_cluster": [{"path": ["storage_encrypted"], "want": "on"}],
	"aws_redshift_cluster": [{"path": ["encrypted"], "want": "on"}],
	"aws_sagemaker_notebook_instance": [{"path": ["kms_key_id"], "want": "set"}],
	"aws_secretsmanager_secret": [{"path": ["kms_key_id"], "want": "set"}],
	"aws_sns_topic": [{"path": ["kms_master_key_id"], "want": "set"}],
	"aws_sqs_queue": [{"path": ["kms_master_key_id"], "want": "set"}],
	"aws_workspaces_workspace": [
		{"path": ["root_volume_encryption_enabled"], "want": "on"},
		{"path": ["user_volume_encryption_enabled"], "want": "on"},
	],
	"aws_xray_encryption_config": [{"path": ["type"], "want": {"one_of": {"KMS"}}}],
}

deny contains {"address": resource.address, "message": message} if {
	some kind, rows in settings
	some resource in plan.of(kind)
	some attribute in setting.wrong(resource, rows)
	message := sprintf("%s does not encrypt with a key of the platform", [attribute])
}

undecided contains {"address": resource.address, "message": message} if {
	some kind, rows in settings
	some resource in plan.of(kind)
	some attribute in setting.unknown(resource, rows)
	message := sprintf("%s is known only after apply", [attribute])
}
