mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
}

variables {
  tenant      = "acme"
  environment = "use1"
  stage       = "prod"
  region      = "us-east-1"
  name        = "shop"
  tags = {
    cost-center = "cc-1234"
    owner       = "team-shop"
    tenant      = "acme"
    stage       = "prod"
    service     = "shop"
  }
  kubernetes_version = "1.34"
  subnet_ids         = ["subnet-0a1b2c3d4e5f60718", "subnet-1a1b2c3d4e5f60718", "subnet-2a1b2c3d4e5f60718"]
  key_arn            = "arn:aws:kms:us-east-1:123456789012:key/0b6f3a52-8f7e-4f0a-9f0d-0d0d0d0d0d0d"
  node_groups        = { general = { instance_types = ["m7i.large"], min_size = 3, max_size = 6 } }
  access_entries     = {}
  alarm_topic_arns   = ["arn:aws:sns:us-east-1:123456789012:acme-use1-prod-alarms"]
}

run "a_version_without_support" {
  command         = plan
  expect_failures = [var.kubernetes_version]

  variables {
    kubernetes_version = "1.21"
  }
}

run "a_support_that_nobody_knows" {
  command         = plan
  expect_failures = [var.support_type]

  variables {
    support_type = "FOREVER"
  }
}

run "one_zone" {
  command         = plan
  expect_failures = [var.subnet_ids]

  variables {
    subnet_ids = ["subnet-0a1b2c3d4e5f60718"]
  }
}

run "an_api_for_the_internet" {
  command         = plan
  expect_failures = [var.public_access_cidrs]

  variables {
    stage               = "dev"
    public_access_cidrs = ["0.0.0.0/0"]
  }
}

run "a_public_api_in_prod" {
  command         = plan
  expect_failures = [var.public_access_cidrs]

  variables {
    public_access_cidrs = ["203.0.113.0/24"]
  }
}

run "no_key_of_the_platform" {
  command         = plan
  expect_failures = [var.key_arn]

  variables {
    key_arn = "alias/aws/eks"
  }
}

run "no_key_for_disks" {
  command         = plan
  expect_failures = [var.volume_key_arn]

  variables {
    volume_key_arn = "alias/aws/ebs"
  }
}

run "a_disk_that_images_fill" {
  command         = plan
  expect_failures = [var.node_groups]

  variables {
    node_groups = { general = { instance_types = ["m7i.large"], min_size = 3, max_size = 3, disk_size = 8 } }
  }
}
