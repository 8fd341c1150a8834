"""Which types of resources hold what nobody can make again: data, and what data is read with.

Replacing one of them loses what is in it. Anything that is not here can be made anew from its code.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

TYPES = (
    *("aws_db_instance", "aws_db_snapshot*", "aws_rds_cluster", "aws_rds_cluster_instance", "aws_rds_global_cluster"),
    *("aws_docdb_cluster", "aws_docdb_cluster_instance", "aws_neptune_cluster", "aws_neptune_cluster_instance"),
    *("aws_redshift_cluster", "aws_redshiftserverless_namespace", "aws_timestreamwrite_*", "aws_keyspaces_table"),
    *("aws_dynamodb_table", "aws_dynamodb_global_table", "aws_dynamodb_table_item", "aws_memorydb_cluster"),
    *("aws_elasticache_cluster", "aws_elasticache_replication_group", "aws_elasticache_serverless_cache"),
    *("aws_elasticsearch_domain", "aws_opensearch_domain", "aws_opensearchserverless_collection"),
    *("aws_s3_bucket", "aws_s3_directory_bucket", "aws_s3_object", "aws_s3_bucket_object", "aws_glacier_vault"),
    *("aws_ebs_volume", "aws_ebs_snapshot*", "aws_ami", "aws_instance", "aws_efs_file_system", "aws_fsx_*_file_system"),
    *("aws_fsx_ontap_volume", "aws_fsx_openzfs_volume", "aws_backup_vault", "aws_ecr_repository", "aws_ecrpublic_*"),
    *("aws_kms_key", "aws_kms_external_key", "aws_kms_replica_key", "aws_key_pair", "aws_cloudhsm_v2_cluster"),
    *("aws_secretsmanager_secret", "aws_secretsmanager_secret_version", "aws_ssm_parameter", "aws_acmpca_*authority"),
    *("aws_sqs_queue", "aws_kinesis_stream", "aws_msk_cluster", "aws_msk_serverless_cluster", "aws_mq_broker"),
    *("aws_cognito_user_pool", "aws_cognito_user", "aws_cloudwatch_log_group", "aws_cloudtrail_event_data_store"),
    *("aws_codecommit_repository", "aws_codeartifact_repository", "aws_workspaces_workspace", "aws_directory_*"),
    *("aws_route53_zone", "aws_eip", "aws_lightsail_database", "aws_lightsail_disk", "aws_grafana_workspace"),
    *("aws_eks_cluster", "aws_prometheus_workspace", "aws_dsql_cluster", "aws_timestreaminfluxdb_db_instance"),
    *("aws_timestreaminfluxdb_db_cluster", "aws_iam_access_key"),
    *("google_*sql*_instance", "google_storage_bucket", "google_compute_disk", "google_bigquery_*", "google_kms_*key"),
    *("azurerm_*database*", "azurerm_*sql*server", "azurerm_storage_account", "azurerm_managed_disk"),
    *("azurerm_key_vault", "azurerm_key_vault_key", "azurerm_cosmosdb_*"),
    *("kubernetes_persistent_volume*", "random_password", "random_bytes", "tls_private_key"),
)
"""Patterns of types. `random_*`, `tls_*` and access keys: who reads them would be given another secret."""


def is_stateful(kind: str) -> bool:
    """Whether things of this type hold what is lost with them."""
    return any(fnmatchcase(kind, pattern) for pattern in TYPES)
