data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  iam       = "arn:${local.partition}:iam::${local.account}"

  # Names of everything that the platform makes in this stack begin so: ARNs can be held to it.
  prefix = join("-", [var.tenant, var.environment, var.stage])

  # What each component calls, as recorded when it was really applied. tests/moto compares.
  recorded = jsondecode(file("${path.module}/actions.json"))
  reads    = distinct(sort(flatten([for component in var.components : try(local.recorded[component].read, [])])))
  writes   = distinct(sort(flatten([for component in var.components : try(local.recorded[component].write, [])])))

  actions = { plan = local.reads, apply = distinct(concat(local.reads, local.writes)) }
}
