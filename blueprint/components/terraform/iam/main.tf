data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  policies  = "arn:${local.partition}:iam::aws:policy"

  # Names of everything that the platform makes in this stack begin so: ARNs can be held to it.
  prefix = join("-", [var.tenant, var.environment, var.stage])

  # The boundaries are of all regions of the account, where names have the environment of each.
  prefixes   = { for region in var.regions : region => join("-", [var.tenant, lookup(var.environments, region, var.environment), var.stage]) }
  of_regions = join("-", [var.tenant, var.stage, var.name])

  in_region = { StringEquals = { "aws:RequestedRegion" = var.regions } }
  of_stack  = { "aws:ResourceTag/tenant" = var.tenant, "aws:ResourceTag/stage" = var.stage }
  for_stack = { "aws:RequestTag/tenant" = var.tenant, "aws:RequestTag/stage" = var.stage }

  # A person's MFA shows in the session itself; one who signed in elsewhere shows it by a tag that the identity provider
  # sets on the session, because a role that assumes a role carries no MFA of its own.
  mfa = {
    principal   = { Bool = { "aws:MultiFactorAuthPresent" = "true" }, NumericLessThan = { "aws:MultiFactorAuthAge" = "3600" } }
    session-tag = { StringEquals = { "aws:PrincipalTag/mfa" = "true" } }
    none        = {}
  }
}
