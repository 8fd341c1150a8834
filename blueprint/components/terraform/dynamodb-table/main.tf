locals {
  deletion_protection = coalesce(var.deletion_protection, var.stage == "prod")
  provisioned         = var.billing_mode == "PROVISIONED"
}

resource "aws_dynamodb_table" "this" {
  name                        = local.id
  billing_mode                = var.billing_mode
  read_capacity               = local.provisioned ? var.read_capacity : null
  write_capacity              = local.provisioned ? var.write_capacity : null
  hash_key                    = var.hash_key
  range_key                   = var.range_key
  deletion_protection_enabled = local.deletion_protection
  stream_enabled              = var.stream_view_type != null
  stream_view_type            = var.stream_view_type
  table_class                 = var.table_class
  tags                        = var.tags

  dynamic "attribute" {
    for_each = var.attributes

    content {
      name = attribute.key
      type = attribute.value
    }
  }

  dynamic "global_secondary_index" {
    for_each = var.global_secondary_indexes

    content {
      name               = global_secondary_index.key
      hash_key           = global_secondary_index.value.hash_key
      range_key          = global_secondary_index.value.range_key
      projection_type    = global_secondary_index.value.projection_type
      non_key_attributes = global_secondary_index.value.non_key_attributes
      read_capacity      = local.provisioned ? var.read_capacity : null
      write_capacity     = local.provisioned ? var.write_capacity : null
    }
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.key_arn
  }

  point_in_time_recovery {
    enabled                 = var.point_in_time_recovery
    recovery_period_in_days = var.point_in_time_recovery ? var.recovery_period_in_days : null
  }

  dynamic "ttl" {
    for_each = var.ttl_attribute == null ? [] : [var.ttl_attribute]

    content {
      enabled        = true
      attribute_name = ttl.value
    }
  }

  lifecycle {
    precondition {
      condition     = var.stage != "prod" || local.deletion_protection
      error_message = "deletion_protection must be true in prod: destroying a stack must not destroy the data in it."
    }

    precondition {
      condition     = var.stage != "prod" || var.point_in_time_recovery
      error_message = "point_in_time_recovery must be true in prod: what a bug overwrites must be recoverable to the second."
    }

    precondition {
      condition = alltrue([
        for key in compact(concat(
          [var.hash_key, var.range_key],
          flatten([for index in var.global_secondary_indexes : [index.hash_key, index.range_key]]),
        )) : contains(keys(var.attributes), key)
      ])
      error_message = "attributes must give the type of every key of the table and its indexes."
    }
  }
}
