# METADATA
# title: Types that hold what cannot be made again
package gaia.lib.stateful

databases := {
	"aws_db_instance", "aws_docdb_cluster", "aws_dynamodb_table", "aws_neptune_cluster", "aws_rds_cluster", "aws_redshift_cluster",
}

kinds := databases | {
	"aws_backup_vault", "aws_cloudwatch_log_group", "aws_cognito_user_pool", "aws_ebs_volume", "aws_ecr_repository", "aws_efs_file_system",
	"aws_elasticache_replication_group", "aws_fsx_lustre_file_system", "aws_fsx_ontap_file_system", "aws_kinesis_stream",
	"aws_kms_key", "aws_msk_cluster", "aws_opensearch_domain", "aws_s3_bucket", "aws_secretsmanager_secret", "aws_sqs_queue",
}
