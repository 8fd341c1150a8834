mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_resource "aws_iam_role" {
    defaults        = { arn = "arn:aws:iam::123456789012:role/mock" }
    override_during = plan
  }
}

variables {
  tenant      = "acme"
  environment = "use1"
  stage       = "dev"
  region      = "us-east-1"
  name        = "photos"
  tags = {
    cost-center = "cc-1234"
    owner       = "team-photos"
    tenant      = "acme"
    stage       = "dev"
    service     = "photos"
  }
  bucket_name = "acme-use1-dev-photos-123456789012"
  key_arn     = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  destination = {
    bucket_arn = "arn:aws:s3:::copy"
    key_arn    = "arn:aws:kms:us-west-2:123456789012:key/11111111-2222-3333-4444-555555555555"
    region     = "us-west-2"
  }
}

run "every_state_is_copied_with_the_key_of_the_other_region" {
  command = plan

  assert {
    condition     = one(one(aws_s3_bucket_replication_configuration.state.rule).destination).bucket == "arn:aws:s3:::copy"
    error_message = "the copy must go where it is asked for"
  }

  assert {
    condition     = one(one(one(aws_s3_bucket_replication_configuration.state.rule).destination).encryption_configuration).replica_kms_key_id == var.destination.key_arn
    error_message = "the copy must be encrypted with a key of its region"
  }

  assert {
    condition     = aws_iam_role.replication.name == "acme-use1-dev-photos-replication" && aws_iam_role.replication.tags == var.tags
    error_message = "the role must have the name that the keys let in, and the tags"
  }

  assert {
    condition     = alltrue([for s in jsondecode(aws_iam_role_policy.replication.policy).Statement : s.Resource != "*" && alltrue([for a in flatten([s.Action]) : !strcontains(a, "*")])])
    error_message = "the role must name its actions and resources"
  }

  assert {
    condition = [for s in jsondecode(aws_iam_role_policy.replication.policy).Statement : s.Resource] == [
      "arn:aws:s3:::acme-use1-dev-photos-123456789012",
      "arn:aws:s3:::acme-use1-dev-photos-123456789012/*",
      "arn:aws:s3:::copy/*",
      var.key_arn,
      var.destination.key_arn,
    ]
    error_message = "it reads the one bucket and writes the other"
  }
}

run "a_role_within_a_boundary" {
  command = plan

  variables {
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
  }

  assert {
    condition     = aws_iam_role.replication.permissions_boundary == "arn:aws:iam::123456789012:policy/boundary"
    error_message = "the boundary must be the role's"
  }
}
